//! The record: what one tab's refresh leaves for the next one's.
//!
//! A tab that gets the lock right after another one has released it can still read the
//! old tokens: `localStorage` and the lock travel by different ways. So the tabs share a
//! record in a store that is ordered with the lock. It holds no tokens, only fingerprints.
//! When a session has ended, its tokens are kept as tombstones for as long as a tab may still
//! read them, and no longer.
//!
//! ```text
//!            request_admission:            commit:
//!            pending = R1                  spent += R1, current = R2
//!  no record ──────────────► refreshing ─────────────────────────────► R2 is current
//!      ▲                          │                                      │
//!      │                          └──── sign in, sign out, refused ──────┤
//!      └────────── a while later ──── tombstones += R1, R2 ◄─────────────┘
//! ```

use std::slice::Iter;

use crate::credential::{Credential, Fingerprint, Grant, Presented, is_any};
use crate::millis::Millis;

/// An outage that a tab has met: the others need not find out for themselves. Both times
/// are of the wall clock, which the tabs have in common.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct KnownOutage {
    /// When it was noted.
    pub at: Millis,
    /// Until when no refresh is sent.
    pub until: Millis,
    /// How many there were in a row with it, whichever tabs met them.
    pub in_a_row: u32,
    /// The answer may still come: until then nobody presents the pending token again, woken or
    /// not.
    pub is_late: bool,
}

impl KnownOutage {
    /// The same, but no longer than `longest`: what a broken clock has written holds up
    /// nobody for good.
    fn within(self, longest: Millis) -> Self {
        Self { until: self.until.min(self.at + longest), ..self }
    }

    /// A clock that was set back, or a page that was told to forget, is not held up.
    fn holds_up(&self, attempt: &Attempt) -> bool {
        let is_forgotten = !self.is_late && self.at <= attempt.woken;
        self.at <= attempt.now && attempt.now < self.until && !is_forgotten
    }
}

/// The record of one session.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Record {
    /// Which lock counts. A holder that does not move is left behind together with its lock.
    pub lock_generation: u32,
    /// Counts what happens. A holder whose heartbeat stands still does not move.
    pub heartbeat: u32,
    /// The token that somebody refreshes with, until the answer is stored.
    pub pending: Option<Fingerprint>,
    /// The heartbeat at which that refresh was admitted.
    pub pending_since: u32,
    /// Tokens that were replaced, the newest at the end.
    pub spent: Vec<Fingerprint>,
    /// The tokens that were stored last, as far as the record was told.
    pub current: Vec<Fingerprint>,
    /// Tokens of sessions that have ended, the newest at the end.
    pub tombstones: Vec<Fingerprint>,
    /// When the end of the last of these sessions was asked for, by the wall clock.
    pub ended_at: Millis,
    /// The outage that the last refresh ended with.
    pub outage: Option<KnownOutage>,
}

/// Enough for a duplicated tab that was not used for so many rotations, and where newer tokens replace
/// both what is current and what their page has seen, which is mostly the same.
const MOST_SPENT: usize = 64;

/// How long tombstones are kept: longer than a tab may be frozen without noticing it.
pub const TOMBSTONE_LIFE: Millis = Millis::from_secs(15);

/// The same where nobody is left to count it: by the wall clock, which may jump.
const LONGEST_TOMBSTONE_LIFE: Millis = Millis::from_secs(24 * 60 * 60);

/// Says if a tab that has the lock may send a refresh.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Admission {
    /// It may, and the record says that it does.
    Clear,
    /// Another tab has rotated the tokens that this one reads.
    Rotated,
    /// Another tab refreshed with these tokens and was never heard of again: the tokens it
    /// stored may not be seen yet.
    Orphaned,
    /// The session of these tokens has ended.
    Ended,
    /// Its lock was given up; another one counts.
    LockSuperseded,
    /// The token server was unavailable for another tab a moment ago.
    Outage(KnownOutage),
}

/// Says if a tab may act on the answer that it got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// It may.
    Mine,
    /// Another tab has stored what it got for the same tokens.
    Rotated,
    /// The session has ended, or another one has begun.
    SessionGone,
    /// The record knows nothing: it has vanished, or was emptied, since the refresh was admitted.
    Unknown,
    /// Other tokens are current, which this tab does not see yet: application code had stored their session
    /// beside the record.
    Unseen,
}

