//! One tab: the code that ships, from one request of its user to the next.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use futures::FutureExt;
use tokenflight::client::Client;
use tokenflight::credential::{Credential, Grant};
use tokenflight::machine::Machine;
use tokenflight::millis::Millis;
use tokenflight::policy::{Answer, Body, Judgement, Policy};
use tokenflight::record::Record;
use tokenflight::shared::SharedSession;
use tokenflight::task::{Outcome, Slot, Task, Wait};

use super::dialogue::{Question, Reply, Write};
use super::page::{Guard, Page};
use super::setting::Setting;
use super::token::{FIRST, Token, rotation_of, session_of};
use super::world::LATE;

/// The state of a tab when nobody replies any more.
pub struct Turn {
    /// The question that has no reply.
    pub question: Question,
    /// The generation of the lock that it holds.
    pub held: Option<u32>,
    /// Its writes since the last reply.
    pub writes: Vec<Write>,
    /// The record as it has left it since then; the outer `None` where it has not.
    pub record: Option<Option<Record>>,
    /// With what its requests were rejected since then.
    pub rejections: Vec<&'static str>,
    pub aside: Aside,
    /// Its other knowledge.
    pub knowledge: Knowledge,
}

/// The things that a tab waits for besides its question.
#[derive(Clone, Copy, Default, Debug)]
pub struct Aside {
    /// A change of session is under way.
    pub is_changing: bool,
    /// That change waits for the record.
    pub wants_record: bool,
    /// The refresh token to which the answer is late.
    pub late: Option<u8>,
}

/// The knowledge of a tab between two requests.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Knowledge {
    /// How many requests it has sent.
    requests: u8,
    /// The access token.
    token: Option<u8>,
    /// Which lock counts.
    generation: u32,
}

/// The tab after `replies`, of which those with a record mean one of `records`.
pub fn turn_after(replies: Vec<Reply>, records: &[Option<Record>], setting: &Setting) -> Turn {
    let page = Page::of(replies, setting);
    let client = Rc::new(Client {
        platform: page.clone(),
        shared: Rc::new(SharedSession::new()),
        // Without locks, tabs wait for each other no longer then.
        policy: Rc::new(Policy { refresh_timeout: TIMEOUT, ..Policy::default() }),
    });
    let tab = Tab {
        client,
        page,
        records,
        setting,
        requests: Cell::default(),
        generation: Cell::default(),
        aside: Cell::default(),
        change: RefCell::default(),
        late: RefCell::default(),
    };
    let end = match tab.run() {
        Err(Stop::Failed(what)) => Question::Failed(what),
        Err(Stop::NoReply) | Ok(()) => Question::Nothing,
    };
    let token = tab.client.shared.session.token().map(|token| token.number);
    let (requests, generation) = (tab.requests.get(), tab.generation.get());
    Turn {
        question: tab.page.open().unwrap_or(end),
        held: tab.page.held(),
        writes: tab.page.writes(),
        record: tab.page.left(),
        rejections: tab.page.rejections(),
        aside: tab.aside.get(),
        knowledge: Knowledge { requests, token, generation },
    }
}

pub(super) struct Tab<'a> {
    pub(super) client: Rc<Client<Page>>,
    pub(super) page: Page,
    records: &'a [Option<Record>],
    pub(super) setting: &'a Setting,
    requests: Cell<u8>,
    generation: Cell<u32>,
    /// As it was when there was no reply left.
    pub(super) aside: Cell<Aside>,
    /// The change of session that waits for the record.
    pub(super) change: RefCell<Option<Machine<Page>>>,
    /// The refresh that waits for its late answer.
    pub(super) late: RefCell<Option<Box<dyn Task<Page>>>>,
}

/// How long a refresh may take.
const TIMEOUT: Millis = Millis::new(LATE as u32);

/// How long a tab is frozen: longer than others wait for its lock, and for its tokens.
const FROZEN: Millis = Millis::from_secs(20);

/// After how long a user asks again whose request could not be answered, and how often.
const PATIENCE: Millis = Millis::from_secs(2);
const MOST_TRIES: u32 = 4;

/// The result of a request that is sent when nobody is signed in.
pub const WITHOUT: &str = "it is sent without a token";

