//! How sessions begin and end: what the application did, and what has become of it.

use std::cell::RefCell;
use std::rc::Rc;

use tokenflight::client::Client;
use tokenflight::credential::{Grant, Presented};
use tokenflight::task::Slot;

use super::agenda::{SECOND, Time};
use super::counts::Kind;
use super::driver;
use super::page::Page;
use super::server::{Cause, token_of};
use super::setting::Sharing;
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
    /// It goes on with the session that there was.
    is_newer: bool,
    is_contested: bool,
    /// Its page had not read from a slow storage which session there was.
    is_blind: bool,
}

impl Act {
    /// Tells if it was under way then, or later.
    fn is_since(&self, then: Time) -> bool {
        self.ended.is_none_or(|ended| ended >= then)
    }
}

/// The way in which a session ended for the client.
#[derive(Clone, Copy, Debug)]
pub struct End {
    /// When the call that ended it was through.
    pub complete: Option<Time>,
    pub by: TabId,
}

/// An act that calls of the application are under way for.
struct Begun {
    /// Its number, where it is about the storage that the tabs share.
    act: Option<usize>,
    /// The session that it begins, or goes on with.
    session: Option<SessionId>,
    is_newer: bool,
}

#[derive(Default)]
pub struct Acts {
    acts: RefCell<Vec<Act>>,
    ends: RefCell<Vec<Option<End>>>,
    /// The access tokens that the application was given alone after it had removed the one before.
    lone: RefCell<Vec<Token>>,
    /// The access tokens that the application was given alone, and the number of the next write of
    /// all when each was about to be written first.
    slid: RefCell<Vec<(Token, u64)>>,
    /// The sessions that were begun or gone on with by a tab that was killed before the record was
    /// stored.
    untold: RefCell<Vec<SessionId>>,
}

impl Acts {
    /// A page is about to write an access token that came alone, maybe once more.
    pub fn note_slid(&self, token: Token, next_write: u64) {
        let mut slid = self.slid.borrow_mut();
        if !slid.iter().any(|(other, _)| *other == token) {
            slid.push((token, next_write));
        }
    }

    /// Tells if that token was to be written when the write of this number had been made.
    pub fn is_slid_after(&self, token: Token, write: u64) -> bool {
        self.slid.borrow().iter().any(|(other, next)| *other == token && write < *next)
    }

