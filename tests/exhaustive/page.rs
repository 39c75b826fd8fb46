//! The platform of one tab: everything that it brings comes from a script.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use futures::FutureExt;
use futures::channel::oneshot;
use futures::future::LocalBoxFuture;
use tokenflight::error::Error;
use tokenflight::flight::Flight;
use tokenflight::millis::Millis;
use tokenflight::record::Record;
use tokenflight::session::{Event, SignOut};
use tokenflight::shared;
use tokenflight::task::{Platform, Slot, Task};
use tokenflight::values::{self, Note, Surroundings, Values};

use super::dialogue::{Question, Reply, Write};
use super::setting::{Planted, Setting};
use super::token::Token;

pub type Landing = shared::Landing<Page>;

/// A flight that was launched, and where its landing is told.
pub type Launched = (Box<dyn Task<Page>>, oneshot::Sender<Landing>);

/// The first listener to hear of a landing, and the flight that it waits for.
type Listener = (Flight<Landing>, Box<dyn FnOnce(Landing)>);

#[derive(Default)]
pub struct Script {
    replies: RefCell<std::vec::IntoIter<Reply>>,
    /// The question to which there was no reply left. Whatever the tab does from there on is void.
    open: Cell<Option<Question>>,
    /// The writes since the last reply.
    writes: RefCell<Vec<Write>>,
    /// The record as it was left since the last reply.
    record: RefCell<Option<Option<Record>>>,
    /// With what requests were rejected since then.
    rejections: RefCell<Vec<&'static str>>,
    now: Cell<Millis>,
    /// The generation of the lock that is held.
    held: Cell<Option<u32>>,
    /// The same when there was no reply left.
    held_then: Cell<Option<u32>>,
    is_slow: bool,
    /// Its knowledge of a slow storage, and the writes that the storage is still to keep.
    known: RefCell<[Option<u8>; 2]>,
    unwritten: RefCell<Vec<Write>>,
    planted: Option<Planted>,
    /// The values that a planted fault has read before they are asked for.
    read: RefCell<[Option<Option<u8>>; 2]>,
    launched: Cell<Option<Launched>>,
    listener: Cell<Option<Listener>>,
}

/// A page that lives by a script.
#[derive(Clone)]
pub struct Page(Rc<Script>);

impl Page {
    pub fn of(replies: Vec<Reply>, setting: &Setting) -> Self {
        let (planted, is_slow) = (setting.planted, setting.is_slow);
        let replies = RefCell::new(replies.into_iter());
        Self(Rc::new(Script { replies, planted, is_slow, ..Script::default() }))
    }

    /// The reply to `question`; none where the script ends.
    pub fn ask(&self, question: Question) -> Option<Reply> {
        if self.0.open.get().is_some() {
            return None;
        }
        let reply = self.0.replies.borrow_mut().next();
        match reply {
            None => {
                self.0.open.set(Some(question));
                self.0.held_then.set(self.0.held.get());
            }
            Some(_) => {
                self.0.writes.borrow_mut().clear();
                self.0.record.take();
                self.0.rejections.borrow_mut().clear();
            }
        }
        reply
    }

    /// Returns the last question, to which there is no reply.
    pub fn open(&self) -> Option<Question> {
        self.0.open.get()
    }

    pub fn writes(&self) -> Vec<Write> {
        self.0.writes.borrow().clone()
    }

    pub fn rejections(&self) -> Vec<&'static str> {
        self.0.rejections.borrow().clone()
    }

    /// A request was rejected.
    pub fn reject(&self, what: &'static str) {
        self.0.rejections.borrow_mut().push(what);
    }

    /// Leaves the record, where it was not asked for in vain.
    pub fn leave(&self, record: Option<Record>) {
        self.0.record.replace(Some(record));
    }

    /// The record as it was left since the last reply; the outer `None` where it was not.
    pub fn left(&self) -> Option<Option<Record>> {
        self.0.record.borrow().clone()
    }

    /// Notes the tokens that a slow storage has said that it holds, by slot.
    pub fn know(&self, numbers: [Option<u8>; 2]) {
        self.0.known.replace(numbers);
    }

    /// Takes the writes that a slow storage is to keep.
    pub fn take_unwritten(&self) -> Vec<Write> {
        self.0.unwritten.take()
    }

    /// Stores a token, unless that is void.
    pub fn put(&self, write: Write) {
        if self.open().is_none() {
            self.0.writes.borrow_mut().push(write);
        }
    }

    pub fn held(&self) -> Option<u32> {
        self.0.held_then.get()
    }

    pub fn hold(&self, generation: u32) -> Guard {
        self.0.held.set(Some(generation));
        Guard(self.clone())
    }

    pub fn pass(&self, time: Millis) {
        self.0.now.set(self.0.now.get() + time);
    }

    /// It is that late, where that matters.
    pub fn set_clock(&self, time: u16) {
        self.0.now.set(self.0.now.get().max(Millis::new(time.into())));
    }

    pub fn take_launched(&self) -> Option<Launched> {
        self.0.launched.take()
    }

    /// The flight has landed: whoever waits hears of it.
    pub fn announce(&self, landing: Landing) {
        if let Some((flight, listener)) = self.0.listener.take() {
            flight.now_or_never();
            listener(landing);
        }
    }
}

