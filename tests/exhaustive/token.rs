//! Tokens: which session they belong to, and which rotation they came with.

use std::fmt;

use tokenflight::credential::{Credential, Fingerprint, Lifetime};
use tokenflight::task::Slot;

/// An access or refresh token.
#[derive(Clone, Copy, PartialEq)]
pub struct Token {
    pub slot: Slot,
    /// Its session and its rotation, in one; see [`numbered`].
    pub number: u8,
}

/// The sessions that there can be: the one that is there at first, and those that a sign-in begins.
pub const FIRST: u8 = 0;
/// Of the same user; the tokens say so.
pub const SAME_USER: u8 = 1;
/// Of another user; the tokens say so.
pub const ANOTHER_USER: u8 = 2;
/// Its tokens do not say whose they are.
pub const OPAQUE: u8 = 3;
/// How many there are.
pub const SESSIONS: usize = 4;

const ROTATIONS: u8 = 32;

/// The number of a session's token; the first pair is of rotation one.
pub const fn numbered(session: u8, rotation: u8) -> u8 {
    session * ROTATIONS + rotation
}

/// The session of the token of this number.
pub const fn session_of(number: u8) -> u8 {
    number / ROTATIONS
}

/// The rotation that brought the token of this number.
pub const fn rotation_of(number: u8) -> u8 {
    number % ROTATIONS
}

impl fmt::Debug for Token {
    /// `A2` came with `R2`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.slot == Slot::Access { 'A' } else { 'R' };
        write!(f, "{sign}{}", rotation_of(self.number))?;
        match session_of(self.number) {
            FIRST => Ok(()),
            session => write!(f, " of session {session}"),
        }
    }
}

impl Credential for Token {
    fn is_of_another_user(&self, other: &Self) -> bool {
        let (session, another) = (session_of(self.number), session_of(other.number));
        let is_known = session != OPAQUE && another != OPAQUE;
        is_known && (session == ANOTHER_USER) != (another == ANOTHER_USER)
    }

    fn is_of_same_user(&self, other: &Self) -> bool {
        let (session, another) = (session_of(self.number), session_of(other.number));
        session == another || (session.max(another) == SAME_USER)
    }

    fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of([self.slot as u8, self.number])
    }

    fn lifetime(&self) -> Option<Lifetime> {
        None
    }
}