    fn begin(
        &self,
        world: &World,
        session: Option<SessionId>,
        is_direct: bool,
        is_newer: bool,
    ) -> usize {
        let mut acts = self.acts.borrow_mut();
        let began = world.now();
        let is_unsettled = |act: &Act| act.ended.is_none_or(|ended| ended + SETTLING > began);
        // Direct writes of app code are not protected from a flight of another tab.
        let is_raced = is_direct && (world.any_flight() || world.asks.any_under_way());
        let is_contested = acts.iter().any(is_unsettled) || is_raced;
        acts.push(Act { session, ended: None, is_direct, is_newer, is_contested, is_blind: false });
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
        // The start of the call has decided if it counts.
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

    /// Tells if the tab that has stored `session` was killed before it had told the record.
    pub fn is_untold(&self, session: SessionId) -> bool {
        self.untold.borrow().contains(&session)
    }

    pub fn was_under_way_since(&self, then: Time) -> bool {
        self.acts.borrow().iter().any(|act| act.is_since(then))
    }

    /// The same, of a page that had not read from a slow storage which session there was.
    pub fn was_blind_since(&self, then: Time) -> bool {
        self.acts.borrow().iter().any(|act| act.is_blind && act.is_since(then))
    }

    /// Tells if the application was given `access` alone after it had removed the one before.
    pub fn is_lone(&self, access: Token) -> bool {
        self.lone.borrow().contains(&access)
    }

    pub fn is_under_way(&self) -> bool {
        self.acts.borrow().iter().any(|act| act.ended.is_none())
    }

    /// Tells if all that the application did was to go on with the session that it began with.
    pub fn is_one_session(&self) -> bool {
        self.acts.borrow().iter().all(|act| act.is_newer || act.ended == Some(0))
    }

    /// Tells if the application was given newer tokens since `then`.
    pub fn any_newer_since(&self, then: Time) -> bool {
        self.acts.borrow().iter().any(|act| act.is_newer && act.is_since(then))
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
        let (access, refresh) = self.server.sign_in(self.now(), user, self.audience(tab));
        if !self.storage.is_private(tab) {
            let act = self.acts.begin(self, Some(access.session), false, false);
            self.acts.end(act, 0);
        }
        if !self.setting.starts_empty {
            self.storage.put(self, tab, Slot::Refresh, refresh);
            self.storage.put(self, tab, Slot::Access, Some(access));
            self.storage.put_for_others(access);
        }
    }

    fn begin_at_server(&self, tab: TabId, user: char) -> (Token, Option<Token>) {
        // Where there is one cookie for all, signing in replaces it.
        if let Some(jar) = self.server.jar.get() {
            self.server.end(jar.session, Cause::LoggedOut);
        }
        self.server.sign_in(self.now(), user, self.audience(tab))
    }

    pub fn sign_in(self: &Rc<Self>, tab: TabId, client: usize, user: char) {
        self.count(Kind::SignIn);
        let before = self.session_seen(tab);
        if before.is_some_and(|session| self.server.accounts.borrow()[session].user != user) {
            self.count(Kind::OtherUser);
        }
        self.begin_session(tab, client, user, false);
    }

    /// A step-up: the user of the session is given tokens of a session that goes on with it.
    pub fn step_up(self: &Rc<Self>, tab: TabId, client: usize) {
        if let Some(session) = self.session_seen(tab) {
            self.count(Kind::StepUp);
            let user = self.server.accounts.borrow()[session].user;
            self.begin_session(tab, client, user, true);
        }
    }

    fn begin_session(self: &Rc<Self>, tab: TabId, client: usize, user: char, is_newer: bool) {
        let Some(pages) = self.pages_of_one(tab, client) else {
            return;
        };
        let (access, refresh) = self.begin_at_server(tab, user);
        let what = if is_newer { "setTokens()" } else { "signIn()" };
        self.trace(Some(tab), || format!("calls {what} with {access:?}"));
        let act = self.begin_act(tab, Some(access.session), is_newer);
        for (tab, client) in pages {
            let grant =
                Grant { access: token_of(self.audience(tab), access), refresh, expires_in: None };
            let change = async move |client| match is_newer {
                true => driver::set_tokens(client, grant).await,
                false => driver::sign_in(client, grant).await,
            };
            self.change(tab, client, what, &act, change);
        }
    }

    /// An answer of the application's server brings a newer access token.
    pub fn slide(self: &Rc<Self>, tab: TabId, client: usize) {
        // An app that is signing in here knows that those tokens are of another session.
        if self.tab(tab).changing.get() > 0 {
            return;
        }
        let session = self.session_seen(tab);
        let newer =
            session.and_then(|session| self.server.slide(self.now(), session, self.audience(tab)));
        let Some(access) = newer else {
            return;
        };
        self.count(Kind::Slide);
        self.trace(Some(tab), || format!("calls setTokens() with {access:?} alone"));
        if self.storage.settled(Some(tab), Slot::Access).value.is_none() {
            self.acts.lone.borrow_mut().push(access);
        }
        let act = self.begin_act(tab, session, true);
        let grant = Grant::of(access);
        self.change(tab, client, "setTokens()", &act, async move |client| {
            driver::set_tokens(client, grant).await;
        });
    }

    pub fn sign_out(self: &Rc<Self>, tab: TabId, client: usize) {
        let Some(pages) = self.pages_of_one(tab, client) else {
            return;
        };
        self.count(Kind::SignOut);
        let before = self.session_seen(tab);
        self.trace(Some(tab), || format!("signs out of {before:?}"));
        let logs_out = self.server.has_cookies || self.chance.percent(50);
        if let Some(session) = before.filter(|_| logs_out) {
            self.server.end(session, Cause::LoggedOut);
        }
        if let Some(jar) = self.server.jar.get() {
            self.server.end(jar.session, Cause::LoggedOut);
        }
        let act = self.begin_act(tab, None, false);
        for (tab, client) in pages {
            self.change(tab, client, "signOut()", &act, driver::sign_out);
        }
    }

    /// The clients that an application calls where it begins or ends a session: one for each
    /// audience. A page has them all; here they are in tabs, which hear of each other later.
    fn pages_of_one(&self, tab: TabId, client: usize) -> Option<Vec<(TabId, usize)>> {
        let mut pages = vec![(tab, client)];
        if self.setting.sharing == Sharing::RefreshToken {
            let is_other = |other: &TabId| {
                self.audience(*other) != self.audience(tab) && !self.is_frozen(*other)
            };
            pages.push((self.live_tabs().into_iter().find(is_other)?, 0));
        }
        Some(pages)
    }

    fn begin_act(&self, tab: TabId, session: Option<SessionId>, is_newer: bool) -> Rc<Begun> {
        let is_common = !self.storage.is_private(tab);
        let act = is_common.then(|| self.acts.begin(self, session, false, is_newer));
        Rc::new(Begun { act, session, is_newer })
    }

    /// Calls an api for `begun`, which ends with the last of its calls.
    fn change(
        self: &Rc<Self>,
        tab: TabId,
        client: usize,
        what: &'static str,
        begun: &Rc<Begun>,
        change: impl AsyncFnOnce(Rc<Client<Page>>) + 'static,
    ) {
        let (page, begun) = (self.tab(tab), begun.clone());
        let before = self.session_seen(tab).filter(|before| begun.session != Some(*before));
        self.acts.close(before, tab, None);
        if before.is_some() && !self.storage.answers_at_once() && !page.has_token() {
            begun.act.into_iter().for_each(|act| self.acts.acts.borrow_mut()[act].is_blind = true);
        }
        page.changing.set(page.changing.get() + 1);
        page.moves.set(page.moves.get() + 1);
        if !begun.is_newer {
            page.changes.set(page.changes.get() + 1);
        }
        page.cool_until.set(0);
        let client = page.clients.borrow()[client].clone();
        self.call(tab, what, async move |world| {
            change(client).await;
            world.trace(Some(tab), || format!("{what} is through"));
            page.changing.set(page.changing.get() - 1);
            if Rc::strong_count(&begun) == 1 {
                begun.act.into_iter().for_each(|act| world.acts.end(act, world.now()));
            }
            world.acts.close(before, tab, Some(world.now()));
        });
    }

    /// Notes the session that a tab stored which is killed before it has told the record.
    pub fn note_untold(&self, tab: TabId) {
        let stored = self.storage.seen(tab, Slot::Refresh).value;
        let presented = Presented::of(None, stored.as_ref());
        let is_told = self.records.common().is_some_and(|record| record.is_current(&presented));
        if let Some(stored) = stored.filter(|_| !is_told) {
            self.acts.untold.borrow_mut().push(stored.session);
        }
    }

    /// App code writes the tokens of a new session itself, or removes those there are.
    pub fn write_directly(self: &Rc<Self>, tab: TabId, user: Option<char>) {
        self.count(if user.is_some() { Kind::DirectSignIn } else { Kind::DirectSignOut });
        let before = self.session_seen(tab);
        let tokens = user.map(|user| self.begin_at_server(tab, user));
        if tokens.is_none()
            && let Some(jar) = self.server.jar.get()
        {
            self.server.end(jar.session, Cause::LoggedOut);
        }
        let (access, refresh) = tokens.map_or((None, None), |it| (Some(it.0), it.1));
        self.trace(Some(tab), || format!("writes {access:?} by itself"));
        if !self.storage.is_private(tab) {
            let act = self.acts.begin(self, access.map(|token| token.session), true, false);
            self.acts.end(act, self.now());
        }
        self.acts.close(before, tab, None);
        self.storage.put(self, tab, Slot::Refresh, refresh);
        self.storage.put(self, tab, Slot::Access, access);
        self.storage.note_direct();
    }
}