/// The knowledge of a tab that asks for admission, besides its tokens.
#[derive(Clone, Copy, Debug)]
pub struct Attempt {
    /// The generation of the lock that it holds; `None` where it goes on without.
    pub lock_generation: Option<u32>,
    /// The heartbeat at which this flight was admitted before.
    pub admitted_at: Option<u32>,
    /// The heartbeat during which it has waited long enough for its tokens to change.
    pub waited_out: Option<u32>,
    /// The wall clock.
    pub now: Millis,
    /// When it was told to forget outages, by the wall clock.
    pub woken: Millis,
    /// The longest time that an outage holds it up.
    pub longest_outage: Millis,
    /// True if its tokens are a copy: those of other tabs may be of other sessions.
    pub is_of_copy: bool,
}

impl Record {
    /// The record of a session that nobody has refreshed yet.
    pub fn of(lock_generation: u32) -> Self {
        Self { lock_generation, ..Self::default() }
    }

    /// Admits a tab that wants to refresh with `presented`, or says why not.
    pub fn request_admission(&mut self, presented: &Presented, attempt: Attempt) -> Admission {
        if attempt.lock_generation.is_some_and(|held| held != self.lock_generation) {
            return Admission::LockSuperseded;
        }
        let since_end = (attempt.now - self.ended_at).max(self.ended_at - attempt.now);
        if since_end > LONGEST_TOMBSTONE_LIFE {
            self.tombstones.clear();
        }
        let admission = self.judge(presented, &attempt);
        if admission == Admission::Clear {
            self.admit(presented, attempt.is_of_copy);
        } else if attempt.lock_generation.is_some() {
            // The holder of the lock waits, and shows that it is alive.
            self.beat();
        }
        admission
    }

    /// Says if `presented` may be presented.
    fn judge(&self, presented: &Presented, attempt: &Attempt) -> Admission {
        if self.is_ended(presented) {
            return Admission::Ended;
        }
        if attempt.waited_out != Some(self.heartbeat) {
            if self.is_spent(presented) || self.is_seen_in_part(presented) {
                return Admission::Rotated;
            }
            let is_anothers = self.is_pending(presented) && !self.is_last(attempt.admitted_at);
            if is_anothers && self.outage.is_none() {
                return Admission::Orphaned;
            }
        }
        match self.outage.map(|outage| outage.within(attempt.longest_outage)) {
            Some(outage)
                if outage.holds_up(attempt)
                    && (!outage.is_late || self.may_be_pending(presented)) =>
            {
                Admission::Outage(outage)
            }
            _ => Admission::Clear,
        }
    }

    /// Returns how many outages there were in a row; 0 where the last one is long over, or where this
    /// tab was woken since.
    pub fn outages_in_a_row(&self, attempt: &Attempt) -> u32 {
        match self.outage {
            Some(outage)
                if attempt.woken < outage.at
                    && attempt.now - outage.until < attempt.longest_outage =>
            {
                outage.in_a_row
            }
            _ => 0,
        }
    }

    /// Notes that a tab refreshes with `presented`.
    fn admit(&mut self, presented: &Presented, is_of_copy: bool) {
        self.beat();
        let proof = presented.proof();
        // The tab that was admitted before may have been closed between storing its tokens, one of
        // which is presented now, and telling the record.
        if let Some(before) = self.pending
            && before != proof
            && before != Fingerprint::NOTHING
            && !is_of_copy
        {
            push(&mut self.spent, Some(before));
            keep_newest(&mut self.spent, MOST_SPENT);
        }
        self.pending = Some(proof);
        self.pending_since = self.heartbeat;
        self.outage = None;
    }

    /// Tells if what was answered to `presented` may be acted on.
    ///
    /// As long as their proof is pending, nobody has stored anything since they were admitted:
    /// the answer is the newest. Their access token may have been spent before, by a tab whose
    /// new one was not seen in time; or it is that of the session before, where a sign-in has
    /// brought the refresh token. What ends a session takes its proof away.
    pub fn claim(&self, presented: &Presented) -> Claim {
        if self.is_pending(presented) {
            Claim::Mine
        } else if self.is_ended(presented) {
            Claim::SessionGone
        } else if self.is_spent(presented) {
            Claim::Rotated
        } else if self.knows_nothing() && !presented.is_nothing() {
            Claim::Unknown
        } else {
            Claim::SessionGone
        }
    }

