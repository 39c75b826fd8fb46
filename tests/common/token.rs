//! Tokens that a test can read: `ann.2` is Ann's second access token, `ann~2` the
//! refresh token that came with it, `opaque` says nothing about its user, and `#2` is a mark.

use tokenflight::credential::{Credential, Fingerprint, Grant, Lifetime, Presented};
use tokenflight::millis::Millis;

/// A token. Its `Debug` shows all of it on purpose: whatever derives its own from it
/// is found out by the tests of secrecy.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Token(pub String);

pub fn token(text: &str) -> Token {
    Token(text.to_owned())
}

impl Token {
    pub fn access(user: &str, number: u32) -> Self {
        Self(format!("{user}.{number}"))
    }

    pub fn refresh(user: &str, number: u32) -> Self {
        Self(format!("{user}~{number}"))
    }

    /// The user and the number of a refresh token.
    pub fn parts(&self) -> Option<(&str, u32)> {
        let (user, number) = self.0.split_once('~')?;
        Some((user, number.parse().ok()?))
    }

    /// Tells if it is that access token, whatever it says of its lifetime.
    pub fn is_the(&self, user: &str, number: u32) -> bool {
        self.0.split('@').next() == Some(&Self::access(user, number).0)
    }

    fn user(&self) -> Option<&str> {
        self.0.split_once('.').map(|(user, _)| user)
    }
}

impl Credential for Token {
    fn is_of_another_user(&self, other: &Self) -> bool {
        matches!((self.user(), other.user()), (Some(mine), Some(theirs)) if mine != theirs)
    }

    fn is_of_same_user(&self, other: &Self) -> bool {
        self.user().is_some() && self.user() == other.user()
    }

    fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(self.0.bytes())
    }

    /// `ann.2@100-160` was issued at the second 100 and ends at the second 160; `ann.2@-160` does
    /// not say when it was issued.
    fn lifetime(&self) -> Option<Lifetime> {
        let (issued, ends) = self.0.split_once('@')?.1.split_once('-')?;
        let seconds = |text: &str| text.parse().ok().map(Millis::from_secs);
        Some(Lifetime { issued: seconds(issued), ends: seconds(ends)? })
    }

    fn is_mark(&self) -> bool {
        self.0.starts_with('#')
    }
}

/// Both of Ann's tokens with this number, as they are presented.
pub fn presented(number: u32) -> Presented {
    let (access, refresh) = (Token::access("ann", number), Token::refresh("ann", number));
    Presented::of(Some(&access), Some(&refresh))
}

/// A grant of both of Ann's tokens with this number.
pub fn grant(number: u32) -> Grant<Token> {
    let (access, refresh) = (Token::access("ann", number), Token::refresh("ann", number));
    Grant { access, refresh: Some(refresh), expires_in: None }
}
