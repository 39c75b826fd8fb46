//! The platform of one client, on this world: what its tasks read, write and wait for.

use std::rc::Rc;

use futures::FutureExt;
use futures::channel::oneshot;
use futures::future::{Either, LocalBoxFuture, poll_fn, select};
use tokenflight::error::Error;
use tokenflight::flight::Flight;
use tokenflight::millis::Millis;
use tokenflight::policy::Judgement;
use tokenflight::record::Record;
use tokenflight::session::{Event, SignOut};
use tokenflight::shared;
use tokenflight::task::{Platform, Slot, Task};
use tokenflight::values::{Note, Surroundings, Values};

use super::agenda::{MS, Sleep, ticks};
use super::checks;
use super::counts::Kind;
use super::driver::{self, Epochs, Mirror, Ports};
use super::exchange::{self, ServerAnswer};
use super::locks::{Guard, Waiting};
use super::records::Exclusively;
use super::request::{Failure, Request, Response};
use super::server::{latency, time_of_day};
use super::setting::Sharing;
use super::tab::{TabId, span};
use super::token::{Token, shown};
use super::wire::wire;
use super::world::World;

type Landing = shared::Landing<Page>;

/// A page as one client sees it.
#[derive(Clone)]
pub struct Page {
    pub world: Rc<World>,
    pub tab: TabId,
    epochs: Epochs,
    /// The tab's knowledge of a slow storage.
    mirror: Option<Rc<Mirror<Token>>>,
}

impl Page {
    pub fn new(
        world: &Rc<World>,
        tab: TabId,
        epochs: &Epochs,
        mirror: Option<&Rc<Mirror<Token>>>,
    ) -> Self {
        Self { world: world.clone(), tab, epochs: epochs.clone(), mirror: mirror.cloned() }
    }

    /// Runs `work` as a task of its tab.
    fn run(&self, work: impl Future<Output = ()> + 'static) {
        self.world.tasks.spawn(self.tab, Box::pin(work));
    }
}

impl std::fmt::Debug for Page {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Page")
    }
}

impl Values for Page {
    type Token = Token;
    type Request = Rc<Request>;
    type Response = Response;
    type Failure = Failure;
    type Guard = Guard;
}

impl Surroundings for Page {
    fn now(&self) -> Millis {
        span(self.world.now())
    }

    fn wall_clock(&self) -> Millis {
        let time = time_of_day(self.world.now()).into_raw();
        Millis::from_raw(time + self.world.wall_is_ahead.get() as f64)
    }

    fn random(&self) -> f64 {
        self.world.chance.fraction()
    }

    fn is_record_shared(&self) -> bool {
        self.world.records.is_common(&self.world, self.tab)
    }

    fn is_storage_copied(&self) -> bool {
        self.world.setting.sharing == Sharing::Copies
    }

    fn failure(&self, error: Error<Failure>) -> Failure {
        checks::failure_is_made(&self.world, self.tab, &error);
        Failure::Own(Rc::new(error))
    }

    fn may_replay(&self, request: &Rc<Request>) -> bool {
        request.may_replay
    }

    fn is_optional(&self, _request: &Rc<Request>) -> bool {
        false
    }

    fn announce(&self, event: Event<Token, Failure>) {
        let (world, tab) = (self.world.clone(), self.tab);
        self.run(async move {
            world.trace(Some(tab), || format!("hears {event:?}"));
            checks::event_is_announced(&world, tab, &event);
        });
    }

    fn tell_sign_out(&self, _: Option<&Self::Token>, _: Option<&Self::Token>) {}

    fn go_to_login(&self, why: SignOut) -> bool {
        let (world, tab) = (self.world.clone(), self.tab);
        self.run(async move {
            world.count(Kind::Login);
            world.trace(Some(tab), || format!("goes to the login page: {why:?}"));
        });
        true
    }

    fn trace(&self, note: Note<'_, Self>) {
        self.world.trace(Some(self.tab), || format!("{note:?}"));
        let kind = match note {
            Note::Waits(_) => Kind::WaitsForFlight,
            Note::NearItsEnd(_) => Kind::Ahead,
            Note::Replays(_) => Kind::Replay,
            Note::WaitsForTabs => Kind::WaitsForTabs,
            Note::LeavesHolderBehind(_) => Kind::LeftBehind,
            Note::Retries(..) => Kind::Retried,
            Note::FlightStarted => {
                let tab = self.world.tab(self.tab);
                tab.asks_before.set(tab.asks.get());
                Kind::FlightStarted
            }
            Note::FlightLanded(outcome, _) => return self.count_landing(outcome),
            Note::WaitsForHandOver => {
                let record = self.world.records.common();
                if record.is_some_and(|record| record.pending.is_some()) {
                    self.world.count(Kind::Orphan);
                }
                Kind::HandOver
            }
            Note::Waited(..) | Note::Unauthorized(..) | Note::Asks => return,
        };
        self.world.count(kind);
    }
}

impl Platform for Page {
    fn read(&self, slot: Slot) -> Option<Token> {
        match &self.mirror {
            Some(mirror) => mirror.read(slot),
            None => self.world.storage.seen(self.tab, slot).value,
        }
    }

