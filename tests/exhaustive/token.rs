//! Tokens: which rotation they came with.

use std::fmt;

use tokenflight::credential::{Credential, Fingerprint, Lifetime};
use tokenflight::task::Slot;

/// An access or refresh token of the one session there is.
#[derive(Clone, Copy, PartialEq)]
pub struct Token {
    pub slot: Slot,
    /// The number of its rotation; the first pair is number one.
    pub number: u8,
}

impl fmt::Debug for Token {
    /// `A2` came with `R2`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.slot == Slot::Access { 'A' } else { 'R' };
        write!(f, "{sign}{}", self.number)
    }
}

impl Credential for Token {
    fn is_of_another_user(&self, _: &Self) -> bool {
        false
    }

    fn is_of_same_user(&self, _: &Self) -> bool {
        true
    }

    fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of([self.slot as u8, self.number])
    }

    fn lifetime(&self) -> Option<Lifetime> {
        None
    }
}
