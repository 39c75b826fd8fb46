//! What one tab's refresh leaves for the next one's.
//!
//! A tab that gets the lock right after another one has released it can still read the
//! old tokens: `localStorage` and the lock travel by different ways. So the tabs share a
//! record in a store that is ordered with the lock. It holds no tokens, only what
//! compares them. When a session has ended it remembers that for as long as a tab may read
//! its tokens still, and is gone then.
//!
//! ```text
//!            check_in: asked = R1          commit: spent += R1, reigns = R2
//!  no record ───────────────► somebody asks ───────────────────────► R2 reigns
//!      ▲                          │                                      │
//!      │                          └──── sign in, sign out, refused ──────┤
//!      └──────────── a while later ─── ended += R1, R2 ◄─────────────────┘
//! ```

use std::time::Duration;

use crate::session::{Credential, Grant};

/// Tells tokens apart without giving them away: 53 bits of FNV-1a, so that it is exact
/// as a JavaScript number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fingerprint(u64);

impl Fingerprint {
    /// Stands for no token at all.
    const NOTHING: Self = Self(0);

    /// The fingerprint of a text, given as bytes or UTF-16 code units.
    pub fn of<U: Into<u64>>(units: impl IntoIterator<Item = U>) -> Self {
        let mix = |hash: u64, unit: U| (hash ^ unit.into()).wrapping_mul(0x0000_0100_0000_01b3);
        let hash = units.into_iter().fold(0xcbf2_9ce4_8422_2325, mix);
        Self((hash ^ (hash >> 53)) & ((1 << 53) - 1) | 1)
    }

    /// The number, to be stored.
    pub fn into_raw(self) -> f64 {
        self.0 as f64
    }

    /// The fingerprint that [`Fingerprint::into_raw`] gave.
    pub fn from_raw(raw: f64) -> Self {
        Self(raw as u64)
    }
}

/// The tokens that a refresh begins with, as fingerprints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    access: Option<Fingerprint>,
    refresh: Option<Fingerprint>,
}

impl Held {
    /// Of tokens as they are stored.
    pub fn of<T: Credential>(access: Option<&T>, refresh: Option<&T>) -> Self {
        Self { access: access.map(T::fingerprint), refresh: refresh.map(T::fingerprint) }
    }

    fn tokens(&self) -> impl Iterator<Item = Fingerprint> {
        [self.access, self.refresh].into_iter().flatten()
    }

    /// Whether there is a refresh token that can be read.
    pub fn has_refresh_token(&self) -> bool {
        self.refresh.is_some()
    }

    /// Whether there is no token at all.
    pub fn is_nothing(&self) -> bool {
        self.access.is_none() && self.refresh.is_none()
    }

    /// What a refresh is asked for with; where the refresh token is an HttpOnly cookie,
    /// the access token stands for it.
    fn proof(&self) -> Fingerprint {
        self.refresh.or(self.access).unwrap_or(Fingerprint::NOTHING)
    }

    /// What `grant` makes worthless of it.
    fn spent_by<T: Credential>(&self, grant: &Grant<T>) -> impl Iterator<Item = Fingerprint> {
        let access = self.access.filter(|old| *old != grant.access.fingerprint());
        let rotated = grant.refresh.as_ref().map(T::fingerprint);
        let refresh = self.refresh.filter(|old| rotated.is_some_and(|new| new != *old));
        let nothing = self.is_nothing().then_some(Fingerprint::NOTHING);
        [access, refresh, nothing].into_iter().flatten()
    }
}

/// An outage that a tab has met: the others need not find out for themselves. Both times
/// are of the wall clock, which the tabs have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failed {
    /// When it was noted.
    pub at: Duration,
    /// Until when no refresh is sent.
    pub until: Duration,
}