    fn write(&self, slot: Slot, token: Option<&Token>) {
        let token = token.copied();
        checks::token_is_written(&self.world, self.tab, slot, token);
        match &self.mirror {
            Some(mirror) => {
                self.world.storage.decide(self.tab, slot);
                mirror.write(slot, token);
            }
            None => self.world.storage.put(&self.world, self.tab, slot, token),
        }
    }

    fn is_slow(&self) -> bool {
        self.mirror.is_some()
    }

    fn launch(&self, refresh: Box<dyn Task<Self>>) -> LocalBoxFuture<'static, Landing> {
        let (landed, landing) = oneshot::channel();
        let page = self.clone();
        self.run(async move {
            // Where nobody waits any more, the tokens are stored all the same.
            landed.send(driver::landing(page, refresh).await).ok();
        });
        landing.map(|landing| landing.unwrap_or(Landing::Superseded)).boxed_local()
    }

    fn see_through(&self, flight: Flight<Landing>, landed: Box<dyn FnOnce(Landing)>) {
        self.run(async move { landed(flight.await) });
    }

    fn spawn(&self, task: Box<dyn Task<Self>>) {
        let page = self.clone();
        self.run(async move { drop(driver::drive(page, task).await) });
    }
}

impl Ports for Page {
    async fn storage(&self) {
        if let Some(mirror) = &self.mirror {
            mirror.sync().await;
        }
    }

    async fn written(&self) {
        if let Some(mirror) = &self.mirror {
            mirror.flush().await;
        }
    }

    fn sleep(&self, duration: Millis) -> impl Future<Output = ()> {
        Sleep::new(&self.world, Some(self.tab), ticks(duration))
    }

    fn lock(&self, generation: u32) -> LocalBoxFuture<'static, Option<Guard>> {
        match self.world.setting.has_locks {
            true => Waiting::new(&self.world, self.tab, generation).map(Some).boxed_local(),
            false => std::future::ready(None).boxed_local(),
        }
    }

    async fn next_epoch(&self) {
        self.epochs.next().await;
    }

    fn exclusively<'a>(
        &'a self,
        act: &'a mut dyn FnMut(&mut Option<Record>),
    ) -> LocalBoxFuture<'a, ()> {
        Box::pin(Exclusively::new(&self.world, self.tab, act))
    }

    fn refresh(&self, refresh_token: Option<Token>) -> LocalBoxFuture<'static, ServerAnswer> {
        self.world.tab(self.tab).asks.set(self.world.tab(self.tab).asks.get() + 1);
        exchange::ask(&self.world, self.tab, refresh_token)
    }

    async fn send(
        &self,
        request: &Rc<Request>,
        token: Option<&Token>,
    ) -> Result<Response, Failure> {
        let (world, tab) = (&self.world, self.tab);
        let token = token.copied();
        checks::request_is_sent(world, tab, request, token);
        world.trace(Some(tab), || format!("sends {request:?} with {}", shown(token)));
        let (sender, answer) = wire(tab);
        let is_forbidden = request.is_forbidden;
        world.at(world.now() + latency(world), None, move |world| {
            let is_accepted = !is_forbidden && world.server.accepts(world.now(), token);
            let status = if is_accepted { 200 } else { 401 };
            let is_lost = world.is_offline.get();
            world.at(world.now() + latency(world), None, move |world| {
                let is_lost = is_lost || world.is_offline.get();
                let answer = if is_lost { Err(Failure::Offline) } else { Ok(Response { status }) };
                sender.send(world, world.now(), answer);
            });
        });
        match select(request.aborted().boxed_local(), answer).await {
            Either::Left((reason, _)) => Err(reason),
            Either::Right((answer, _)) => {
                if answer.as_ref().is_ok_and(|answer| answer.status == 401) {
                    world.count(Kind::Unauthorized);
                    world.tab(tab).refused.borrow_mut().push(token);
                }
                answer
            }
        }
    }

    async fn judge(&self, response: &Response) -> Judgement {
        if self.world.chance.percent(10) {
            let wait = self.world.chance.between(0, 20) * MS;
            Sleep::new(&self.world, Some(self.tab), wait).await;
        }
        match response.status {
            401 => Judgement::Unauthorized,
            _ => Judgement::Accepted,
        }
    }

    async fn aborted(&self, request: &Rc<Request>) -> Failure {
        request.aborted().await
    }

    fn is_dormant(&self) -> bool {
        self.world.tab(self.tab).is_dormant.get()
    }

    async fn woken(&self) {
        let tab = self.world.tab(self.tab);
        let before = tab.wakes.get();
        poll_fn(|context| {
            if tab.wakes.get() != before {
                return std::task::Poll::Ready(());
            }
            tab.sleepers.borrow_mut().push(context.waker().clone());
            std::task::Poll::Pending
        })
        .await;
    }
}

impl Page {
    fn count_landing(&self, outcome: &str) {
        let tab = self.world.tab(self.tab);
        let asked = tab.asks.get() != tab.asks_before.get();
        self.world.count(match outcome {
            "renewed" if !asked => Kind::Adopted,
            "renewed" => Kind::Renewed,
            "signed out" => Kind::SignedOut,
            "unavailable" => Kind::Outage,
            "superseded by another session" => Kind::Superseded,
            _ => Kind::Kept,
        });
    }
}
