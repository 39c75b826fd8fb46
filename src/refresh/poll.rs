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

/// The number of polls that may come late; with throttled timers, all of them do.
const MOST_LATE: u32 = 12;

/// A wait in polls. Time in which the page is frozen does not count.
#[derive(Clone, Copy, Default)]
pub(crate) struct Poll {
    lasted: Millis,
    polls: u32,
    /// Those that came too late to count.
    late: u32,
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
        let is_late = took > self.interval() * 2.0;
        self.polls += 1;
        match is_late {
            true => self.late += 1,
            false => self.lasted += took,
        }
        is_late
    }

    /// Tells if the polling has lasted long enough.
    pub(crate) fn is_over(&self, patience: Millis) -> bool {
        self.lasted >= patience || self.late >= MOST_LATE
    }

    fn interval(&self) -> Millis {
        FIRST_POLL * f64::from(1 << self.polls.min(6))
    }
}
