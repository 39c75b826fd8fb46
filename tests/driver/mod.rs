//! Drives tasks on a platform of futures: what `src/shell/drive.js` does on promises.

#![allow(dead_code, reason = "each test crate uses its own part")]
#![allow(unreachable_pub, reason = "a module of a test crate is private in any case")]

mod epochs;
mod mirror;
mod reading;

use std::future::Future;
use std::pin::pin;
use std::rc::Rc;

use futures::FutureExt;
use futures::future::{Either, LocalBoxFuture, select};
use tokenflight::client::Client;
use tokenflight::credential::Grant;
use tokenflight::machine::{Machine, forget_later};
use tokenflight::millis::Millis;
use tokenflight::policy::Answer;
use tokenflight::record::Record;
use tokenflight::session::Epoch;
use tokenflight::task::{Input, Outcome, Platform, Task, Wait};

pub use epochs::Epochs;
pub use mirror::Mirror;
pub use reading::Reading;

/// The waiting that tasks ask for.
pub trait Ports: Platform + Clone {
    /// Until it is known what a slow storage holds.
    fn storage(&self) -> impl Future<Output = ()>;

    /// Until everything that was written is stored.
    fn written(&self) -> impl Future<Output = ()>;

    fn sleep(&self, duration: Millis) -> impl Future<Output = ()>;

    /// Waits for the lock of `generation`, however long that takes; `None` where tabs cannot
    /// lock each other out.
    fn lock(&self, generation: u32) -> LocalBoxFuture<'static, Option<Self::Guard>>;

    /// Until another epoch begins.
    fn next_epoch(&self) -> impl Future<Output = ()>;

    /// Hands the record to `act` while no other tab has it.
    fn exclusively<'a>(
        &'a self,
        act: &'a mut dyn FnMut(&mut Option<Record>),
    ) -> LocalBoxFuture<'a, ()>;

    /// Sends one refresh. Dropping the future aborts it.
    fn refresh(
        &self,
        refresh_token: Option<Self::Token>,
    ) -> LocalBoxFuture<'static, Answer<Self::Token, Self::Failure>>;

    fn send(
        &self,
        request: &Self::Request,
        token: Option<&Self::Token>,
    ) -> impl Future<Output = Result<Self::Response, Self::Failure>>;

    fn is_unauthorized(&self, response: &Self::Response) -> impl Future<Output = bool>;

    /// Resolves, with the reason, when the caller aborts `request`.
    fn aborted(&self, request: &Self::Request) -> impl Future<Output = Self::Failure>;

    /// Whether nobody sees the page, or there is no network.
    fn is_dormant(&self) -> bool;

    /// Resolves when the page is seen again, or the network is back.
    fn woken(&self) -> impl Future<Output = ()>;
}

