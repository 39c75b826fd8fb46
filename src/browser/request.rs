//! One request, read when `fetch` is called and able to be sent twice.
//!
//! Most requests are *parts*: a URL and a copy of the init whose body, if any, is a
//! string, or a copy of a buffer or of search parameters. Those are sent again as they
//! are. Everything else (streams, forms, blobs, a `Request`) becomes a `Request` at
//! once and is cloned before it is sent, so that nothing that the caller does
//! afterwards changes it, and a form keeps its boundary.

use std::cell::Cell;
use std::time::Duration;

use js_sys::{ArrayBuffer, JsString, Object, TypeError};
use wasm_bindgen::prelude::*;

use super::abort::AbortSignal;
use super::clock::from_millis;
use super::globals::{Init, copy_of, prototype_of};
use super::origin::Target;
use super::token::Token;

#[wasm_bindgen]
extern "C" {
    #[derive(Clone)]
    pub(crate) type Headers;
    #[wasm_bindgen(constructor, catch)]
    pub(crate) fn new(init: &JsValue) -> Result<Headers, JsValue>;
    #[wasm_bindgen(method)]
    pub(crate) fn has(this: &Headers, name: &JsString) -> bool;
    #[wasm_bindgen(method, catch)]
    pub(crate) fn get(this: &Headers, name: &JsString) -> Result<Option<String>, JsValue>;
    #[wasm_bindgen(method, catch, js_name = get)]
    pub(crate) fn get_raw(this: &Headers, name: &JsString) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method)]
    pub(crate) fn delete(this: &Headers, name: &JsString);
    #[wasm_bindgen(method, catch)]
    pub(crate) fn set(this: &Headers, name: &JsString, value: &JsValue) -> Result<(), JsValue>;

    type URLSearchParams;
    #[wasm_bindgen(constructor, catch)]
    fn new(init: &JsValue) -> Result<URLSearchParams, JsValue>;

    /// A typed array, or a `DataView`.
    type View;
    #[wasm_bindgen(method, getter)]
    fn buffer(this: &View) -> JsValue;
    #[wasm_bindgen(method, getter, js_name = byteOffset)]
    fn byte_offset(this: &View) -> u32;
    #[wasm_bindgen(method, getter, js_name = byteLength)]
    fn byte_length(this: &View) -> u32;

    #[derive(Clone)]
    pub(crate) type Request;
    #[wasm_bindgen(constructor, catch)]
    pub(crate) fn new(input: &JsValue, init: &JsValue) -> Result<Request, JsValue>;
    #[wasm_bindgen(method, getter)]
    pub(crate) fn headers(this: &Request) -> Headers;
    #[wasm_bindgen(method, getter)]
    pub(crate) fn signal(this: &Request) -> AbortSignal;
    #[wasm_bindgen(method, getter)]
    pub(crate) fn method(this: &Request) -> String;
    #[wasm_bindgen(method, getter)]
    pub(crate) fn url(this: &Request) -> JsValue;
    #[wasm_bindgen(method, catch)]
    pub(crate) fn clone(this: &Request) -> Result<Request, JsValue>;
}

/// What is to be sent.
#[derive(Clone)]
pub(crate) enum Form {
    /// `fetch(url, init)`; `init` is our own copy. Its headers are our own `Headers`; or,
    /// where neither the caller nor the options give any, what the last attempt put there.
    Parts(JsValue, Init),
    /// `fetch(request)`.
    Whole(Request),
}

/// What the options add to each request.
pub(crate) struct Defaults {
    /// The `headers` option.
    pub(crate) headers: Option<Headers>,
    /// Its names and values.
    pub(crate) entries: Vec<(JsString, JsValue)>,
    /// The `credentials` option.
    pub(crate) credentials: Option<JsValue>,
    /// The `timeout` option; zero: none.
    pub(crate) timeout: Duration,
    /// The name of the header that carries the token.
    pub(crate) auth_header: JsString,
}

/// One request of a caller's.
pub(crate) struct Outgoing {
    pub(crate) form: Form,
    /// Whether the caller brings its own authorization, or wants none.
    pub(crate) is_callers_own: bool,
    /// False where it is known that there are none yet.
    pub(crate) has_headers: bool,
    pub(crate) signal: Option<AbortSignal>,
    pub(crate) timeout: Duration,
    /// False once the body is gone, or where the caller does not want it.
    may_replay: Cell<bool>,
}

impl std::fmt::Debug for Outgoing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Outgoing").finish_non_exhaustive()
    }
}

