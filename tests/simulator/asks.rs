//! Every refresh that was sent, and the rule that no refresh token is used twice.
//!
//! Two refreshes with the same refresh token are excused only where the first one
//! 1. belonged to a tab that was killed before it had stored what it got;
//! 2. got no answer: it was lost on its way, or given up after three times `refreshTimeout`
//!    (after `refreshTimeout`, where the wall clock has jumped, which tells other tabs how
//!    long, or where refresh tokens are not spent);
//! 3. belonged to a tab that was frozen meanwhile, and nothing was heard of it for
//!    `lockTimeout` (for [`HAND_OVER`], if its lock was let go: the page was put away, or
//!    there are no locks; likewise between claiming and storing in a slow storage; at once,
//!    where refresh tokens are not spent);
//! 4. took longer than [`HAND_OVER`] where there are no locks;
//! 5. belonged to a session that the record does not know, since app code wrote the tokens
//!    itself, where there are no locks;
//! 6. used the cookie, where there are no locks, and a frozen tab stored an older answer;
//! 7. met a second one through tabs that have no record in common, where the storage has a
//!    lag, a lock was missing or given up, a sign-in was half written, or the answer did not
//!    come within `refreshTimeout`;
//! 8. used the cookie, and other access tokens were stored since by the application: the record
//!    knows a cookie by the access token beside it;
//! 9. belonged to one of several copies of the tokens, whose tab has left the session and so
//!    dropped what it got; or which has signed out, and has left no record behind (3.2 wants
//!    both that and that a spent token is known: what is left behind weighs more, since the
//!    session of the other copies is the one that the user has just left);
//! 10. belonged to a copy, where copies go on with sessions of their own in the one record that
//!     they have in common, or with the cookie alone, and the lock was missing or given up, or the
//!     answer did not come within `refreshTimeout`;
//! 11. belonged to a copy whose tab was killed before the record was stored: what the refresh
//!     brought was in that copy alone, and the others can know of neither;
//! 12. used the cookie of a sign-in that a tab without a token had not yet read from a slow storage,
//!     where there are no locks: it was admitted before, and the sign-in has ended that; or of a
//!     sign-in in a page that had not read from such a storage which tokens it ends, so that the record
//!     was not told of them, and a tab that had read those was admitted (a sign-in is not held up by a
//!     read: what the page sends next has its tokens);
//! 13. belonged to a session whose tokens were written at once by two tabs, one of them app code,
//!     or both into a slow storage, which keeps no order between them.

use std::cell::RefCell;

use tokenflight::record::TOMBSTONE_LIFE;

use super::agenda::{SECOND, Time, ticks};
use super::counts::Kind;
use super::server::{Key, Rotation};
use super::setting::Sharing;
use super::tab::TabId;
use super::token::Token;
use super::world::World;

/// The longest that the driver waits until another tab's tokens are seen.
pub const HAND_OVER: Time = SECOND;

#[derive(Clone, Debug)]
pub struct Ask {
    pub tab: TabId,
    pub key: Option<Key>,
    sent_at: Time,
    /// The tab waits for the answer.
    pub is_under_way: bool,
    /// The tab gave it up while it was alive.
    pub is_dropped: bool,
    /// The server has given new tokens for it.
    pub is_granted: bool,
    pub is_refused: bool,
    pub is_answer_lost: bool,
    pub is_killed: bool,
    is_frozen: bool,
    is_put_away: bool,
    pub is_stored: bool,
    is_record_lost: bool,
    /// Its tab had read no token from a slow storage.
    is_of_nobody: bool,
    /// How many sessions had begun or ended in its tab, or been gone on with.
    moves: u32,
}

#[derive(Default)]
pub struct Asks(RefCell<Vec<Ask>>);

impl Asks {
    pub fn len(&self) -> usize {
        self.0.borrow().len()
    }

    pub fn send(&self, world: &World, tab: TabId, key: Option<Key>) {
        let (sent_at, moves) = (world.now(), world.tab(tab).moves.get());
        self.0.borrow_mut().push(Ask {
            moves,
            tab,
            key,
            sent_at,
            is_under_way: true,
            is_dropped: false,
            is_granted: false,
            is_refused: false,
            is_answer_lost: false,
            is_killed: false,
            is_frozen: false,
            is_put_away: false,
            is_stored: false,
            is_record_lost: false,
            is_of_nobody: !world.storage.answers_at_once() && !world.tab(tab).has_token(),
        });
    }

    pub fn with<T>(&self, id: usize, change: impl FnOnce(&mut Ask) -> T) -> T {
        change(&mut self.0.borrow_mut()[id])
    }