/// The lock that a task has asked for.
type LockRequest<P> =
    (u32, LocalBoxFuture<'static, Option<<P as tokenflight::values::Values>::Guard>>);

/// Drives `task` to its end.
pub async fn drive<P: Ports>(platform: P, mut task: Box<dyn Task<P>>) -> Outcome<P> {
    let mut input = Input::Done;
    let mut request: Option<LockRequest<P>> = None;
    loop {
        let wait = task.step(input);
        if !matches!(wait, Wait::Lock { .. } | Wait::Record) {
            request = None;
        }
        input = match wait {
            Wait::End(outcome) => return outcome,
            Wait::Lock { generation, patience } => {
                wait_for_lock(&platform, &mut request, generation, patience).await
            }
            Wait::Response { token } => {
                let sent = task.request().expect("a request");
                match platform.send(sent, token.as_ref()).await {
                    Ok(response) => {
                        let is_unauthorized = platform.is_unauthorized(&response).await;
                        Input::Response(response, is_unauthorized)
                    }
                    Err(failure) => return Outcome::Failed(failure),
                }
            }
            Wait::FinalResponse { token } => {
                let sent = task.request().expect("a request");
                return match platform.send(sent, token.as_ref()).await {
                    Ok(response) => Outcome::Response(response),
                    Err(failure) => Outcome::Failed(failure),
                };
            }
            Wait::Record => {
                platform.exclusively(&mut |record| task.on_record(record)).await;
                Input::Done
            }
            Wait::Answer { refresh_token, patience } => {
                let answer = platform.refresh(refresh_token);
                match select(answer, pin!(platform.sleep(patience))).await {
                    Either::Left((answer, _)) => Input::Answered(answer),
                    Either::Right(_) => Input::TimedOut,
                }
            }
            wait => {
                simply_wait(&platform, wait).await;
                Input::Done
            }
        };
    }
}

async fn simply_wait<P: Ports>(platform: &P, wait: Wait<P>) {
    match wait {
        Wait::Storage => platform.storage().await,
        Wait::Written => platform.written().await,
        Wait::Sleep(time) | Wait::Rest(time) => platform.sleep(time).await,
        Wait::Flight(flight) => drop(flight.await),
        other => unreachable!("{other:?} is waited for elsewhere"),
    }
}

async fn wait_for_lock<P: Ports>(
    platform: &P,
    request: &mut Option<LockRequest<P>>,
    generation: u32,
    patience: Millis,
) -> Input<P> {
    let open = request.take().filter(|(other, _)| *other == generation);
    let open = request.insert(open.unwrap_or_else(|| (generation, platform.lock(generation))));
    let next_epoch = pin!(platform.next_epoch());
    match select(select(&mut open.1, next_epoch), pin!(platform.sleep(patience))).await {
        Either::Left((Either::Left((granted, _)), _)) => {
            *request = None;
            granted.map_or(Input::NoLocks, Input::Locked)
        }
        _ => Input::Done,
    }
}

/// Sends a request as a caller does; it rejects at once when the caller aborts it.
pub async fn fetch<P: Ports<Request: Clone>>(
    client: Rc<Client<P>>,
    request: P::Request,
) -> Result<P::Response, P::Failure> {
    let task = Machine::request(&client, request.clone());
    let way = drive(client.platform.clone(), Box::new(task));
    let aborted = pin!(client.platform.aborted(&request));
    match select(pin!(way), aborted).await {
        Either::Left((Outcome::Response(response), _)) => Ok(response),
        Either::Left((Outcome::Failed(failure), _)) | Either::Right((failure, _)) => Err(failure),
        Either::Left((outcome, _)) => unreachable!("a request ended with {outcome:?}"),
    }
}

/// Goes on with a request that was sent by hand and got a 401.
pub async fn answer_unauthorized<P: Ports<Request: Clone>>(
    client: Rc<Client<P>>,
    request: P::Request,
    sent: Epoch,
    response: P::Response,
) -> Result<P::Response, P::Failure> {
    let task = Machine::unauthorized(&client, request, sent, response);
    match drive(client.platform.clone(), Box::new(task)).await {
        Outcome::Response(response) => Ok(response),
        Outcome::Failed(failure) => Err(failure),
        outcome => unreachable!("a request ended with {outcome:?}"),
    }
}

pub async fn refresh<P: Ports>(client: Rc<Client<P>>) -> Result<(), P::Failure> {
    let task = Machine::refresh(&client);
    match drive(client.platform.clone(), Box::new(task)).await {
        Outcome::Failed(failure) => Err(failure),
        _ => Ok(()),
    }
}

pub async fn access_token<P: Ports>(
    client: Rc<Client<P>>,
    min_validity: Millis,
) -> Result<Option<P::Token>, P::Failure> {
    let task = Machine::access_token(&client, min_validity);
    match drive(client.platform.clone(), Box::new(task)).await {
        Outcome::Token(token) => Ok(token),
        Outcome::Failed(failure) => Err(failure),
        outcome => unreachable!("it ended with {outcome:?}"),
    }
}

pub async fn sign_in<P: Ports>(client: Rc<Client<P>>, grant: Grant<P::Token>) {
    let task = Machine::sign_in(&client, grant);
    drive(client.platform.clone(), Box::new(task)).await;
}

pub async fn sign_out<P: Ports>(client: Rc<Client<P>>) {
    let task = Machine::sign_out(&client);
    drive(client.platform.clone(), Box::new(task)).await;
}

/// Another tab has changed the storage.
pub fn notice_change<P: Ports>(client: &Rc<Client<P>>) {
    client.notice_change();
    forget_later(client);
}

/// Keeps the token fresh until it is dropped: what `src/shell/background.js` does.
pub async fn keep_fresh<P: Ports>(client: Rc<Client<P>>) {
    let platform = client.platform.clone();
    loop {
        {
            let due = match client.until_due() {
                Some(wait) => platform.sleep(wait).boxed_local(),
                None => futures::future::pending().boxed_local(),
            };
            let (next_epoch, woken) = (pin!(platform.next_epoch()), pin!(platform.woken()));
            select(due, select(next_epoch, woken)).await;
        }
        if platform.is_dormant() {
            // It is caught up on when somebody is there to see it.
            platform.woken().await;
        }
        let task = Machine::refresh_ahead(&client);
        drive(platform.clone(), Box::new(task)).await;
    }
}

/// Boxes what a refresh lands with.
pub async fn landing<P: Ports>(
    platform: P,
    refresh: Box<dyn Task<P>>,
) -> tokenflight::shared::Landing<P> {
    match drive(platform, refresh).await {
        Outcome::Landed(landing) => landing,
        outcome => unreachable!("a refresh ended with {outcome:?}"),
    }
}
