//! Tokens as they are compared, and what a refresh presents and brings.

use crate::millis::Millis;

/// Tells tokens apart without giving them away: 53 bits, so that it is exact as a JavaScript
/// number. Zero is the fingerprint of no token.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fingerprint(f64);

impl Fingerprint {
    /// Stands for no token at all.
    pub(crate) const NOTHING: Self = Self(0.0);

    /// The fingerprint of a text, given as bytes or UTF-16 code units, by FNV-1a.
    pub fn of<U: Into<u64>>(units: impl IntoIterator<Item = U>) -> Self {
        let mix = |hash: u64, unit: U| (hash ^ unit.into()).wrapping_mul(0x0000_0100_0000_01b3);
        let hash = units.into_iter().fold(0xcbf2_9ce4_8422_2325, mix);
        Self(((hash ^ (hash >> 53)) & ((1 << 53) - 1) | 1) as f64)
    }

    /// The number, to be stored.
    pub fn into_raw(self) -> f64 {
        self.0
    }

    /// The fingerprint that [`Fingerprint::into_raw`] gave.
    pub fn from_raw(raw: f64) -> Self {
        Self(raw)
    }
}

/// A token as the session compares it.
pub trait Credential: Clone + PartialEq {
    /// Tells if both say whom they belong to, and it is not the same user
    /// (`sub` of RFC 7519 §4.1.2).
    fn is_of_another_user(&self, other: &Self) -> bool;

    /// Tells if both say whom they belong to, and it is the same user.
    fn is_of_same_user(&self, other: &Self) -> bool;

    /// Tells it apart without giving it away.
    fn fingerprint(&self) -> Fingerprint;

    /// The times that it states for itself, if any.
    fn lifetime(&self) -> Option<Lifetime>;

    /// Tells if it is a mark: it stands for an access token in an HttpOnly cookie, which no
    /// script can read. A mark says that the token was refreshed, and is never sent.
    fn is_mark(&self) -> bool {
        false
    }
}

/// When an access token was issued and when it ends, by the server's clock, counted from
/// 1970 (`iat` and `exp` of RFC 7519 §4.1).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lifetime {
    /// When it was issued, if it says so.
    pub issued: Option<Millis>,
    /// When it ends.
    pub ends: Millis,
}

impl Lifetime {
    /// From its beginning to its end. A token that does not say when it began lives from `now`,
    /// by the wall clock, on.
    pub fn total(&self, now: Millis) -> Millis {
        self.ends - self.issued.unwrap_or(now)
    }
}

/// New tokens: from a refresh, or from a sign-in.
#[derive(Clone)]
pub struct Grant<T> {
    /// The new access token.
    pub access: T,
    /// The new refresh token, where the server rotates them.
    pub refresh: Option<T>,
    /// How long the access token lives from now on, where the server says so
    /// (`expires_in` of RFC 6749 §5.1).
    pub expires_in: Option<Millis>,
}

impl<T> Grant<T> {
    /// An access token that came alone.
    pub fn of(access: T) -> Self {
        Self { access, refresh: None, expires_in: None }
    }
}

impl<T> std::fmt::Debug for Grant<T> {
    /// Shows no token.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Grant").field("refresh", &self.refresh.is_some()).finish_non_exhaustive()
    }
}

/// The tokens that a refresh begins with, as fingerprints.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Presented {
    /// The access token.
    pub(crate) access: Option<Fingerprint>,
    /// The refresh token.
    pub(crate) refresh: Option<Fingerprint>,
}

impl Presented {
    /// No token at all.
    pub const NOTHING: Self = Self { access: None, refresh: None };

    /// Of tokens as they are stored.
    pub fn of<T: Credential>(access: Option<&T>, refresh: Option<&T>) -> Self {
        Self { access: access.map(T::fingerprint), refresh: refresh.map(T::fingerprint) }
    }

    /// Tells if there is a refresh token that can be read.
    pub fn has_refresh_token(&self) -> bool {
        self.refresh.is_some()
    }

    /// Tells if there is no token at all.
    pub fn is_nothing(&self) -> bool {
        self.access.is_none() && self.refresh.is_none()
    }

    /// The proof of identity for the token server. Where the refresh token is an HttpOnly
    /// cookie, the access token stands for it.
    pub(crate) fn proof(&self) -> Fingerprint {
        self.refresh.or(self.access).unwrap_or(Fingerprint::NOTHING)
    }

    /// Tells if one of the tokens is in `list`.
    pub(crate) fn is_in(&self, list: &[Fingerprint]) -> bool {
        is_any(self.access, list) || is_any(self.refresh, list)
    }
}

/// Tells if `token` is in `list`.
pub(crate) fn is_any(token: Option<Fingerprint>, list: &[Fingerprint]) -> bool {
    token.is_some_and(|token| list.contains(&token))
}
