//! A client's settings.
//!
//! They become the object of options that `createApi` takes: what is checked there is
//! checked in one place, and both languages accept and refuse the same.

use std::rc::Rc;
use std::time::Duration;

use gloo_net::http::{Request, Response};
use js_sys::{Array, Function, Object};
use wasm_bindgen::prelude::*;
use web_sys::RequestCredentials;

use super::api::Api;
use super::callback;
use super::error::Error;
use super::raw::{set_member, to_millis};
use super::tokens::{RawContext, RefreshContext, Tokens};
use crate::door::open;
use crate::session::SignOut;

/// Where the tokens are kept.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Storage {
    /// `localStorage`, which all tabs have in common.
    Local,
    /// `sessionStorage`: each tab has a session of its own.
    Session,
    /// The memory of this page.
    Memory,
    /// An object of JavaScript's with the functions `get`, `set` and `remove`, which may
    /// return promises.
    Custom(Object),
}

impl Api {
    /// A client with the defaults: the tokens in `localStorage` under `accessToken` and
    /// `refreshToken`, `POST /refresh-token`, `/login`, Bearer.
    ///
    /// # Errors
    ///
    /// [`Error::Option`] where the runtime has no `fetch`.
    pub fn new() -> Result<Self, Error> {
        Self::builder().build()
    }

    /// A client with other settings.
    pub fn builder() -> Builder {
        Builder::new()
    }
}

/// Settings of an [`Api`]; all of them are optional.
///
/// ```no_run,standalone_crate
/// # use tokenflight::web::{Api, Error};
/// # fn run() -> Result<(), Error> {
/// let api = Api::builder()
///     .base_url("https://api.example.com/v1")
///     .oauth("https://id.example.com/token", "my-client-id", Some("openid"))
///     .login_url("/sign-in")
///     .return_to("next")
///     .build()?;
/// # Ok(())
/// # }
/// ```
#[must_use = "`build` makes an Api of it"]
pub struct Builder {
    options: Object,
    oauth: Object,
    headers: Array,
    origins: Array,
    hooks: Object,
}

impl Builder {
    pub(super) fn new() -> Self {
        Self {
            options: Object::new(),
            oauth: Object::new(),
            headers: Array::new(),
            origins: Array::new(),
            hooks: Object::new(),
        }
    }

    /// Makes the client.
    ///
    /// # Errors
    ///
    /// [`Error::Option`], which names the option that is wrong as `createApi` calls it: a
    /// URL that is none, an origin with a path, a header that scripts may not set.
    pub fn build(self) -> Result<Api, Error> {
        for (name, list) in [("headers", &self.headers), ("allowedOrigins", &self.origins)] {
            if list.length() > 0 {
                set_member(&self.options, name, list);
            }
        }
        set_member(&self.options, "hooks", &self.hooks);
        let api = open(&self.options, Some("Api: ")).map_err(Error::of_option)?;
        Ok(Api(Rc::new(api.unchecked_into())))
    }

    /// Sets the URL that relative URLs are joined to. Its origin gets the token.
    pub fn base_url(self, url: &str) -> Self {
        self.set("baseURL", url)
    }

    /// Limits the time until the headers of one attempt arrive. Default: no limit.
    pub fn timeout(self, timeout: Duration) -> Self {
        self.set_millis("timeout", timeout)
    }

    /// Sent with each request that sets none of the same name.
    pub fn header(self, name: &str, value: &str) -> Self {
        self.headers.push(&Array::of2(&name.into(), &value.into()));
        self
    }

    /// The credentials mode of requests that set none.
    pub fn credentials(self, credentials: RequestCredentials) -> Self {
        self.set("credentials", credentials)
    }

    /// Where the tokens are. Default: [`Storage::Local`].
    pub fn storage(self, storage: Storage) -> Self {
        match storage {
            Storage::Local => self.set("storage", "local"),
            Storage::Session => self.set("storage", "session"),
            Storage::Memory => self.set("storage", "memory"),
            Storage::Custom(object) => self.set("storage", object),
        }
    }

    /// The access token's key in the storage. Default: `accessToken`.
    pub fn access_token_key(self, key: &str) -> Self {
        self.set("accessTokenKey", key)
    }

    /// The refresh token's key in the storage. Default: `refreshToken`.
    pub fn refresh_token_key(self, key: &str) -> Self {
        self.set("refreshTokenKey", key)
    }

