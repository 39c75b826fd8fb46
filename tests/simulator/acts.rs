//! How sessions begin and end: what the application did, and what has become of it.

use std::cell::RefCell;
use std::rc::Rc;

use tokenflight::credential::Grant;
use tokenflight::task::Slot;

use super::agenda::{SECOND, Time};
use super::counts::Kind;
use super::driver;
use super::server::Cause;
use super::tab::TabId;
use super::token::{SessionId, Token};
use super::world::World;

/// Longer than any write takes to be seen.
pub const SETTLING: Time = 2 * SECOND;

/// A sign-in, or a sign-out, in the storage that the tabs share.
#[derive(Clone, Copy, Debug)]
pub struct Act {
    /// The session that begins.
    pub session: Option<SessionId>,
    pub ended: Option<Time>,
    /// App code wrote the storage itself.
    pub is_direct: bool,
    is_contested: bool,
}

/// The way in which a session ended for the client.
#[derive(Clone, Copy, Debug)]
pub struct End {
    /// When the call that ended it was through.
    pub complete: Option<Time>,
    pub by: TabId,
}

#[derive(Default)]
pub struct Acts {
    acts: RefCell<Vec<Act>>,
    ends: RefCell<Vec<Option<End>>>,
}

impl Acts {
    fn begin(&self, world: &World, session: Option<SessionId>, is_direct: bool) -> usize {
        let mut acts = self.acts.borrow_mut();
        let began = world.now();
        let is_unsettled = |act: &Act| act.ended.is_none_or(|ended| ended + SETTLING > began);
        // What app code writes itself is not protected from a flight of another tab.
        let is_raced = is_direct && world.any_flight();
        let is_contested = acts.iter().any(is_unsettled) || is_raced;
        acts.push(Act { session, ended: None, is_direct, is_contested });
        acts.len() - 1
    }

    fn end(&self, act: usize, now: Time) {
        self.acts.borrow_mut()[act].ended = Some(now);
    }

    /// Sessions that are replaced or signed out by a call that was through at `complete`.
    fn close(&self, session: Option<SessionId>, by: TabId, complete: Option<Time>) {
        let Some(session) = session else {
            return;
        };
        // A sign-in that is still under way when its tokens are replaced ends later than that.
        let is_beginning =
            |act: &Act| act.session == Some(session) && !act.is_direct && act.ended.is_none();
        if self.acts.borrow().iter().any(is_beginning) {
            return;
        }
        let mut ends = self.ends.borrow_mut();
        if ends.len() <= session {
            ends.resize(session + 1, None);
        }
        // Whether it counts was decided when the call began.
        match (&mut ends[session], complete) {
            (Some(end), complete) => end.complete = end.complete.or(complete),
            (end @ None, None) => *end = Some(End { complete, by }),
            (None, Some(_)) => {}
        }
    }

    pub fn end_of(&self, session: SessionId) -> Option<End> {
        self.ends.borrow().get(session).copied().flatten()
    }

    /// The session that the last act left, unless others were under way with it.
    pub fn outcome(&self) -> Option<Act> {
        self.acts.borrow().last().copied().filter(|act| !act.is_contested && act.ended.is_some())
    }

    /// Tells if `session` was begun by app code that wrote the storage itself.
    pub fn is_direct(&self, session: SessionId) -> bool {
        self.acts.borrow().iter().any(|act| act.session == Some(session) && act.is_direct)
    }

    pub fn was_under_way_since(&self, then: Time) -> bool {
        self.acts.borrow().iter().any(|act| act.ended.is_none_or(|ended| ended >= then))
    }

    pub fn is_under_way(&self) -> bool {
        self.acts.borrow().iter().any(|act| act.ended.is_none())
    }

    /// Tells if a session has begun or ended since the first one.
    pub fn any_change(&self) -> bool {
        self.acts.borrow().len() > 1
    }

    pub fn any_direct(&self) -> bool {
        self.acts.borrow().iter().any(|act| act.is_direct)
    }
}

impl World {
    /// The session whose tokens a tab sees.
    pub fn session_seen(&self, tab: TabId) -> Option<SessionId> {
        let seen = |slot| self.storage.seen(tab, slot).value.map(|token: Token| token.session);
        seen(Slot::Access).or_else(|| seen(Slot::Refresh))
    }

    pub fn any_flight(&self) -> bool {
        let is_flying = |tab: &Rc<super::tab::Tab>| {
            let clients = tab.clients.borrow();
            clients.first().is_some_and(|client| client.shared.flight.under_way().is_some())
        };
        self.tabs.borrow().iter().any(is_flying)
    }

