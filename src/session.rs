//! What this page knows of the session: which access token reigns, since when, and
//! whether the session is over.
//!
//! ```text
//!            a token appears             another token            another user's token
//!  Nothing ─────────────────► Access(a) ───────────────► Access(b)  …also a new session
//!     ▲                         │    ▲
//!     │ both tokens gone:       │    │ a token appears
//!     │ the session has ended   ▼    │
//!     └─────────────────────  RefreshOnly   (the access token alone is gone)
//! ```

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::task::{Poll, Waker};
use std::time::Duration;

use crate::handover::Fingerprint;

/// Counts the access tokens that have reigned in this page.
///
/// A request remembers the epoch it was sent with. A 401 for an older epoch says
/// nothing about the current token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Epoch(u32);

impl Epoch {
    /// The epoch as a number, to be carried across the JavaScript boundary.
    pub fn into_raw(self) -> u32 {
        self.0
    }

    /// The epoch that [`Epoch::into_raw`] gave.
    pub fn from_raw(raw: u32) -> Self {
        Self(raw)
    }

    fn next(self) -> Self {
        Self(self.0.wrapping_add(1))
    }
}

/// An access token as the session compares it.
pub trait Credential: Clone + PartialEq {
    /// Whether both say whom they belong to, and it is not the same user
    /// (`sub` of RFC 7519 §4.1.2).
    fn is_of_another_user(&self, other: &Self) -> bool;

    /// What tells it apart without giving it away.
    fn fingerprint(&self) -> Fingerprint;

    /// What it says of its own times, if anything.
    fn lifetime(&self) -> Option<Lifetime>;
}

/// When an access token was issued and when it ends, by the server's clock, counted from
/// 1970 (`iat` and `exp` of RFC 7519 §4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lifetime {
    /// When it was issued.
    pub issued: Duration,
    /// When it ends.
    pub ends: Duration,
}

#[derive(Clone)]
enum Seen<T> {
    Nothing,
    Access(T),
    /// The access token that was there is gone, the refresh token is not.
    RefreshOnly(T),
}

/// What one look at the storage found out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// The token is the one that was there.
    None,
    /// Another token of the same session, or the first one.
    Token,
    /// The token of another user, or none any more.
    Session,
}

/// The session as this page has seen it. Tokens are in the storage; what is kept
/// here serves to notice that they changed.
pub struct Session<T> {
    seen: RefCell<Seen<T>>,
    epoch: Cell<Epoch>,
    began: Cell<Epoch>,
    is_over: Cell<bool>,
    /// Who waits for another epoch.
    watchers: RefCell<Vec<Waker>>,
}

impl<T: Credential> Session<T> {
    /// A session of which nothing is known yet.
    pub fn new() -> Self {
        Self {
            seen: RefCell::new(Seen::Nothing),
            epoch: Cell::default(),
            began: Cell::default(),
            is_over: Cell::new(false),
            watchers: RefCell::default(),
        }
    }

    /// The epoch of the token that reigns now.
    pub fn epoch(&self) -> Epoch {
        self.epoch.get()
    }

    /// Whether a request that was sent in `epoch` belongs to a session before this one.
    pub fn has_moved_on_from(&self, epoch: Epoch) -> bool {
        epoch < self.began.get()
    }

    /// Resolves when another epoch than `epoch` reigns.
    pub fn moved_on(&self, epoch: Epoch) -> impl Future<Output = ()> {
        std::future::poll_fn(move |context| {
            if self.epoch() != epoch {
                return Poll::Ready(());
            }
            let mut watchers = self.watchers.borrow_mut();
            if !watchers.iter().any(|watcher| watcher.will_wake(context.waker())) {
                watchers.push(context.waker().clone());
            }
            Poll::Pending
        })
    }

    /// Whether the session was signed out or refused, and no token has appeared since.
    pub fn is_over(&self) -> bool {
        self.is_over.get()
    }

    /// Whether `access` has to be observed together with the refresh token: an access
    /// token that is gone ends the session only if the refresh token is gone as well.
    pub fn is_vanishing(&self, access: Option<&T>) -> bool {
        access.is_none() && !matches!(*self.seen.borrow(), Seen::Nothing)
    }

    /// Whether there is an access token, as far as was seen.
    pub fn has_token(&self) -> bool {
        matches!(*self.seen.borrow(), Seen::Access(_))
    }

