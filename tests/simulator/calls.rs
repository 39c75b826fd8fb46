//! The calls of the application, and whether they settle.

use std::rc::Rc;

use tokenflight::error::Error;

use super::agenda::{MS, SECOND, Time};
use super::checks;
use super::counts::Kind;
use super::driver;
use super::plan::BOUND;
use super::request::{Failure, Request};
use super::tab::TabId;
use super::token::SessionId;
use super::world::World;

/// A call that is under way.
#[derive(Clone, Debug)]
pub struct Call {
    pub tab: TabId,
    pub what: &'static str,
    pub began: Time,
    pub is_settled: bool,
}

/// The peculiarities of one request.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wish {
    pub aborts_after: Option<Time>,
    pub is_unreplayable: bool,
    pub is_forbidden: bool,
}

impl World {
    /// Runs a call as a task of `tab`.
    pub fn call(
        self: &Rc<Self>,
        tab: TabId,
        what: &'static str,
        work: impl AsyncFnOnce(Rc<Self>) + 'static,
    ) {
        let call = {
            let mut calls = self.calls.borrow_mut();
            calls.push(Call { tab, what, began: self.now(), is_settled: false });
            calls.len() - 1
        };
        let world = self.clone();
        self.tasks.spawn(
            tab,
            Box::pin(async move {
                work(world.clone()).await;
                let began = {
                    let mut calls = world.calls.borrow_mut();
                    calls[call].is_settled = true;
                    calls[call].began
                };
                let took = world.now() - began.max(world.tab(tab).frozen_since.get());
                world.longest_call.set(world.longest_call.get().max(took));
                if took > BOUND {
                    world.violate(3, format!("{what} of tab {tab} takes {} s", took / SECOND));
                }
            }),
        );
    }

    pub fn fetch(
        self: &Rc<Self>,
        tab: TabId,
        client: usize,
        wish: Wish,
        stands: Option<SessionId>,
    ) {
        self.count(Kind::Fetch);
        let id = self.requests.get();
        self.requests.set(id + 1);
        let request = Rc::new(Request::new(id, !wish.is_unreplayable, wish.is_forbidden));
        if wish.is_unreplayable {
            self.count(Kind::Unreplayable);
        }
        if let Some(after) = wish.aborts_after {
            self.count(Kind::Aborted);
            let request = request.clone();
            self.at(self.now() + after, Some(tab), move |_| request.abort());
        }
        let client = self.tab(tab).clients.borrow()[client].clone();
        self.call(tab, "fetch()", async move |world| {
            let outcome = driver::fetch(client, request.clone()).await;
            world.trace(Some(tab), || format!("{request:?} ends with {outcome:?}"));
            if let Err(Failure::Own(error)) = &outcome {
                checks::request_is_rejected(&world, tab, &request, error);
                world.count(match **error {
                    Error::SessionChanged => Kind::SessionChanged,
                    Error::SignInRequired { .. } => Kind::SignInRequired,
                    Error::RefreshUnavailable { .. } => Kind::RefreshUnavailable,
                });
            }
            if let Some(session) = stands {
                super::at_rest::session_stands(&world, tab, session, &outcome);
            }
        });
    }

    pub fn refresh(self: &Rc<Self>, tab: TabId, client: usize) {
        self.count(Kind::RefreshCall);
        self.trace(Some(tab), || "calls refresh()".to_owned());
        let page = self.tab(tab);
        page.cool_until.set(0);
        page.woken_at.set(self.now());
        page.by_hand.set(page.by_hand.get() + 1);
        let client = page.clients.borrow()[client].clone();
        self.call(tab, "refresh()", async move |world| {
            let outcome = driver::refresh(client).await;
            world.trace(Some(tab), || format!("refresh() ends with {outcome:?}"));
            page.by_hand.set(page.by_hand.get() - 1);
        });
    }

    pub fn access_token(self: &Rc<Self>, tab: TabId, client: usize) {
        self.count(Kind::AccessTokenCall);
        let page = self.tab(tab);
        page.by_hand.set(page.by_hand.get() + 1);
        let client = page.clients.borrow()[client].clone();
        let lives = super::tab::span(self.chance.between(0, 100_000 * MS));
        self.call(tab, "getAccessToken()", async move |world| {
            let outcome = driver::access_token(client, lives).await;
            world.trace(Some(tab), || format!("getAccessToken() ends with {outcome:?}"));
            page.by_hand.set(page.by_hand.get() - 1);
        });
    }

    pub fn keep_fresh(self: &Rc<Self>, tab: TabId) {
        self.count(Kind::KeepFresh);
        let page = self.tab(tab);
        let client = page.clients.borrow()[0].clone();
        let task = self.tasks.spawn(tab, Box::pin(driver::keep_fresh(client)));
        page.keepers.borrow_mut().push(task);
    }
}
