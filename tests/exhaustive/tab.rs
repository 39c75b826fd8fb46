//! One tab: the code that ships, from one request of its user to the next.

use std::rc::Rc;

use futures::FutureExt;
use tokenflight::client::Client;
use tokenflight::credential::Grant;
use tokenflight::machine::Machine;
use tokenflight::millis::Millis;
use tokenflight::policy::{Answer, Body, Judgement, Policy};
use tokenflight::record::Record;
use tokenflight::shared::SharedSession;
use tokenflight::task::{Outcome, Slot, Task, Wait};

use super::dialogue::{Question, Reply, Write};
use super::page::{Guard, Page};
use super::setting::Setting;
use super::token::Token;

/// What a tab comes to when nobody replies any more.
pub struct Turn {
    /// What it waits for.
    pub question: Question,
    /// The generation of the lock that it holds.
    pub held: Option<u32>,
    /// What it has written since the last reply.
    pub writes: Vec<Write>,
    /// The record as it has left it since then; the outer `None` where it has not.
    pub record: Option<Option<Record>>,
    /// What it knows besides.
    pub knowledge: Knowledge,
}

/// What a tab knows between two requests.
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
        // No answer takes that long; without locks, tabs wait for each other no longer then.
        policy: Rc::new(Policy { refresh_timeout: Millis::from_secs(1), ..Policy::default() }),
    });
    let mut tab = Tab { client, page, records, knowledge: Knowledge::default() };
    let end = match tab.run(setting.requests) {
        Err(Stop::Failed(what)) => Question::Failed(what),
        Err(Stop::NoReply) | Ok(()) => Question::Nothing,
    };
    let token = tab.client.shared.session.token();
    Turn {
        question: tab.page.open().unwrap_or(end),
        held: tab.page.held(),
        writes: tab.page.writes(),
        record: tab.page.left(),
        knowledge: Knowledge { token: token.map(|token| token.number), ..tab.knowledge },
    }
}

struct Tab<'a> {
    client: Rc<Client<Page>>,
    page: Page,
    records: &'a [Option<Record>],
    knowledge: Knowledge,
}

/// How long a tab is frozen: longer than others wait for its lock, and for its tokens.
const FROZEN: Millis = Millis::from_secs(20);

/// Why a tab does not go on: there are no more replies, or a request failed.
enum Stop {
    NoReply,
    Failed(&'static str),
}

type Going<T> = Result<T, Stop>;

impl Tab<'_> {
    fn run(&mut self, requests: u8) -> Going<()> {
        self.client.start();
        for request in 1..=requests {
            self.send(request)?;
            self.page.forget();
            self.knowledge.requests = request;
        }
        Ok(())
    }

    /// One request, which is answered with a 401 unless its token is of a rotation after
    /// `expired`.
    fn send(&mut self, expired: u8) -> Going<()> {
        self.ask(Question::User)?;
        let mut request = Machine::request(&self.client, ());
        loop {
            let wait = request.step();
            self.going()?;
            let token = request.facts().access_token;
            let is_new = token.is_some_and(|token| token.number > expired);
            match wait {
                Wait::Storage => self.fetch()?,
                Wait::Response => {
                    request.facts().judgement = match is_new {
                        true => Judgement::Accepted,
                        false => Judgement::Unauthorized,
                    };
                    request.facts().response = Some(());
                }
                Wait::Flight => self.fly(&mut request)?,
                Wait::End(Outcome::Response) if is_new => return Ok(()),
                Wait::End(Outcome::Response) => {
                    return Err(Stop::Failed("it is replayed with an old token"));
                }
                _ => {
                    let failure = request.facts().failure.take();
                    return Err(Stop::Failed(failure.unwrap_or("it is not replayed")));
                }
            }
        }
    }

