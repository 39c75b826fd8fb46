//! Sessions of their own on the real server.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use gloo_net::http::Request;
use serde::{Deserialize, Serialize};
use tokenflight::web::{Api, Builder, Event, SignOut, Subscription, Tokens};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;

/// The failure of a test: whatever went wrong, as text.
#[derive(Debug)]
pub(crate) struct Failure(#[expect(dead_code, reason = "printed by Debug")] String);

impl<E: std::fmt::Display> From<E> for Failure {
    fn from(error: E) -> Self {
        Self(error.to_string())
    }
}

pub(crate) type Outcome = Result<(), Failure>;

/// A sign-in on the server.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SignedIn {
    pub(crate) sid: String,
    pub(crate) access_token: String,
    pub(crate) refresh_token: String,
}

/// The server's counts.
#[derive(Deserialize)]
pub(crate) struct Stats {
    pub(crate) refreshes: u32,
    pub(crate) unauthorized: u32,
    pub(crate) attempts: Vec<Attempt>,
}

/// One arrival at `/test/echo`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Attempt {
    pub(crate) method: String,
    pub(crate) url: String,
    pub(crate) content_type: Option<String>,
    pub(crate) sha256: String,
    pub(crate) authorized: bool,
}

/// One session, an api for it, and what happened.
pub(crate) struct World {
    pub(crate) api: Api,
    pub(crate) signed_in: SignedIn,
    pub(crate) events: Rc<RefCell<Vec<String>>>,
    pub(crate) signed_out: Rc<RefCell<Vec<SignOut>>>,
    _subscription: Subscription,
}

/// The address of the server.
pub(crate) fn server() -> Result<&'static str, Failure> {
    option_env!("TOKENFLIGHT_TEST_SERVER")
        .ok_or_else(|| "These tests need their server: npm test -- browser".into())
}

/// Asks the server, past the api.
pub(crate) async fn ask<T: for<'a> Deserialize<'a>>(
    path: &str,
    body: &impl Serialize,
) -> Result<T, Failure> {
    let url = format!("{}/api{path}", server()?);
    let text = Request::post(&url).json(body)?.send().await?.text().await?;
    Ok(serde_json::from_str(if text.is_empty() { "null" } else { &text })?)
}

impl World {
    /// A session as the defaults have it, but for its storage keys.
    pub(crate) async fn new() -> Result<Self, Failure> {
        Self::with(|builder| builder).await
    }

    /// A session, and an api with these settings besides.
    pub(crate) async fn with(set: impl FnOnce(Builder) -> Builder) -> Result<Self, Failure> {
        let who = serde_json::json!({ "user": "ada", "password": "ada", "ttl": 600 });
        let signed_in: SignedIn = ask("/sign-in", &who).await?;
        let signed_out = Rc::new(RefCell::new(Vec::new()));
        let told = signed_out.clone();
        let builder = Api::builder()
            .base_url(&format!("{}/api", server()?))
            .access_token_key(&format!("access {}", signed_in.sid))
            .refresh_token_key(&format!("refresh {}", signed_in.sid))
            .retry_delay(Duration::from_millis(10))
            .on_signed_out(move |why| told.borrow_mut().push(why));
        let api = set(builder).build()?;
        let events = Rc::new(RefCell::new(Vec::new()));
        let heard = events.clone();
        let subscription =
            api.on(move |event: Event| heard.borrow_mut().push(format!("{event:?}")));
        let tokens = Tokens::new(&signed_in.access_token);
        api.sign_in(tokens.with_refresh_token(&signed_in.refresh_token)).await?;
        Ok(Self { api, signed_in, events, signed_out, _subscription: subscription })
    }

    /// From now on the server refuses the access tokens that it has issued.
    pub(crate) async fn expire(&self) -> Outcome {
        ask("/test/expire", &serde_json::json!({ "sid": self.signed_in.sid })).await
    }

    /// Ends the session on the server.
    pub(crate) async fn revoke(&self) -> Outcome {
        let _: serde_json::Value =
            ask("/demo/revoke", &serde_json::json!({ "sid": self.signed_in.sid })).await?;
        Ok(())
    }

    /// Sets the faults of the next refreshes, one each.
    pub(crate) async fn faults(&self, faults: serde_json::Value) -> Outcome {
        ask("/test/faults", &serde_json::json!({ "sid": self.signed_in.sid, "faults": faults }))
            .await
    }

    /// The server's records.
    pub(crate) async fn stats(&self) -> Result<Stats, Failure> {
        let url = format!("{}/api/test/stats?sid={}", server()?, self.signed_in.sid);
        Ok(Request::get(&url).send().await?.json().await?)
    }
}

/// Waits for `duration`.
pub(crate) async fn pause(duration: Duration) {
    let timer = js_sys::Promise::new(&mut |resolve, _| {
        web_sys::window()
            .and_then(|window| {
                let ms = duration.as_millis() as i32;
                window.set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, ms).ok()
            })
            .unwrap_or_default();
    });
    let _: Result<JsValue, JsValue> = JsFuture::from(timer).await;
}