    /// `grant` is stored in place of `presented`.
    pub fn commit<T: Credential>(&mut self, presented: &Presented, grant: &Grant<T>) {
        self.beat();
        // Keeps the note that another copy is refreshed, and that its answer is late.
        self.withdraw(presented);
        if self.pending.is_none() {
            self.outage = None;
        }
        let access = grant.access.fingerprint();
        let refresh = grant.refresh.as_ref().map(T::fingerprint);
        push(&mut self.spent, presented.access.filter(|old| *old != access));
        push(
            &mut self.spent,
            presented.refresh.filter(|old| refresh.is_some_and(|new| new != *old)),
        );
        push(&mut self.spent, presented.is_nothing().then_some(Fingerprint::NOTHING));
        keep_newest(&mut self.spent, MOST_SPENT);
        self.current.clear();
        push(&mut self.current, Some(access));
        push(&mut self.current, refresh.or(presented.refresh));
    }

    /// The application has stored `grant` in place of `presented`: newer tokens of the same
    /// session. Where the refresh token stays, whoever presents it now may store what that brings.
    pub fn replace<T: Credential>(&mut self, presented: &Presented, grant: &Grant<T>) {
        let refresh = grant.refresh.as_ref().map(T::fingerprint);
        // The refresh token may have come for another audience before, whose access token is as new.
        let stays = match refresh {
            Some(_) => is_any(refresh, &self.current),
            None => presented.has_refresh_token(),
        };
        if !stays {
            // Those that another tab stored or refreshes, and this one has not seen yet, are replaced
            // as well.
            let mut replaced = std::mem::take(&mut self.current);
            self.spent.append(&mut replaced);
            push(&mut self.spent, self.pending.take());
            self.commit(presented, grant);
            return remove_all(&mut self.spent, &self.current);
        }
        self.beat();
        // This tab may not have seen yet which refresh token it is by now.
        if self.current.is_empty() {
            push(&mut self.current, presented.refresh);
        }
        let access = grant.access.fingerprint();
        remove_all(&mut self.current, presented.access.as_slice());
        push(&mut self.current, Some(access));
        keep_newest(&mut self.current, MOST_SPENT);
        // A tab that still sees the replaced one waits for the next.
        push(&mut self.spent, presented.access.filter(|old| refresh.is_some() && *old != access));
        keep_newest(&mut self.spent, MOST_SPENT);
    }

    /// Notes that `next` was stored in place of `replaced`, when another tab has begun to refresh
    /// `next` since, or has done so.
    pub fn retire(&mut self, replaced: &Presented, next: &Presented) {
        self.beat();
        if self.is_pending(next) {
            self.spent.append(&mut self.current);
        } else {
            push(&mut self.spent, next.access);
        }
        push_both(&mut self.spent, replaced);
        keep_newest(&mut self.spent, MOST_SPENT);
    }

    /// The session of `removed`, and of what was stored last, has ended at `now`; with
    /// `next`, another one has begun.
    pub fn end(&mut self, removed: &Presented, next: Option<&Presented>, now: Millis) {
        self.beat();
        self.outage = None;
        self.tombstones.append(&mut self.current);
        self.tombstones.append(&mut self.spent);
        if next.is_none_or(|next| !self.is_pending(next)) {
            let pending = self.pending.take();
            push(&mut self.tombstones, pending.filter(|token| *token != Fingerprint::NOTHING));
        }
        if let Some(next) = next {
            push_both(&mut self.current, next);
        }
        self.bury(removed, now);
    }

    /// As [`Record::end`], where the record may be about another session by now: that one
    /// has not ended.
    pub fn end_alone(&mut self, removed: &Presented, next: Option<&Presented>, now: Millis) {
        if self.is_pending(removed) || self.is_current(removed) {
            return self.end(removed, next, now);
        }
        self.beat();
        // What the record is about may have begun later than that.
        self.bury(removed, now.max(self.ended_at));
    }

