//! Tabs with what one commonly writes by hand: one refresh at a time for each tab.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use futures::FutureExt;
use futures::future::{LocalBoxFuture, Shared};
use tokenflight::millis::Millis;

use super::clock::ms;
use super::servers::Answer;
use super::world::{Browser, Ended, Kind, World};

/// How a refresh ended.
#[derive(Clone, Copy, PartialEq)]
enum Refreshed {
    Done,
    SignedOut,
    Failed,
}

pub struct Handwritten {
    world: Rc<World>,
    browser: Rc<Browser>,
    flight: RefCell<Option<Shared<LocalBoxFuture<'static, Refreshed>>>>,
    is_refreshing: Cell<bool>,
}

impl Handwritten {
    pub fn open(world: &Rc<World>, browser: &Rc<Browser>) {
        let tab = Rc::new(Self {
            world: world.clone(),
            browser: browser.clone(),
            flight: RefCell::default(),
            is_refreshing: Cell::default(),
        });
        world.work(browser, move || tab.clone().fetch());
    }

    async fn fetch(self: Rc<Self>) -> Ended {
        if self.send().await {
            return Ended::Fine;
        }
        let refreshed = self.join().await;
        match refreshed {
            Refreshed::Done if self.send().await => Ended::Fine,
            Refreshed::Done | Refreshed::Failed => Ended::Failed,
            Refreshed::SignedOut => Ended::SignedOut,
        }
    }

    async fn send(&self) -> bool {
        let token = self.browser.access.borrow().clone();
        self.world.api(token.as_ref()).await
    }

    fn join(self: &Rc<Self>) -> Shared<LocalBoxFuture<'static, Refreshed>> {
        if !self.is_refreshing.replace(true) {
            let tab = self.clone();
            let flight = async move {
                let refreshed = tab.refresh().await;
                tab.is_refreshing.set(false);
                refreshed
            };
            self.flight.replace(Some(flight.boxed_local().shared()));
        }
        self.flight.borrow().clone().expect("it was just put there")
    }

    async fn refresh(&self) -> Refreshed {
        let kind = self.world.setting.kind;
        let mut pause = ms(300);
        loop {
            let token = self.browser.refresh.borrow().clone();
            match self.world.servers.refresh(token).await {
                Answer::Tokens { access, refresh } => {
                    self.browser.refresh.replace(Some(refresh));
                    self.browser.access.replace(Some(access));
                    return Refreshed::Done;
                }
                Answer::Refused => return Refreshed::SignedOut,
                Answer::Unavailable { .. } if kind == Kind::Interceptor => {
                    return Refreshed::SignedOut;
                }
                Answer::Unavailable { .. } if kind == Kind::NoBackoff => return Refreshed::Failed,
                Answer::Unavailable { .. } => {
                    self.world.clock.sleep(pause).await;
                    pause = (pause * 2.0).min(Millis::from_secs(60));
                }
            }
        }
    }
}