    /// Where new tokens are asked for: `POST { "refreshToken": … }`, or without a body where
    /// none is stored. Default: `/refresh-token`.
    pub fn refresh_url(self, url: &str) -> Self {
        self.set("refreshURL", url)
    }

    /// Asks for new tokens as OAuth 2.0 has it (RFC 6749 §6).
    pub fn oauth(self, token_endpoint: &str, client_id: &str, scope: Option<&str>) -> Self {
        set_member(&self.oauth, "tokenEndpoint", &token_endpoint.into());
        set_member(&self.oauth, "clientId", &client_id.into());
        if let Some(scope) = scope {
            set_member(&self.oauth, "scope", &scope.into());
        }
        let oauth = self.oauth.clone();
        self.set("refresh", oauth)
    }

    /// Where signing out revokes the tokens (RFC 7009), beside [`Builder::oauth`].
    pub fn revocation_endpoint(self, url: &str) -> Self {
        set_member(&self.oauth, "revocationEndpoint", &url.into());
        self
    }

    /// Asks for new tokens in a way of its own. [`Error::SignInRequired`] signs out; with any
    /// other error the user stays signed in. It must not use the client that it belongs to.
    ///
    /// ```no_run,standalone_crate
    /// # use tokenflight::web::{Api, Error, Tokens};
    /// # fn run() -> Result<(), Error> {
    /// use gloo_net::http::Request;
    ///
    /// let api = Api::builder()
    ///     .refresh_with(async |context| {
    ///         let response = Request::post("/auth/refresh")
    ///             .abort_signal(Some(&context.signal))
    ///             .json(&context.refresh_token)?
    ///             .send()
    ///             .await?;
    ///         match response.status() {
    ///             200 => Ok(Tokens::new(response.text().await?)),
    ///             401 => Err(Error::sign_in_required("the refresh token was refused")),
    ///             status => Err(Error::other(format!("the token server answered {status}"))),
    ///         }
    ///     })
    ///     .build()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn refresh_with<Refresh>(self, refresh: Refresh) -> Self
    where
        Refresh: AsyncFn(RefreshContext) -> Result<Tokens, Error> + 'static,
    {
        let call = callback::asynchronous(async move |context: JsValue| {
            let context = RefreshContext::from_raw(context.unchecked_ref::<RawContext>());
            refresh(context).await?.into_raw()
        });
        self.set("refresh", call)
    }

    /// Sets how long before its end a token is refreshed; at most a quarter of its lifetime.
    /// Default: 30 s.
    pub fn refresh_ahead(self, ahead: Duration) -> Self {
        self.set("refreshAhead", to_millis(ahead) / 1000.0)
    }

    /// Refreshes in the background, too.
    pub fn auto_refresh(self) -> Self {
        self.set("autoRefresh", true)
    }

    /// Limits the time that one refresh may take. Default: 10 s.
    pub fn refresh_timeout(self, timeout: Duration) -> Self {
        self.set_millis("refreshTimeout", timeout)
    }

    /// How long to wait for a tab that holds the lock and does not move; not shorter than one
    /// refresh may take. Default: 10 s, or that.
    pub fn lock_timeout(self, timeout: Duration) -> Self {
        self.set_millis("lockTimeout", timeout)
    }

    /// Sets how often an unavailable refresh is tried again. Default: 2.
    pub fn refresh_retries(self, retries: u32) -> Self {
        self.set("refreshRetries", retries)
    }

    /// The first wait before that; it doubles. Default: 300 ms.
    pub fn retry_delay(self, delay: Duration) -> Self {
        self.set_millis("retryDelay", delay)
    }

    /// The longest `Retry-After` that is waited for. Default: 30 s.
    pub fn max_retry_after(self, longest: Duration) -> Self {
        self.set_millis("maxRetryAfter", longest)
    }

    /// Sets how long after an outage no refresh is sent; it doubles up to a minute. Default: 1 s.
    pub fn cool_down(self, cool_down: Duration) -> Self {
        self.set_millis("coolDown", cool_down)
    }

    /// Where the user signs in. Default: `/login`.
    pub fn login_url(self, url: &str) -> Self {
        self.set("loginURL", url)
    }

    /// Where the server is told that somebody has signed out, with the tokens there were.
    /// Default: nowhere.
    pub fn sign_out_url(self, url: &str) -> Self {
        self.set("signOutURL", url)
    }

