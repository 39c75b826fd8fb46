//! Asking for new tokens: the refresh endpoint, an OAuth 2.0 token endpoint, or the
//! caller's own function.

use std::rc::Rc;
use std::time::Duration;

use js_sys::{Function, JsString};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::abort::AbortGuard;
use super::clock::from_millis;
use super::cookie::cookie;
use super::errors::is_sign_in_required;
use super::globals::{parse_date, parse_json, to_json, wall_clock_ms};
use super::members::{member, object_of};
use super::request::{Headers, Request, usable_token};
use super::storage::Store;
use super::token::{Token, seconds};
use super::transport::{Response, Transport, resolved};
use crate::policy::{Answer, Body};
use crate::ports::{Reading, Slot};
use crate::session::Grant;

/// How new tokens are asked for.
pub(crate) enum Source {
    /// `POST` with `{ "refreshToken": … }`, or without a body.
    Endpoint { url: JsString },
    /// RFC 6749 §6.
    OAuth { url: JsString, client_id: String, scope: Option<String> },
    /// The caller's own function.
    Callback(Function),
}

/// Sends refreshes.
pub(crate) struct Refresher {
    pub(crate) source: Source,
    /// The cookie in which the server leaves the access token.
    pub(crate) token_cookie: Option<String>,
    /// With an HttpOnly access token there is nothing to read in the answer.
    pub(crate) is_cookie_session: bool,
    pub(crate) transport: Rc<Transport>,
    pub(crate) store: Rc<Store>,
}

#[wasm_bindgen]
extern "C" {
    type URLSearchParams;
    #[wasm_bindgen(constructor)]
    fn new() -> URLSearchParams;
    #[wasm_bindgen(method)]
    fn set(this: &URLSearchParams, name: &str, value: &JsValue);
}

impl Refresher {
    /// Sends one refresh. Dropping the future aborts it.
    pub(crate) async fn refresh(&self, token: Option<Token>) -> Answer<Token, JsValue> {
        let guard = AbortGuard::new();
        let signal = guard.signal(None);
        let before = self.token_cookie.as_deref().and_then(cookie);
        let answer = match &self.source {
            Source::Callback(refresh) => self.call(refresh, token, &signal).await,
            _ => match self.send(token, &signal).await {
                Ok(response) => self.read(response, before).await,
                Err(error) => Answer::Failed(error),
            },
        };
        guard.disarm();
        answer
    }

    async fn send(&self, token: Option<Token>, signal: &JsValue) -> Result<Response, JsValue> {
        let nothing = JsValue::UNDEFINED;
        let (url, body, own) = match &self.source {
            Source::OAuth { url, client_id, scope } => {
                (url, oauth_body(token.as_ref(), client_id, scope.as_deref()).into(), None)
            }
            Source::Endpoint { url } => {
                let body = token.as_ref().map(endpoint_body).transpose()?;
                (url, body.unwrap_or_default(), Some(&*self.transport))
            }
            Source::Callback(_) => return Err(nothing),
        };
        let headers = headers_for(&body, own)?;
        let request = Request::new(
            url,
            &object_of(&[("method", &"POST".into()), ("headers", &headers), ("body", &body)]),
        )?;
        let credentials = self.transport.defaults.credentials.as_ref();
        let init = object_of(&[
            ("signal", signal),
            // A cookie that the server has rotated is kept by the browser although the page has
            // gone. A token in the body would be rotated for nobody.
            ("keepalive", &token.is_none().into()),
            // All the others wait for it: it does not queue behind them.
            ("priority", &"high".into()),
            ("credentials", credentials.unwrap_or(&nothing)),
        ]);
        let response = JsFuture::from(self.transport.call(&request, &init)).await?;
        Ok(response.unchecked_into())
    }

    async fn call(
        &self,
        refresh: &Function,
        token: Option<Token>,
        signal: &JsValue,
    ) -> Answer<Token, JsValue> {
        let context = object_of(&[
            ("refreshToken", token.as_ref().map_or(&JsValue::NULL, Token::as_raw)),
            ("signal", signal),
            ("fetch", &self.transport.fetch),
        ]);
        match resolved(refresh.call1(&JsValue::UNDEFINED, &context)).await {
            Err(error) if is_sign_in_required(&error) => Answer::SignInRequired(error),
            Err(error) => Answer::Failed(error),
            Ok(_) if self.is_cookie_session => {
                let body = Body::Tokens(Grant::of(Token::mark()));
                Answer::Response { status: 200, retry_after: None, body, cause: None }
            }
            Ok(tokens) => match body_of(&tokens) {
                Body::WithoutToken { .. } | Body::NotJson => {
                    let message = "The refresh function has to return { accessToken, refreshToken? }, \
                                   or to throw a SignInRequiredError when the session is over.";
                    Answer::Failed(js_sys::TypeError::new(message).into())
                }
                body => Answer::Response { status: 200, retry_after: None, body, cause: None },
            },
        }
    }

