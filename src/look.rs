//! Looking at the storage, and what follows from what has changed there.

use std::rc::Rc;

use crate::client::{Client, Ticket};
use crate::ports::{Platform, Reading, Slot};
use crate::session::{Change, Credential, Event, SignOut};

impl<P: Platform> Client<P> {
    /// Looks at the storage and takes note of what has changed.
    #[expect(
        clippy::await_holding_invalid_type,
        reason = "this mutex is for the storage; no flight is awaited under it"
    )]
    pub async fn look(self: &Rc<Self>) -> Ticket<P::Token> {
        if let Some(ticket) = self.look_now() {
            return ticket;
        }
        let _storing = self.shared.storing.lock().await;
        let token = self.platform.read(Slot::Access).get().await;
        let has_refresh_token = self.shared.session.is_vanishing(token.as_ref())
            && self.platform.read(Slot::Refresh).get().await.is_some();
        self.observe(token, has_refresh_token)
    }

    /// As [`Client::look`], where the storage answers at once.
    pub(crate) fn look_now(self: &Rc<Self>) -> Option<Ticket<P::Token>> {
        let Reading::Now(token) = self.platform.read(Slot::Access) else {
            return None;
        };
        let has_refresh_token = self.shared.session.is_vanishing(token.as_ref())
            && self.read_now(Slot::Refresh).is_some();
        Some(self.observe(token, has_refresh_token))
    }

    fn observe(
        self: &Rc<Self>,
        token: Option<P::Token>,
        has_refresh_token: bool,
    ) -> Ticket<P::Token> {
        if self.shared.unwritten.get() > 0 {
            return Ticket {
                epoch: self.shared.session.epoch(),
                token: self.shared.session.token(),
            };
        }
        let had_token = self.shared.session.has_token();
        match self.shared.session.observe(token.as_ref(), has_refresh_token) {
            Change::None => {}
            Change::Token => self.take_in(had_token, token.as_ref()),
            Change::Session => self.take_in_session(token.as_ref()),
        }
        Ticket { epoch: self.shared.session.epoch(), token }
    }

    /// Another token of the session is in the storage.
    fn take_in(self: &Rc<Self>, is_next: bool, token: Option<&P::Token>) {
        self.find(token);
        // A flight tells of it when it has landed.
        if let Some(token) = token.filter(|_| is_next && self.shared.flight.under_way().is_none()) {
            self.announce_later(Event::TokenRefreshed(token.clone()));
        }
    }

    /// The tokens of another session are in the storage, or none any more.
    fn take_in_session(self: &Rc<Self>, token: Option<&P::Token>) {
        self.leave_session();
        self.find(token);
        self.shared.owes_login.set(token.is_none());
        self.shared.has_ended_elsewhere.set(token.is_none());
        if token.is_none() {
            self.forget_later();
        }
        self.announce_later(match token {
            Some(_) => Event::SessionChanged,
            None => Event::SignedOut(SignOut::Asked),
        });
    }

    /// The token in `slot`, where the storage answers at once.
    pub(crate) fn read_now(&self, slot: Slot) -> Option<P::Token> {
        match self.platform.read(slot) {
            Reading::Now(token) => token,
            Reading::Later(_) => None,
        }
    }

    fn find(&self, token: Option<&P::Token>) {
        let lifetime = token.and_then(Credential::lifetime);
        let (now, wall) = (self.platform.now(), self.platform.wall_clock());
        self.shared.reign.find(now, wall, lifetime);
    }

    /// Another tab has changed the storage.
    pub fn notice_change(self: &Rc<Self>) {
        let had_token = self.shared.session.has_token();
        let was_over = self.shared.session.is_over();
        let token = self.look_now().and_then(|ticket| ticket.token);
        let is_ours = self.shared.flight.under_way().is_some();
        if let Some(token) = token.filter(|_| !had_token && !is_ours) {
            self.announce_later(match self.policy.is_cookie_session && !was_over {
                true => Event::TokenRefreshed(token),
                false => Event::SessionChanged,
            });
        }
    }

    /// There is reason to hope that an outage has ended: the network is back, or the user is.
    pub fn wake(&self) {
        self.shared.outage.wake(self.platform.wall_clock());
    }
}