    /// The query parameter that carries the current path to the login page. Default: none.
    pub fn return_to(self, parameter: &str) -> Self {
        self.set("returnTo", parameter)
    }

    /// Called in place of the navigation to the login page: a router goes there, say.
    pub fn on_signed_out(self, call: impl Fn(SignOut) + 'static) -> Self {
        let call = callback::sync(move |raw| {
            if let Some(super::Event::SignedOut(why)) = super::Event::from_raw(&raw) {
                call(why);
            }
        });
        self.set("onSignedOut", call)
    }

    /// One more origin that gets the token, such as `https://api.example.com`.
    pub fn allow_origin(self, origin: &str) -> Self {
        self.origins.push(&origin.into());
        self
    }

    /// Which responses mean that the token is not accepted. Default: status 401. To read a
    /// body, read that of a clone: the caller gets this very response.
    pub fn is_unauthorized<Rule>(self, rule: Rule) -> Self
    where
        Rule: AsyncFn(web_sys::Response) -> bool + 'static,
    {
        let call = callback::asynchronous(async move |response: JsValue| {
            Ok(rule(response.unchecked_into()).await.into())
        });
        self.set("isUnauthorized", call)
    }

    /// Sets the header and the scheme of the token. Default: `Authorization`, `Bearer`. An empty
    /// scheme sends the token alone.
    pub fn token_header(self, header: &str, scheme: &str) -> Self {
        self.set("header", header).set("scheme", scheme)
    }

    /// The access token is an HttpOnly cookie, as is the refresh token.
    pub fn cookie_session(self) -> Self {
        self.set("session", "cookie")
    }

    /// A readable cookie in which the server leaves the new access token.
    pub fn token_cookie(self, name: &str) -> Self {
        self.set("tokenCookie", name)
    }

    /// The token server's names for the access token, the refresh token and the lifetime, where
    /// they are none of the usual ones; `None` leaves one as it is. In the answer a name may be a
    /// path, such as `result.token`.
    pub fn token_names(
        self,
        access: Option<&str>,
        refresh: Option<&str>,
        expires_in: Option<&str>,
    ) -> Self {
        let names = Object::new();
        let given = [("accessToken", access), ("refreshToken", refresh), ("expiresIn", expires_in)];
        for (member, name) in given {
            if let Some(name) = name {
                set_member(&names, member, &name.into());
            }
        }
        self.set("tokenNames", names)
    }

    /// A readable cookie that is repeated in a header: a double submit against forged
    /// requests.
    pub fn xsrf(self, cookie: &str, header: &str) -> Self {
        self.set("xsrfCookieName", cookie).set("xsrfHeaderName", header)
    }

    /// The caller gets its own 401 when the session is over, in place of
    /// [`Error::SignInRequired`].
    pub fn return_unauthorized(self) -> Self {
        self.set("unauthorized", "return")
    }

    /// Called before the token is attached, once for each attempt; what it returns is sent.
    pub fn on_request<Hook>(self, hook: Hook) -> Self
    where
        Hook: AsyncFn(Request) -> Request + 'static,
    {
        let call = callback::asynchronous(async move |request: JsValue| {
            let request = request.unchecked_into::<web_sys::Request>().into();
            Ok(web_sys::Request::from(hook(request).await).into())
        });
        set_member(&self.hooks, "onRequest", &call);
        self
    }

    /// Called with what the caller is going to get, which is what it returns.
    pub fn on_response<Hook>(self, hook: Hook) -> Self
    where
        Hook: AsyncFn(Response) -> Response + 'static,
    {
        let call = callback::asynchronous(async move |response: JsValue| {
            let response = response.unchecked_into::<web_sys::Response>().into();
            Ok(web_sys::Response::from(hook(response).await).into())
        });
        set_member(&self.hooks, "onResponse", &call);
        self
    }

    /// One line in the console for each decision.
    pub fn debug(self) -> Self {
        self.set("debug", true)
    }

    /// The `fetch` underneath, in place of the platform's.
    pub fn fetch(self, fetch: Function) -> Self {
        self.set("fetch", fetch)
    }

    fn set_millis(self, name: &str, duration: Duration) -> Self {
        self.set(name, to_millis(duration))
    }

    fn set(self, name: &str, value: impl Into<JsValue>) -> Self {
        set_member(&self.options, name, &value.into());
        self
    }
}

impl std::fmt::Debug for Builder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Builder").finish_non_exhaustive()
    }
}