/// Why a tab does not go on: there are no more replies, or a request failed.
pub(super) enum Stop {
    NoReply,
    Failed(&'static str),
}

pub(super) type Going<T> = Result<T, Stop>;

/// The state of a refresh: it has ended, or waits for an answer that is late.
#[derive(PartialEq)]
pub(super) enum Driven {
    Ended,
    Late,
}

impl Tab<'_> {
    fn run(&self) -> Going<()> {
        self.client.start();
        for request in 1..=self.setting.requests {
            if let Reply::Asked(clock) = self.ask(Question::User)? {
                self.page.set_clock(clock);
            }
            self.insist(request)?;
            self.page.forget();
            self.requests.set(request);
        }
        self.ask(Question::Nothing)?;
        Ok(())
    }

    /// Sends a request, and again where a refresh has come to nothing for now.
    fn insist(&self, request: u8) -> Going<()> {
        for _ in 0..MOST_TRIES {
            match self.send(request)? {
                Some("RefreshUnavailableError") if self.setting.gives_up() => {
                    self.ask(Question::Sleep(PATIENCE.into_raw() as u16))?;
                    self.page.pass(PATIENCE);
                }
                Some(what) => {
                    self.page.reject(what);
                    return Ok(());
                }
                None => return Ok(()),
            }
        }
        Err(Stop::Failed("it is never replayed"))
    }