/// Reads, as they are and as a planted fault has them.
impl Page {
    fn look(&self, slot: Slot) -> Option<u8> {
        if self.0.is_slow {
            return self.0.known.borrow()[slot as usize];
        }
        match self.ask(Question::Read(slot)) {
            Some(Reply::Seen(number)) => number,
            None => None,
            other => unreachable!("a read is answered with {other:?}"),
        }
    }

    fn read_once(&self, slot: Slot) -> Option<u8> {
        let known = self.0.read.borrow()[slot as usize];
        known.unwrap_or_else(|| {
            let number = self.look(slot);
            self.0.read.borrow_mut()[slot as usize] = Some(number);
            number
        })
    }

    /// A request is through, or new tokens are there.
    pub fn forget(&self) {
        self.0.read.take();
    }
}

impl std::fmt::Debug for Page {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Page")
    }
}

/// The lock, held until this is dropped.
pub struct Guard(Page);

impl values::Guard for Guard {
    fn is_held(&self) -> bool {
        true
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.0.held.set(None);
    }
}

impl Values for Page {
    type Token = Token;
    type Request = ();
    type Response = ();
    type Failure = &'static str;
    type Guard = Guard;
}

impl Surroundings for Page {
    fn now(&self) -> Millis {
        self.0.now.get()
    }

    fn wall_clock(&self) -> Millis {
        Millis::from_secs(1_700_000_000) + self.now()
    }

    fn random(&self) -> f64 {
        0.5
    }

    fn is_record_shared(&self) -> bool {
        true
    }

    fn failure(&self, error: Error<&'static str>) -> &'static str {
        error.name()
    }

    fn may_replay(&self, (): &()) -> bool {
        true
    }

    fn is_optional(&self, (): &()) -> bool {
        false
    }

    fn announce(&self, _: Event<Token, &'static str>) {}

    fn go_to_login(&self, _: SignOut) -> bool {
        true
    }

    fn tell_sign_out(&self, _: Option<&Token>, _: Option<&Token>) {}

    fn trace(&self, _: Note<'_, Self>) {}
}

impl Platform for Page {
    fn read(&self, slot: Slot) -> Option<Token> {
        let number = match self.0.planted {
            Some(Planted::NoSecondLook) => self.read_once(slot),
            _ => self.look(slot),
        };
        number.map(|number| Token { slot, number })
    }

    fn write(&self, slot: Slot, token: Option<&Token>) {
        let write = Write { slot, number: token.map(|token| token.number) };
        self.forget();
        match self.0.is_slow {
            true => {
                self.0.known.borrow_mut()[slot as usize] = write.number;
                self.0.unwritten.borrow_mut().push(write);
            }
            false => self.put(write),
        }
    }

    fn is_slow(&self) -> bool {
        self.0.is_slow
    }

    fn launch(&self, refresh: Box<dyn Task<Self>>) -> LocalBoxFuture<'static, Landing> {
        let (landed, landing) = oneshot::channel();
        self.0.launched.set(Some((refresh, landed)));
        landing.map(|landing| landing.unwrap_or(Landing::Superseded)).boxed_local()
    }

    fn see_through(&self, flight: Flight<Landing>, landed: Box<dyn FnOnce(Landing)>) {
        self.0.listener.set(Some((flight, landed)));
    }

    fn spawn(&self, _: Box<dyn Task<Self>>) {}
}
