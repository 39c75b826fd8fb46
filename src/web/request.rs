//! One request, built step by step.

use std::time::Duration;

use gloo_net::http::{Method, QueryParams, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::prelude::*;

use super::api::Api;
use super::error::Error;
use super::raw::{Headers, Init, to_millis};

impl Api {
    /// Begins a `GET` request.
    pub fn get(&self, url: &str) -> RequestBuilder {
        self.request(Method::GET, url)
    }

    /// Begins a `HEAD` request.
    pub fn head(&self, url: &str) -> RequestBuilder {
        self.request(Method::HEAD, url)
    }

    /// Begins a `POST` request.
    pub fn post(&self, url: &str) -> RequestBuilder {
        self.request(Method::POST, url)
    }

    /// Begins a `PUT` request.
    pub fn put(&self, url: &str) -> RequestBuilder {
        self.request(Method::PUT, url)
    }

    /// Begins a `PATCH` request.
    pub fn patch(&self, url: &str) -> RequestBuilder {
        self.request(Method::PATCH, url)
    }

    /// Begins a `DELETE` request.
    pub fn delete(&self, url: &str) -> RequestBuilder {
        self.request(Method::DELETE, url)
    }

    /// Begins a request to `url`, which is joined to the `base_url` where it is relative.
    pub fn request(&self, method: Method, url: &str) -> RequestBuilder {
        RequestBuilder::new(self.clone(), &method, url)
    }
}

/// A request that is not sent yet.
///
/// ```no_run,standalone_crate
/// # use std::time::Duration;
/// # use tokenflight::web::{Api, Error};
/// # async fn run(api: Api) -> Result<(), Error> {
/// let page: Vec<String> = api
///     .get("/orders")
///     .query([("page", "2")])
///     .timeout(Duration::from_secs(5))
///     .receive()
///     .await?;
/// # Ok(())
/// # }
/// ```
#[must_use = "a request is sent by `send` or `receive`"]
pub struct RequestBuilder {
    api: Api,
    url: String,
    query: QueryParams,
    headers: Vec<(String, String)>,
    init: Init,
    signal: Option<web_sys::AbortSignal>,
}

impl RequestBuilder {
    pub(super) fn new(api: Api, method: &Method, url: &str) -> Self {
        let init = Init::empty();
        init.set_method(method.as_str());
        let (url, query) = (url.to_owned(), QueryParams::new());
        Self { api, url, query, headers: Vec::new(), init, signal: None }
    }

    /// Sets a header, in place of one of the same name.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Adds parameters to the query of the URL.
    pub fn query<Name: AsRef<str>, Value: AsRef<str>>(
        self,
        parameters: impl IntoIterator<Item = (Name, Value)>,
    ) -> Self {
        for (name, value) in parameters {
            self.query.append(name.as_ref(), value.as_ref());
        }
        self
    }

    /// Sets the body to `value` as JSON, and says so in the `Content-Type`.
    ///
    /// # Errors
    ///
    /// [`Error::Json`].
    pub fn json<T: Serialize + ?Sized>(self, value: &T) -> Result<Self, Error> {
        let text = serde_json::to_string(value)?;
        Ok(self.header("Content-Type", "application/json").body(text))
    }

    /// Sets the body to whatever `fetch` takes: a string, a `FormData`, a `Blob`, bytes.
    pub fn body(self, body: impl Into<JsValue>) -> Self {
        self.init.set_body(&body.into());
        self
    }

    /// Limits the time until the headers of one attempt arrive; waiting for a
    /// refresh is not counted.
    pub fn timeout(self, timeout: Duration) -> Self {
        self.init.set_timeout(to_millis(timeout));
        self
    }

    /// Aborts the request when `signal` is aborted. Dropping the future does so as well.
    pub fn signal(mut self, signal: &web_sys::AbortSignal) -> Self {
        self.signal = Some(signal.clone());
        self
    }

    /// Sends it without a token: its 401 is the caller's, and refreshes nothing. For a
    /// sign-in.
    pub fn without_auth(self) -> Self {
        self.init.set_auth(&JsValue::FALSE);
        self
    }

    /// Does without a session: the token goes along and is refreshed where there is one.
    /// Otherwise the caller gets its 401, and nobody is led to the login page.
    pub fn optional_auth(self) -> Self {
        self.init.set_auth(&"optional".into());
        self
    }

    /// Does not send it a second time: the token is refreshed, and the 401 is the caller's.
    pub fn without_replay(self) -> Self {
        self.init.set_replay(false);
        self
    }

    /// Sets anything else that `fetch` has: the cache mode, the credentials, the redirects.
    ///
    /// ```no_run,standalone_crate
    /// # async fn run(api: tokenflight::web::Api) -> Result<(), tokenflight::web::Error> {
    /// use web_sys::RequestCredentials;
    ///
    /// api.get("/me").init(|init| init.set_credentials(RequestCredentials::Include)).send().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn init(self, set: impl FnOnce(&web_sys::RequestInit)) -> Self {
        set(self.init.unchecked_ref());
        self
    }

    /// Sends it, whatever its answer's status.
    ///
    /// # Errors
    ///
    /// [`Error::SignInRequired`], [`Error::RefreshUnavailable`], [`Error::SessionChanged`];
    /// [`Error::Timeout`], [`Error::Aborted`], and what `fetch` rejects with as
    /// [`Error::Fetch`].
    pub async fn send(self) -> Result<Response, Error> {
        self.add_headers().map_err(Error::Fetch)?;
        let url = with_query(&self.url, &self.query.to_string());
        self.api.send(&url.into(), self.init, self.signal).await
    }

    /// Sends it, and reads the JSON of the answer. An answer without a body is read as
    /// `null`, which is what `()` and `Option` are made of.
    ///
    /// # Errors
    ///
    /// As [`RequestBuilder::send`]; [`Error::Status`] for a status outside 200–299, and
    /// [`Error::Json`] for a body that is no `T`.
    pub async fn receive<T: DeserializeOwned>(self) -> Result<T, Error> {
        let response = self.send().await?;
        let body = response.text().await?;
        if !response.ok() {
            return Err(Error::of_status(&response, body));
        }
        let body = if body.is_empty() { "null" } else { &body };
        serde_json::from_str(body).map_err(Error::Json)
    }

    fn add_headers(&self) -> Result<(), JsValue> {
        // The headers of `init` come first.
        let headers = Headers::new(&self.init.headers())?;
        for (name, value) in &self.headers {
            headers.set(name, value)?;
        }
        self.init.set_headers(&headers);
        Ok(())
    }
}

/// `url` with `query` added to its own, and without its fragment.
fn with_query(url: &str, query: &str) -> String {
    if query.is_empty() {
        return url.to_owned();
    }
    let url = url.split('#').next().unwrap_or_default();
    let joint = if url.contains('?') { "&" } else { "?" };
    [url, joint, query].concat()
}

impl std::fmt::Debug for RequestBuilder {
    /// Shows neither query nor headers: they may hold secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let path = self.url.split(['?', '#']).next();
        f.debug_struct("RequestBuilder").field("path", &path).finish_non_exhaustive()
    }
}