    /// One request, which is answered with a 401 unless its token is of a rotation after
    /// `expired`. Returns with what it was rejected, if it was.
    fn send(&self, expired: u8) -> Going<Option<&'static str>> {
        let mut request = Machine::request(&self.client, ());
        let mut first: Option<Option<Token>> = None;
        loop {
            let wait = request.step();
            self.going()?;
            let token = request.facts().access_token;
            let is_new = token.is_some_and(|token| {
                // The tokens of a sign-in have not expired while the request was under way.
                let has_begun = session_of(token.number) != FIRST
                    && first.is_some_and(|first| first != Some(token));
                rotation_of(token.number) > expired || has_begun
            });
            match wait {
                Wait::Storage => self.fetch()?,
                Wait::Response => {
                    if let (Some(Some(first)), Some(token)) = (first, token)
                        && first.is_of_another_user(&token)
                    {
                        return Err(Stop::Failed("it is replayed under another user"));
                    }
                    first = first.or(Some(token));
                    request.facts().judgement = match is_new {
                        true => Judgement::Accepted,
                        false => Judgement::Unauthorized,
                    };
                    request.facts().response = Some(());
                }
                Wait::Flight => self.fly(&mut request)?,
                Wait::End(Outcome::Response) if is_new => return Ok(None),
                // The server's own 401 is the caller's.
                Wait::End(Outcome::Response) if token.is_none() => return Ok(Some(WITHOUT)),
                Wait::End(Outcome::Response) if self.setting.may_see_again => return Ok(None),
                Wait::End(Outcome::Response) => {
                    return Err(Stop::Failed("it is replayed with an old token"));
                }
                _ => {
                    let failure = request.facts().failure.take();
                    return Ok(Some(failure.unwrap_or("it is not replayed")));
                }
            }
        }
    }

    /// Drives the flight that `request` has launched until it has landed.
    fn fly(&self, request: &mut Machine<Page>) -> Going<()> {
        let (mut flight, landed) =
            self.page.take_launched().ok_or(Stop::Failed("no flight was launched"))?;
        let driven = self.drive(&mut *flight)?;
        if driven == Driven::Ended {
            let landing = flight.facts().landing.take().ok_or(Stop::Failed("it did not land"))?;
            landed.send(landing).ok();
        }
        let shared = request.facts().flight.clone();
        let landing = shared.and_then(FutureExt::now_or_never);
        let landing = landing.ok_or(Stop::Failed("it did not land early"))?;
        match driven {
            Driven::Ended => drop(flight),
            Driven::Late => self.put_aside(flight),
        }
        self.page.announce(landing);
        self.going()
    }

    /// Drives a refresh until it has ended, or has landed without its answer.
    pub(super) fn drive(&self, flight: &mut dyn Task<Page>) -> Going<Driven> {
        let mut is_late = false;
        loop {
            let wait = flight.step();
            self.going()?;
            match wait {
                Wait::End(_) => return Ok(Driven::Ended),
                Wait::Lock { generation, patience } => {
                    self.line_up(flight, generation, patience)?;
                }
                Wait::Sleep(time) => {
                    self.ask(Question::Sleep(time.into_raw() as u16))?;
                    self.page.pass(time);
                }
                Wait::Record => self.act(flight)?,
                Wait::Answer { .. } if is_late => return Ok(Driven::Late),
                Wait::Answer { .. } => is_late = !self.present(flight)?,
                Wait::Storage => self.fetch()?,
                Wait::Written => self.flush()?,
                other => unreachable!("a refresh waits for {other:?}"),
            }
        }
    }

    fn line_up(&self, flight: &mut dyn Task<Page>, generation: u32, patience: Millis) -> Going<()> {
        let epoch = self.client.shared.session.epoch();
        let patience = patience.into_raw() as u16;
        loop {
            let reply = self.page.ask(Question::Lock { generation, patience });
            match reply.ok_or(Stop::NoReply)? {
                Reply::Locked(clock) => {
                    self.page.set_clock(clock);
                    let guard: Guard = self.page.hold(generation);
                    flight.facts().guard = Some(guard);
                }
                Reply::NoLocks => flight.facts().has_no_locks = true,
                Reply::PatienceOver => self.page.pass(Millis::new(patience.into())),
                other => {
                    self.hear(other)?;
                    if epoch == self.client.shared.session.epoch() {
                        continue;
                    }
                }
            }
            return Ok(());
        }
    }

    fn act(&self, flight: &mut dyn Task<Page>) -> Going<()> {
        let Reply::Record(number) = self.ask(Question::Record)? else {
            unreachable!("a record is asked for");
        };
        self.take_record(flight, number)?;
        self.ask(Question::Resume)?;
        Ok(())
    }

    pub(super) fn take_record(&self, task: &mut dyn Task<Page>, number: u32) -> Going<()> {
        let mut record = self.records[number as usize].clone();
        task.on_record(&mut record);
        self.going()?;
        self.generation.set(record.as_ref().map_or(0, |record| record.lock_generation));
        self.page.leave(record);
        Ok(())
    }

    /// Returns whether the answer comes in time.
    fn present(&self, flight: &mut dyn Task<Page>) -> Going<bool> {
        let token = flight.facts().refresh_token.map(|token| token.number);
        let reply = self.ask(Question::Answer(token))?;
        if reply == Reply::TooLate {
            self.page.pass(TIMEOUT);
            return Ok(false);
        }
        flight.facts().answer = Some(answer(reply));
        Ok(true)
    }

    fn fetch(&self) -> Going<()> {
        match self.ask(Question::Fetch)? {
            Reply::Held(numbers) => self.page.know(numbers),
            other => unreachable!("a slow storage answers with {other:?}"),
        }
        Ok(())
    }

    /// Stores what was written, the refresh token first.
    fn flush(&self) -> Going<()> {
        for write in self.page.take_unwritten() {
            self.ask(Question::Store(write))?;
            self.page.put(write);
        }
        Ok(())
    }

    /// Waits, and does meanwhile what happens besides.
    fn ask(&self, question: Question) -> Going<Reply> {
        loop {
            match self.page.ask(question).ok_or(Stop::NoReply)? {
                reply if is_aside(reply) => self.hear(reply)?,
                reply => return Ok(reply),
            }
        }
    }

    /// Something happens while the tab waits.
    fn hear(&self, reply: Reply) -> Going<()> {
        match reply {
            Reply::Changed => self.notice(),
            Reply::Thawed => {
                self.page.pass(FROZEN);
                Ok(())
            }
            Reply::Begin(change) => self.begin(change),
            Reply::Told(number) => self.tell(number),
            Reply::Late(_) | Reply::Never(_) => self.settle_late(reply),
            other => unreachable!("nobody has asked for {other:?}"),
        }
    }

    fn notice(&self) -> Going<()> {
        self.client.notice_change();
        self.going()
    }

    pub(super) fn going(&self) -> Going<()> {
        match self.page.open() {
            None => Ok(()),
            Some(_) => Err(Stop::NoReply),
        }
    }
}

fn is_aside(reply: Reply) -> bool {
    matches!(
        reply,
        Reply::Changed
            | Reply::Thawed
            | Reply::Begin(_)
            | Reply::Told(_)
            | Reply::Late(_)
            | Reply::Never(_)
    )
}

pub(super) fn answer(reply: Reply) -> Answer<Token, &'static str> {
    let (status, body) = match reply {
        Reply::Granted(number) | Reply::Late(number) => {
            let token = |slot| Token { slot, number };
            let refresh = Some(token(Slot::Refresh));
            let grant = Grant { refresh, ..Grant::of(token(Slot::Access)) };
            (200, Body::Tokens(grant))
        }
        Reply::Refused => (400, Body::WithoutToken { code: None, is_temporary: false }),
        _ => (503, Body::NotJson),
    };
    Answer::Response { status, retry_after: None, body, cause: None }
}
