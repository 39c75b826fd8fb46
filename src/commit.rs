//! What is written: the tokens that a refresh brought, and how sessions begin and end.
//!
//! A storage that answers at once is written while the record is held: what one tab
//! stores lies wholly before or wholly after what another one does.

use std::cell::Cell;
use std::rc::Rc;

use crate::client::Client;
use crate::error::Error;
use crate::handover::{Claim, Held, MEMORY, Record};
use crate::ports::{Platform, Slot};
use crate::session::{Credential, Epoch, Event, Grant, SignOut};
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
    /// Begins a session with what the application was given.
    pub async fn sign_in(self: Rc<Self>, grant: Grant<P::Token>) {
        let removed = self.held_now();
        self.leave_session();
        self.shared.session.begin(Some(&grant.access));
        self.receive(&grant);
        let Grant { access, refresh, .. } = grant;
        let held = Held::of(Some(&access), refresh.as_ref());
        let epoch = self.shared.session.epoch();
        // What another tab has stored a moment ago is not taken in any more.
        let unwritten = Unwritten::new(&self.shared.unwritten);
        // In the storage before anybody can navigate away.
        self.store_now(Some(&access), refresh.as_ref());
        self.platform
            .exclusively(&mut |record| {
                let record = self.record_in(record);
                let now = self.platform.wall_clock();
                // Another tab may have begun to refresh these very tokens. That they have ended
                // before, the application knows better.
                if record.knows(&held) && !record.is_ended(&held) {
                    return record.end_alone(&removed, Some(&held), now);
                }
                if self.shared.session.has_moved_on_from(epoch) {
                    return record.end_alone(&removed, None, now);
                }
                record.end(&removed, Some(&held), now);
                // A flight of the session before may have stored its tokens a moment ago.
                self.store_now(Some(&access), refresh.as_ref());
            })
            .await;
        self.store_later(Some(&access), refresh.as_ref()).await;
        drop(unwritten);
        self.announce_later(Event::SessionChanged);
    }

    /// Ends the session.
    pub async fn sign_out(self: Rc<Self>) {
        let removed = self.held_now();
        self.leave_session();
        self.shared.session.end();
        let epoch = self.shared.session.epoch();
        let unwritten = Unwritten::new(&self.shared.unwritten);
        self.store_now(None, None);
        self.platform
            .exclusively(&mut |record| {
                let record = self.record_in(record);
                let now = self.platform.wall_clock();
                if !record.is_of(&removed) {
                    return record.end_alone(&removed, None, now);
                }
                // A flight of another tab may have stored its tokens a moment ago.
                if record.is_spent(&removed) && !self.shared.session.has_moved_on_from(epoch) {
                    self.store_now(None, None);
                }
                record.end(&removed, None, now);
            })
            .await;
        self.store_later(None, None).await;
        drop(unwritten);
        self.forget_later();
        self.announce_later(Event::SignedOut(SignOut::Asked));
    }

    /// The record, made where there is none.
    pub(crate) fn record_in<'a>(&self, record: &'a mut Option<Record>) -> &'a mut Record {
        record.get_or_insert_with(|| Record::of(self.shared.generation.get()))
    }

    /// What reminds other tabs of sessions that have ended is removed when they all know.
    /// Every tab that hears of an end sees to it: the one that brought it about may go away.
    pub fn forget_later(self: &Rc<Self>) {
        let client = self.clone();
        self.platform.spawn(Box::pin(async move {
            let ended_at = Cell::new(None);
            for _ in 0..2 {
                client.platform.rest(MEMORY).await;
                let mut forget = |record: &mut Option<Record>| {
                    let now = record.as_ref().map(|record| record.ended_at);
                    let is_same = ended_at.replace(now).is_some_and(|before| Some(before) == now);
                    if let (true, Some(then), Some(known)) = (is_same, now, record.as_mut())
                        && !known.forget(then)
                    {
                        *record = None;
                    }
                };
                client.platform.exclusively(&mut forget).await;
            }
        }));
    }

    /// The tokens in a storage that answers at once.
    fn held_now(self: &Rc<Self>) -> Held {
        let access = self.look_now().and_then(|ticket| ticket.token);
        let refresh = self.read_now(Slot::Refresh);
        Held::of(access.as_ref(), refresh.as_ref())
    }

    /// Stores what a flight of `epoch` was granted for `held`, unless another tab was
    /// faster or the session was left meanwhile.
    pub(crate) async fn commit(
        self: &Rc<Self>,
        epoch: Epoch,
        held: &Held,
        spent: Option<P::Token>,
        grant: Grant<P::Token>,
    ) -> Landing<P> {
        let changed = self.what_changed_since(epoch).await;
        // Another access token beside the refresh token that was spent just now would soon
        // have nothing to be refreshed with: the grant is that session's.
        let is_rotated = grant.refresh.is_some() && grant.refresh != spent;
        let is_spent_here = spent.is_some()
            && is_rotated
            && self.platform.read(Slot::Refresh).get().await == spent
            && self.shared.unwritten.get() == 0
            && !self.shared.session.is_over();
        if let Some(landing) = changed.clone()
            && (!is_spent_here || self.shared.session.is_of_another_user(&grant.access))
        {
            return landing;
        }
        let asked_in = epoch;
        let epoch = if changed.is_some() { self.shared.session.epoch() } else { epoch };
        match self.claim(epoch, held, &grant, false).await {
            Claim::Mine => {}
            Claim::Left => return self.leave_behind(epoch).await,
            Claim::Rotated => {
                let landing = match changed {
                    Some(landing) => Some(landing),
                    None => self.what_another_tab_changed(epoch).await,
                };
                if let Some(landing) = landing {
                    return landing;
                }
                // What the other tab has got is nowhere to be seen. This is.
                if self.claim(epoch, held, &grant, true).await != Claim::Mine {
                    return self.leave_behind(epoch).await;
                }
            }
        }
        let is_stored = self.store_grant_later(epoch, &grant).await;
        match is_stored && !self.shared.session.has_moved_on_from(asked_in) {
            true => Landing::Renewed(Some(grant.access)),
            false => Landing::Superseded,
        }
    }

    /// Claims the right to store `grant`, and uses it where the storage answers at once.
    async fn claim(
        self: &Rc<Self>,
        epoch: Epoch,
        held: &Held,
        grant: &Grant<P::Token>,
        is_forced: bool,
    ) -> Claim {
        let claim = Cell::new(Claim::Left);
        self.platform
            .exclusively(&mut |record| {
                // Application code may have removed what was spent.
                let is_removed = self.platform.answers_at_once()
                    && held.has_refresh_token()
                    && self.read_now(Slot::Refresh).is_none();
                if is_removed || self.epoch_seen() != epoch {
                    return;
                }
                let Some(record) = record else {
                    return;
                };
                claim.set(if is_forced { Claim::Mine } else { record.claim(held) });
                if claim.get() == Claim::Mine {
                    record.commit(held, grant);
                    if self.platform.answers_at_once() {
                        self.store_now_rotated(grant);
                        self.renew(grant);
                    }
                }
            })
            .await;
        claim.get()
    }

    /// The epoch that reigns as far as can be seen now.
    fn epoch_seen(self: &Rc<Self>) -> Epoch {
        if self.platform.answers_at_once() {
            drop(self.look_now());
        }
        self.shared.session.epoch()
    }

    fn store_now_rotated(&self, grant: &Grant<P::Token>) {
        if grant.refresh.is_some() {
            drop(self.platform.write(Slot::Refresh, grant.refresh.as_ref()));
        }
        drop(self.platform.write(Slot::Access, Some(&grant.access)));
    }

    /// Stores `grant` in a storage that takes its time; whether its session still stands
    /// at the end.
    #[expect(
        clippy::await_holding_invalid_type,
        reason = "this mutex is for the storage; no flight is awaited under it"
    )]
    async fn store_grant_later(&self, epoch: Epoch, grant: &Grant<P::Token>) -> bool {
        let has_moved_on = || self.shared.session.has_moved_on_from(epoch);
        if self.platform.answers_at_once() {
            return !has_moved_on();
        }
        let _storing = self.shared.storing.lock().await;
        if !has_moved_on() && grant.refresh.is_some() {
            self.platform.write(Slot::Refresh, grant.refresh.as_ref()).get().await;
        }
        // A session that ends meanwhile waits for the mutex, to write what it leaves behind.
        if !has_moved_on() {
            self.platform.write(Slot::Access, Some(&grant.access)).get().await;
        }
        if !has_moved_on() {
            self.renew(grant);
        }
        !has_moved_on()
    }

    fn renew(&self, grant: &Grant<P::Token>) {
        self.shared.session.renew(&grant.access);
        self.shared.forget_failures();
        self.receive(grant);
    }

    fn receive(&self, grant: &Grant<P::Token>) {
        let said = || grant.access.lifetime().map(|lifetime| lifetime.total());
        let total = grant.expires_in.or_else(said);
        self.shared.reign.receive(self.platform.now(), total);
    }

    /// The session of a flight has ended or been replaced in another tab.
    pub(crate) async fn leave_behind(self: &Rc<Self>, epoch: Epoch) -> Landing<P> {
        if let Some(landing) = self.what_another_tab_changed(epoch).await {
            return landing;
        }
        // Tokens of a session that has ended here, too, begin no other one.
        if self.shared.session.is_over() {
            return Landing::SignedOut(self.sign_in_required());
        }
        // The change is nowhere to be seen, but what was under way belongs to nothing any more.
        self.leave_session();
        self.shared.session.begin(self.shared.session.token().as_ref());
        Landing::Superseded
    }

    /// Ends the session of a flight that was refused, and removes the tokens.
    ///
    /// # Errors
    ///
    /// Where the tokens are another tab's by now; nothing is removed then.
    pub(crate) async fn end_session(
        self: &Rc<Self>,
        epoch: Epoch,
        held: &Held,
        reason: &'static str,
        cause: Option<P::Failure>,
    ) -> Result<Landing<P>, Claim> {
        let failure = self.platform.failure(Error::SignInRequired { reason, cause });
        let claim = Cell::new(Claim::Left);
        self.platform
            .exclusively(&mut |record| {
                // Other tokens than those that were refused are there by now.
                if self.epoch_seen() != epoch {
                    return;
                }
                claim.set(record.as_ref().map_or(Claim::Left, |record| record.claim(held)));
                let Some(record) = record.as_mut().filter(|_| claim.get() == Claim::Mine) else {
                    return;
                };
                self.shared.session.end();
                self.shared.sign_in_required.replace(Some(failure.clone()));
                // Who has asked with nothing has nothing to remove: what another tab stores
                // by now was not refused.
                match held.is_nothing() {
                    true => record.withdraw(held),
                    false => {
                        record.end(held, None, self.platform.wall_clock());
                        self.store_now(None, None);
                    }
                }
            })
            .await;
        match claim.get() {
            Claim::Mine => {
                if !held.is_nothing() {
                    self.store_later(None, None).await;
                    self.forget_later();
                }
                Ok(Landing::SignedOut(failure))
            }
            claim => Err(claim),
        }
    }

    /// Puts both tokens into a storage that answers at once. The refresh token goes first,
    /// so that no crash leaves a new access token beside a spent refresh token.
    fn store_now(&self, access: Option<&P::Token>, refresh: Option<&P::Token>) {
        if self.platform.answers_at_once() {
            drop(self.platform.write(Slot::Refresh, refresh));
            drop(self.platform.write(Slot::Access, access));
        }
    }

    /// Puts both tokens into a storage that takes its time.
    #[expect(
        clippy::await_holding_invalid_type,
        reason = "this mutex is for the storage; no flight is awaited under it"
    )]
    async fn store_later(&self, access: Option<&P::Token>, refresh: Option<&P::Token>) {
        if self.platform.answers_at_once() {
            return;
        }
        let _unwritten = Unwritten::new(&self.shared.unwritten);
        let _storing = self.shared.storing.lock().await;
        self.platform.write(Slot::Refresh, refresh).get().await;
        self.platform.write(Slot::Access, access).get().await;
    }
}
