//! Listeners, and the way to the login page.

use std::cell::{Cell, RefCell};

use js_sys::{Function, Object};
use wasm_bindgen::prelude::*;

use super::globals::{global, report};
use super::members::{object_of, set_member};
use super::origin::{URL, document_base};
use super::token::Token;
use crate::session::{Event, SignOut};

/// The names of the events.
pub(crate) const EVENTS: [&str; 4] =
    ["tokenRefreshed", "signedOut", "refreshUnavailable", "sessionChanged"];

/// Who listens to a session.
#[derive(Default)]
pub(crate) struct Listeners {
    next: Cell<u32>,
    all: RefCell<Vec<(u32, usize, Function)>>,
}

impl Listeners {
    /// Adds a listener; the number serves to remove it. `event` is an index of [`EVENTS`].
    pub(crate) fn add(&self, event: usize, listener: Function) -> u32 {
        let id = self.next.replace(self.next.get().wrapping_add(1));
        self.all.borrow_mut().push((id, event, listener));
        id
    }

    pub(crate) fn remove(&self, id: u32) {
        self.all.borrow_mut().retain(|(other, ..)| *other != id);
    }

    /// Calls each listener of the event as it was when the event happened. One that
    /// throws disturbs nobody else.
    pub(crate) fn tell(&self, event: Event<Token, JsValue>, shows_token: bool) {
        let (index, data) = data_of(event, shows_token);
        let all = self.all.borrow();
        let concerned: Vec<_> =
            all.iter().filter(|(_, event, _)| *event == index).map(|(.., f)| f.clone()).collect();
        drop(all);
        for listener in concerned {
            call(&listener, &data);
        }
    }
}

/// The event's index in [`EVENTS`], and the event as JavaScript sees it.
fn data_of(event: Event<Token, JsValue>, shows_token: bool) -> (usize, Object) {
    let (index, detail) = match event {
        Event::TokenRefreshed(token) if shows_token => {
            (0, Some(("accessToken", token.as_raw().clone())))
        }
        Event::TokenRefreshed(_) => (0, Some(("accessToken", JsValue::NULL))),
        Event::SignedOut(SignOut::Refused) => (1, Some(("reason", "refused".into()))),
        Event::SignedOut(SignOut::Asked) => (1, Some(("reason", "signOut".into()))),
        Event::RefreshUnavailable(error) => (2, Some(("error", error))),
        Event::SessionChanged => (3, None),
    };
    let data = object_of(&[("type", &EVENTS[index].into())]);
    if let Some((name, value)) = detail {
        set_member(&data, name, &value);
    }
    (index, data)
}

fn call(listener: &Function, data: &JsValue) {
    if let Err(error) = listener.call1(&JsValue::UNDEFINED, data) {
        report(&error);
    }
}

/// Where the user signs in.
pub(crate) struct Login {
    pub(crate) url: String,
    /// The query parameter that carries the current path there.
    pub(crate) return_to: Option<String>,
    /// Called in place of the navigation.
    pub(crate) on_signed_out: Option<Function>,
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(extends = URL)]
    type LoginURL;
    #[wasm_bindgen(method, getter, js_name = searchParams)]
    fn search_params(this: &LoginURL) -> SearchParams;
    #[wasm_bindgen(method, getter)]
    fn search(this: &LoginURL) -> String;
    #[wasm_bindgen(method, getter)]
    fn hash(this: &LoginURL) -> String;
    type SearchParams;
    #[wasm_bindgen(method)]
    fn set(this: &SearchParams, name: &str, value: &str);
}

impl Login {
    /// Leads the user to the login page, unless this is it. The callback in its place is
    /// told what listeners of `signedOut` are.
    pub(crate) fn go(&self, why: SignOut) {
        if let Some(callback) = &self.on_signed_out {
            return call(callback, &data_of(Event::SignedOut(why), false).1);
        }
        let (Some(location), Some(_)) = (global().location(), global().document()) else {
            return;
        };
        let here = URL::new(&location.href().into(), &JsValue::UNDEFINED);
        let there = URL::new(&self.url.as_str().into(), &document_base());
        let (Ok(here), Ok(there)) = (here, there) else {
            return;
        };
        if here.origin() == there.origin() && here.pathname() == there.pathname() {
            return;
        }
        if let Some(name) = &self.return_to {
            let here: &LoginURL = here.unchecked_ref();
            let path = [here.pathname(), here.search(), here.hash()].concat();
            there.unchecked_ref::<LoginURL>().search_params().set(name, &path);
        }
        if let Err(error) = location.assign(&String::from(there.href())) {
            report(&error);
        }
    }
}
