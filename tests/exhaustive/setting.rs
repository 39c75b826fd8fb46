//! The settings that are tried.

use std::fmt;

use super::token::{FIRST, SAME_USER};

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
    /// True if the storage is one that answers later. Its content is exact then.
    pub is_slow: bool,
    /// True if a tab is told of changes of the storage while it waits.
    pub has_events: bool,
    /// By how much a tab is slower than another one at most.
    pub slowest: u16,
    /// How often the token server fails.
    pub failures: u8,
    /// How often a tab is frozen, for longer than the others wait for it.
    pub freezes: u8,
    /// The application's changes of the session, in this order: each at any step, in any tab, once
    /// the one before is done.
    pub changes: &'static [Change],
    /// True if the record is told of a change before a tab that asks for it later gets it, as
    /// IndexedDB orders transactions (IndexedDB 3.0, 2.7.2).
    pub is_record_ordered: bool,
    /// True if a request may be replayed with the token that got its 401.
    pub may_see_again: bool,
    /// How many tabs are closed.
    pub crashes: u8,
    /// How often the record vanishes.
    pub vanishes: u8,
    /// How often an answer of the token server is late.
    pub late: u8,
    /// After how many worlds the search is cut off.
    pub most_worlds: usize,
    pub planted: Option<Planted>,
}

/// A change that the application makes to the session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Change {
    /// It signs in: the session.
    SignIn(u8),
    SignOut,
}

/// A fault that is planted, to see it found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Planted {
    /// Each tab has a record of its own.
    OwnRecords,
    /// A tab goes by the tokens that it has read first, until its request is through.
    NoSecondLook,
    /// A change of session is not told to the record.
    Untold,
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
        for change in self.changes {
            write!(f, ", {change:?}")?;
        }
        f.write_str(if self.is_record_ordered { ", record in order" } else { "" })?;
        let counted =
            [(self.crashes, "crashes"), (self.vanishes, "vanishes"), (self.late, "late answers")];
        for (count, what) in counted.iter().filter(|(count, _)| *count > 0) {
            write!(f, ", {count} {what}")?;
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
        changes: &[],
        is_record_ordered: false,
        may_see_again: false,
        crashes: 0,
        vanishes: 0,
        late: 0,
        most_worlds: usize::MAX,
        planted: None,
    };

    /// Returns true if a refresh may come to nothing for now, so that its user asks again later.
    /// Then the time of day matters, by which the record tells of outages.
    pub fn gives_up(&self) -> bool {
        self.failures > MOST_RETRIES || self.late > 0
    }

    /// Returns true if a tab knows nothing but its token between two requests: nothing but
    /// refreshes happens.
    pub fn is_forgetful(&self) -> bool {
        self.changes.is_empty() && !self.gives_up() && self.crashes + self.vanishes == 0
    }

    /// Returns true if the first session has been left, once so many changes have begun.
    pub fn has_left(&self, changes: u8) -> bool {
        let stays = |change: &Change| *change == Change::SignIn(SAME_USER);
        !self.changes[..changes as usize].iter().all(stays)
    }

    /// Returns true if nobody was signed in for a while, once so many changes have begun.
    pub fn was_signed_out(&self, changes: u8) -> bool {
        self.changes[..changes as usize].contains(&Change::SignOut)
    }

    /// The session that is to be there, once so many changes have begun.
    pub fn session(&self, changes: u8) -> Option<u8> {
        match self.changes[..changes as usize].last() {
            None => Some(FIRST),
            Some(Change::SignIn(session)) => Some(*session),
            Some(Change::SignOut) => None,
        }
    }
}

/// How often a flight asks again when the token server fails.
const MOST_RETRIES: u8 = 2;
