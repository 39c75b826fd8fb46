//! Objects of JavaScript's, as Rust front-ends use them: the api underneath, and what goes in and
//! out of it.

use std::time::Duration;

use js_sys::{Function, Object, Promise};
use wasm_bindgen::prelude::*;
use web_sys::{AbortController, AbortSignal};

use crate::door::followed;

#[wasm_bindgen]
extern "C" {
    /// The api that `createApi` makes.
    pub(super) type RawApi;
    #[wasm_bindgen(method)]
    pub(super) fn fetch(this: &RawApi, input: &JsValue, init: &Init) -> Promise;
    #[wasm_bindgen(method, js_name = signIn)]
    pub(super) fn sign_in(this: &RawApi, tokens: &JsValue) -> Promise;
    #[wasm_bindgen(method, js_name = setTokens)]
    pub(super) fn set_tokens(this: &RawApi, tokens: &JsValue) -> Promise;
    #[wasm_bindgen(method, js_name = signOut)]
    pub(super) fn sign_out(this: &RawApi) -> Promise;
    #[wasm_bindgen(method)]
    pub(super) fn refresh(this: &RawApi) -> Promise;
    #[wasm_bindgen(method, js_name = getAccessToken)]
    pub(super) fn access_token(this: &RawApi, options: &Object) -> Promise;
    #[wasm_bindgen(method)]
    pub(super) fn on(this: &RawApi, event: &str, listener: &Function) -> Function;
    #[wasm_bindgen(method, getter, structural)]
    pub(super) fn session(this: &RawApi) -> JsValue;
    #[wasm_bindgen(method)]
    pub(super) fn subscribe(this: &RawApi, listener: &Function) -> Function;

    /// The second argument of `fetch`, with the members that are tokenflight's own.
    #[wasm_bindgen(extends = Object)]
    pub(super) type Init;
    #[wasm_bindgen(method, getter)]
    pub(super) fn headers(this: &Init) -> JsValue;
    #[wasm_bindgen(method, setter)]
    pub(super) fn set_headers(this: &Init, headers: &JsValue);
    #[wasm_bindgen(method, setter)]
    pub(super) fn set_body(this: &Init, body: &JsValue);
    #[wasm_bindgen(method, setter)]
    pub(super) fn set_method(this: &Init, method: &str);
    #[wasm_bindgen(method, setter)]
    pub(super) fn set_signal(this: &Init, signal: &JsValue);
    #[wasm_bindgen(method, setter)]
    pub(super) fn set_auth(this: &Init, auth: &JsValue);
    #[wasm_bindgen(method, setter)]
    pub(super) fn set_replay(this: &Init, replay: bool);
    #[wasm_bindgen(method, setter)]
    pub(super) fn set_timeout(this: &Init, ms: f64);

    pub(super) type Headers;
    #[wasm_bindgen(constructor, catch)]
    pub(super) fn new(init: &JsValue) -> Result<Headers, JsValue>;
    #[wasm_bindgen(method, catch)]
    pub(super) fn set(this: &Headers, name: &str, value: &str) -> Result<(), JsValue>;
}

impl Init {
    /// An empty one.
    pub(super) fn empty() -> Self {
        Object::new().unchecked_into()
    }
}

/// `value` as an object whose members `T` names.
pub(super) fn as_object<T: JsCast>(value: &JsValue) -> Option<&T> {
    value.is_object().then(|| value.unchecked_ref())
}

/// Gives an object of our own a member.
pub(super) fn set_member(object: &Object, name: &str, value: &JsValue) {
    // It is an ordinary object, which takes any member.
    drop(js_sys::Reflect::set(object, &name.into(), value));
}

/// The milliseconds of `duration`, for JavaScript.
pub(super) fn to_millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

/// A number of milliseconds as JavaScript has it; a negative one, and one that is no number, is zero.
pub(super) fn from_millis(milliseconds: f64) -> Duration {
    Duration::from_micros((milliseconds * 1000.0) as u64)
}

/// Aborts a request when it is dropped before [`AbortGuard::disarm`].
pub(super) struct AbortGuard(Option<AbortController>);

impl AbortGuard {
    pub(super) fn new() -> Self {
        Self(AbortController::new().ok())
    }

    /// A signal that this guard aborts, and `also` where that is given.
    pub(super) fn signal(&self, also: Option<&AbortSignal>) -> JsValue {
        let none = JsValue::UNDEFINED;
        let also = also.map_or(&none, AsRef::as_ref);
        self.0.as_ref().map_or(JsValue::UNDEFINED, |controller| followed(controller, also))
    }

    /// The request has ended; nothing is aborted any more.
    pub(super) fn disarm(mut self) {
        self.0 = None;
    }
}

impl Drop for AbortGuard {
    fn drop(&mut self) {
        if let Some(controller) = &self.0 {
            controller.abort();
        }
    }
}