    /// Drives the flight that `request` has launched until it has landed.
    fn fly(&mut self, request: &mut Machine<Page>) -> Going<()> {
        let (mut flight, landed) =
            self.page.take_launched().ok_or(Stop::Failed("no flight was launched"))?;
        loop {
            let wait = flight.step();
            self.going()?;
            match wait {
                Wait::End(_) => break,
                Wait::Lock { generation, patience } => {
                    self.line_up(&mut *flight, generation, patience)?;
                }
                Wait::Sleep(time) => {
                    self.ask(Question::Sleep(time.into_raw() as u16))?;
                    self.page.pass(time);
                }
                Wait::Record => self.act(&mut *flight)?,
                Wait::Answer { .. } => self.present(&mut *flight)?,
                Wait::Storage => self.fetch()?,
                Wait::Written => self.flush()?,
                other => unreachable!("a refresh waits for {other:?}"),
            }
        }
        let landing = flight.facts().landing.take().ok_or(Stop::Failed("it did not land"))?;
        drop(flight);
        landed.send(landing.clone()).ok();
        request.facts().flight.clone().and_then(FutureExt::now_or_never);
        self.page.announce(landing);
        self.going()
    }

    fn line_up(
        &mut self,
        flight: &mut dyn Task<Page>,
        generation: u32,
        patience: Millis,
    ) -> Going<()> {
        let epoch = self.client.shared.session.epoch();
        let patience = patience.into_raw() as u16;
        loop {
            let reply = self.page.ask(Question::Lock { generation, patience });
            match reply.ok_or(Stop::NoReply)? {
                Reply::Locked => {
                    let guard: Guard = self.page.hold(generation);
                    flight.facts().guard = Some(guard);
                }
                Reply::NoLocks => flight.facts().has_no_locks = true,
                Reply::Thawed => {
                    self.page.pass(FROZEN);
                    continue;
                }
                Reply::PatienceOver => self.page.pass(Millis::new(patience.into())),
                Reply::Changed => {
                    self.notice()?;
                    if epoch == self.client.shared.session.epoch() {
                        continue;
                    }
                }
                other => unreachable!("a lock is answered with {other:?}"),
            }
            return Ok(());
        }
    }

    fn act(&mut self, flight: &mut dyn Task<Page>) -> Going<()> {
        let Reply::Record(number) = self.ask(Question::Record)? else {
            unreachable!("a record is asked for");
        };
        let mut record = self.records[number as usize].clone();
        flight.on_record(&mut record);
        self.going()?;
        self.knowledge.generation = record.as_ref().map_or(0, |record| record.lock_generation);
        self.page.leave(record);
        self.ask(Question::Resume)?;
        Ok(())
    }

    fn present(&mut self, flight: &mut dyn Task<Page>) -> Going<()> {
        let token = flight.facts().refresh_token.map(|token| token.number);
        let reply = self.ask(Question::Answer(token))?;
        let (status, body) = match reply {
            Reply::Granted(number) => {
                let token = |slot| Token { slot, number };
                let refresh = Some(token(Slot::Refresh));
                let grant = Grant { refresh, ..Grant::of(token(Slot::Access)) };
                (200, Body::Tokens(grant))
            }
            _ => (503, Body::NotJson),
        };
        let answer = Answer::Response { status, retry_after: None, body, cause: None };
        flight.facts().answer = Some(answer);
        Ok(())
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

    /// Waits, and notices meanwhile when the storage changes.
    fn ask(&self, question: Question) -> Going<Reply> {
        loop {
            match self.page.ask(question).ok_or(Stop::NoReply)? {
                Reply::Changed => self.notice()?,
                Reply::Thawed => self.page.pass(FROZEN),
                reply => return Ok(reply),
            }
        }
    }

    fn notice(&self) -> Going<()> {
        self.client.notice_change();
        self.going()
    }

    fn going(&self) -> Going<()> {
        match self.page.open() {
            None => Ok(()),
            Some(_) => Err(Stop::NoReply),
        }
    }
}
