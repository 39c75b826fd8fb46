//! The questions of a tab to the world, and the replies of the world.

use tokenflight::task::Slot;

use super::setting::Change;

/// A question of a tab, named after what it waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question {
    /// Until its user asks for something.
    User,
    /// To know what the storage shows.
    Read(Slot),
    /// For a slow storage to say what it holds.
    Fetch,
    /// For a slow storage to keep this.
    Store(Write),
    /// For the lock of a generation, and no longer than so many milliseconds.
    Lock { generation: u32, patience: u16 },
    /// So many milliseconds.
    Sleep(u16),
    /// For the record.
    Record,
    /// To go on, now that its record is stored.
    Resume,
    /// For the answer to a refresh with the refresh token of this number.
    Answer(Option<u8>),
    /// For nothing any more: all its requests were answered.
    Nothing,
    /// For nothing any more: this is what a request came to.
    Failed(&'static str),
}

/// A reply of the world.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reply {
    /// It may go on; a sleep is over.
    Go,
    /// The storage shows the token of this number, or none.
    Seen(Option<u8>),
    /// Its user asks for something, at this time of day where clocks matter.
    Asked(u16),
    /// The lock is granted, at this time of day where clocks matter.
    Locked(u16),
    /// There are no locks here.
    NoLocks,
    /// It has waited for the lock long enough.
    PatienceOver,
    /// The record, by its number.
    Record(u32),
    /// The token server has rotated the tokens: this is the number of the new ones.
    Granted(u8),
    /// The token server fails, and has done nothing.
    Unavailable,
    /// The token server refuses: the refresh token is spent.
    Refused,
    /// No answer has come in time.
    TooLate,
    /// The answer that was too late comes all the same, while the tab waits for something else:
    /// the number of the new tokens.
    Late(u8),
    /// That answer comes no more: so many milliseconds have passed.
    Never(u16),
    /// The application signs in or out; the tab goes on waiting.
    Begin(Change),
    /// The record, for the change of session that waits for it; the tab goes on waiting.
    Told(u32),
    /// The storage holds the tokens of these numbers, by slot.
    Held([Option<u8>; 2]),
    /// It was frozen, and goes on waiting.
    Thawed,
    /// The storage has changed; the tab goes on waiting.
    Changed,
}

/// A token that is written, by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Write {
    pub slot: Slot,
    pub number: Option<u8>,
}