    async fn read(&self, response: Response, before: Option<String>) -> Answer<Token, JsValue> {
        let status = response.status();
        let retry_after = response.headers().get(&"Retry-After".into()).ok().flatten();
        let cause = (!(200..=299).contains(&status)).then(|| {
            let message = ["The token server answered ", &status.to_string()].concat();
            js_sys::Error::new(&message).into()
        });
        let body = match status {
            200..=299 if self.is_cookie_session => Body::Tokens(Grant::of(Token::mark())),
            200..=299 => match self.fresh_cookie_token(before) {
                Some(access) => Body::Tokens(Grant::of(access)),
                None => match text_of(&response).await {
                    Ok(text) => parse_json(&text).map_or(Body::NotJson, |json| body_of(&json)),
                    // The connection broke before the body was whole.
                    Err(error) => return Answer::Failed(error),
                },
            },
            _ => Body::NotJson,
        };
        let retry_after = retry_after.as_deref().and_then(parse_retry_after);
        Answer::Response { status, retry_after, body, cause }
    }

    /// The token in the cookie, if this refresh has brought it.
    fn fresh_cookie_token(&self, before: Option<String>) -> Option<Token> {
        let value = cookie(self.token_cookie.as_deref()?)?;
        let access = usable_token(JsValue::from_str(&value))?;
        let is_new = match self.store.read(Slot::Access) {
            Reading::Now(held) => held.is_none_or(|held| held != access),
            Reading::Later(_) => before.is_none_or(|before| before != value),
        };
        is_new.then_some(access)
    }
}

/// The headers for `body`, which is JSON or says itself what it is; for the application's own
/// server with those that its other requests have.
fn headers_for(body: &JsValue, own: Option<&Transport>) -> Result<Headers, JsValue> {
    let given = own.and_then(|transport| transport.defaults.headers.as_ref());
    let headers = Headers::new(given.map_or(&JsValue::UNDEFINED, AsRef::as_ref))?;
    if let Some(xsrf) = own.and_then(|transport| transport.xsrf.as_ref()) {
        xsrf.attach(&headers);
    }
    headers.set(&"Accept".into(), &"application/json".into())?;
    if body.is_string() {
        headers.set(&"Content-Type".into(), &"application/json".into())?;
    }
    Ok(headers)
}

fn endpoint_body(token: &Token) -> Result<JsValue, JsValue> {
    to_json(&object_of(&[("refreshToken", token.as_raw())]))
}

fn oauth_body(token: Option<&Token>, client_id: &str, scope: Option<&str>) -> URLSearchParams {
    let body = URLSearchParams::new();
    body.set("grant_type", &"refresh_token".into());
    if let Some(token) = token {
        body.set("refresh_token", token.as_raw());
    }
    body.set("client_id", &client_id.into());
    if let Some(scope) = scope {
        body.set("scope", &scope.into());
    }
    body
}

async fn text_of(response: &Response) -> Result<JsValue, JsValue> {
    JsFuture::from(response.text()?).await
}

/// The tokens in `json`, at the top level or under `data`, in the spellings that servers use.
fn body_of(json: &JsValue) -> Body<Token> {
    for level in [json, &member(json, "data")] {
        let token = |name| usable_token(member(level, name));
        if let Some(access) = token("accessToken").or_else(|| token("access_token")) {
            let token = |name| Token::from_raw(member(level, name));
            let time = |name| seconds(&member(level, name));
            return Body::Tokens(Grant {
                access,
                refresh: token("refreshToken").or_else(|| token("refresh_token")),
                expires_in: time("expiresIn").or_else(|| time("expires_in")),
            });
        }
    }
    let code = member(json, "code").as_f64().filter(|code| (0.0..=65535.0).contains(code));
    Body::WithoutToken { code: code.map(|code| code as u16) }
}

/// Seconds, or a date (RFC 9110 §10.2.3).
fn parse_retry_after(value: &str) -> Option<Duration> {
    if let Ok(seconds) = value.trim().parse::<u32>() {
        return Some(Duration::from_secs(seconds.into()));
    }
    let millis = parse_date(value) - wall_clock_ms();
    (!millis.is_nan()).then(|| from_millis(millis))
}
