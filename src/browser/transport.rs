//! Sending one attempt of one request.

use std::pin::pin;

use futures::future::{Either, select};
use js_sys::{Function, Object, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::abort::AbortGuard;
use super::clock::Sleep;
use super::cookie::Xsrf;
use super::errors::timeout_error;
use super::globals::{Callable, Init, as_function, copy_of, global, report};
use super::origin::Origins;
use super::request::{Defaults, Form, Headers, Outgoing, Request};
use super::token::{Signature, Token};

#[wasm_bindgen]
extern "C" {
    #[derive(Clone)]
    pub(crate) type Response;
    #[wasm_bindgen(method, getter, structural)]
    pub(crate) fn status(this: &Response) -> u16;
    #[wasm_bindgen(method, getter, structural)]
    pub(crate) fn ok(this: &Response) -> bool;
    #[wasm_bindgen(method, getter, structural)]
    pub(crate) fn redirected(this: &Response) -> bool;
    #[wasm_bindgen(method, getter, structural)]
    pub(crate) fn url(this: &Response) -> JsValue;
    #[wasm_bindgen(method, getter, structural)]
    pub(crate) fn headers(this: &Response) -> Headers;
    #[wasm_bindgen(method, getter, structural)]
    pub(crate) fn body(this: &Response) -> JsValue;
    #[wasm_bindgen(method, structural, catch, js_name = arrayBuffer)]
    pub(crate) fn array_buffer(this: &Response) -> Result<Promise, JsValue>;
    #[wasm_bindgen(method, structural, catch)]
    pub(crate) fn text(this: &Response) -> Result<Promise, JsValue>;
    #[wasm_bindgen(method, structural, catch)]
    pub(crate) fn blob(this: &Response) -> Result<Promise, JsValue>;
}

/// How requests are sent.
pub(crate) struct Transport {
    /// The `fetch` underneath.
    pub(crate) fetch: Callable,
    pub(crate) origins: Origins,
    pub(crate) defaults: Defaults,
    pub(crate) signature: Signature,
    pub(crate) xsrf: Option<Xsrf>,
    pub(crate) is_unauthorized: Option<Function>,
    pub(crate) on_request: Option<Function>,
    pub(crate) on_response: Option<Function>,
}

impl Transport {
    /// Whether a request can be sent and judged without a future: nobody has to be
    /// asked before or after.
    pub(crate) fn is_plain(&self) -> bool {
        self.is_unauthorized.is_none() && self.on_request.is_none() && self.on_response.is_none()
    }

    /// What `fetch` can be called with at once: nobody has to be asked, and no time is set.
    pub(crate) fn parts_of<'a>(&self, request: &'a Outgoing) -> Option<(&'a JsValue, &'a Init)> {
        match &request.form {
            Form::Parts(url, init) if self.is_plain() && request.timeout.is_zero() => {
                Some((url, init))
            }
            _ => None,
        }
    }

    /// Calls the `fetch` underneath. What it throws becomes a rejection.
    pub(crate) fn call(&self, input: &JsValue, init: &JsValue) -> Promise {
        match self.fetch.call_fetch(&JsValue::UNDEFINED, input, init) {
            Ok(promise) => Promise::resolve(&promise),
            Err(error) => Promise::reject(&error),
        }
    }

    /// Puts into the headers of an attempt what changes from one to the next.
    pub(crate) fn attach_all(&self, form: &Form, token: Option<&Token>, request: &Outgoing) {
        if let Some(xsrf) = &self.xsrf
            && let Ok(headers) = form.headers()
        {
            xsrf.attach(&headers);
        }
        let token = token.filter(|_| !request.is_callers_own);
        if let Some(value) = token.and_then(|token| self.signature.of(token)) {
            let has_headers = request.has_headers || self.xsrf.is_some();
            form.set_header(&self.defaults.auth_header, value.as_raw(), has_headers);
        }
    }

    /// Sends one attempt, within its timeout.
    pub(crate) async fn send(
        &self,
        request: &Outgoing,
        token: Option<&Token>,
    ) -> Result<JsValue, JsValue> {
        let form = match request.attempt() {
            Form::Whole(attempt) => Form::Whole(self.ask_on_request(attempt).await?),
            parts => parts,
        };
        if self.is_for_us(&form) {
            self.attach_all(&form, token, request);
        }
        self.send_form(&form, request).await
    }

    /// A hook may have led the request to another origin, and the token stays here.
    fn is_for_us(&self, form: &Form) -> bool {
        match form {
            Form::Whole(request) if self.on_request.is_some() => {
                self.origins.is_allowed(&request.url())
            }
            _ => true,
        }
    }

    async fn send_form(&self, form: &Form, request: &Outgoing) -> Result<JsValue, JsValue> {
        if request.timeout.is_zero() {
            let (input, init) = match form {
                Form::Parts(url, init) => (url, init.as_ref()),
                Form::Whole(request) => (request.as_ref(), &JsValue::UNDEFINED),
            };
            let response = JsFuture::from(self.call(input, init)).await;
            return response.map_err(|error| request.abort_reason().unwrap_or(error));
        }
        let guard = AbortGuard::new();
        let signal = guard.signal(request.signal.as_ref());
        let (input, init) = match form {
            Form::Parts(url, init) => (url.clone(), copy_of(init)?),
            Form::Whole(request) => (request.into(), Object::new().unchecked_into()),
        };
        init.set_signal(&signal);
        let response = JsFuture::from(self.call(&input, &init));
        match select(response, pin!(Sleep::new(request.timeout))).await {
            Either::Left((response, _)) => {
                guard.disarm();
                response.map_err(|error| request.abort_reason().unwrap_or(error))
            }
            Either::Right(_) => {
                let error = timeout_error();
                guard.abort(&error);
                Err(error)
            }
        }
    }

    async fn ask_on_request(&self, request: Request) -> Result<Request, JsValue> {
        let Some(hook) = &self.on_request else {
            return Ok(request);
        };
        let answer = resolved(hook.call1(&JsValue::UNDEFINED, &request)).await?;
        Ok(answer.dyn_into().unwrap_or(request))
    }

    /// Shows `response` to the hook; the caller gets what that returns.
    pub(crate) async fn ask_on_response(
        &self,
        response: JsValue,
        request: &Outgoing,
    ) -> Result<JsValue, JsValue> {
        let (Some(hook), Form::Whole(request)) = (&self.on_response, &request.form) else {
            return Ok(response);
        };
        let answer = resolved(hook.call2(&JsValue::UNDEFINED, &response, request)).await?;
        Ok(if answer.is_object() { answer } else { response })
    }

    /// Whether `response` is a 401 of ours: not one of another origin that a redirect
    /// or a hook led to.
    pub(crate) fn is_status_unauthorized(&self, response: &JsValue) -> bool {
        let response: &Response = response.unchecked_ref();
        response.status() == 401 && self.is_from_us(response)
    }

    fn is_from_us(&self, response: &Response) -> bool {
        if !response.redirected() && self.on_request.is_none() {
            return true;
        }
        // A response that was made here has no URL.
        let url = response.url();
        url.is_falsy() || self.origins.is_allowed(&url)
    }

    /// As [`Transport::is_status_unauthorized`], by the caller's own rule where there
    /// is one.
    pub(crate) async fn is_unauthorized(&self, response: &JsValue) -> bool {
        let Some(rule) = &self.is_unauthorized else {
            return self.is_status_unauthorized(response);
        };
        if !self.is_from_us(response.unchecked_ref()) {
            return false;
        }
        match resolved(rule.call1(&JsValue::UNDEFINED, response)).await {
            Ok(answer) => answer.is_truthy(),
            Err(error) => {
                report(&error);
                self.is_status_unauthorized(response)
            }
        }
    }
}

/// What a callback returned, awaited if it is a promise.
pub(crate) async fn resolved(returned: Result<JsValue, JsValue>) -> Result<JsValue, JsValue> {
    JsFuture::from(Promise::resolve(&returned?)).await
}

/// The platform's `fetch` as it is now, where there is one.
pub(crate) fn platform_fetch() -> Option<Function> {
    as_function(&global().fetch())
}
