//! `createApi`, and the `Api` that it returns.

use std::rc::Rc;
use std::time::Duration;

use js_sys::{Function, JsString, Object, Promise, TypeError};
use wasm_bindgen::prelude::*;

use super::answer::{Asked, Reader, Reading, callable};
use super::call::Call;
use super::promise::{install_panic_hook, promise_of};
use crate::browser::Browser;
use crate::browser::abort::AbortSignal;
use crate::browser::events::EVENTS;
use crate::browser::fetch::{Arguments, read, send};
use crate::browser::globals::{Callable, Pending, as_function, as_object};
use crate::browser::members::{member, set_member, try_member};
use crate::browser::request::{Outgoing, usable_token};
use crate::browser::token::{self, Token};
use crate::client::Client;
use crate::session::{Epoch, Grant};
use crate::setup::Running;
use crate::setup::options::{Complaints, Options};

/// A signed-in client. `index.d.ts` has its types and says what each member does.
#[wasm_bindgen(skip_typescript)]
pub struct Api {
    running: Running,
    /// `(url, init, epoch, response)`: what follows a response on the short way. One
    /// function serves all requests; what belongs to one is bound to it.
    on_response: Callable,
    /// `(signal, error)`: what follows a rejection there, where there is a signal.
    on_error: Callable,
    reader: Reader,
}

impl std::fmt::Debug for Api {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Api").finish_non_exhaustive()
    }
}

/// The members that are bound, so that they can be handed to other libraries.
const MEMBERS: [&str; 7] =
    ["fetch", "request", "signIn", "signOut", "refresh", "getAccessToken", "on"];

/// Those that are bound to a method as well: what they are called, what they are, and
/// the method.
const METHODS: [(&str, &str, &str); 7] = [
    ("get", "_get", "GET"),
    ("delete", "_call", "DELETE"),
    ("head", "_call", "HEAD"),
    ("options", "_call", "OPTIONS"),
    ("post", "_callWithBody", "POST"),
    ("put", "_callWithBody", "PUT"),
    ("patch", "_callWithBody", "PATCH"),
];

/// Creates an api; `index.d.ts` says what it is.
///
/// # Errors
///
/// A `TypeError` that names the option that is wrong.
#[wasm_bindgen(js_name = createApi, skip_typescript)]
pub fn create_api(options: &JsValue) -> Result<JsValue, JsValue> {
    install_panic_hook();
    let running = Running::start(options, "createApi: ")?;
    let (on_response, on_error) = (response_handler(running.client.clone()), error_handler());
    let reader = Reader::new();
    let api = JsValue::from(Api { running, on_response, on_error, reader });
    let member = |name| Callable::unchecked_from_js(member(&api, name));
    for name in MEMBERS {
        set_member(&api, name, &member(name).bind_this(&api));
    }
    for (name, what, method) in METHODS {
        set_member(&api, name, &member(what).bind_first(&api, &method.into()));
    }
    Ok(api)
}

fn response_handler(client: Rc<Client<Browser>>) -> Callable {
    let handler = move |url: JsValue, init: JsValue, epoch: u32, response: JsValue| {
        if !client.platform.transport.is_status_unauthorized(&response) {
            return response;
        }
        let request = Rc::new(Outgoing::of_sent_parts(url, init.unchecked_into()));
        promise_of(client.clone().answer_unauthorized(request, Epoch::from_raw(epoch), response))
            .into()
    };
    callable(handler)
}

/// WebKit's `fetch` knows no reasons: whatever the signal says, it rejects with an
/// `AbortError`.
fn error_handler() -> Callable {
    let handler = |signal: AbortSignal, error: JsValue| -> Result<JsValue, JsValue> {
        Err(if signal.aborted() { signal.reason() } else { error })
    };
    Closure::<dyn Fn(AbortSignal, JsValue) -> Result<JsValue, JsValue>>::new(handler)
        .into_js_value()
        .unchecked_into()
}

#[wasm_bindgen]
impl Api {
    /// As the platform's `fetch`.
    pub fn fetch(&self, input: &JsValue, init: &JsValue) -> Promise {
        self.send(input, init).unwrap_or_else(|error| Promise::reject(&error))
    }

    /// `get`, once bound to the method.
    #[wasm_bindgen(js_name = _get)]
    pub fn get(&self, method: &JsString, url: &JsValue, init: &JsValue) -> Promise {
        // It is what `fetch` does with a URL alone.
        if init.is_undefined() {
            return self.reader.read(self.fetch(url, init), method, url, Reading::Usual).into();
        }
        self.answer(Call::new(method, url, init))
    }

    /// `delete` and its like, once bound to the method.
    #[wasm_bindgen(js_name = _call)]
    pub fn call(&self, method: &JsString, url: &JsValue, init: &JsValue) -> Promise {
        self.answer(Call::new(method, url, init))
    }

    /// `post` and its like, once bound to the method.
    #[wasm_bindgen(js_name = _callWithBody)]
    pub fn call_with_body(
        &self,
        method: &JsString,
        url: &JsValue,
        body: &JsValue,
        init: &JsValue,
    ) -> Promise {
        self.answer(Call::with_body(method, url, body, init))
    }

    /// One call described by one object.
    pub fn request(&self, config: &JsValue) -> Promise {
        self.answer(Call::of_config(config))
    }

    /// Begins a session.
    #[wasm_bindgen(js_name = signIn)]
    pub fn sign_in(&self, tokens: &JsValue) -> Promise {
        let client = self.running.client.clone();
        match tokens_of(tokens, client.platform.is_cookie_session) {
            Ok(grant) => promise_of(async move {
                client.sign_in(grant).await;
                Ok(JsValue::UNDEFINED)
            }),
            Err(error) => Promise::reject(&error),
        }
    }