    /// The first session, before anything happens.
    pub fn begin_signed_in(self: &Rc<Self>, tab: TabId, user: char) {
        let (access, refresh) = self.server.sign_in(self.now(), user);
        if !self.storage.is_private(tab) {
            let act = self.acts.begin(self, Some(access.session), false);
            self.acts.end(act, 0);
        }
        if !self.setting.starts_empty {
            self.storage.put(self, tab, Slot::Refresh, refresh);
            self.storage.put(self, tab, Slot::Access, Some(access));
        }
    }

    fn begin_at_server(&self, user: char) -> (Token, Option<Token>) {
        // Where there is one cookie for all, signing in replaces it.
        if let Some(jar) = self.server.jar.get() {
            self.server.end(jar.session, Cause::LoggedOut);
        }
        self.server.sign_in(self.now(), user)
    }

    pub fn sign_in(self: &Rc<Self>, tab: TabId, client: usize, user: char) {
        self.count(Kind::SignIn);
        let page = self.tab(tab);
        let before = self.session_seen(tab);
        if before.is_some_and(|session| self.server.accounts.borrow()[session].user != user) {
            self.count(Kind::OtherUser);
        }
        let (access, refresh) = self.begin_at_server(user);
        self.trace(Some(tab), || format!("signs in {access:?}"));
        let is_common = !self.storage.is_private(tab);
        let act = is_common.then(|| self.acts.begin(self, Some(access.session), false));
        self.acts.close(before, tab, None);
        page.changing.set(page.changing.get() + 1);
        page.changes.set(page.changes.get() + 1);
        page.cool_until.set(0);
        let client = page.clients.borrow()[client].clone();
        self.call(tab, "signIn()", async move |world| {
            driver::sign_in(client, Grant { access, refresh, expires_in: None }).await;
            world.trace(Some(tab), || format!("has signed in {access:?}"));
            page.changing.set(page.changing.get() - 1);
            act.into_iter().for_each(|act| world.acts.end(act, world.now()));
            world.acts.close(before, tab, Some(world.now()));
        });
    }

    pub fn sign_out(self: &Rc<Self>, tab: TabId, client: usize) {
        self.count(Kind::SignOut);
        let page = self.tab(tab);
        let before = self.session_seen(tab);
        self.trace(Some(tab), || format!("signs out of {before:?}"));
        let logs_out = self.server.has_cookies || self.chance.percent(50);
        if let Some(session) = before.filter(|_| logs_out) {
            self.server.end(session, Cause::LoggedOut);
        }
        if let Some(jar) = self.server.jar.get() {
            self.server.end(jar.session, Cause::LoggedOut);
        }
        let is_common = !self.storage.is_private(tab);
        let act = is_common.then(|| self.acts.begin(self, None, false));
        self.acts.close(before, tab, None);
        page.changing.set(page.changing.get() + 1);
        page.changes.set(page.changes.get() + 1);
        page.cool_until.set(0);
        let client = page.clients.borrow()[client].clone();
        self.call(tab, "signOut()", async move |world| {
            driver::sign_out(client).await;
            world.trace(Some(tab), || "has signed out".to_owned());
            page.changing.set(page.changing.get() - 1);
            act.into_iter().for_each(|act| world.acts.end(act, world.now()));
            world.acts.close(before, tab, Some(world.now()));
        });
    }

    /// App code writes the tokens of a new session itself, or removes those there are.
    pub fn write_directly(self: &Rc<Self>, tab: TabId, user: Option<char>) {
        self.count(if user.is_some() { Kind::DirectSignIn } else { Kind::DirectSignOut });
        let before = self.session_seen(tab);
        let tokens = user.map(|user| self.begin_at_server(user));
        if tokens.is_none()
            && let Some(jar) = self.server.jar.get()
        {
            self.server.end(jar.session, Cause::LoggedOut);
        }
        let (access, refresh) = tokens.map_or((None, None), |it| (Some(it.0), it.1));
        self.trace(Some(tab), || format!("writes {access:?} by itself"));
        if !self.storage.is_private(tab) {
            let act = self.acts.begin(self, access.map(|token| token.session), true);
            self.acts.end(act, self.now());
        }
        self.acts.close(before, tab, None);
        self.storage.put(self, tab, Slot::Refresh, refresh);
        self.storage.put(self, tab, Slot::Access, access);
    }
}
