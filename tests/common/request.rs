//! Requests, their answers, and how they fail.

use std::cell::{Cell, RefCell};
use std::future::pending;
use std::rc::Rc;

use futures::FutureExt;
use futures::channel::oneshot;
use futures::future::Shared;
use tokenflight::error::Error;
use tokenflight::millis::Millis;

use super::clock::ms;

/// The error that requests of the tests reject with.
#[derive(Clone, Debug, PartialEq)]
pub enum Failure {
    /// The driver's own. Each has a number: two are equal if they are the same value.
    Own(u32, Rc<Error<Failure>>),
    Aborted(&'static str),
    Offline,
    /// An error that a `refresh` function threw.
    Callback,
    /// An answer of the token server, as an error.
    Http(u16),
}

impl Failure {
    pub fn name(&self) -> &'static str {
        match self {
            Self::Own(_, error) => error.name(),
            Self::Aborted(_) => "AbortError",
            _ => "another error",
        }
    }

    pub fn own(&self) -> &Error<Failure> {
        match self {
            Self::Own(_, error) => error,
            other => panic!("{other:?} is not an error of the driver's"),
        }
    }
}

/// One request: how long its answers take, and what is special about it.
#[derive(Clone, Debug)]
pub struct Request {
    pub name: &'static str,
    latencies: Vec<u64>,
    sent: Rc<Cell<usize>>,
    pub replayable: bool,
    /// The status of its answers, whatever its token is.
    pub forbidden: Option<u16>,
    pub public: bool,
    pub optional: bool,
    /// The status of its first answer, whatever its token is.
    pub first_status: Option<u16>,
    abort: Option<Abort>,
}

/// A request that takes ten milliseconds.
pub fn get(name: &'static str) -> Request {
    Request {
        name,
        latencies: vec![10],
        sent: Rc::default(),
        replayable: true,
        forbidden: None,
        public: false,
        optional: false,
        first_status: None,
        abort: None,
    }
}

impl Request {
    /// It takes so many milliseconds.
    pub fn takes(self, milliseconds: u64) -> Self {
        self.takes_each([milliseconds])
    }

    /// Its first send, its second… take so many milliseconds.
    pub fn takes_each(mut self, milliseconds: impl Into<Vec<u64>>) -> Self {
        self.latencies = milliseconds.into();
        self
    }

    /// Its body is gone once it was sent.
    pub fn unreplayable(mut self) -> Self {
        self.replayable = false;
        self
    }

    /// It is answered with 401 whatever its token is.
    pub fn forbidden(self) -> Self {
        self.forbidden_with(401)
    }

    /// It is answered with `status` whatever its token is.
    pub fn forbidden_with(mut self, status: u16) -> Self {
        self.forbidden = Some(status);
        self
    }

    /// It is answered whatever its token is.
    pub fn public(mut self) -> Self {
        self.public = true;
        self
    }

    /// It does without a session.
    pub fn optional(mut self) -> Self {
        self.optional = true;
        self
    }

    pub fn first_answered(mut self, status: u16) -> Self {
        self.first_status = Some(status);
        self
    }

    /// Returns true if it was sent before.
    pub fn is_sent(&self) -> bool {
        self.sent.get() > 0
    }

    pub fn abortable(mut self, abort: &Abort) -> Self {
        self.abort = Some(abort.clone());
        self
    }

    /// Resolves when the caller aborts it, and only then.
    pub async fn aborted(&self) -> Failure {
        match &self.abort {
            Some(abort) if abort.triggered.clone().await.is_ok() => Failure::Aborted(self.name),
            _ => pending().await,
        }
    }

    pub fn next_latency(&self) -> Millis {
        let sent = self.sent.replace(self.sent.get() + 1);
        ms(self.latencies[sent.min(self.latencies.len() - 1)])
    }
}

/// The handle by which a caller aborts.
#[derive(Clone, Debug)]
pub struct Abort {
    trigger: Rc<RefCell<Option<oneshot::Sender<()>>>>,
    triggered: Shared<oneshot::Receiver<()>>,
}

impl Abort {
    pub fn new() -> Self {
        let (trigger, triggered) = oneshot::channel();
        Self { trigger: Rc::new(RefCell::new(Some(trigger))), triggered: triggered.shared() }
    }

    pub fn abort(&self) {
        self.trigger.take().and_then(|trigger| trigger.send(()).ok());
    }
}

/// The answer to a request: its status, and the token that the request was sent with.
#[derive(Clone, Debug, PartialEq)]
pub struct Response {
    pub status: u16,
    pub token: String,
}
