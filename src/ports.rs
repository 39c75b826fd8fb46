//! The seams: what the driver needs from its surroundings.
//!
//! The browser is one platform; the tests bring another one, with a clock, a
//! network and a storage of their own.

use std::future::Future;
use std::time::Duration;

use futures::future::LocalBoxFuture;

use crate::error::Error;
use crate::handover::Record;
use crate::policy::Answer;
use crate::session::{Credential, Event, SignOut};

/// The values that a platform has. To the driver they are opaque.
pub trait Values: 'static {
    /// An access or refresh token.
    type Token: Credential + 'static;
    /// One request; it can be sent more than once.
    type Request;
    /// The answer to a request.
    type Response;
    /// What a request rejects with.
    type Failure: Clone + 'static;
}

/// Sends requests.
pub trait Transport: Values {
    /// Sends `request` once, with `token` attached. The caller's abort and the
    /// timeout of the attempt are in the returned future.
    fn send(
        &self,
        request: &Self::Request,
        token: Option<&Self::Token>,
    ) -> impl Future<Output = Result<Self::Response, Self::Failure>>;

    /// As [`Transport::send`], where the answer goes to the caller whatever it is: it may be
    /// one that is still to come, if that is what the caller gets.
    fn send_at_last(
        &self,
        request: &Self::Request,
        token: Option<&Self::Token>,
    ) -> impl Future<Output = Result<Self::Response, Self::Failure>> {
        self.send(request, token)
    }

    /// Whether `response` says that the access token is not accepted.
    fn is_unauthorized(&self, response: &Self::Response) -> impl Future<Output = bool>;

    /// Resolves, with the reason, when the caller aborts `request`.
    fn aborted(&self, request: &Self::Request) -> impl Future<Output = Self::Failure>;

    /// Whether `request` may be sent a second time.
    fn may_replay(&self, request: &Self::Request) -> bool;
}

/// Asks for new tokens.
pub trait Refresher: Values {
    /// Sends one refresh, outside of the driver. Dropping the future aborts it.
    fn refresh(
        &self,
        refresh_token: Option<Self::Token>,
    ) -> LocalBoxFuture<'static, Answer<Self::Token, Self::Failure>>;
}

/// Which token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    /// The access token.
    Access,
    /// The refresh token.
    Refresh,
}

/// A value that is there at once, or comes later.
pub enum Reading<T> {
    /// It is there.
    Now(T),
    /// It comes.
    Later(LocalBoxFuture<'static, T>),
}

impl<T> Reading<T> {
    /// The value.
    pub async fn get(self) -> T {
        match self {
            Self::Now(value) => value,
            Self::Later(value) => value.await,
        }
    }
}

impl<T> std::fmt::Debug for Reading<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Now(_) => "Now",
            Self::Later(_) => "Later",
        })
    }
}

/// Keeps tokens. It does not fail: what a storage refuses is kept in memory.
pub trait TokenStore: Values {
    /// The token in `slot`.
    fn read(&self, slot: Slot) -> Reading<Option<Self::Token>>;

    /// Whether reads and writes are done when they return.
    fn answers_at_once(&self) -> bool;

    /// Puts `token` into `slot`; `None` empties it.
    fn write(&self, slot: Slot, token: Option<&Self::Token>) -> Reading<()>;
}

/// Lets one tab at a time refresh.
pub trait TabLock {
    /// What holds the lock until it is dropped.
    type Guard: Guard;

    /// Waits for the lock of `generation`, however long that takes; `None` where tabs
    /// cannot lock each other out.
    fn lock(&self, generation: u32) -> impl Future<Output = Option<Self::Guard>>;
}

/// A lock that is held.
pub trait Guard {
    /// Whether it is held still: a page that is put away lets it go.
    fn is_held(&self) -> bool;
}

/// What is done with the record; it is called once.
pub type Act<'a> = &'a mut dyn FnMut(&mut Option<Record>);

