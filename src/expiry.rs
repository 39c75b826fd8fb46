//! How long the access token is still good for.
//!
//! The lifetime is counted on the monotonic clock from the moment the token was received:
//! a wall clock that is wrong, or is set while the page runs, changes nothing. It is
//! believed once for each page, for the token that the page finds when it is loaded.

use std::cell::Cell;

use crate::credential::Lifetime;
use crate::millis::Millis;

/// Nobody comes back to a token that ended so long ago: the clock is wrong.
const ABSURD: Millis = Millis::from_secs(365 * 24 * 60 * 60);

/// When a token ends, where that is known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Expiry {
    ends: Millis,
    total: Millis,
}

impl Expiry {
    /// Of a token that is received at `now` (monotonic) and lives for `total`.
    pub fn received(now: Millis, total: Millis) -> Option<Self> {
        // One that has no time at all would be refreshed at each call.
        (!total.is_zero()).then_some(Self { ends: now + total, total })
    }

    /// Of a token that was stored before the page was loaded; `wall` is the wall clock. One that
    /// has ended is refreshed first, unless the clock must be wrong.
    pub fn found(now: Millis, wall: Millis, lifetime: Lifetime) -> Option<Self> {
        let total = match lifetime.issued {
            None if wall - lifetime.ends < ABSURD => lifetime.total(wall).max(Millis::new(1)),
            _ => lifetime.total(wall),
        };
        let rest = (lifetime.ends - wall).min(total);
        // One that has ended is due by any clock, also by one that lags behind `now`.
        let ends = if rest.is_zero() { Millis::ZERO } else { now + rest };
        (!total.is_zero()).then_some(Self { ends, total })
    }

    /// When it is refreshed before its end: `ahead` of it, and never more than a quarter
    /// of its lifetime, so that a short one is not refreshed at each call.
    pub fn due(&self, ahead: Millis) -> Millis {
        self.ends - ahead.min(self.total / 4.0)
    }

    /// The time for which it is still valid.
    pub fn remaining(&self, now: Millis) -> Millis {
        self.ends - now
    }

    /// The whole time for which it is valid.
    pub fn total(&self) -> Millis {
        self.total
    }
}

/// The expiry of the current access token.
#[derive(Debug, Default)]
pub(crate) struct AccessExpiry {
    expiry: Cell<Option<Expiry>>,
    has_seen_one: Cell<bool>,
}

impl AccessExpiry {
    pub(crate) fn get(&self) -> Option<Expiry> {
        self.expiry.get()
    }

    /// A token came from the server; `total` is how long it lives.
    pub(crate) fn receive(&self, now: Millis, total: Option<Millis>) {
        self.has_seen_one.set(true);
        self.expiry.set(total.and_then(|total| Expiry::received(now, total)));
    }

    /// A token was found in the storage. All but the first one have just been put there.
    pub(crate) fn find(&self, now: Millis, wall: Millis, lifetime: Option<Lifetime>) {
        self.expiry.set(lifetime.and_then(|lifetime| match self.has_seen_one.replace(true) {
            false => Expiry::found(now, wall, lifetime),
            true => Expiry::received(now, lifetime.total(wall)),
        }));
    }
}
