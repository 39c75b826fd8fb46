//! A token as JavaScript holds it.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use js_sys::JsString;
use wasm_bindgen::prelude::*;

use super::clock::from_millis;
use super::globals::{atob, parse_json, random};
use super::request::usable_token;
use crate::handover::Fingerprint;
use crate::session::{Credential, Lifetime};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(extends = js_sys::Object)]
    type Claims;
    #[wasm_bindgen(method, getter, structural)]
    fn sub(this: &Claims) -> JsValue;
    #[wasm_bindgen(method, getter, structural)]
    fn iat(this: &Claims) -> JsValue;
    #[wasm_bindgen(method, getter, structural)]
    fn exp(this: &Claims) -> JsValue;
}

/// An access or refresh token: a non-empty JavaScript string that is not copied into
/// wasm memory. It has no `Debug` that could show it.
#[derive(Clone)]
pub(crate) struct Token(Rc<JsValue>);

thread_local! {
    /// The token that was read last. Every request reads one, and it is mostly the same:
    /// what is known of it then is not asked for again.
    static LAST: RefCell<Option<Token>> = const { RefCell::new(None) };
}

impl Token {
    /// `value` as a token; `None` unless it is a string that holds something.
    pub(crate) fn from_raw(value: JsValue) -> Option<Self> {
        LAST.with_borrow_mut(|last| match last {
            Some(token) if *token.0 == value => last.clone(),
            _ => {
                // An empty string is the only one that is falsy.
                let is_token = value.is_string() && value.is_truthy();
                *last = is_token.then(|| Self(Rc::new(value)));
                last.clone()
            }
        })
    }

    /// The string itself.
    pub(crate) fn as_raw(&self) -> &JsValue {
        &self.0
    }

    /// Stands for an access token that no script can read: a new one for each.
    pub(crate) fn mark() -> Self {
        let digits = random().to_bits() ^ random().to_bits().rotate_left(32);
        Self(Rc::new(JsValue::from_str(&digits.to_string())))
    }

    /// The claims of a JWT, which are compared and never shown.
    fn claims(&self) -> Option<Claims> {
        let token = self.0.as_string()?;
        let payload = token.split('.').nth(1)?.replace('-', "+").replace('_', "/");
        // What atob gives is one character for each byte. Read as JSON it has a
        // distorted but equally comparable subject where that is not ASCII.
        let claims = parse_json(&atob(&payload).ok()?.into()).ok()?;
        claims.is_object().then(|| claims.unchecked_into())
    }

    /// The claim `sub` (RFC 7519 §4.1.2).
    fn subject(&self) -> Option<JsValue> {
        let subject = self.claims()?.sub();
        subject.is_string().then_some(subject)
    }
}

/// What the header that carries a token holds.
pub(crate) struct Signature {
    /// `Bearer `, or empty.
    scheme: JsString,
    /// The token that was signed with last, and what that gave: a token is asked for
    /// many times, and looked at once.
    last: RefCell<Option<(Token, Option<Token>)>>,
}

impl Signature {
    pub(crate) fn new(scheme: JsString) -> Self {
        Self { scheme, last: RefCell::default() }
    }

    /// The value of the header. A token that cannot stand in one is not sent: the 401
    /// that follows gets a better one. The engine's own message would quote it.
    pub(crate) fn of(&self, token: &Token) -> Option<Token> {
        let mut last = self.last.borrow_mut();
        match &*last {
            Some((known, value)) if known == token => value.clone(),
            _ => {
                let value = usable_token(self.scheme.concat(token.as_raw()).into());
                *last = Some((token.clone(), value.clone()));
                value
            }
        }
    }
}

impl PartialEq for Token {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0) || self.0 == other.0
    }
}

/// A number of seconds, if that is what `value` is.
pub(crate) fn seconds(value: &JsValue) -> Option<Duration> {
    let seconds = value.as_f64()?;
    (seconds > 0.0 && seconds.is_finite()).then(|| from_millis(seconds * 1000.0))
}

impl Credential for Token {
    fn is_of_another_user(&self, other: &Self) -> bool {
        matches!((self.subject(), other.subject()), (Some(a), Some(b)) if a != b)
    }

    fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(self.0.as_string().unwrap_or_default().bytes())
    }

    fn lifetime(&self) -> Option<Lifetime> {
        let claims = self.claims()?;
        Some(Lifetime { issued: seconds(&claims.iat())?, ends: seconds(&claims.exp())? })
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(…)")
    }
}
