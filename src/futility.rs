//! Refreshes that did not help: the new token got a 401 as well.
//!
//! A page that is always forbidden would cost a refresh for each look at it.

use std::cell::Cell;

use crate::millis::Millis;
use crate::policy::futile_pause;
use crate::session::Epoch;

/// The futile refreshes in a row, and until when a 401 for the last one's token is given back.
#[derive(Debug, Default)]
pub(crate) struct Futility {
    /// The epoch of the token that a refresh has brought, and when it was stored.
    refreshed: Cell<Option<(Epoch, Millis)>>,
    in_a_row: Cell<u32>,
    epoch: Cell<Option<Epoch>>,
    until: Cell<Millis>,
}

impl Futility {
    /// Remembers the epoch of a token that a refresh has brought.
    pub(crate) fn watch(&self, epoch: Epoch, now: Millis) {
        self.refreshed.set(Some((epoch, now)));
    }

    /// Counts a futile refresh: a replay with the token of `epoch` got a 401. Further replays of
    /// the same refresh do not count, nor does a token that came in another way.
    pub(crate) fn note(&self, epoch: Epoch) {
        let stored = self.refreshed.take().filter(|(refreshed, _)| *refreshed == epoch);
        if let Some((_, stored)) = stored {
            self.epoch.set(Some(epoch));
            self.in_a_row.set(self.in_a_row.get().saturating_add(1));
            self.until.set(stored + futile_pause(self.in_a_row.get()));
        }
    }

    /// Tells if it would be futile to refresh the token of `epoch`.
    pub(crate) fn is_of(&self, epoch: Epoch, now: impl FnOnce() -> Millis) -> bool {
        self.epoch.get() == Some(epoch) && now() < self.until.get()
    }

    /// Ends the pause: there is reason to hope, and the next 401 is refreshed again.
    pub(crate) fn wake(&self) {
        self.until.set(Millis::ZERO);
    }

    /// Forgets the futile refreshes: a replay succeeded, or another session began.
    pub(crate) fn clear(&self) {
        self.in_a_row.set(0);
        self.epoch.set(None);
    }
}
