//! A task as JavaScript drives it: `src/shell/drive.js`.

use std::cell::Cell;
use std::rc::Rc;

use js_sys::{Float64Array, Promise};
use wasm_bindgen::prelude::*;

use super::browser::{Asked, Browser, Lock};
use super::planted::trap_at;
use super::shell::{Answer, Driver};
use super::token::Token;
use crate::credential::Grant;
use crate::millis::Millis;
use crate::policy::{self, Body, Judgement};
use crate::record::Record;
use crate::session::Epoch;
use crate::shared::Landing;
use crate::task::{self, Outcome, Wait};

/// Names the result that the current wait will bring.
#[derive(Clone, Copy)]
enum Awaited {
    Nothing,
    Lock,
    Answer,
    Response,
    Judgement,
}

/// Receives the landing of a refresh.
type LandingSlot = Rc<Cell<Option<Landing<Browser>>>>;

/// Work that waits now and then.
#[wasm_bindgen(skip_typescript)]
pub struct Task {
    browser: Browser,
    task: Box<dyn task::Task<Browser>>,
    awaited: Awaited,
    /// The lock that is asked for, and its generation.
    lock: Option<(u32, Lock)>,
    /// The refresh that was sent, until it is answered.
    asked: Option<Asked>,
    landing: Option<LandingSlot>,
}

impl Task {
    pub(crate) fn new(browser: Browser, task: Box<dyn task::Task<Browser>>) -> Self {
        let awaited = Awaited::Nothing;
        Self { browser, task, awaited, lock: None, asked: None, landing: None }
    }

    /// Makes the task leave its landing in `slot`.
    pub(crate) fn landing_in(self, slot: LandingSlot) -> Self {
        Self { landing: Some(slot), ..self }
    }

    fn epoch(&self) -> Epoch {
        self.browser.shared.session.epoch()
    }

    fn tell_if_changed(&self, before: Epoch) {
        if self.epoch() != before {
            self.browser.platform.epoch_changed();
        }
    }

    /// Begins to wait.
    fn wait(&mut self, wait: Wait, driver: &Driver) -> JsValue {
        let (platform, facts) = (&self.browser.platform, self.task.facts());
        match wait {
            Wait::Storage => platform.sync().into(),
            Wait::Written => platform.flush().into(),
            Wait::Sleep(time) => platform.sleep(time.into_raw()).into(),
            Wait::Rest(time) => platform.rest(time.into_raw()).into(),
            Wait::Lock { generation, patience } => self.wait_for_lock(generation, patience),
            Wait::Record => platform.exclusively(driver).into(),
            Wait::Answer { patience } => {
                self.awaited = Awaited::Answer;
                let token = Token::into_raw(facts.refresh_token.as_ref());
                let asked = self.asked.get_or_insert_with(|| Asked(platform.ask(&token)));
                asked.0.wait(patience.into_raw()).into()
            }
            Wait::Flight => platform.landing(),
            Wait::Response => {
                self.awaited = Awaited::Response;
                let none = JsValue::NULL;
                let token = facts.access_token.as_ref().map_or(&none, Token::as_raw);
                let request = facts.request.as_ref().unwrap_or(&none);
                platform.send(request, token).into()
            }
            Wait::End(outcome) => {
                driver.finish();
                self.end(outcome)
            }
        }
    }

    fn wait_for_lock(&mut self, generation: u32, patience: Millis) -> JsValue {
        self.awaited = Awaited::Lock;
        let open = self.lock.take().filter(|(other, _)| *other == generation);
        let request = || (generation, Lock(self.browser.platform.lock(generation)));
        let (_, lock) = self.lock.insert(open.unwrap_or_else(request));
        lock.0.wait(patience.into_raw()).into()
    }

    fn end(&mut self, outcome: Outcome) -> JsValue {
        let facts = self.task.facts();
        match outcome {
            Outcome::Done => JsValue::UNDEFINED,
            Outcome::Response => facts.response.take().unwrap_or_default(),
            Outcome::Token => Token::into_raw(facts.access_token.as_ref()),
            Outcome::Failed => Promise::reject(&facts.failure.take().unwrap_or_default()).into(),
            Outcome::Landed => {
                if let Some(slot) = &self.landing {
                    slot.set(facts.landing.take());
                }
                JsValue::UNDEFINED
            }
        }
    }