/// The record of one session.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record {
    /// Which lock counts. A holder that does not move is left behind together with its lock.
    pub generation: u32,
    /// Counts what happens: a holder for which it stands still does not move.
    pub beat: u32,
    /// What somebody asks with, until the answer is stored.
    pub asked: Option<Fingerprint>,
    /// The beat of that.
    pub asked_at: u32,
    /// What was replaced last, the newest at the end.
    pub spent: Vec<Fingerprint>,
    /// What was stored last, as far as the record was told.
    pub reigns: Vec<Fingerprint>,
    /// Tokens of sessions that have ended, the newest at the end.
    pub ended: Vec<Fingerprint>,
    /// When the last one of them has ended, by the wall clock.
    pub ended_at: Duration,
    /// The outage that the last refresh ended with.
    pub failed: Option<Failed>,
}

/// Enough for eight rotations that a tab has not seen yet.
const MOST_SPENT: usize = 16;

/// How long it is remembered that a session has ended: longer than a tab may be frozen
/// without noticing it.
pub const MEMORY: Duration = Duration::from_secs(15);

/// The same where nobody is left to count it: by the wall clock, which may jump.
const LONGEST_MEMORY: Duration = Duration::from_secs(24 * 60 * 60);

/// Whether a tab that has the lock may ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    /// It may; that it does is noted.
    Clear,
    /// Another tab has rotated the tokens that this one reads.
    Rotated,
    /// Another tab has asked with these tokens and was never heard of again: what it has
    /// stored may not be seen yet.
    Orphaned,
    /// The session of these tokens has ended.
    Ended,
    /// Its lock was given up; another one counts.
    Overtaken,
    /// The token server was unavailable for another tab a moment ago.
    Failing(Failed),
}

/// Whether what a tab was answered is for it to store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// It is.
    Mine,
    /// Another tab has stored what it got for the same tokens.
    Rotated,
    /// The session has ended, or another one has begun.
    Left,
}

/// What a tab that wants to ask knows besides.
#[derive(Clone, Copy, Debug)]
pub struct Asker {
    /// The generation of the lock that it holds; `None` where it goes on without.
    pub generation: Option<u32>,
    /// The beat with which it has noted before that it asks, in this flight.
    pub asked_at: Option<u32>,
    /// The beat during which it has waited long enough for what it reads to change.
    pub waited_out: Option<u32>,
    /// The wall clock.
    pub now: Duration,
    /// When it was told to forget outages, by the wall clock.
    pub woken: Duration,
}

impl Record {
    /// The record of a session that nobody has refreshed yet.
    pub fn of(generation: u32) -> Self {
        Self { generation, ..Self::default() }
    }

    /// A tab that holds the lock wants to ask with `held`.
    pub fn check_in(&mut self, held: &Held, asker: Asker) -> Entry {
        if asker.generation.is_some_and(|generation| generation != self.generation) {
            return Entry::Overtaken;
        }
        if asker.now.saturating_sub(self.ended_at) > LONGEST_MEMORY {
            self.ended.clear();
        }
        if self.is_ended(held) {
            return Entry::Ended;
        }
        if asker.waited_out != Some(self.beat) {
            if self.is_spent(held) || held.is_nothing() && !self.reigns.is_empty() {
                return Entry::Rotated;
            }
            let is_own = asker.asked_at == Some(self.asked_at);
            let is_anothers = self.asked == Some(held.proof()) && !is_own;
            if is_anothers && self.failed.is_none() {
                return Entry::Orphaned;
            }
        }
        if let Some(failed) = self.failed.filter(|failed| failed.holds_up(&asker)) {
            return Entry::Failing(failed);
        }
        self.beat();
        self.asked = Some(held.proof());
        self.asked_at = self.beat;
        self.failed = None;
        Entry::Clear
    }

    /// Whether what was answered to `held` may be stored.
    pub fn claim(&self, held: &Held) -> Claim {
        // Nothing, unlike a token, may be asked with again and again: what counts is whether
        // anything was stored since.
        let is_asking_anew = held.is_nothing() && self.asked == Some(Fingerprint::NOTHING);
        if self.is_ended(held) {
            Claim::Left
        } else if self.is_spent(held) && !is_asking_anew {
            Claim::Rotated
        } else if self.asked == Some(held.proof()) {
            Claim::Mine
        } else {
            Claim::Left
        }
    }

