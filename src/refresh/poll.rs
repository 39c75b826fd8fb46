//! Polling for what another tab has stored.

use crate::millis::Millis;

/// How long the tokens that another tab has stored may take to be seen here.
pub(crate) const HAND_OVER: Millis = Millis::new(1_000);

/// After that long between reading and asking the page was frozen, or the machine asleep: what
/// was read is old.
pub(crate) const THAWED: Millis = Millis::new(1_000);

/// How long a page that was frozen takes to hear what it has missed.
pub(crate) const CATCH_UP: Millis = Millis::new(100);

/// The first polling interval; it doubles up to 256 ms.
const FIRST_POLL: Millis = Millis::new(4);

/// As much of a poll that comes late counts: the page was frozen meanwhile, or it is hidden and all
/// its timers are late. Other tabs do not wait for ever for one that holds the lock.
const MOST_OF_LATE: Millis = Millis::new(500);

/// A wait in polls. Time in which the page is frozen hardly counts.
#[derive(Clone, Copy, Default)]
pub(crate) struct Poll {
    lasted: Millis,
    polls: u32,
    began: Millis,
}

impl Poll {
    /// Begins an interval; returns how long it is.
    pub(crate) fn start(&mut self, now: Millis) -> Millis {
        self.began = now;
        self.interval()
    }

    /// Ends an interval; returns whether the page was frozen, or is throttled, and may have
    /// missed what happened.
    pub(crate) fn finish(&mut self, now: Millis) -> bool {
        let took = now - self.began;
        // One that is late by less has missed nothing: writes are seen that much before HAND_OVER.
        let is_late = took > self.interval() + CATCH_UP;
        self.polls += 1;
        self.lasted += if is_late { took.min(MOST_OF_LATE) } else { took };
        is_late
    }

    /// Tells if the polling has lasted long enough.
    pub(crate) fn is_over(&self, patience: Millis) -> bool {
        self.lasted >= patience
    }

    fn interval(&self) -> Millis {
        FIRST_POLL * f64::from(1 << self.polls.min(6))
    }
}