    fn each_of(&self, tab: TabId, mut change: impl FnMut(&mut Ask)) {
        self.0.borrow_mut().iter_mut().filter(|ask| ask.tab == tab).for_each(&mut change);
    }

    pub fn kill(&self, tab: TabId) {
        self.each_of(tab, |ask| ask.is_killed |= !ask.is_stored);
    }

    /// `tab` was killed while it stored the record of its last refresh, which is lost.
    pub fn lose_record(&self, tab: TabId) {
        let mut asks = self.0.borrow_mut();
        let last = asks.iter_mut().rfind(|ask| ask.tab == tab && ask.is_stored);
        last.into_iter().for_each(|ask| ask.is_record_lost = true);
    }

    pub fn freeze(&self, tab: TabId, is_put_away: bool) {
        self.each_of(tab, |ask| {
            ask.is_frozen |= !ask.is_stored;
            ask.is_put_away |= is_put_away && !ask.is_stored;
        });
    }

    /// `tab` has stored what came for `key`.
    pub fn store(&self, tab: TabId, access: Token, has_number: Option<u32>) {
        self.each_of(tab, |ask| {
            let is_it = |key: Key| {
                key.session == access.session
                    && has_number.is_none_or(|number| number == key.number + 1)
            };
            ask.is_stored |= ask.is_granted && ask.key.is_some_and(is_it);
        });
    }

    /// Tells if an answer may still come.
    pub fn any_under_way(&self) -> bool {
        self.0.borrow().iter().any(|ask| ask.is_under_way && !ask.is_killed)
    }

    /// Tells if what the newest refresh of `session` brought may never have been stored.
    pub fn is_newest_lost(&self, session: usize) -> bool {
        let asks = self.0.borrow();
        let mut granted = asks
            .iter()
            .filter(|ask| ask.is_granted && ask.key.is_some_and(|key| key.session == session));
        granted.any(|ask| !ask.is_stored && ask.excuse_for_loss().is_some())
    }

    /// An answer comes that its tab has told nobody to wait for.
    pub fn count_late(&self, world: &World, id: usize) {
        let is_late = self.with(id, |ask| {
            ask.is_under_way
                && world.now() - ask.sent_at > ticks(world.setting.policy.refresh_timeout)
        });
        if is_late {
            world.count(Kind::LateAnswer);
        }
        // A refusal that comes late is one: there is no answer to be waited for any more.
        if is_late && self.with(id, |ask| ask.is_refused) {
            world.tab(self.with(id, |ask| ask.tab)).cool_until.set(0);
        }
    }

    pub fn clear(&self) {
        self.0.take();
    }
}