impl Outgoing {
    /// Reads the arguments of `fetch`, all of them, now.
    ///
    /// # Errors
    ///
    /// What `new Request` and `new Headers` throw about wrong arguments, and a
    /// `TypeError` about our own `timeout`.
    pub(crate) fn read(
        Target { input, is_text, .. }: Target,
        init: &JsValue,
        defaults: &Defaults,
        needs_request: bool,
    ) -> Result<Self, JsValue> {
        let is_bare = init.is_undefined() || init.is_null();
        if is_bare && is_text && !needs_request {
            return Self::of_url(input, defaults);
        }
        let copy: Init = match init.is_object() {
            true => copy_of(init)?,
            false => Object::new().unchecked_into(),
        };
        let own = OwnMembers::read(&copy)?;
        let is_plain = is_bare || is_plain_object(init);
        keep_body(&copy)?;
        let form = if is_plain && !needs_request && is_text && can_be_sent_twice(&copy) {
            Form::Parts(input, copy)
        } else if is_plain && !input.is_object() {
            // A Request that is passed in has a credentials mode of its own.
            add_credentials(&copy, defaults);
            Form::Whole(Request::new(&input, &copy)?)
        } else {
            Form::Whole(Request::new(&input, if is_plain { &copy } else { init })?)
        };
        let signal = form.signal();
        let is_callers_own = form.complete(defaults)? || !own.auth;
        let timeout = own.timeout.unwrap_or(defaults.timeout);
        let may_replay = Cell::new(own.replay);
        Ok(Self { form, is_callers_own, has_headers: true, signal, timeout, may_replay })
    }

    /// `fetch(url)`: there is nothing to be read.
    fn of_url(url: JsValue, defaults: &Defaults) -> Result<Self, JsValue> {
        let init: Init = Object::new().unchecked_into();
        add_credentials(&init, defaults);
        add_headers(&init, defaults)?;
        Ok(Self {
            form: Form::Parts(url, init),
            is_callers_own: false,
            has_headers: defaults.headers.is_some(),
            signal: None,
            timeout: defaults.timeout,
            may_replay: Cell::new(true),
        })
    }

    /// A request that was sent the short way, from the parts it was sent with.
    #[cfg(feature = "npm")]
    pub(crate) fn of_sent_parts(url: JsValue, init: Init) -> Self {
        let may_replay = Cell::new(init.replay() != JsValue::FALSE);
        let form = Form::Parts(url, init);
        Self {
            signal: form.signal(),
            form,
            is_callers_own: false,
            has_headers: true,
            timeout: Duration::ZERO,
            may_replay,
        }
    }

    /// What one attempt sends. Where a second one may follow, a `Request` is cloned.
    pub(crate) fn attempt(&self) -> Form {
        let Form::Whole(request) = &self.form else {
            return self.form.clone();
        };
        // The original is not for the second attempt either: WebKit sends the clones of a
        // request with a stream, and refuses itself.
        if !self.may_replay.get() {
            return self.form.clone();
        }
        match request.clone() {
            Ok(copy) => Form::Whole(copy),
            Err(_) => {
                self.may_replay.set(false);
                self.form.clone()
            }
        }
    }

    /// Whether it may be sent a second time.
    pub(crate) fn may_replay(&self) -> bool {
        self.may_replay.get()
    }

    /// Why the caller has aborted it, if it has.
    pub(crate) fn abort_reason(&self) -> Option<JsValue> {
        self.signal.as_ref().filter(|signal| signal.aborted()).map(AbortSignal::reason)
    }

    /// Method and path, for the log. The query is left out: it may hold secrets.
    pub(crate) fn describe(&self) -> String {
        let (method, url) = match &self.form {
            Form::Whole(request) => (Some(request.method()), request.url()),
            Form::Parts(url, init) => (init.method().as_string(), url.clone()),
        };
        let (method, url) =
            (method.as_deref().unwrap_or("GET"), url.as_string().unwrap_or_default());
        let path = url.split(['?', '#']).next().unwrap_or_default();
        [method, " ", path].concat()
    }
}

impl Form {
    /// The headers, to be changed.
    pub(crate) fn headers(&self) -> Result<Headers, JsValue> {
        let init = match self {
            Self::Parts(_, init) => init,
            Self::Whole(request) => return Ok(request.headers()),
        };
        init.headers().dyn_into().or_else(|given| {
            let headers = Headers::new(&given)?;
            init.set_headers(&headers);
            Ok(headers)
        })
    }

    /// Sets one header, of which is known that it can be set.
    pub(crate) fn set_header(&self, name: &JsString, value: &JsValue, has_headers: bool) {
        match self {
            // For a single one an object does, which costs a fraction of `Headers`.
            Self::Parts(_, init) if !has_headers || !init.headers().is_instance_of::<Headers>() => {
                let headers: Init = Object::new().unchecked_into();
                headers.set_member(name, value);
                init.set_headers(&headers);
            }
            _ => drop(self.headers().and_then(|headers| headers.set(name, value))),
        }
    }