    /// Notes that `next`, which brings the current refresh token, has begun in place of `removed`.
    pub fn add(&mut self, removed: &Presented, next: &Presented, now: Millis) {
        push(&mut self.current, next.access);
        self.bury(removed, now);
    }

    fn bury(&mut self, removed: &Presented, now: Millis) {
        push_both(&mut self.tombstones, removed);
        remove_all(&mut self.tombstones, &self.current);
        keep_newest(&mut self.tombstones, 2 * MOST_SPENT);
        self.ended_at = now;
    }

    /// Forgets the sessions that ended at `ended_at`, unless one has ended since; returns
    /// whether anything is left to be remembered.
    pub fn forget(&mut self, ended_at: Millis) -> bool {
        if self.ended_at == ended_at {
            self.tombstones.clear();
        }
        self.pending.is_some() || !self.is_empty()
    }

    /// Tells if it is as good as none. Where a session has ended that it had no token of, it is
    /// not.
    fn knows_nothing(&self) -> bool {
        self.pending.is_none() && self.is_empty() && self.ended_at.is_zero()
    }

    /// Tells if it knows no token but a pending one.
    fn is_empty(&self) -> bool {
        self.tombstones.is_empty() && self.spent.is_empty() && self.current.is_empty()
    }

    /// Notes the outage that the refresh with `presented` met. If another tab was admitted with it
    /// since, that tab's outage counts, and this one is dropped.
    pub fn note_outage(
        &mut self,
        outage: KnownOutage,
        presented: &Presented,
        admitted_at: Option<u32>,
    ) {
        let is_last = self.is_last(admitted_at);
        self.beat();
        // A sign-in may have told the record since, and its cookie may be the one that was sent.
        let may_be_next = !presented.has_refresh_token() && !self.current.is_empty();
        if is_last && (self.is_pending(presented) || may_be_next) {
            self.outage = Some(outage);
        }
    }

    /// Tells if the refresh that was admitted at that heartbeat is the last one.
    pub fn is_last(&self, admitted_at: Option<u32>) -> bool {
        admitted_at == Some(self.pending_since)
    }

    /// The refresh with `presented` was refused, and the tokens are kept all the same.
    pub fn withdraw(&mut self, presented: &Presented) {
        if self.is_pending(presented) {
            self.pending = None;
        }
    }

    /// Tells if somebody has begun or finished to refresh `presented`.
    pub fn knows(&self, presented: &Presented) -> bool {
        self.is_spent(presented) || self.is_ended(presented) || self.is_pending(presented)
    }

    /// Advances the heartbeat, which shows that the holder of the lock is alive.
    pub fn beat(&mut self) {
        self.heartbeat = self.heartbeat.wrapping_add(1);
    }

    /// Tells if the tokens of `presented` have been replaced.
    pub fn is_spent(&self, presented: &Presented) -> bool {
        let nothing = presented.is_nothing().then_some(Fingerprint::NOTHING);
        presented.is_in(&self.spent) || is_any(nothing, &self.spent)
    }

    /// Tells if more tokens are current than are seen yet: the refresh token that one tab stored may be seen
    /// after the access token that another tab got for it.
    fn is_seen_in_part(&self, presented: &Presented) -> bool {
        !presented.has_refresh_token()
            && self.current.len() > usize::from(presented.access.is_some())
    }

    /// Tells if `token` was stored before the pending tokens `presented`: it had been replaced, or its
    /// session had ended, when they were admitted. Nothing has happened since.
    pub fn is_older(&self, token: Option<Fingerprint>, presented: &Presented) -> bool {
        (is_any(token, &self.spent) || is_any(token, &self.tombstones))
            && self.is_pending(presented)
            && self.heartbeat == self.pending_since
    }

    /// Tells if the session that stands was asked for after `since`. A clock that was set back tells
    /// nothing.
    pub fn has_begun_since(&self, since: Millis, now: Millis) -> bool {
        !self.current.is_empty() && since < self.ended_at && self.ended_at <= now
    }

    /// Tells if the session of `presented` has ended.
    pub fn is_ended(&self, presented: &Presented) -> bool {
        presented.is_in(&self.tombstones)
    }

    /// Tells if the session of `presented` has ended, and none has begun since.
    pub fn has_nothing_since(&self, presented: &Presented) -> bool {
        self.current.is_empty() && self.tombstones.contains(&presented.proof())
    }

