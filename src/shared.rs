//! The state that clients of the same storage share: the session, the flight, the outage.

use std::cell::Cell;
use std::rc::Rc;

use crate::expiry::{AccessExpiry, Expiry};
use crate::flight::SingleFlight;
use crate::futility::Futility;
use crate::millis::Millis;
use crate::outage::Outage;
use crate::policy::Policy;
use crate::session::{Epoch, Session};
use crate::values::Values;

/// The state that all clients of the same storage share.
pub struct SharedSession<V: Values> {
    /// The session, as far as it is known.
    pub session: Session<V::Token, V::Failure>,
    /// The one refresh at a time.
    pub flight: SingleFlight<Landing<V>>,
    /// Why no refresh may be sent now.
    pub outage: Outage,
    pub(crate) futility: Futility,
    pub(crate) access_expiry: AccessExpiry,
    /// The lock that counts, as far as this page knows.
    pub(crate) lock_generation: Cell<u32>,
    /// True if somebody cannot go on without the token that the flight under way brings: a
    /// token that is refreshed before its end is still good.
    pub(crate) is_blocking: Cell<bool>,
    /// True if somebody who waits for the flight under way needs a session: if it ends that, the
    /// user is led to the login page.
    pub(crate) needs_session: Cell<bool>,
    /// The epoch whose early refresh was refused. Its token is still valid, so it is not
    /// refreshed early again.
    pub(crate) no_early_refresh: Cell<Option<Epoch>>,
    /// The epoch whose refresh was not answered in time, and until when the answer may come.
    pub(crate) late: Cell<Option<(Epoch, Millis)>>,
    /// True once this page has read the storage.
    pub(crate) has_looked: Cell<bool>,
    /// True if a session has ended of which the record still holds tombstones.
    pub(crate) has_tombstones: Cell<bool>,
    /// True while a task is going to remove them.
    pub(crate) is_forgetting: Rc<Cell<bool>>,
    pending_writes: Rc<Cell<u32>>,
    /// How often this page was asked to change the session, and the number of the last change that
    /// has begun.
    changes: Cell<u32>,
    pub(crate) last_change: Cell<u32>,
}

impl<V: Values> SharedSession<V> {
    /// A session of which nothing is known yet.
    pub fn new() -> Self {
        Self {
            session: Session::new(),
            flight: SingleFlight::new(),
            outage: Outage::default(),
            futility: Futility::default(),
            access_expiry: AccessExpiry::default(),
            lock_generation: Cell::default(),
            is_blocking: Cell::default(),
            needs_session: Cell::default(),
            no_early_refresh: Cell::default(),
            late: Cell::default(),
            has_looked: Cell::default(),
            has_tombstones: Cell::default(),
            is_forgetting: Rc::default(),
            pending_writes: Rc::default(),
            changes: Cell::default(),
            last_change: Cell::default(),
        }
    }

    /// Tells if the token is so near its end that it is refreshed first. One whose early refresh
    /// was refused is asked for again once it has ended.
    pub(crate) fn is_due(&self, policy: &Policy, now: Millis) -> bool {
        let is_near = |expiry: Expiry| now >= expiry.due(policy.refresh_ahead);
        let has_ended = self.session.has_token() && self.has_ended(now);
        (has_ended || self.early_refresh().is_some_and(is_near)) && self.cool_down(now).is_none()
    }

    /// The time for which no refresh is sent: after an outage, or because the answer to one may
    /// still come.
    pub(crate) fn cool_down(&self, now: Millis) -> Option<Millis> {
        let is_current = |(epoch, _): &(Epoch, Millis)| *epoch == self.session.epoch();
        let late = self.late.get().filter(is_current).map(|(_, until)| until - now);
        let rest = self.outage.remaining(now).unwrap_or_default().max(late.unwrap_or_default());
        (!rest.is_zero()).then_some(rest)
    }

    /// When the current token ends, where it may be refreshed before that.
    pub(crate) fn early_refresh(&self) -> Option<Expiry> {
        let may =
            self.no_early_refresh.get() != Some(self.session.epoch()) && !self.session.is_over();
        self.access_expiry.get().filter(|_| may)
    }

    /// Tells if the current token still counts as valid: it is there, got no 401, and has not
    /// expired.
    pub(crate) fn is_still_good(&self, now: Millis) -> bool {
        let is_alive = |expiry: Expiry| !expiry.remaining(now).is_zero();
        !self.is_blocking.get()
            && self.session.has_token()
            && self.access_expiry.get().is_some_and(is_alive)
    }

    /// Tells if the time of the current token is known to be up.
    pub(crate) fn has_ended(&self, now: Millis) -> bool {
        self.access_expiry.get().is_some_and(|expiry| expiry.remaining(now).is_zero())
    }

    /// Earlier failures say nothing about the tokens that are there now.
    pub(crate) fn forget_failures(&self) {
        self.outage.clear();
        self.no_early_refresh.set(None);
    }

    /// The flight of the session before this one concerns it no more.
    pub(crate) fn leave_session(&self) {
        self.flight.abandon();
        self.futility.clear();
        self.forget_failures();
    }

    /// Tells if a session has begun or ended whose tokens are not all written yet: until
    /// then the storage may show those of the one before.
    pub(crate) fn has_pending_writes(&self) -> bool {
        self.pending_writes.get() > 0
    }

    /// Numbers a change of the session that was asked for.
    pub(crate) fn count_change(&self) -> u32 {
        self.changes.set(self.changes.get() + 1);
        self.changes.get()
    }

    /// Counts as a pending write until it is dropped.
    pub(crate) fn begin_write(&self) -> PendingWrite {
        self.pending_writes.set(self.pending_writes.get() + 1);
        PendingWrite(self.pending_writes.clone())
    }
}

impl<V: Values> Default for SharedSession<V> {
    fn default() -> Self {
        Self::new()
    }
}

impl<V: Values> std::fmt::Debug for SharedSession<V> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.session.fmt(f)
    }
}

/// A write that is not done yet.
pub(crate) struct PendingWrite(Rc<Cell<u32>>);

impl Drop for PendingWrite {
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}

/// The result of a flight, for everybody who waited.
pub enum Landing<V: Values> {
    /// There is another token: this flight stored it, or found it in the storage.
    Renewed(Option<V::Token>),
    /// It was refused, but the token is still good for a while.
    StillValid,
    /// The session is over; the value is shared by all who waited.
    SignedOut(V::Failure),
    /// It could not be done now; the value is shared by all who waited.
    Unavailable(V::Failure),
    /// The session of this flight was left behind; the flight stored nothing.
    Superseded,
}

impl<V: Values> Clone for Landing<V> {
    fn clone(&self) -> Self {
        match self {
            Self::Renewed(token) => Self::Renewed(token.clone()),
            Self::StillValid => Self::StillValid,
            Self::SignedOut(failure) => Self::SignedOut(failure.clone()),
            Self::Unavailable(failure) => Self::Unavailable(failure.clone()),
            Self::Superseded => Self::Superseded,
        }
    }
}

impl<V: Values> Landing<V> {
    /// Its name, for the log.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Renewed(_) => "renewed",
            Self::StillValid => "refused, but the token is still good",
            Self::SignedOut(_) => "signed out",
            Self::Unavailable(_) => "unavailable",
            Self::Superseded => "superseded by another session",
        }
    }
}

impl<V: Values> std::fmt::Debug for Landing<V> {
    /// Shows no token.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}
