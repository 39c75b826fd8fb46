//! The session as this page knows it: the current access token, its epoch, and the state of the
//! session.
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

use crate::credential::Credential;

/// Counts the access tokens that this page has seen.
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

/// How the session stands. `F` is what requests are rejected with: all that need a session
/// that is over share one such error, which is made when the first one needs it.
#[derive(Clone, Debug, PartialEq)]
pub enum Standing<F> {
    /// Nothing has ended it.
    Open,
    /// This page ended it: it signed out, or the server refused to refresh.
    Ended(Option<F>),
    /// It ended in another tab, or application code removed the tokens, or this page has not gone
    /// to the login page when it ended: nobody needed it, or it had just come from there.
    EndedElsewhere {
        /// True if this page has not gone to the login page yet. The first request that needs
        /// a session does.
        login_pending: bool,
        /// The shared error.
        error: Option<F>,
    },
}

#[derive(Clone)]
enum Seen<T> {
    Nothing,
    Access(T),
    /// The access token that was there is gone, the refresh token is not.
    RefreshOnly(T),
}

/// The change that one read of the storage found.
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
pub struct Session<T, F = ()> {
    seen: RefCell<Seen<T>>,
    epoch: Cell<Epoch>,
    began: Cell<Epoch>,
    standing: RefCell<Standing<F>>,
    /// Called when another epoch begins.
    watcher: RefCell<Option<Box<dyn Fn()>>>,
}

impl<T: Credential, F: Clone> Session<T, F> {
    /// A session of which nothing is known yet.
    pub fn new() -> Self {
        Self {
            seen: RefCell::new(Seen::Nothing),
            epoch: Cell::default(),
            began: Cell::default(),
            standing: RefCell::new(Standing::Open),
            watcher: RefCell::new(None),
        }
    }

    /// The epoch of the current access token.
    pub fn epoch(&self) -> Epoch {
        self.epoch.get()
    }

    /// Tells if a request that was sent in `epoch` belongs to a session before this one.
    pub fn has_moved_on_from(&self, epoch: Epoch) -> bool {
        epoch < self.began.get()
    }

    /// Calls `watcher` whenever another epoch begins: who waits for a lock, or for the token
    /// to be due, may have nothing left to wait for.
    pub fn watch(&self, watcher: impl Fn() + 'static) {
        self.watcher.replace(Some(Box::new(watcher)));
    }

    /// Tells if the session was signed out or refused, and no token has appeared since.
    pub fn is_over(&self) -> bool {
        !matches!(*self.standing.borrow(), Standing::Open)
    }

    /// Tells if it is over, and this page did not end it.
    pub fn has_ended_elsewhere(&self) -> bool {
        matches!(*self.standing.borrow(), Standing::EndedElsewhere { .. })
    }

    /// Tells if this page still has to go to the login page: true once, then false.
    pub fn take_login_pending(&self) -> bool {
        match &mut *self.standing.borrow_mut() {
            Standing::EndedElsewhere { login_pending, .. } => std::mem::take(login_pending),
            _ => false,
        }
    }

    /// Leaves the way to the login page to the next request that needs a session.
    pub fn leave_login_pending(&self) {
        let standing = self.standing.replace(Standing::Open);
        self.standing.replace(match standing {
            Standing::Open => Standing::Open,
            Standing::Ended(error) | Standing::EndedElsewhere { error, .. } => {
                Standing::EndedElsewhere { login_pending: true, error }
            }
        });
    }

    /// The error that all who need the session share while it is over; `make` makes it for
    /// the first one.
    pub fn ended_error(&self, make: impl FnOnce() -> F) -> F {
        match &mut *self.standing.borrow_mut() {
            Standing::Open => make(),
            Standing::Ended(error) | Standing::EndedElsewhere { error, .. } => {
                error.get_or_insert_with(make).clone()
            }
        }
    }

    /// Tells if `access` has to be observed together with the refresh token: an access
    /// token that is gone ends the session only if the refresh token is gone as well.
    pub fn is_vanishing(&self, access: Option<&T>) -> bool {
        access.is_none() && !matches!(*self.seen.borrow(), Seen::Nothing)
    }

    /// Tells if there is an access token, as far as was seen.
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
        // Nobody here ended it: another tab did, or application code.
        let standing = match access {
            None => Standing::EndedElsewhere { login_pending: true, error: None },
            Some(_) => Standing::Open,
        };
        self.take_note(access, change, standing);
        change
    }

    /// A new session begins with `access`; requests of the one before belong to it no more.
    pub fn begin(&self, access: Option<&T>) {
        self.take_note(access, Change::Session, Standing::Open);
    }

    /// A refresh brought `access`. Tokens of another user may have been seen meanwhile: what is
    /// sent with those is not replayed with this one.
    pub fn renew(&self, access: &T) {
        let change = match self.is_of_another_user(access) {
            true => Change::Session,
            false => Change::Token,
        };
        self.take_note(Some(access), change, Standing::Open);
    }

    /// The session is over until a token appears. `error` is what all who need it get; without
    /// one, it is made when somebody does.
    pub fn end(&self, error: Option<F>) {
        self.take_note(None, Change::Session, Standing::Ended(error));
    }

    /// Tells if `access` belongs to another user than the token that was seen last.
    pub fn is_of_another_user(&self, access: &T) -> bool {
        match &*self.seen.borrow() {
            Seen::Nothing => false,
            Seen::Access(old) | Seen::RefreshOnly(old) => old.is_of_another_user(access),
        }
    }

    /// Tells if `access` is a newer token of the current session: it is the same user's, or
    /// whoever brings it says so and it is not another user's.
    pub fn goes_on_with(&self, access: &T, is_said_so: bool) -> bool {
        match &*self.seen.borrow() {
            _ if is_said_so => !self.is_of_another_user(access),
            Seen::Access(old) => old.is_of_same_user(access),
            Seen::Nothing | Seen::RefreshOnly(_) => false,
        }
    }

    fn take_note(&self, access: Option<&T>, change: Change, standing: Standing<F>) {
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
        self.standing.replace(standing);
        self.epoch.set(self.epoch.get().next());
        if change == Change::Session {
            self.began.set(self.epoch.get());
        }
        if let Some(watcher) = &*self.watcher.borrow() {
            watcher();
        }
    }
}

impl<T: Credential, F: Clone> Default for Session<T, F> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T, F> std::fmt::Debug for Session<T, F> {
    /// Shows no token.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session")
            .field("epoch", &self.epoch)
            .field("began", &self.began)
            .finish_non_exhaustive()
    }
}

/// How a session stands, as far as this page knows without asking. Nothing of it is verified.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Status<T> {
    /// Nobody has told yet if a session is there: no script can read its tokens, or a slow storage
    /// has not been read.
    Unknown,
    /// Somebody is signed in, with this access token; without one, a refresh token is there.
    SignedIn(Option<T>),
    /// Nobody is.
    SignedOut,
}

impl<T> std::fmt::Debug for Status<T> {
    /// Shows no token.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Unknown => "Unknown",
            Self::SignedIn(_) => "SignedIn",
            Self::SignedOut => "SignedOut",
        })
    }
}

/// An event of the session, for listeners.
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