/// Keeps what one tab's refresh leaves for the next one's.
pub trait HandOver {
    /// Hands the record to `act` while no other tab has it, and stores what that leaves;
    /// `None` leaves nothing behind. What `act` writes to a storage that answers at once
    /// is written before another tab gets the record.
    ///
    /// It does not fail: where no such store can be had, the record is this page's own.
    fn exclusively<'a>(&'a self, act: Act<'a>) -> LocalBoxFuture<'a, ()>;

    /// Whether the record is one that the tabs have in common.
    fn is_common(&self) -> bool;
}

/// Time and chance.
pub trait Clock {
    /// Monotonic time, from any fixed point.
    fn now(&self) -> Duration;

    /// As [`Clock::now`], for every request to ask. It is wrong, by less than a second,
    /// where the wall clock was set within the last one.
    fn about_now(&self) -> Duration {
        self.now()
    }

    /// The wall clock, from 1970. Tabs have it in common; it may be wrong, and jump.
    fn wall_clock(&self) -> Duration;

    /// Resolves after `duration`.
    fn sleep(&self, duration: Duration) -> impl Future<Output = ()>;

    /// As [`Clock::sleep`], before work that nobody waits for: where that is all that is
    /// left to do, a process may end.
    fn rest(&self, duration: Duration) -> impl Future<Output = ()> {
        self.sleep(duration)
    }

    /// A number from 0 up to, not including, 1.
    fn random(&self) -> f64;
}

/// Whether somebody is there.
pub trait Presence {
    /// Whether nobody sees the page, or there is no network.
    fn is_dormant(&self) -> bool;

    /// Resolves when the page is seen again, or the network is back.
    fn woken(&self) -> impl Future<Output = ()>;
}

/// Runs what belongs to no caller.
pub trait Spawn {
    /// Runs `future` to its end.
    fn spawn(&self, future: LocalBoxFuture<'static, ()>);
}

/// Hears what happens. Neither method may call back into the driver at once.
pub trait Observer: Values {
    /// Tells the listeners.
    fn announce(&self, event: Event<Self::Token, Self::Failure>);

    /// Leads to the login page: a request of this page needs a session, and it is over.
    fn lead_to_login(&self, why: SignOut);

    /// Turns an error into what requests reject with. It is called once for each
    /// flight: all who waited for it get the same value.
    fn failure(&self, error: Error<Self::Failure>) -> Self::Failure;

    /// Tells of a decision, where `debug` asks for it.
    fn trace(&self, note: Note<'_, Self>);
}

/// A decision, for the log.
#[derive(Debug)]
pub enum Note<'a, V: Values + ?Sized> {
    /// A request waits for the flight that is under way.
    Waits(&'a V::Request),
    /// A request has waited for so long.
    Waited(&'a V::Request, Duration),
    /// A request is due to go out with a token that is about to end.
    NearItsEnd(&'a V::Request),
    /// A request was refused, and what follows from it.
    Unauthorized(&'a V::Request, crate::policy::Step),
    /// A request is sent again.
    Replays(&'a V::Request),
    /// A flight has started.
    FlightStarted,
    /// A flight has ended after this long.
    FlightLanded(&'static str, Duration),
    /// Another tab holds the lock.
    WaitsForTabs,
    /// The tab that holds the lock has not moved for this long; it is left behind.
    LeavesHolderBehind(Duration),
    /// Another tab has rotated the tokens; they are not to be seen here yet.
    WaitsForHandOver,
    /// New tokens are asked for.
    Asks,
    /// A refresh is tried again after this long, for this reason.
    Retries(Duration, &'static str),
}

/// All of it.
pub trait Platform:
    Transport + Refresher + TokenStore + TabLock + HandOver + Clock + Spawn + Observer
{
}

impl<P> Platform for P where
    P: Transport + Refresher + TokenStore + TabLock + HandOver + Clock + Spawn + Observer
{
}
