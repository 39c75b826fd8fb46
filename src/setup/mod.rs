//! From options to a client. Both faces come this way, so that they accept and refuse the same.

pub(crate) mod options;

use std::rc::Rc;
use std::time::Duration;

use futures::FutureExt;
use futures::future::{AbortHandle, abortable};
use js_sys::JsString;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;

use self::options::{Complaints, Options};
use crate::browser::cookie::Xsrf;
use crate::browser::errors::unsupported;
use crate::browser::events::Login;
use crate::browser::origin::Origins;
use crate::browser::refresher::{Refresher, Source};
use crate::browser::request::Defaults;
use crate::browser::token::Signature;
use crate::browser::transport::{Transport, platform_fetch};
use crate::browser::watch::{Sleepers, Watch};
use crate::browser::{Browser, Common};
use crate::client::Client;
use crate::policy::Policy;

const OPTIONS: [&str; 32] = [
    "baseURL",
    "timeout",
    "headers",
    "fetch",
    "storage",
    "accessTokenKey",
    "refreshTokenKey",
    "refreshURL",
    "refresh",
    "refreshAhead",
    "autoRefresh",
    "refreshTimeout",
    "lockTimeout",
    "refreshRetries",
    "retryDelay",
    "maxRetryAfter",
    "coolDown",
    "loginURL",
    "returnTo",
    "onSignedOut",
    "allowedOrigins",
    "isUnauthorized",
    "header",
    "scheme",
    "session",
    "tokenCookie",
    "xsrfCookieName",
    "xsrfHeaderName",
    "unauthorized",
    "credentials",
    "hooks",
    "debug",
];

/// A client that hears of what happens to the page, until this is dropped.
pub(crate) struct Running {
    pub(crate) client: Rc<Client<Browser>>,
    _watch: Watch,
    /// The end of what runs in the background.
    background: Option<AbortHandle>,
}

impl Running {
    /// Creates the client that `options` describe. `asked` is what was called for it, with
    /// a colon behind it.
    ///
    /// # Errors
    ///
    /// A `TypeError` that names the option that is wrong.
    pub(crate) fn start(options: &JsValue, asked: &'static str) -> Result<Self, JsValue> {
        let (client, is_automatic) = client_of(options, asked)?;
        let client = Rc::new(client);
        let watch = Watch::over(&client);
        if client.platform.common.store.answers_at_once() {
            // What other tabs change from here on is a change to what is there now.
            let is_signed_in = client.look_now().is_some_and(|ticket| ticket.token.is_some());
            if !is_signed_in {
                client.forget_later();
            }
        }
        let background = is_automatic.then(|| keep_fresh(&client));
        Ok(Self { client, _watch: watch, background })
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.background.iter().for_each(AbortHandle::abort);
    }
}

fn keep_fresh(client: &Rc<Client<Browser>>) -> AbortHandle {
    let (work, handle) = abortable(client.clone().keep_fresh());
    spawn_local(work.map(drop));
    handle
}

/// A client as `value` describes it, and whether it keeps its token fresh by itself.
fn client_of(value: &JsValue, asked: &'static str) -> Result<(Client<Browser>, bool), JsValue> {
    let complaints = Complaints::of(asked);
    let options = Options::of(value, &OPTIONS, &complaints);
    let is_cookie_session = options.one_of("session", &["token", "cookie"]) == 1;
    let transport = Rc::new(transport_of(&options, &complaints)?);
    let source = source_of(&options, &transport.origins, &complaints);
    let token_cookie = options.word("tokenCookie");
    let login = Login {
        url: options.page_url("loginURL").unwrap_or_else(|| "/login".to_owned()),
        return_to: options.word("returnTo"),
        on_signed_out: options.function("onSignedOut"),
    };
    let policy = policy_of(&options, is_cookie_session);
    let (is_debug, is_automatic) = (options.flag("debug"), options.flag("autoRefresh"));
    let access_key = options.word("accessTokenKey");
    let refresh_key = options.word("refreshTokenKey");
    let place = options.storage("storage");
    complaints.check()?;
    // What a cookie session keeps there is no token.
    let default_key = if is_cookie_session { "tokenflight" } else { "accessToken" };
    let common = Common::of(
        place,
        access_key.as_deref().unwrap_or(default_key),
        refresh_key.as_deref().unwrap_or("refreshToken"),
    );
    let refresher = Rc::new(Refresher {
        source,
        token_cookie,
        is_cookie_session,
        transport: transport.clone(),
        store: common.store.clone(),
    });
    let shared = common.session.clone();
    let platform = Browser {
        common,
        transport,
        refresher,
        login,
        is_cookie_session,
        is_debug,
        sleepers: Sleepers::default(),
    };
    Ok((Client { platform, shared, policy }, is_automatic))
}

