//! Gives the core its storage, and hands tasks that belong to no caller to JavaScript, which
//! drives them.

use std::cell::Cell;
use std::rc::Rc;

use futures::FutureExt;
use futures::future::LocalBoxFuture;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::{JsFuture, future_to_promise};

use super::browser::Browser;
use super::task::Task;
use super::token::Token;
use crate::error::Error;
use crate::flight::Flight;
use crate::shared::Landing;
use crate::task::{self, Slot};
use crate::values::Surroundings;

impl task::Platform for Browser {
    fn read(&self, slot: Slot) -> Option<Token> {
        self.platform.read(slot as u32).map(Token::new)
    }

    fn write(&self, slot: Slot, token: Option<&Token>) {
        self.platform.write(slot as u32, token.map_or(&JsValue::NULL, Token::as_raw));
    }

    fn is_slow(&self) -> bool {
        self.is_slow
    }

    fn launch(&self, refresh: Box<dyn task::Task<Self>>) -> LocalBoxFuture<'static, Landing<Self>> {
        let landing = Rc::new(Cell::new(None));
        let task = Task::new(self.clone(), refresh).landing_in(landing.clone());
        let (driven, browser) = (JsFuture::from(self.platform.drive(task.into())), self.clone());
        Box::pin(driven.map(move |ended| match (landing.take(), ended) {
            (Some(landing), _) => landing,
            (None, Err(cause)) => Landing::Unavailable(browser.failure(Error::broke_off(cause))),
            (None, Ok(_)) => Landing::Superseded,
        }))
    }

    fn see_through(&self, flight: Flight<Landing<Self>>, landed: Box<dyn FnOnce(Landing<Self>)>) {
        let landing = future_to_promise(flight.map(|landing| {
            landed(landing);
            Ok(JsValue::UNDEFINED)
        }));
        self.platform.set_landing(&landing);
    }

    fn spawn(&self, task: Box<dyn task::Task<Self>>) {
        self.platform.spawn(Task::new(self.clone(), task).into());
    }
}
