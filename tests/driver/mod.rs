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
use tokenflight::facts::Facts;
use tokenflight::machine::{Machine, forget_later};
use tokenflight::millis::Millis;
use tokenflight::policy::{Answer, Judgement};
use tokenflight::record::Record;
use tokenflight::session::Epoch;
use tokenflight::shared::Landing;
use tokenflight::task::{Outcome, Platform, Task, Wait};
use tokenflight::values::Values;

pub use epochs::Epochs;
pub use mirror::Mirror;
pub use reading::Reading;

/// The waiting that tasks ask for.
pub trait Ports: Platform<Request: Clone> + Clone {
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

    fn judge(&self, response: &Self::Response) -> impl Future<Output = Judgement>;

    /// Resolves, with the reason, when the caller aborts `request`.
    fn aborted(&self, request: &Self::Request) -> impl Future<Output = Self::Failure>;

    /// Tells if the page is hidden, or there is no network.
    fn is_dormant(&self) -> bool;

    /// Resolves when the page is seen again, or the network is back.
    fn woken(&self) -> impl Future<Output = ()>;
}

/// The lock that a task has asked for.
type LockRequest<P> = (u32, LocalBoxFuture<'static, Option<<P as Values>::Guard>>);

/// Drives `task` to its end; returns how it ended, and what it knows then.
pub async fn drive<P: Ports>(
    platform: P,
    mut task: Box<dyn Task<P>>,
) -> (Outcome, Box<dyn Task<P>>) {
    let mut request: Option<LockRequest<P>> = None;
    let mut asked = None;
    loop {
        let wait = task.step();
        if !matches!(wait, Wait::Lock { .. } | Wait::Record) {
            request = None;
        }
        match wait {
            Wait::End(outcome) => return (outcome, task),
            Wait::Lock { generation, patience } => {
                let facts = task.facts();
                wait_for_lock(&platform, &mut request, generation, patience, facts).await;
            }
            Wait::Response => {
                if !send(&platform, &mut *task).await {
                    return (Outcome::Failed, task);
                }
            }
            Wait::Record => {
                platform.exclusively(&mut |record| task.on_record(record)).await;
            }
            Wait::Answer { patience } => {
                let send = || platform.refresh(task.facts().refresh_token.clone());
                let answer = asked.take().unwrap_or_else(send);
                match select(answer, pin!(platform.sleep(patience))).await {
                    Either::Left((answer, _)) => task.facts().answer = Some(answer),
                    Either::Right((_, answer)) => asked = Some(answer),
                }
            }
            Wait::Flight => {
                let flight = task.facts().flight.clone().expect("a flight");
                flight.await;
            }
            wait => simply_wait(&platform, wait).await,
        }
    }
}

async fn simply_wait<P: Ports>(platform: &P, wait: Wait) {
    match wait {
        Wait::Storage => platform.storage().await,
        Wait::Written => platform.written().await,
        Wait::Sleep(time) | Wait::Rest(time) => platform.sleep(time).await,
        other => unreachable!("{other:?} is waited for elsewhere"),
    }
}

/// Sends one attempt, and judges the response; returns whether there is one.
async fn send<P: Ports>(platform: &P, task: &mut dyn Task<P>) -> bool {
    let facts = task.facts();
    let request = facts.request.clone().expect("a request");
    match platform.send(&request, facts.access_token.clone().as_ref()).await {
        Ok(response) => {
            task.facts().judgement = platform.judge(&response).await;
            task.facts().response = Some(response);
            true
        }
        Err(failure) => {
            task.facts().failure = Some(failure);
            false
        }
    }
}

async fn wait_for_lock<P: Ports>(
    platform: &P,
    request: &mut Option<LockRequest<P>>,
    generation: u32,
    patience: Millis,
    facts: &mut Facts<P>,
) {
    let open = request.take().filter(|(other, _)| *other == generation);
    let open = request.insert(open.unwrap_or_else(|| (generation, platform.lock(generation))));
    let (next_epoch, time) = (pin!(platform.next_epoch()), pin!(platform.sleep(patience)));
    let ended = select(select(&mut open.1, next_epoch), time).await;
    if let Either::Left((Either::Left((granted, _)), _)) = ended {
        *request = None;
        facts.has_no_locks = granted.is_none();
        facts.guard = granted;
    }
}

/// The result of a task that ends with a response.
fn response_of<P: Ports>(
    (outcome, mut task): (Outcome, Box<dyn Task<P>>),
) -> Result<P::Response, P::Failure> {
    match outcome {
        Outcome::Response => Ok(task.facts().response.take().expect("a response")),
        Outcome::Failed => Err(task.facts().failure.take().expect("a failure")),
        outcome => unreachable!("a request ended with {outcome:?}"),
    }
}

/// Sends a request as a caller does; it rejects at once when the caller aborts it.
pub async fn fetch<P: Ports>(
    client: Rc<Client<P>>,
    request: P::Request,
) -> Result<P::Response, P::Failure> {
    let task = Machine::request(&client, request.clone());
    let way = drive(client.platform.clone(), Box::new(task));
    let aborted = pin!(client.platform.aborted(&request));
    match select(pin!(way), aborted).await {
        Either::Left((ended, _)) => response_of(ended),
        Either::Right((failure, _)) => Err(failure),
    }
}

/// Goes on with a request that was sent by hand and got a 401.
pub async fn answer_unauthorized<P: Ports>(
    client: Rc<Client<P>>,
    request: P::Request,
    sent: Epoch,
    response: P::Response,
) -> Result<P::Response, P::Failure> {
    let task = Machine::unauthorized(&client, request, sent, response);
    response_of(drive(client.platform.clone(), Box::new(task)).await)
}

pub async fn refresh<P: Ports>(client: Rc<Client<P>>) -> Result<(), P::Failure> {
    let task = Machine::refresh(&client);
    let (outcome, mut task) = drive(client.platform.clone(), Box::new(task)).await;
    match outcome {
        Outcome::Failed => Err(task.facts().failure.take().expect("a failure")),
        _ => Ok(()),
    }
}

pub async fn access_token<P: Ports>(
    client: Rc<Client<P>>,
    min_validity: Millis,
) -> Result<Option<P::Token>, P::Failure> {
    let task = Machine::access_token(&client, min_validity);
    let (outcome, mut task) = drive(client.platform.clone(), Box::new(task)).await;
    match outcome {
        Outcome::Token => Ok(task.facts().access_token.clone()),
        Outcome::Failed => Err(task.facts().failure.take().expect("a failure")),
        outcome => unreachable!("it ended with {outcome:?}"),
    }
}

pub async fn sign_in<P: Ports>(client: Rc<Client<P>>, grant: Grant<P::Token>) {
    let task = Machine::sign_in(&client, grant);
    drive(client.platform.clone(), Box::new(task)).await;
}

pub async fn set_tokens<P: Ports>(client: Rc<Client<P>>, grant: Grant<P::Token>) {
    let task = Machine::set_tokens(&client, grant);
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
pub async fn landing<P: Ports>(platform: P, refresh: Box<dyn Task<P>>) -> Landing<P> {
    let (_, mut refresh) = drive(platform, refresh).await;
    // One that was answered late has landed before.
    refresh.facts().landing.take().unwrap_or(Landing::Superseded)
}
