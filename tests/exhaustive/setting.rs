//! What is tried.

use std::fmt;

/// One set of schedules. Times are in milliseconds.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    pub tabs: usize,
    /// How many requests each tab sends, one after the other. Before each of them the access
    /// token expires that was the newest until then.
    pub requests: u8,
    pub has_locks: bool,
    /// For how long a tab sees an old storage at most, by its own clock.
    pub lag: u16,
    /// By how much longer it sees an old access token, beside a newer refresh token.
    pub apart: u16,
    /// Whether the storage is one that answers later. What it holds is exact then.
    pub is_slow: bool,
    /// Whether a tab is told of changes of the storage while it waits.
    pub has_events: bool,
    /// By how much a tab is slower than another one at most.
    pub slowest: u16,
    /// How often the token server fails.
    pub failures: u8,
    /// How often a tab is frozen, for longer than the others wait for it.
    pub freezes: u8,
    pub planted: Option<Planted>,
}

/// A fault that is planted, to see it found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Planted {
    /// Each tab has a record of its own.
    OwnRecords,
    /// A tab goes by the tokens that it has read first, until its request is through.
    NoSecondLook,
}

impl fmt::Display for Setting {
    /// Without what is plain.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { tabs, requests, lag, apart, slowest, .. } = self;
        write!(
            f,
            "{tabs} tabs, {requests} rotations, lag {lag}, apart {apart}, slowest {slowest}"
        )?;
        f.write_str(if self.has_locks { "" } else { ", no locks" })?;
        f.write_str(if self.is_slow { ", slow storage" } else { "" })?;
        f.write_str(if self.has_events { ", events" } else { "" })?;
        if self.failures > 0 {
            write!(f, ", {} failures", self.failures)?;
        }
        if self.freezes > 0 {
            write!(f, ", {} freezes", self.freezes)?;
        }
        self.planted.map_or(Ok(()), |planted| write!(f, ", {planted:?}"))
    }
}

impl Setting {
    /// Two tabs, as most browsers have them. They wait for a second for tokens that they do not
    /// see yet, so that the storage may lag by almost as much.
    pub const PLAIN: Self = Self {
        tabs: 2,
        requests: 1,
        has_locks: true,
        lag: 900,
        apart: 0,
        is_slow: false,
        has_events: false,
        slowest: 300,
        failures: 0,
        freezes: 0,
        planted: None,
    };
}
