//! A task as JavaScript drives it: `src/shell/drive.js`.

use std::cell::Cell;
use std::rc::Rc;

use js_sys::{Float64Array, Promise};
use wasm_bindgen::prelude::*;

use super::browser::{Browser, Lock};
use super::landings::landing_of;
use super::shell::Answer;
use super::token::Token;
use crate::credential::Grant;
use crate::millis::Millis;
use crate::policy::{self, Body};
use crate::record::Record;
use crate::session::Epoch;
use crate::shared::Landing;
use crate::task::{self, Input, Outcome, Wait};

/// The input that the wait under way will bring.
#[derive(Clone, Copy)]
enum Awaited {
    Nothing,
    Lock,
    Answer,
    Response,
    Judgement,
}

/// Where the landing of a refresh is left.
type LandingSlot = Rc<Cell<Option<Landing<Browser>>>>;

/// Work that waits now and then.
#[wasm_bindgen(skip_typescript)]
pub struct Task {
    browser: Browser,
    task: Box<dyn task::Task<Browser>>,
    awaited: Awaited,
    /// The lock that is asked for, and its generation.
    lock: Option<(u32, Lock)>,
    /// The response that is being judged.
    response: JsValue,
    landing: Option<LandingSlot>,
    is_done: bool,
}

impl Task {
    pub(crate) fn new(browser: Browser, task: Box<dyn task::Task<Browser>>) -> Self {
        Self {
            browser,
            task,
            awaited: Awaited::Nothing,
            lock: None,
            response: JsValue::UNDEFINED,
            landing: None,
            is_done: false,
        }
    }

    /// The same task, which leaves its landing in `slot`.
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

    fn request(&self) -> JsValue {
        self.task.request().cloned().unwrap_or_default()
    }

    /// Begins to wait.
    fn wait(&mut self, wait: Wait<Browser>, own: &JsValue) -> JsValue {
        let platform = &self.browser.platform;
        match wait {
            Wait::Storage => platform.sync().into(),
            Wait::Written => platform.flush().into(),
            Wait::Sleep(time) => platform.sleep(time.into_raw()).into(),
            Wait::Rest(time) => platform.rest(time.into_raw()).into(),
            Wait::Lock { generation, patience } => self.wait_for_lock(generation, patience),
            Wait::Record => platform.exclusively(own).into(),
            Wait::Answer { refresh_token, patience } => {
                self.awaited = Awaited::Answer;
                let token = Token::into_raw(refresh_token.as_ref());
                platform.ask(&token, patience.into_raw()).into()
            }
            Wait::Flight(flight) => landing_of(&flight),
            Wait::Response { token } => {
                self.awaited = Awaited::Response;
                platform.send(&self.request(), &Token::into_raw(token.as_ref())).into()
            }
            Wait::FinalResponse { token } => {
                self.is_done = true;
                platform.send_final(&self.request(), &Token::into_raw(token.as_ref())).into()
            }
            Wait::End(outcome) => self.end(outcome),
        }
    }

    fn wait_for_lock(&mut self, generation: u32, patience: Millis) -> JsValue {
        self.awaited = Awaited::Lock;
        let open = self.lock.take().filter(|(other, _)| *other == generation);
        let request = || (generation, Lock(self.browser.platform.lock(generation)));
        let (_, lock) = self.lock.insert(open.unwrap_or_else(request));
        lock.0.wait(patience.into_raw()).into()
    }

    fn end(&mut self, outcome: Outcome<Browser>) -> JsValue {
        self.is_done = true;
        match outcome {
            Outcome::Done => JsValue::UNDEFINED,
            Outcome::Response(response) => response,
            Outcome::Token(token) => Token::into_raw(token.as_ref()),
            Outcome::Failed(failure) => Promise::reject(&failure).into(),
            Outcome::Landed(landing) => {
                if let Some(slot) = &self.landing {
                    slot.set(Some(landing));
                }
                JsValue::UNDEFINED
            }
        }
    }

    fn lock_input(&mut self) -> Input<Browser> {
        match self.lock.take() {
            Some((_, lock)) if lock.0.is_missing() => Input::NoLocks,
            Some((_, lock)) if lock.0.is_held() => Input::Locked(lock),
            open => {
                self.lock = open;
                Input::Done
            }
        }
    }
}

#[wasm_bindgen]
impl Task {
    /// Goes on with what was awaited. Returns the next value or promise to await; once the
    /// task is done, that is its result. `own` is this task, as JavaScript has it.
    pub fn step(&mut self, value: JsValue, own: &JsValue) -> JsValue {
        let input = match std::mem::replace(&mut self.awaited, Awaited::Nothing) {
            Awaited::Nothing => Input::Done,
            Awaited::Lock => self.lock_input(),
            Awaited::Answer => input_of(value.unchecked_ref()),
            Awaited::Response => {
                self.awaited = Awaited::Judgement;
                let judged = self.browser.platform.is_unauthorized(&value);
                self.response = value;
                return judged;
            }
            Awaited::Judgement => {
                Input::Response(std::mem::take(&mut self.response), value.is_truthy())
            }
        };
        let before = self.epoch();
        let wait = self.task.step(input);
        self.tell_if_changed(before);
        if !matches!(wait, Wait::Lock { .. } | Wait::Record) {
            self.lock = None;
        }
        self.wait(wait, own)
    }

    /// Whether the last step was its last one.
    #[wasm_bindgen(js_name = isDone)]
    pub fn is_done(&self) -> bool {
        self.is_done
    }

    /// Reads and changes the record while no other tab has it. Returns what is to be stored:
    /// undefined leaves it as it is, null removes it.
    #[wasm_bindgen(js_name = onRecord)]
    pub fn on_record(&mut self, stored: Option<Vec<f64>>) -> JsValue {
        let before = self.epoch();
        let mut record = stored.as_deref().map(Record::from_raw);
        self.task.on_record(&mut record);
        self.tell_if_changed(before);
        match (record, stored) {
            (None, None) => JsValue::UNDEFINED,
            (None, Some(_)) => JsValue::NULL,
            (Some(record), stored) => {
                let raw = record.into_raw();
                match stored.is_some_and(|stored| stored == raw) {
                    true => JsValue::UNDEFINED,
                    false => Float64Array::from(raw.as_slice()).into(),
                }
            }
        }
    }
}

/// The answer to a refresh, as decisions take it.
fn input_of(answer: &Answer) -> Input<Browser> {
    if answer.is_timed_out() {
        return Input::TimedOut;
    }
    let cause = answer.cause();
    Input::Answered(if answer.is_sign_in_required() {
        policy::Answer::SignInRequired(cause)
    } else if answer.is_failed() {
        policy::Answer::Failed(cause)
    } else {
        policy::Answer::Response {
            status: answer.status(),
            retry_after: answer.retry_after().map(Millis::from_raw),
            body: body_of(answer),
            cause: (!cause.is_undefined()).then_some(cause),
        }
    })
}

fn body_of(answer: &Answer) -> Body<Token> {
    match Token::from_raw(answer.access_token()) {
        Some(access) => Body::Tokens(Grant {
            access,
            refresh: Token::from_raw(answer.refresh_token()),
            expires_in: answer.expires_in().map(Millis::from_raw),
        }),
        None if answer.is_json() => Body::WithoutToken { code: answer.code() },
        None => Body::NotJson,
    }
}

impl std::fmt::Debug for Task {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Task").finish_non_exhaustive()
    }
}
