//! Outages of the token server, and the cool-down after them.

use std::cell::Cell;

use crate::millis::Millis;

/// The outages in a row, and until when no refresh is sent because of them.
#[derive(Debug, Default)]
pub struct Outage {
    in_a_row: Cell<u32>,
    /// True until something gives reason to hope.
    goes_on: Cell<bool>,
    until: Cell<Millis>,
    /// When the cool-down was ended from outside, by the wall clock.
    woken: Cell<Millis>,
}

impl Outage {
    /// Counts one more outage; returns how many there are in a row with it.
    pub(crate) fn begin(&self) -> u32 {
        self.in_a_row.set(self.in_a_row.get().saturating_add(1));
        self.goes_on.set(true);
        self.in_a_row.get()
    }

    /// Counts those that other tabs have met: their cool-downs are one, and grow as one.
    pub(crate) fn learn(&self, in_a_row: u32) {
        if in_a_row > self.in_a_row.get() {
            self.in_a_row.set(in_a_row);
            self.goes_on.set(true);
        }
    }

    /// Returns how many there are in a row, as far as this tab knows.
    pub(crate) fn in_a_row(&self) -> u32 {
        self.in_a_row.get()
    }

    /// Tells if a refresh that fails now is not retried: the cool-downs are the pauses. Three tries
    /// of each client at an overloaded server are what keeps it overloaded.
    pub(crate) fn goes_on(&self) -> bool {
        self.goes_on.get()
    }

    /// No refresh is sent until then.
    pub(crate) fn cool_down_until(&self, then: Millis) {
        self.until.set(then);
    }

    /// There is reason to hope: no outage that was noted before, here or in another tab,
    /// keeps anybody from trying.
    pub(crate) fn wake(&self, wall: Millis) {
        self.goes_on.set(false);
        self.until.set(Millis::ZERO);
        self.woken.set(wall);
    }

    /// When that was last so, by the wall clock.
    pub(crate) fn woken(&self) -> Millis {
        self.woken.get()
    }

    /// Returns the rest of the cool-down.
    pub(crate) fn remaining(&self, now: Millis) -> Option<Millis> {
        Some(self.until.get() - now).filter(|rest| !rest.is_zero())
    }

    pub(crate) fn clear(&self) {
        self.goes_on.set(false);
        self.in_a_row.set(0);
        self.until.set(Millis::ZERO);
    }
}