    fn signal(&self) -> Option<AbortSignal> {
        match self {
            Self::Parts(_, init) => init.signal().dyn_into().ok(),
            Self::Whole(request) => Some(request.signal()),
        }
    }

    /// Adds what the options say, and tells whether the caller brings its own token.
    fn complete(&self, defaults: &Defaults) -> Result<bool, JsValue> {
        if let Self::Parts(_, init) = self {
            add_credentials(init, defaults);
            let given = init.headers();
            if given.is_undefined() {
                add_headers(init, defaults)?;
                return Ok(false);
            }
            init.set_headers(&Headers::new(&given)?.into());
        }
        let headers = self.headers()?;
        let is_callers_own = headers.has(&defaults.auth_header);
        for (name, value) in &defaults.entries {
            if !headers.has(name) {
                headers.set(name, value)?;
            }
        }
        Ok(is_callers_own)
    }
}

/// The members of an init that are tokenflight's own.
struct OwnMembers {
    auth: bool,
    replay: bool,
    timeout: Option<Duration>,
}

impl OwnMembers {
    fn read(init: &Init) -> Result<Self, JsValue> {
        let timeout = init.timeout();
        let timeout = match timeout.is_undefined() {
            true => None,
            false => Some(millis(&timeout).ok_or_else(|| TypeError::new(WRONG_TIMEOUT))?),
        };
        let (auth, replay) = (init.auth() != JsValue::FALSE, init.replay() != JsValue::FALSE);
        Ok(Self { auth, replay, timeout })
    }
}

const WRONG_TIMEOUT: &str =
    "fetch: `timeout` must be a number of milliseconds from 0 (no limit) to 2147483647.";

/// A number of milliseconds that a timer can wait.
pub(crate) fn millis(value: &JsValue) -> Option<Duration> {
    value.as_f64().filter(|ms| (0.0..=2_147_483_647.0).contains(ms)).map(from_millis)
}

/// Gives `init` a body that nobody else can change: a `Request` would not do, since
/// WebKit reads its buffers and search parameters only when it is sent.
fn keep_body(init: &Init) -> Result<(), JsValue> {
    let body = init.body();
    if !body.is_object() {
        return Ok(());
    }
    if body.is_instance_of::<URLSearchParams>() {
        init.set_body(&URLSearchParams::new(&body)?.into());
    } else if let Some(buffer) = body.dyn_ref::<ArrayBuffer>() {
        init.set_body(&buffer.slice(0));
    } else if ArrayBuffer::is_view(&body) {
        let view: &View = body.unchecked_ref();
        // Shared memory is no body: `fetch` says so best itself.
        if let Some(buffer) = view.buffer().dyn_ref::<ArrayBuffer>() {
            let begin = view.byte_offset();
            init.set_body(&buffer.slice_with_end(begin, begin + view.byte_length()));
        }
    }
    Ok(())
}

/// Whether the same init gives the same request again: no body that is consumed, and
/// nothing that `new Request` had better complain about at once.
fn can_be_sent_twice(init: &Init) -> bool {
    let (body, signal) = (init.body(), init.signal());
    let is_kept = body.is_instance_of::<ArrayBuffer>() || body.is_instance_of::<URLSearchParams>();
    (is_kept || body.is_string() || body.is_undefined() || body.is_null())
        && (signal.is_undefined() || signal.is_null() || signal.is_instance_of::<AbortSignal>())
}

fn add_credentials(init: &Init, defaults: &Defaults) {
    if let Some(credentials) = &defaults.credentials
        && init.credentials().is_undefined()
    {
        init.set_credentials(credentials);
    }
}

/// Gives `init`, which has none, the headers of the options.
fn add_headers(init: &Init, defaults: &Defaults) -> Result<(), JsValue> {
    if let Some(headers) = &defaults.headers {
        init.set_headers(&Headers::new(headers)?.into());
    }
    Ok(())
}

/// Whether a copy of its own members is as good as the object.
pub(crate) fn is_plain_object(value: &JsValue) -> bool {
    if !value.is_object() {
        return false;
    }
    // Object.prototype, of this or another realm, is what has no prototype itself.
    let prototype = prototype_of(value);
    prototype.is_null() || prototype_of(&prototype).is_null()
}

/// `value` as a token that can stand in a header (RFC 9110 §5.5): no line break, no
/// other script.
pub(crate) fn usable_token(value: JsValue) -> Option<Token> {
    let token = Token::from_raw(value)?;
    let headers = Headers::new(&JsValue::UNDEFINED).ok()?;
    headers.set(&"Authorization".into(), token.as_raw()).ok()?;
    Some(token)
}
