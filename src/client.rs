//! A client: what it sees in the storage, and what it writes there.
//!
//! A storage is written while the record is held, too: what one tab stores lies wholly before
//! or wholly after what another one does.

use std::rc::Rc;

use crate::credential::{Credential, Grant, Presented};
use crate::millis::Millis;
use crate::policy::Policy;
use crate::session::{Change, Epoch, Event, SignOut, Status};
use crate::shared::{Landing, SharedSession};
use crate::task::{Platform, Slot};
use crate::values::Note;

/// A server whose tokens live for no time is not asked without a pause.
const SHORTEST: Millis = Millis::from_secs(1);

/// The longest sleep at once: timers of browsers are 32 bits of milliseconds wide, and
/// fire at once beyond.
const LONGEST: Millis = Millis::from_secs(12 * 60 * 60);

/// The token that a request is sent with, and its epoch.
#[derive(Clone)]
pub struct Ticket<T> {
    /// The epoch of the token; a 401 is judged by it.
    pub epoch: Epoch,
    /// The access token, where there is one.
    pub token: Option<T>,
}

impl<T> std::fmt::Debug for Ticket<T> {
    /// Shows no token.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ticket").field("epoch", &self.epoch).finish_non_exhaustive()
    }
}

/// A client: a platform, the session that it shares, and its policy.
pub struct Client<P: Platform> {
    /// The surroundings.
    pub platform: P,
    /// The session, shared with other clients of the same storage.
    pub shared: Rc<SharedSession<P>>,
    /// The settings.
    pub policy: Rc<Policy>,
}

impl<P: Platform> Client<P> {
    /// Takes note of the tokens that are there when the client is made: what others change
    /// from here on is a change.
    pub fn start(&self) {
        if !self.platform.is_slow() {
            self.sync_with_storage();
            // Those of a page that went away are removed by the next one.
            if !self.shared.session.has_token() && self.platform.is_record_shared() {
                self.shared.has_tombstones.set(true);
            }
        }
    }

    /// Returns what a request may be sent with at once; `None` where it has to wait first, for
    /// a flight or for a slow storage.
    pub fn depart(&self) -> Option<Ticket<P::Token>> {
        if self.platform.is_slow() || self.shared.flight.under_way().is_some() {
            return None;
        }
        self.sync_with_storage();
        let session = &self.shared.session;
        let is_due = self.shared.is_due(&self.policy, self.platform.about_now());
        (!is_due).then(|| Ticket { epoch: session.epoch(), token: session.token() })
    }

    /// Returns what is known of the session now. It never waits, and refreshes nothing.
    pub fn status(&self) -> Status<P::Token> {
        if !self.platform.is_slow() {
            self.sync_with_storage();
        }
        let session = &self.shared.session;
        match session.token() {
            Some(token) => Status::SignedIn(Some(token)),
            None if session.is_over() => Status::SignedOut,
            // A refresh brings the access token that is missing.
            None if self.platform.read(Slot::Refresh).is_some() => Status::SignedIn(None),
            None if self.policy.is_cookie_session || !self.shared.has_looked.get() => {
                Status::Unknown
            }
            None => Status::SignedOut,
        }
    }

    /// Returns how long the access token lives from now on, where that is known.
    pub fn time_left(&self) -> Option<Millis> {
        Some(self.shared.access_expiry.get()?.remaining(self.platform.now()))
    }

    /// Takes note of what has changed in the storage.
    pub fn sync_with_storage(&self) {
        self.sync_with(self.platform.read(Slot::Access));
    }

    /// The same, where the access token has been read.
    pub(crate) fn sync_with(&self, token: Option<P::Token>) {
        let shared = &self.shared;
        shared.has_looked.set(true);
        if shared.has_pending_writes() {
            return;
        }
        let has_refresh_token = shared.session.is_vanishing(token.as_ref())
            && self.platform.read(Slot::Refresh).is_some();
        let had_token = shared.session.has_token();
        match shared.session.observe(token.as_ref(), has_refresh_token) {
            Change::None => {}
            Change::Token => self.take_in_token(had_token, token.as_ref()),
            Change::Session => self.take_in_session(token.as_ref()),
        }
    }

    /// Another token of the session is in the storage.
    fn take_in_token(&self, is_next: bool, token: Option<&P::Token>) {
        self.shared.forget_failures();
        self.find(token);
        // A flight tells of it when it has landed.
        if let Some(token) = token.filter(|_| is_next && self.shared.flight.under_way().is_none()) {
            self.platform.announce(Event::TokenRefreshed(token.clone()));
        }
    }

    /// The tokens of another session are in the storage, or none any more.
    fn take_in_session(&self, token: Option<&P::Token>) {
        self.shared.leave_session();
        self.find(token);
        self.platform.announce(match token {
            Some(_) => Event::SessionChanged,
            None => {
                self.shared.has_tombstones.set(true);
                Event::SignedOut(SignOut::Asked)
            }
        });
    }

    fn find(&self, token: Option<&P::Token>) {
        let lifetime = token.and_then(Credential::lifetime);
        let (now, wall) = (self.platform.now(), self.platform.wall_clock());
        self.shared.access_expiry.find(now, wall, lifetime);
    }

