//! What clients of the same storage have in common: the session, the flight, the outage.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use futures::lock::Mutex;

use crate::expiry::Reign;
use crate::flight::SingleFlight;
use crate::ports::Values;
use crate::session::{Epoch, Session};

/// What clients of the same storage have in common.
pub struct SharedSession<V: Values> {
    /// What is known of the session.
    pub session: Session<V::Token>,
    /// The one refresh at a time.
    pub flight: SingleFlight<Landing<V>>,
    pub(crate) outage: Outage,
    pub(crate) reign: Reign,
    /// The lock that counts, as far as this page knows.
    pub(crate) generation: Cell<u32>,
    /// Whether a request or the application needs what the flight under way brings; a
    /// token that is refreshed before its end is still good.
    pub(crate) is_needed: Cell<bool>,
    /// The epoch whose token was not replaced before its end; it is not tried again.
    pub(crate) kept: Cell<Option<Epoch>>,
    /// The session ended elsewhere: in another tab, or by application code.
    pub(crate) has_ended_elsewhere: Cell<bool>,
    /// It did, and no request of this page has needed it since.
    pub(crate) owes_login: Cell<bool>,
    /// Held while tokens are written, and while a storage that answers later is read:
    /// nobody sees one session's access token beside another's refresh token.
    pub(crate) storing: Mutex<()>,
    /// How many sessions have begun or ended whose tokens are not yet written: until
    /// then the storage shows what is on its way out.
    pub(crate) unwritten: Cell<u32>,
    /// What requests are rejected with while the session is over.
    pub(crate) sign_in_required: RefCell<Option<V::Failure>>,
}

impl<V: Values> SharedSession<V> {
    /// A session of which nothing is known yet.
    pub fn new() -> Self {
        Self {
            session: Session::new(),
            flight: SingleFlight::new(),
            outage: Outage::default(),
            reign: Reign::default(),
            generation: Cell::default(),
            is_needed: Cell::default(),
            kept: Cell::default(),
            has_ended_elsewhere: Cell::default(),
            owes_login: Cell::default(),
            storing: Mutex::new(()),
            unwritten: Cell::new(0),
            sign_in_required: RefCell::new(None),
        }
    }
}

impl<V: Values> SharedSession<V> {
    /// What went wrong before says nothing any more.
    pub(crate) fn forget_failures(&self) {
        self.outage.clear();
        self.sign_in_required.take();
        self.kept.set(None);
        self.owes_login.set(false);
        self.has_ended_elsewhere.set(false);
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

/// How a flight ended, for all who waited.
pub enum Landing<V: Values> {
    /// Another token reigns: this flight stored it, or found it in the storage.
    Renewed(Option<V::Token>),
    /// It was refused, but the token is still good for a while.
    Kept,
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
            Self::Kept => Self::Kept,
            Self::SignedOut(failure) => Self::SignedOut(failure.clone()),
            Self::Unavailable(failure) => Self::Unavailable(failure.clone()),
            Self::Superseded => Self::Superseded,
        }
    }
}

impl<V: Values> Landing<V> {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Renewed(_) => "renewed",
            Self::Kept => "refused, but the token is still good",
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

/// The outages in a row, and until when no refresh is sent because of them.
#[derive(Debug, Default)]
pub(crate) struct Outage {
    in_a_row: Cell<u32>,
    until: Cell<Duration>,
    /// When the cool-down was ended from outside, by the wall clock.
    woken: Cell<Duration>,
}

impl Outage {
    /// One more outage; how many there are in a row with it.
    pub(crate) fn begin(&self) -> u32 {
        self.in_a_row.set(self.in_a_row.get().saturating_add(1));
        self.in_a_row.get()
    }

    /// No refresh is sent until then.
    pub(crate) fn cool_down_until(&self, then: Duration) {
        self.until.set(then);
    }

    /// There is reason to hope: no outage that was noted before, here or in another tab,
    /// keeps anybody from trying.
    pub(crate) fn wake(&self, wall: Duration) {
        self.until.set(Duration::ZERO);
        self.woken.set(wall);
    }

    /// When that was last so, by the wall clock.
    pub(crate) fn woken(&self) -> Duration {
        self.woken.get()
    }

    /// How long the cool-down still lasts.
    pub(crate) fn remaining(&self, now: Duration) -> Option<Duration> {
        self.until.get().checked_sub(now).filter(|rest| !rest.is_zero())
    }

    fn clear(&self) {
        self.in_a_row.set(0);
        self.until.set(Duration::ZERO);
    }
}
