//! Requests of the application, their answers, and how they fail.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};

use tokenflight::error::Error;

use super::token::Token;

/// The error that requests reject with.
#[derive(Clone, Debug)]
pub enum Failure {
    Own(Rc<Error<Failure>>),
    Aborted,
    Offline,
    /// An answer of the token server.
    Http,
}

#[derive(Clone, Copy, Debug)]
pub struct Response {
    pub status: u16,
}

/// A request, as often as it is sent.
pub struct Request {
    pub id: usize,
    pub may_replay: bool,
    /// It is answered with 401 whatever its token is.
    pub is_forbidden: bool,
    pub sends: Cell<u32>,
    /// The token that it was sent with first, and how many sessions had begun or ended in
    /// its tab by then.
    pub first: Cell<Option<(Option<Token>, u32)>>,
    is_aborted: Cell<bool>,
    wakers: RefCell<Vec<Waker>>,
}

impl Request {
    pub fn new(id: usize, may_replay: bool, is_forbidden: bool) -> Self {
        Self {
            id,
            may_replay,
            is_forbidden,
            sends: Cell::new(0),
            first: Cell::new(None),
            is_aborted: Cell::new(false),
            wakers: RefCell::default(),
        }
    }

    pub fn abort(&self) {
        self.is_aborted.set(true);
        self.wakers.take().into_iter().for_each(Waker::wake);
    }

    /// Resolves when the caller aborts it.
    pub async fn aborted(&self) -> Failure {
        poll_fn(|context| {
            if self.is_aborted.get() {
                return Poll::Ready(Failure::Aborted);
            }
            let mut wakers = self.wakers.borrow_mut();
            if !wakers.iter().any(|waker| waker.will_wake(context.waker())) {
                wakers.push(context.waker().clone());
            }
            Poll::Pending
        })
        .await
    }
}

impl std::fmt::Debug for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "request {}", self.id)
    }
}