    /// The access token that was seen last.
    pub fn token(&self) -> Option<T> {
        match &*self.seen.borrow() {
            Seen::Access(token) => Some(token.clone()),
            Seen::Nothing | Seen::RefreshOnly(_) => None,
        }
    }

    /// Takes note of what the storage holds now.
    ///
    /// `has_refresh_token` matters only where [`Session::is_vanishing`] says so.
    pub fn observe(&self, access: Option<&T>, has_refresh_token: bool) -> Change {
        let change = match (&*self.seen.borrow(), access) {
            (Seen::Access(old), Some(new)) if old == new => return Change::None,
            (Seen::Nothing, None) => return Change::None,
            (Seen::Access(old) | Seen::RefreshOnly(old), Some(new))
                if old.is_of_another_user(new) =>
            {
                Change::Session
            }
            (_, Some(_)) => Change::Token,
            (_, None) if has_refresh_token => Change::None,
            (_, None) => Change::Session,
        };
        self.take_note(access, change);
        change
    }

    /// A new session begins with `access`; requests of the one before belong to it no more.
    pub fn begin(&self, access: Option<&T>) {
        self.take_note(access, Change::Session);
        self.is_over.set(false);
    }

    /// A refresh brought `access`.
    pub fn renew(&self, access: &T) {
        self.take_note(Some(access), Change::Token);
    }

    /// The session is over until a token appears.
    pub fn end(&self) {
        self.take_note(None, Change::Session);
    }

    /// Whether `access` belongs to another user than the token that was seen last.
    pub fn is_of_another_user(&self, access: &T) -> bool {
        match &*self.seen.borrow() {
            Seen::Nothing => false,
            Seen::Access(old) | Seen::RefreshOnly(old) => old.is_of_another_user(access),
        }
    }

    fn take_note(&self, access: Option<&T>, change: Change) {
        let before = self.seen.replace(Seen::Nothing);
        self.seen.replace(match (access, before) {
            (Some(access), _) => Seen::Access(access.clone()),
            (None, Seen::Access(old) | Seen::RefreshOnly(old)) if change == Change::None => {
                Seen::RefreshOnly(old)
            }
            (None, _) => Seen::Nothing,
        });
        if change == Change::None {
            return;
        }
        self.epoch.set(self.epoch.get().next());
        if change == Change::Session {
            self.began.set(self.epoch.get());
        }
        // Tokens that are gone were taken away: by another tab, or by application code.
        self.is_over.set(access.is_none());
        for watcher in self.watchers.take() {
            watcher.wake();
        }
    }
}

impl<T: Credential> Default for Session<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> std::fmt::Debug for Session<T> {
    /// Shows no token.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session")
            .field("epoch", &self.epoch)
            .field("began", &self.began)
            .field("is_over", &self.is_over)
            .finish_non_exhaustive()
    }
}

/// What a refresh brought.
#[derive(Clone)]
pub struct Grant<T> {
    /// The new access token.
    pub access: T,
    /// The new refresh token, where the server rotates them.
    pub refresh: Option<T>,
    /// How long the access token lives from now on, where the server says so
    /// (`expires_in` of RFC 6749 §5.1).
    pub expires_in: Option<Duration>,
}

impl<T> Grant<T> {
    /// An access token that came alone.
    pub fn of(access: T) -> Self {
        Self { access, refresh: None, expires_in: None }
    }
}

impl<T> std::fmt::Debug for Grant<T> {
    /// Shows no token.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Grant").field("refresh", &self.refresh.is_some()).finish_non_exhaustive()
    }
}

/// What happened to the session, for listeners.
#[derive(Clone)]
pub enum Event<T, F> {
    /// A new access token is stored.
    TokenRefreshed(T),
    /// The session is over.
    SignedOut(SignOut),
    /// A refresh could not be done now; `F` is what the waiting requests got.
    RefreshUnavailable(F),
    /// Another session has begun.
    SessionChanged,
}

impl<T, F> std::fmt::Debug for Event<T, F> {
    /// Shows no token.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::TokenRefreshed(_) => "TokenRefreshed",
            Self::SignedOut(SignOut::Refused) => "SignedOut(Refused)",
            Self::SignedOut(SignOut::Asked) => "SignedOut(Asked)",
            Self::RefreshUnavailable(_) => "RefreshUnavailable",
            Self::SessionChanged => "SessionChanged",
        })
    }
}

/// Why a session is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignOut {
    /// The server refused to refresh.
    Refused,
    /// The application asked for it.
    Asked,
}