    /// Tells if the tokens of `presented` were the last ones stored.
    pub fn is_current(&self, presented: &Presented) -> bool {
        presented.is_in(&self.current)
    }

    /// Tells if other tokens than `presented` are current.
    pub fn has_others(&self, presented: &Presented) -> bool {
        !self.current.is_empty() && !self.is_current(presented)
    }

    fn is_pending(&self, presented: &Presented) -> bool {
        self.pending == Some(presented.proof())
    }

    /// The same, where the access token beside a cookie may be another one by now: that of a sign-in,
    /// whether or not the record was told, or of app code.
    fn may_be_pending(&self, presented: &Presented) -> bool {
        self.is_pending(presented) || !presented.has_refresh_token()
    }

    /// The record as it is stored: eight numbers, then the three lists, each after its length.
    /// The eighth is twice the count of outages, and one more where an answer may still come.
    pub fn into_raw(&self) -> Vec<f64> {
        let (at, until, kind) = self.outage.map_or_else(Default::default, |outage| {
            (outage.at, outage.until, (outage.in_a_row << 1) | u32::from(outage.is_late))
        });
        let mut raw = vec![
            f64::from(self.lock_generation),
            f64::from(self.heartbeat),
            f64::from(self.pending_since),
            // No fingerprint is negative.
            self.pending.map_or(-1.0, Fingerprint::into_raw),
            self.ended_at.into_raw(),
            at.into_raw(),
            until.into_raw(),
            f64::from(kind),
        ];
        for list in [&self.spent, &self.current, &self.tombstones] {
            raw.push(list.len() as f64);
            for token in list {
                raw.push(token.into_raw());
            }
        }
        raw
    }

    /// The record that [`Record::into_raw`] gave. What is missing, in one that somebody else
    /// has written, is empty.
    pub fn from_raw(raw: &[f64]) -> Self {
        let rest = &mut raw.iter();
        let (lock_generation, heartbeat, pending_since) =
            (number(rest) as u32, number(rest) as u32, number(rest) as u32);
        let pending = rest.next().filter(|raw| **raw >= 0.0).map(|raw| Fingerprint::from_raw(*raw));
        let (ended_at, at, until) = (time(rest), time(rest), time(rest));
        let kind = number(rest) as u32;
        let (spent, current, tombstones) = (list(rest), list(rest), list(rest));
        let (in_a_row, is_late) = (kind >> 1, kind & 1 == 1);
        let outage = (!until.is_zero()).then_some(KnownOutage { at, until, in_a_row, is_late });
        Self {
            lock_generation,
            heartbeat,
            pending,
            pending_since,
            spent,
            current,
            tombstones,
            ended_at,
            outage,
        }
    }
}

// Loops, here and below: iterator chains over these lists weigh three times as much.

fn number(rest: &mut Iter<'_, f64>) -> f64 {
    rest.next().copied().unwrap_or_default()
}

fn time(rest: &mut Iter<'_, f64>) -> Millis {
    Millis::from_raw(number(rest))
}

fn list(rest: &mut Iter<'_, f64>) -> Vec<Fingerprint> {
    let length = (number(rest) as usize).min(MOST_STORED);
    let mut list = Vec::new();
    while list.len() < length
        && let Some(raw) = rest.next()
    {
        push(&mut list, Some(Fingerprint::from_raw(*raw)));
    }
    list
}

/// No list is longer; one that claims to be was not written here.
const MOST_STORED: usize = 2 * MOST_SPENT + 2;

#[inline(never)]
fn push(list: &mut Vec<Fingerprint>, token: Option<Fingerprint>) {
    if let Some(token) = token {
        list.push(token);
    }
}

fn push_both(list: &mut Vec<Fingerprint>, tokens: &Presented) {
    push(list, tokens.access);
    push(list, tokens.refresh);
}

fn remove_all(list: &mut Vec<Fingerprint>, tokens: &[Fingerprint]) {
    for token in tokens {
        while let Some(at) = list.iter().position(|other| other == token) {
            list.remove(at);
        }
    }
}

fn keep_newest(list: &mut Vec<Fingerprint>, most: usize) {
    while list.len() > most {
        list.remove(0);
    }
}
