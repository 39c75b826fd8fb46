//! What is written: the tokens that a refresh brought, and how sessions begin and end.

use std::cell::Cell;
use std::rc::Rc;

use crate::client::Client;
use crate::error::Error;
use crate::ports::{Platform, Slot};
use crate::session::{Epoch, Event, Grant, SignOut};
use crate::shared::Landing;

/// Counts as one until it is dropped, with the future that it belongs to at the latest.
struct Unwritten<'a>(&'a Cell<u32>);

impl<'a> Unwritten<'a> {
    fn new(count: &'a Cell<u32>) -> Self {
        count.set(count.get() + 1);
        Self(count)
    }
}

impl Drop for Unwritten<'_> {
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}

impl<P: Platform> Client<P> {
    /// Begins a session.
    pub async fn sign_in(self: Rc<Self>, access: Option<P::Token>, refresh: Option<P::Token>) {
        self.leave_session();
        self.shared.session.begin(access.as_ref());
        self.store(access.as_ref(), refresh.as_ref()).await;
        self.announce_later(Event::SessionChanged);
    }

    /// Ends the session.
    pub async fn sign_out(self: Rc<Self>) {
        self.leave_session();
        self.shared.session.end();
        self.store(None, None).await;
        self.announce_later(Event::SignedOut(SignOut::Asked));
    }

    /// Stores what a flight of `epoch` brought, unless its session was left meanwhile.
    #[expect(
        clippy::await_holding_invalid_type,
        reason = "this mutex is for the storage; no flight is awaited under it"
    )]
    pub(crate) async fn commit(&self, epoch: Epoch, grant: Option<Grant<P::Token>>) -> Landing<P> {
        let Grant { access, refresh } = match grant {
            Some(grant) => grant,
            None => return self.renew(None),
        };
        let _storing = self.shared.storing.lock().await;
        if self.shared.session.has_moved_on_from(epoch) {
            return Landing::Superseded;
        }
        if refresh.is_some() {
            self.platform.write(Slot::Refresh, refresh.as_ref()).get().await;
        }
        // A session that ends meanwhile waits for the mutex, to write what it leaves behind.
        if !self.shared.session.has_moved_on_from(epoch) {
            self.platform.write(Slot::Access, Some(&access)).get().await;
        }
        match self.shared.session.has_moved_on_from(epoch) {
            true => Landing::Superseded,
            false => self.renew(Some(access)),
        }
    }

    fn renew(&self, access: Option<P::Token>) -> Landing<P> {
        self.shared.session.renew(access.as_ref());
        self.shared.forget_failures();
        Landing::Renewed(access)
    }

    /// Ends the session of a flight that was refused, and removes the tokens.
    pub(crate) async fn end_session(
        &self,
        epoch: Epoch,
        reason: &'static str,
        cause: Option<P::Failure>,
    ) -> Landing<P> {
        // A slow storage leaves time for another session to begin.
        if self.shared.session.has_moved_on_from(epoch) {
            return Landing::Superseded;
        }
        let failure = self.platform.failure(Error::SignInRequired { reason, cause });
        self.shared.session.end();
        self.shared.sign_in_required.replace(Some(failure.clone()));
        self.store(None, None).await;
        Landing::SignedOut(failure)
    }

    /// Puts both tokens into the storage. The refresh token goes first, so that no
    /// crash leaves a new access token beside a spent refresh token.
    #[expect(
        clippy::await_holding_invalid_type,
        reason = "this mutex is for the storage; no flight is awaited under it"
    )]
    async fn store(&self, access: Option<&P::Token>, refresh: Option<&P::Token>) {
        let _unwritten = Unwritten::new(&self.shared.unwritten);
        let _storing = self.shared.storing.lock().await;
        self.platform.write(Slot::Refresh, refresh).get().await;
        self.platform.write(Slot::Access, access).get().await;
    }
}
