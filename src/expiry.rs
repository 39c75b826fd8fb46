//! How long the access token is still good for.
//!
//! The lifetime is counted on the monotonic clock from the moment the token was received:
//! a wall clock that is wrong, or is set while the page runs, changes nothing. It is
//! believed once for each page, for the token that the page finds when it is loaded.

use std::cell::Cell;
use std::time::Duration;

use crate::session::Lifetime;

/// When a token ends, where that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expiry {
    ends: Duration,
    total: Duration,
}

impl Expiry {
    /// Of a token that is received at `now` (monotonic) and lives for `total`.
    pub fn received(now: Duration, total: Duration) -> Option<Self> {
        // One that has no time at all would be refreshed at each call.
        (!total.is_zero()).then_some(Self { ends: now + total, total })
    }

    /// Of a token that was stored before the page was loaded; `wall` is the wall clock.
    pub fn found(now: Duration, wall: Duration, lifetime: Lifetime) -> Option<Self> {
        let total = lifetime.total();
        let rest = lifetime.ends.saturating_sub(wall).min(total);
        (!total.is_zero()).then_some(Self { ends: now + rest, total })
    }

    /// When it is refreshed before its end: `ahead` of it, and never more than a quarter
    /// of its lifetime, so that a short one is not refreshed at each call.
    pub fn due(&self, ahead: Duration) -> Duration {
        self.ends.saturating_sub(ahead.min(self.total / 4))
    }

    /// How long it is still good for.
    pub fn remaining(&self, now: Duration) -> Duration {
        self.ends.saturating_sub(now)
    }

    /// How long it is good for in all.
    pub fn total(&self) -> Duration {
        self.total
    }
}

impl Lifetime {
    /// From its beginning to its end.
    pub fn total(&self) -> Duration {
        self.ends.saturating_sub(self.issued)
    }
}

/// The expiry of the token that reigns.
#[derive(Debug, Default)]
pub(crate) struct Reign {
    expiry: Cell<Option<Expiry>>,
    has_looked: Cell<bool>,
}

impl Reign {
    pub(crate) fn expiry(&self) -> Option<Expiry> {
        self.expiry.get()
    }

    /// A token came from the server; `total` is how long it lives.
    pub(crate) fn receive(&self, now: Duration, total: Option<Duration>) {
        self.has_looked.set(true);
        self.expiry.set(total.and_then(|total| Expiry::received(now, total)));
    }

    /// A token was found in the storage. All but the first one have just been put there.
    pub(crate) fn find(&self, now: Duration, wall: Duration, lifetime: Option<Lifetime>) {
        self.expiry.set(lifetime.and_then(|lifetime| match self.has_looked.replace(true) {
            false => Expiry::found(now, wall, lifetime),
            true => Expiry::received(now, lifetime.total()),
        }));
    }
}