    /// Another tab has changed the storage, or a slow one has answered for the first time.
    pub fn notice_change(&self) {
        let session = &self.shared.session;
        let (had_token, was_over) = (session.has_token(), session.is_over());
        let is_first_look = self.platform.is_slow() && !self.shared.has_looked.get();
        self.sync_with_storage();
        if had_token || is_first_look || self.shared.flight.under_way().is_some() {
            return;
        }
        if let Some(token) = session.token() {
            // The first mark says that a session was refreshed, not that it began.
            self.platform.announce(match token.is_mark() && !was_over {
                true => Event::TokenRefreshed(token),
                false => Event::SessionChanged,
            });
        }
    }

    /// Lets the cool-down end early: the network is back, or the user is,
    /// so the outage may be over.
    pub fn wake(&self) {
        self.shared.outage.wake(self.platform.wall_clock());
        self.shared.futility.wake();
    }

    /// Returns how long the background may sleep before it looks whether the token is to be
    /// refreshed: until it is due, and up to a quarter of what is left then, so that tabs which
    /// were opened together do not all wake at once. `None`: until something changes.
    pub fn until_due(&self) -> Option<Millis> {
        let expiry = self.shared.early_refresh()?;
        let now = self.platform.now();
        let due = expiry.due(self.policy.refresh_ahead);
        let spread = expiry.remaining(due) * (self.platform.random() / 4.0);
        let cool_down = self.shared.cool_down(now).unwrap_or_default();
        Some((due + spread - now).max(cool_down).max(SHORTEST).min(LONGEST))
    }

    /// Goes on with the grant, where those are newer tokens of the session that there is;
    /// otherwise leaves the session, and begins the next one where there is a grant. Writes
    /// that. Returns the tokens that were there, and whether it is the same session.
    pub(crate) fn change_session(
        &self,
        grant: Option<&Grant<P::Token>>,
        is_same_session: bool,
    ) -> (Presented, bool) {
        self.sync_with_storage();
        let session = &self.shared.session;
        let refresh = self.platform.read(Slot::Refresh);
        let access = session.token();
        let removed = Presented::of(access.as_ref(), refresh.as_ref());
        // With a refresh token alone there is a session as well.
        let is_said_so = is_same_session && (access.is_some() || refresh.is_some());
        // A sign-in brings all the tokens that there are.
        let is_whole = |grant: &&Grant<P::Token>| {
            is_same_session || grant.refresh.is_some() || refresh.is_none()
        };
        if let Some(grant) =
            grant.filter(|grant| session.goes_on_with(&grant.access, is_said_so)).filter(is_whole)
        {
            self.renew(grant);
            return (removed, true);
        }
        // One that is over already was refused by the server, or somebody else has told it.
        if self.policy.tells_sign_out && grant.is_none() && !session.is_over() {
            self.platform.tell_sign_out(access.as_ref(), refresh.as_ref());
        }
        self.shared.leave_session();
        match grant {
            Some(grant) => {
                session.begin(Some(&grant.access));
                self.receive(grant);
            }
            None => session.end(None),
        }
        self.store(grant);
        (removed, false)
    }

    /// Stores the tokens of a session that begins, or of none. The refresh token goes first, so
    /// that no crash leaves a new access token beside a spent refresh token.
    pub(crate) fn store(&self, grant: Option<&Grant<P::Token>>) {
        self.platform.write(Slot::Refresh, grant.and_then(|grant| grant.refresh.as_ref()));
        self.platform.write(Slot::Access, grant.map(|grant| &grant.access));
    }

    /// Stores newer tokens of the session; a refresh token that is not replaced stays.
    pub(crate) fn store_newer(&self, grant: &Grant<P::Token>) {
        if grant.refresh.is_some() {
            self.platform.write(Slot::Refresh, grant.refresh.as_ref());
        }
        self.platform.write(Slot::Access, Some(&grant.access));
    }

    /// Stores the tokens that a refresh brought, and goes on with them.
    pub(crate) fn renew(&self, grant: &Grant<P::Token>) {
        self.store_newer(grant);
        self.shared.session.renew(&grant.access);
        self.shared.forget_failures();
        self.receive(grant);
    }

    fn receive(&self, grant: &Grant<P::Token>) {
        let wall = self.platform.wall_clock();
        let stated = || grant.access.lifetime().map(|lifetime| lifetime.total(wall));
        let total = grant.expires_in.or_else(stated);
        self.shared.access_expiry.receive(self.platform.now(), total);
    }

    /// Tells of a flight that has landed.
    pub(crate) fn announce_landing(&self, landing: Landing<P>, started: Millis) {
        let took = self.platform.now() - started;
        self.platform.trace(Note::FlightLanded(landing.name(), took));
        match landing {
            Landing::Renewed(Some(token)) => self.platform.announce(Event::TokenRefreshed(token)),
            Landing::SignedOut(_) => {
                self.platform.announce(Event::SignedOut(SignOut::Refused));
                let is_led =
                    self.shared.needs_session.get() && self.platform.go_to_login(SignOut::Refused);
                if !is_led {
                    self.shared.session.leave_login_pending();
                }
            }
            Landing::Unavailable(failure) => {
                self.platform.announce(Event::RefreshUnavailable(failure));
            }
            Landing::Renewed(None) | Landing::StillValid | Landing::Superseded => {}
        }
    }
}

impl<P: Platform> std::fmt::Debug for Client<P> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").field("shared", &self.shared).finish_non_exhaustive()
    }
}