fn transport_of(options: &Options, complaints: &Complaints) -> Result<Transport, JsValue> {
    let hooks = options.get("hooks").unwrap_or_default();
    let hooks = Options::nested(&hooks, "hooks.", &["onRequest", "onResponse"], complaints);
    let fetch = options.function("fetch").or_else(platform_fetch).ok_or_else(|| {
        unsupported("This runtime has no fetch; give createApi one as the option `fetch`.")
    })?;
    let (headers, entries) = options.headers("headers");
    let scheme = options.text("scheme").unwrap_or_else(|| "Bearer".to_owned());
    let scheme = if scheme.is_empty() { scheme } else { scheme + " " };
    let modes = ["", "omit", "same-origin", "include"];
    let credentials = options.one_of("credentials", &modes);
    let base_url = options.page_url("baseURL");
    Ok(Transport {
        fetch: fetch.unchecked_into(),
        origins: Origins::new(base_url, options.origins("allowedOrigins")),
        defaults: Defaults {
            headers,
            entries,
            credentials: (credentials > 0).then(|| options.get("credentials")).flatten(),
            timeout: options.millis("timeout", Duration::ZERO),
            auth_header: options.header_name("header", "Authorization"),
        },
        signature: Signature::new(scheme.into()),
        xsrf: xsrf_of(options),
        is_unauthorized: options.function("isUnauthorized"),
        on_request: hooks.function("onRequest"),
        on_response: hooks.function("onResponse"),
    })
}

fn xsrf_of(options: &Options) -> Option<Xsrf> {
    let header = options.header_name("xsrfHeaderName", "X-XSRF-TOKEN");
    options.word("xsrfCookieName").map(|cookie| Xsrf { cookie, header })
}

fn source_of(options: &Options, origins: &Origins, complaints: &Complaints) -> Source {
    let absolute = |url: Option<String>| -> JsString {
        let url = url.as_deref().unwrap_or("/refresh-token").into();
        origins.target(&url).map_or(url, |target| target.input).unchecked_into()
    };
    let url = absolute(options.page_url("refreshURL"));
    match options.get("refresh") {
        None => Source::Endpoint { url },
        Some(refresh) if refresh.is_function() => Source::Callback(refresh.unchecked_into()),
        Some(refresh) => {
            let known = ["tokenEndpoint", "clientId", "scope"];
            let oauth = Options::nested(&refresh, "refresh.", &known, complaints);
            let (endpoint, client_id) = (oauth.page_url("tokenEndpoint"), oauth.word("clientId"));
            if endpoint.is_none() || client_id.is_none() {
                options.wrong("refresh", "a function, or { tokenEndpoint, clientId, scope? }");
            }
            let client_id = client_id.unwrap_or_default();
            Source::OAuth { url: absolute(endpoint), client_id, scope: oauth.word("scope") }
        }
    }
}

fn policy_of(options: &Options, is_cookie_session: bool) -> Policy {
    let defaults = Policy::default();
    Policy {
        refresh_timeout: options.millis("refreshTimeout", defaults.refresh_timeout),
        refresh_retries: options.count("refreshRetries", defaults.refresh_retries),
        retry_delay: options.millis("retryDelay", defaults.retry_delay),
        max_retry_after: options.millis("maxRetryAfter", defaults.max_retry_after),
        cool_down: options.millis("coolDown", defaults.cool_down),
        refresh_ahead: options.seconds("refreshAhead", defaults.refresh_ahead),
        lock_timeout: options.millis("lockTimeout", defaults.lock_timeout),
        is_cookie_session,
        returns_unauthorized: options.one_of("unauthorized", &["reject", "return"]) == 1,
    }
}
