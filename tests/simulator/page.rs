//! The platform of one client: the ports of the driver, on this world.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use futures::FutureExt;
use futures::future::{Either, LocalBoxFuture, poll_fn, select};
use tokenflight::error::Error;
use tokenflight::ports::{
    self, Act, Clock, HandOver, Note, Observer, Reading, Refresher, Slot, Spawn, TabLock,
    TokenStore, Transport, Values,
};
use tokenflight::session::{Event, SignOut};

use super::agenda::Sleep;
use super::checks;
use super::counts::Kind;
use super::exchange::{self, ServerAnswer};
use super::locks::{Guard, Waiting};
use super::records::Exclusively;
use super::request::{Failure, Request, Response};
use super::server::{latency, time_of_day};
use super::tab::TabId;
use super::token::{Token, shown};
use super::wire::wire;
use super::world::World;

/// A page as one client sees it.
pub struct Page {
    pub world: Rc<World>,
    pub tab: TabId,
    /// How many refreshes its tab had sent when the flight began.
    asks_before: Cell<u32>,
}

impl Page {
    pub fn new(world: &Rc<World>, tab: TabId) -> Self {
        Self { world: world.clone(), tab, asks_before: Cell::new(0) }
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
}

impl Transport for Page {
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

    async fn is_unauthorized(&self, response: &Response) -> bool {
        if self.world.chance.percent(10) {
            let wait = Duration::from_millis(self.world.chance.between(0, 20));
            Sleep::new(&self.world, Some(self.tab), wait).await;
        }
        response.status == 401
    }

    async fn aborted(&self, request: &Rc<Request>) -> Failure {
        request.aborted().await
    }

    fn may_replay(&self, request: &Rc<Request>) -> bool {
        request.may_replay
    }
}

impl Refresher for Page {
    fn refresh(&self, refresh_token: Option<Token>) -> LocalBoxFuture<'static, ServerAnswer> {
        self.world.tab(self.tab).asks.set(self.world.tab(self.tab).asks.get() + 1);
        exchange::ask(&self.world, self.tab, refresh_token)
    }
}

impl TokenStore for Page {
    fn read(&self, slot: Slot) -> Reading<Option<Token>> {
        self.world.storage.read(&self.world, self.tab, slot)
    }

    fn answers_at_once(&self) -> bool {
        self.world.storage.answers_at_once()
    }

    fn write(&self, slot: Slot, token: Option<&Token>) -> Reading<()> {
        checks::token_is_written(&self.world, self.tab, slot, token.copied());
        self.world.storage.write(&self.world, self.tab, slot, token.copied())
    }
}

impl TabLock for Page {
    type Guard = Guard;

    async fn lock(&self, generation: u32) -> Option<Guard> {
        match self.world.setting.has_locks {
            true => Some(Waiting::new(&self.world, self.tab, generation).await),
            false => None,
        }
    }
}

impl HandOver for Page {
    fn is_common(&self) -> bool {
        self.world.records.is_common(&self.world, self.tab)
    }

    fn exclusively<'a>(&'a self, act: Act<'a>) -> LocalBoxFuture<'a, ()> {
        Box::pin(Exclusively::new(&self.world, self.tab, act))
    }
}

impl Clock for Page {
    fn now(&self) -> Duration {
        Duration::from_micros(self.world.now())
    }

    fn wall_clock(&self) -> Duration {
        let ahead = self.world.wall_is_ahead.get();
        let time = time_of_day(self.world.now());
        match u64::try_from(ahead) {
            Ok(ahead) => time + Duration::from_millis(ahead),
            Err(_) => time.saturating_sub(Duration::from_millis(ahead.unsigned_abs())),
        }
    }

    fn sleep(&self, duration: Duration) -> impl Future<Output = ()> {
        Sleep::new(&self.world, Some(self.tab), duration)
    }

    fn random(&self) -> f64 {
        self.world.chance.fraction()
    }
}

impl ports::Presence for Page {
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

impl Spawn for Page {
    fn spawn(&self, future: LocalBoxFuture<'static, ()>) {
        self.world.tasks.spawn(self.tab, future);
    }
}

impl Observer for Page {
    fn announce(&self, event: Event<Token, Failure>) {
        self.world.trace(Some(self.tab), || format!("hears {event:?}"));
        checks::event_is_announced(&self.world, self.tab, &event);
    }

    fn lead_to_login(&self, why: SignOut) {
        self.world.count(Kind::Login);
        self.world.trace(Some(self.tab), || format!("goes to the login page: {why:?}"));
    }

    fn failure(&self, error: Error<Failure>) -> Failure {
        checks::failure_is_made(&self.world, self.tab, &error);
        Failure::Own(Rc::new(error))
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
                self.asks_before.set(self.world.tab(self.tab).asks.get());
                Kind::FlightStarted
            }
            Note::FlightLanded(outcome, _) => return self.count_landing(outcome),
            Note::WaitsForHandOver => {
                let record = self.world.records.common();
                if record.is_some_and(|record| record.asked.is_some()) {
                    self.world.count(Kind::Orphan);
                }
                Kind::HandOver
            }
            Note::Waited(..) | Note::Unauthorized(..) | Note::Asks => return,
        };
        self.world.count(kind);
    }
}

impl Page {
    fn count_landing(&self, outcome: &str) {
        let asked = self.world.tab(self.tab).asks.get() != self.asks_before.get();
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