    /// `grant` is stored in place of `held`.
    pub fn commit<T: Credential>(&mut self, held: &Held, grant: &Grant<T>) {
        self.beat();
        self.asked = None;
        self.failed = None;
        self.spent.extend(held.spent_by(grant));
        keep_newest(&mut self.spent, MOST_SPENT);
        let stored = Held {
            access: Some(grant.access.fingerprint()),
            refresh: grant.refresh.as_ref().map(T::fingerprint).or(held.refresh),
        };
        self.reigns = stored.tokens().collect();
    }

    /// The session of `removed`, and of what was stored last, has ended at `now`; with
    /// `next`, another one has begun.
    pub fn end(&mut self, removed: &Held, next: Option<&Held>, now: Duration) {
        self.beat();
        self.failed = None;
        let is_old = |asked: &mut Fingerprint| next.is_none_or(|next| next.proof() != *asked);
        let asked = self.asked.take_if(is_old).filter(|asked| *asked != Fingerprint::NOTHING);
        let past = self.reigns.drain(..).chain(self.spent.drain(..)).chain(asked);
        self.ended.extend(past.chain(removed.tokens()));
        self.reigns = next.into_iter().flat_map(Held::tokens).collect();
        self.tidy(now);
    }

    /// As [`Record::end`], where the record may be about another session by now: that one
    /// has not ended.
    pub fn end_alone(&mut self, removed: &Held, next: Option<&Held>, now: Duration) {
        let is_about = self.asked == Some(removed.proof())
            || removed.tokens().any(|token| self.reigns.contains(&token));
        if is_about {
            return self.end(removed, next, now);
        }
        self.ended.extend(removed.tokens());
        self.tidy(now);
    }

    fn tidy(&mut self, now: Duration) {
        self.ended.retain(|ended| !self.reigns.contains(ended));
        keep_newest(&mut self.ended, 2 * MOST_SPENT);
        self.ended_at = now;
    }

    /// What has ended at `ended_at`, and nothing since, is forgotten; whether anything is
    /// left to be remembered.
    pub fn forget(&mut self, ended_at: Duration) -> bool {
        if self.ended_at == ended_at {
            self.ended.clear();
        }
        let is_empty = self.ended.is_empty() && self.spent.is_empty() && self.reigns.is_empty();
        self.asked.is_some() || !is_empty
    }

    /// What was asked for `held` was refused, and the tokens are kept all the same.
    pub fn withdraw(&mut self, held: &Held) {
        if self.claim(held) == Claim::Mine {
            self.asked = None;
        }
    }

    /// Whether it is about the session of `held`, as far as can be told.
    pub fn is_of(&self, held: &Held) -> bool {
        // Who asks with nothing gets the session of a cookie: it may be any.
        self.asked.is_none_or(|asked| asked == Fingerprint::NOTHING) || self.knows(held)
    }

    /// Whether somebody has begun or finished to refresh `held`.
    pub fn knows(&self, held: &Held) -> bool {
        self.is_spent(held) || self.is_ended(held) || self.asked == Some(held.proof())
    }

    /// Something happens: whoever holds the lock is alive.
    pub fn beat(&mut self) {
        self.beat = self.beat.wrapping_add(1);
    }

    /// Whether the tokens of `held` have been replaced.
    pub fn is_spent(&self, held: &Held) -> bool {
        let nothing = held.is_nothing().then_some(Fingerprint::NOTHING);
        held.tokens().chain(nothing).any(|token| self.spent.contains(&token))
    }

    /// Whether the session of `held` has ended.
    pub fn is_ended(&self, held: &Held) -> bool {
        held.tokens().any(|token| self.ended.contains(&token))
    }
}

fn keep_newest(fingerprints: &mut Vec<Fingerprint>, most: usize) {
    let too_many = fingerprints.len().saturating_sub(most);
    fingerprints.drain(..too_many);
}

impl Failed {
    /// A clock that was set back, or a page that was told to forget, is not held up.
    fn holds_up(&self, asker: &Asker) -> bool {
        (self.at..self.until).contains(&asker.now) && self.at > asker.woken
    }
}