    /// Ends the session.
    #[wasm_bindgen(js_name = signOut)]
    pub fn sign_out(&self) -> Promise {
        let client = self.running.client.clone();
        promise_of(async move {
            client.sign_out().await;
            Ok(JsValue::UNDEFINED)
        })
    }

    /// Refreshes now.
    pub fn refresh(&self) -> Promise {
        let client = self.running.client.clone();
        promise_of(async move { client.refresh().await.map(|()| JsValue::UNDEFINED) })
    }

    /// The access token as it is stored, refreshed where it ends too soon.
    #[wasm_bindgen(js_name = getAccessToken)]
    pub fn access_token(&self, options: &JsValue) -> Promise {
        let client = self.running.client.clone();
        let min_validity = match min_validity_of(options) {
            Ok(min_validity) => min_validity,
            Err(error) => return Promise::reject(&error),
        };
        promise_of(async move {
            let token = client.clone().access_token(min_validity).await?;
            let token = token.filter(|_| !client.platform.is_cookie_session);
            Ok(token.map_or(JsValue::NULL, |token| token.as_raw().clone()))
        })
    }

    /// Adds a listener.
    ///
    /// # Errors
    ///
    /// A `TypeError` for an unknown event or something that is no function.
    pub fn on(&self, event: &JsValue, listener: &JsValue) -> Result<Function, JsValue> {
        let name = event.as_string();
        let index = EVENTS.iter().position(|known| name.as_deref() == Some(known));
        let (Some(index), Some(listener)) = (index, as_function(listener)) else {
            let names = EVENTS.join("', '");
            let message = ["on: expected one of '", &names, "', and a function."].concat();
            return Err(TypeError::new(&message).into());
        };
        let common = self.running.client.platform.common.clone();
        let id = common.listeners.add(index, listener);
        let remove = Closure::<dyn Fn()>::new(move || common.listeners.remove(id));
        Ok(remove.into_js_value().unchecked_into())
    }

    fn send(&self, input: &JsValue, init: &JsValue) -> Result<Promise, JsValue> {
        let client = &self.running.client;
        let transport = &client.platform.transport;
        let request = match read(transport, input, init)? {
            Arguments::Ours(request) => request,
            Arguments::Settled(promise) => return Ok(promise),
        };
        // The short way: no future, no clone, sent before this function returns.
        if let Some((url, init)) = transport.parts_of(&request) {
            if request.is_callers_own {
                transport.attach_all(&request.form, None, &request);
                return Ok(transport.call(url, init));
            }
            if let Some(ticket) = client.depart_now() {
                let token = ticket.token.filter(|_| !client.platform.is_cookie_session);
                transport.attach_all(&request.form, token.as_ref(), &request);
                let undefined = &JsValue::UNDEFINED;
                let epoch = ticket.epoch.into_raw();
                let handler = self.on_response.bind_request(undefined, url, init, epoch);
                let response: Pending = transport.call(url, init).unchecked_into();
                return Ok(match &request.signal {
                    None => response.then_call(&handler),
                    Some(signal) => response.then_call_or(&handler, &self.on_error_of(signal)),
                });
            }
        }
        Ok(promise_of(send(client.clone(), Rc::new(request))))
    }

    fn on_error_of(&self, signal: &AbortSignal) -> Function {
        self.on_error.bind_first(&JsValue::UNDEFINED, signal)
    }

    fn answer(&self, call: Result<Call, JsValue>) -> Promise {
        match call {
            Ok(Call { init, signal, asked }) => {
                let Asked { method, url, reading } = asked;
                let answer = self.reader.read(self.fetch(&url, &init), &method, &url, reading);
                match signal {
                    None => answer.into(),
                    Some(signal) => answer.catch_call(&self.on_error_of(&signal)),
                }
            }
            Err(error) => Promise::reject(&error),
        }
    }
}

/// The argument of `signIn`.
fn tokens_of(tokens: &JsValue, is_cookie_session: bool) -> Result<Grant<Token>, JsValue> {
    let message = "signIn: expected { accessToken, refreshToken?, expiresIn? }: strings that can \
                   stand in a header, and a number of seconds.";
    let wrong = || JsValue::from(TypeError::new(message));
    if is_cookie_session {
        return Ok(Grant::of(Token::mark()));
    }
    let tokens = as_object::<Object>(tokens).ok_or_else(wrong)?;
    let member = |name: &str| {
        let value = try_member(tokens, name)?;
        Ok::<_, JsValue>((!value.is_undefined() && !value.is_null()).then_some(value))
    };
    let token = |value: JsValue| usable_token(value).ok_or_else(wrong);
    let access = member("accessToken")?.map(token).transpose()?.ok_or_else(wrong)?;
    let refresh = member("refreshToken")?.map(token).transpose()?;
    let lifetime = |value: JsValue| token::seconds(&value).ok_or_else(wrong);
    let expires_in = member("expiresIn")?.map(lifetime).transpose()?;
    Ok(Grant { access, refresh, expires_in })
}

/// The argument of `getAccessToken`.
fn min_validity_of(options: &JsValue) -> Result<Duration, JsValue> {
    if options.is_undefined() {
        return Ok(Duration::ZERO);
    }
    let complaints = Complaints::of("getAccessToken: ");
    let options = Options::of(options, &["minValidity"], &complaints);
    let min_validity = options.seconds("minValidity", Duration::ZERO);
    complaints.check()?;
    Ok(min_validity)
}