    /// Leaves the lock among the facts, if it is granted.
    fn take_lock(&mut self) {
        let facts = self.task.facts();
        match self.lock.take() {
            Some((_, lock)) if lock.0.is_missing() => facts.has_no_locks = true,
            Some((_, lock)) if lock.0.is_held() => facts.guard = Some(lock),
            open => self.lock = open,
        }
    }
}

#[wasm_bindgen]
impl Task {
    /// Goes on with what was awaited. Returns the next value or promise to await; once it has
    /// told the driver to finish, that is the result.
    pub fn step(&mut self, value: JsValue, driver: Driver) -> JsValue {
        trap_at("step");
        match std::mem::replace(&mut self.awaited, Awaited::Nothing) {
            Awaited::Nothing => {}
            Awaited::Lock => self.take_lock(),
            Awaited::Answer if value.is_undefined() => {}
            Awaited::Answer => {
                self.asked = None;
                self.task.facts().answer = Some(answer_of(value.unchecked_ref()));
            }
            Awaited::Response => {
                let judged = self.browser.platform.is_unauthorized(&value);
                self.task.facts().response = Some(value);
                // It may be a promise.
                if judged.is_truthy() {
                    self.awaited = Awaited::Judgement;
                    return judged;
                }
                self.task.facts().judgement = Judgement::Accepted;
            }
            Awaited::Judgement => {
                self.task.facts().judgement = match (value.is_string(), value.is_truthy()) {
                    (true, _) => Judgement::Replay,
                    (_, true) => Judgement::Unauthorized,
                    _ => Judgement::Accepted,
                };
            }
        }
        let before = self.epoch();
        let wait = self.task.step();
        self.tell_if_changed(before);
        if !matches!(wait, Wait::Lock { .. } | Wait::Record) {
            self.lock = None;
        }
        self.wait(wait, &driver)
    }

    /// Reads and changes the record while no other tab has it. Returns what is to be stored:
    /// undefined leaves it as it is, null removes it.
    #[wasm_bindgen(js_name = onRecord)]
    pub fn on_record(&mut self, stored: JsValue) -> JsValue {
        trap_at("onRecord");
        let before = self.epoch();
        let stored: Option<Vec<f64>> =
            (!stored.is_undefined()).then(|| stored.unchecked_ref::<Float64Array>().to_vec());
        let mut record = stored.as_deref().map(Record::from_raw);
        self.task.on_record(&mut record);
        self.tell_if_changed(before);
        let left = record.map(|record| record.into_raw());
        match left {
            left if left == stored => JsValue::UNDEFINED,
            Some(raw) => Float64Array::from(raw.as_slice()).into(),
            None => JsValue::NULL,
        }
    }
}

/// The answer to a refresh, as decisions take it.
fn answer_of(answer: &Answer) -> policy::Answer<Token, JsValue> {
    let cause = answer.cause();
    if answer.is_sign_in_required() {
        policy::Answer::SignInRequired(cause)
    } else if answer.is_failed() {
        policy::Answer::Failed(cause)
    } else {
        policy::Answer::Response {
            status: answer.status(),
            retry_after: millis(answer.retry_after()),
            body: body_of(answer),
            cause: (!cause.is_undefined()).then_some(cause),
        }
    }
}

fn millis(raw: f64) -> Option<Millis> {
    (!raw.is_nan()).then(|| Millis::from_raw(raw))
}

fn body_of(answer: &Answer) -> Body<Token> {
    match Token::from_raw(answer.access_token()) {
        Some(access) => Body::Tokens(Grant {
            access,
            refresh: Token::from_raw(answer.refresh_token()),
            expires_in: millis(answer.expires_in()),
        }),
        None if answer.is_page() => Body::Page,
        None if answer.is_json() => {
            let code = answer.code();
            let code = (!code.is_nan()).then_some(code as u16);
            Body::WithoutToken { code, is_temporary: answer.is_temporary() }
        }
        None => Body::NotJson,
    }
}

impl std::fmt::Debug for Task {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Task").finish_non_exhaustive()
    }
}
