//! Tokens: whose they are, of which sign-in, and how often they were rotated.

use std::fmt;

use tokenflight::credential::{Credential, Fingerprint, Lifetime};
use tokenflight::millis::Millis;
use tokenflight::task::Slot;

/// One sign-in at the server.
pub type SessionId = usize;

/// An access or refresh token.
#[derive(Clone, Copy, PartialEq)]
pub struct Token {
    pub slot: Slot,
    pub user: char,
    pub session: SessionId,
    /// How many of its kind the server gave for this session before.
    pub number: u32,
    /// The number of the refresh token that was good when it was given.
    pub rotation: u32,
    /// Of an access token: for whom it is.
    pub audience: usize,
    /// It came alone, from an answer of the application's server.
    pub is_slid: bool,
    /// True if it says nothing about itself.
    pub is_opaque: bool,
    pub lifetime: Option<Lifetime>,
}

impl Token {
    /// Until when the resource server accepts it, counted from 1970.
    pub fn ends(&self) -> Option<Millis> {
        self.lifetime.map(|lifetime| lifetime.ends)
    }
}

impl fmt::Debug for Token {
    /// `a0.2`: the access token of user `a` and session 0 after two refreshes; `a0~2` is the
    /// refresh token that came with it. `a0:2` is for another audience.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = match (self.slot, self.audience) {
            (Slot::Refresh, _) => '~',
            (Slot::Access, 0) => '.',
            (Slot::Access, _) => ':',
        };
        write!(f, "{}{}{sign}{}", self.user, self.session, self.number)
    }
}

impl Credential for Token {
    fn is_of_another_user(&self, other: &Self) -> bool {
        !self.is_opaque && !other.is_opaque && self.user != other.user
    }

    fn is_of_same_user(&self, other: &Self) -> bool {
        !self.is_opaque && !other.is_opaque && self.user == other.user
    }

    fn fingerprint(&self) -> Fingerprint {
        let kind = u64::from(self.slot == Slot::Access) + self.audience as u64;
        Fingerprint::of([kind, self.session as u64 + 1, u64::from(self.number) + 1])
    }

    fn lifetime(&self) -> Option<Lifetime> {
        self.lifetime.filter(|_| !self.is_opaque)
    }
}

/// A token as the trace shows it.
pub fn shown(token: Option<Token>) -> String {
    token.map_or_else(|| "-".to_owned(), |token| format!("{token:?}"))
}