impl Ask {
    fn excuse_for_loss(&self) -> Option<&'static str> {
        if self.is_killed {
            Some("its tab was killed")
        } else if self.is_answer_lost || self.is_dropped {
            Some("its answer was lost")
        } else if self.is_frozen {
            Some("its tab was frozen")
        } else {
            None
        }
    }

    /// Why a second refresh with the same token, at `now`, is nobody's fault.
    fn excuse(&self, world: &World, now: Time) -> Option<&'static str> {
        let gap = now - self.sent_at;
        self.excuse_of_its_tab(world, gap)
            .or_else(|| self.excuse_of_copies(world, gap))
            .or_else(|| self.excuse_without_locks(world, gap))
            .or_else(|| self.excuse_without_a_record(world, gap))
    }

    /// Tells if its lock was let go, or there are none.
    fn has_no_lock(&self, world: &World) -> bool {
        !world.setting.has_locks || self.is_put_away
    }

    fn excuse_of_its_tab(&self, world: &World, gap: Time) -> Option<&'static str> {
        let policy = &world.setting.policy;
        let (timeout, patience) = (ticks(policy.refresh_timeout), ticks(policy.lock_timeout));
        let stays_good = world.server.rotation == Rotation::Never;
        let may_be_slow = self.has_no_lock(world) || !world.storage.answers_at_once();
        if self.is_killed {
            Some("the first one's tab was killed")
        } else if self.is_frozen && stays_good {
            Some("the first one's tab was frozen, and the refresh token stays good")
        } else if self.is_answer_lost || (self.is_dropped && gap >= 3 * timeout) {
            Some("the first one's answer was lost")
        } else if gap >= timeout && stays_good {
            Some("another answer was stored, and the refresh token stays good")
        } else if gap >= timeout && world.has_wall_jumped.get() {
            Some("the first one's answer was late, and the wall clock has jumped")
        } else if self.is_frozen && gap >= patience {
            Some("the first one's tab was frozen")
        } else if self.is_frozen && gap >= HAND_OVER && may_be_slow {
            Some("the first one's tab was frozen, and its lock let go")
        } else {
            None
        }
    }

    fn excuse_of_copies(&self, world: &World, gap: Time) -> Option<&'static str> {
        if world.setting.sharing != Sharing::Copies {
            return None;
        }
        let is_unguarded =
            self.has_no_lock(world) || gap >= ticks(world.setting.policy.refresh_timeout);
        let emptied_at = world.records.emptied_at.get();
        if self.is_record_lost {
            Some("the first one's tab was killed with its copy, and its record is lost")
        } else if emptied_at.is_some_and(|at| at >= self.sent_at) {
            Some("a copy has signed out, and has left nothing behind")
        } else if world.tab(self.tab).moves.get() != self.moves {
            Some("the first one's tab has left the session, and dropped what it got")
        } else if is_unguarded && world.any_change_in_tabs() {
            Some("copies go on with sessions of their own, and the record is about the last one")
        } else if world.server.has_cookies
            && (is_unguarded || world.counts.of(Kind::LeftBehind) > 0)
        {
            Some("nothing tells copies that they use the same cookie")
        } else {
            None
        }
    }

    fn excuse_without_locks(&self, world: &World, gap: Time) -> Option<&'static str> {
        let is_cookie = world.server.has_cookies;
        let is_direct = world.acts.any_direct();
        if world.has_raced.get() || world.has_revived.get() {
            return Some("what app code has written has met what a flight has stored");
        }
        if world.has_mixed.get() {
            return Some("what two tabs wrote at once to a slow storage has met");
        }
        let then = self.sent_at.saturating_sub(HAND_OVER);
        let is_unread = self.is_of_nobody && world.acts.was_under_way_since(then)
            || world.acts.was_blind_since(then);
        if is_cookie && is_unread && !world.setting.has_locks {
            return Some("a sign-in came, and one of the two tabs had not read a slow storage yet");
        }
        if is_cookie && (world.acts.any_newer_since(self.sent_at) || is_direct) {
            Some("other tokens came, and none tells which refresh token it is")
        } else if world.setting.has_locks {
            None
        } else if gap >= HAND_OVER {
            Some("there are no locks, and the first one took long")
        } else if is_direct {
            Some("app code began a session that the record does not know, and there are no locks")
        } else if is_cookie && world.counts.of(Kind::Frozen) > 0 {
            Some("a tab thawed with an older answer, and neither locks nor tokens tell")
        } else {
            None
        }
    }

    fn excuse_without_a_record(&self, world: &World, gap: Time) -> Option<&'static str> {
        let is_excused = !world.setting.has_record
            && (world.storage.answers_at_once()
                || self.has_no_lock(world)
                || gap >= ticks(world.setting.policy.refresh_timeout)
                || world.counts.of(Kind::LeftBehind) + world.counts.of(Kind::PutAway) > 0
                || world.acts.any_direct()
                || world.has_mixed.get()
                || world.acts.was_under_way_since(self.sent_at));
        is_excused.then_some("the tabs have no record in common")
    }
}

/// Tells if another session has begun while `tab` was frozen, for longer than the record remembers the
/// one before: nobody uses that any more. The tab has not noticed that it was frozen, since it waited
/// for a response.
fn is_forgotten(world: &World, tab: TabId, key: Key, now: Time) -> bool {
    let ended_at = world.acts.end_of(key.session).and_then(|end| end.complete);
    ended_at.is_some_and(|ended_at| {
        (1..=ended_at).contains(&world.tab(tab).frozen_since.get())
            && now >= ended_at + ticks(TOMBSTONE_LIFE)
    })
}

/// 1: no refresh token is used twice.
pub fn check_reuse(world: &World, tab: TabId, key: Option<Key>) {
    let Some(key) = key else {
        return;
    };
    let now = world.now();
    let is_spent_once = world.server.rotation == Rotation::Strict;
    let asks = world.asks.0.borrow();
    let same = asks.iter().enumerate().filter(|(_, ask)| ask.key == Some(key));
    for (id, first) in same {
        let is_in_flight = first.is_under_way && !first.is_killed;
        let is_spent = first.is_granted && is_spent_once;
        if !is_in_flight && !is_spent {
            continue;
        }
        // The session is over; there is nothing left to lose.
        if world.server.ended(key.session).is_some() || is_forgotten(world, tab, key, now) {
            continue;
        }
        match first.excuse(world, now) {
            Some(excuse) => {
                world.count(Kind::ExcusedReuse);
                world.trace(Some(tab), || format!("asks like {id}, excused: {excuse}"));
            }
            None => world.violate(1, format!("tab {tab} asks with {key:?} like ask {id} before")),
        }
    }
}
