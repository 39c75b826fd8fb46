//! From options to a client.

use std::rc::Rc;

use js_sys::TypeError;
use wasm_bindgen::prelude::*;

use super::options::Options;
use crate::browser::events::Login;
use crate::browser::origin::Origins;
use crate::browser::refresher::{Refresher, Source};
use crate::browser::request::Defaults;
use crate::browser::transport::{Transport, platform_fetch};
use crate::browser::{Browser, Common};
use crate::client::Client;
use crate::policy::Policy;

const OPTIONS: [&str; 27] = [
    "baseURL",
    "timeout",
    "headers",
    "fetch",
    "storage",
    "accessTokenKey",
    "refreshTokenKey",
    "refreshURL",
    "refresh",
    "refreshTimeout",
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
    "unauthorized",
    "credentials",
    "hooks",
    "debug",
];

/// A client as `value`, the argument of `createApi`, describes it.
///
/// # Errors
///
/// A `TypeError` that names the option that is wrong.
pub(super) fn client_of(value: &JsValue) -> Result<Client<Browser>, JsValue> {
    let options = Options::of(value, "", &OPTIONS)?;
    let is_cookie_session = options.is_second("session", ["token", "cookie"])?;
    let transport = Rc::new(transport_of(&options)?);
    let source = source_of(&options, &transport.origins)?;
    let token_cookie = options.non_empty("tokenCookie")?;
    let login = Login {
        url: options.page_url("loginURL")?.unwrap_or_else(|| "/login".to_owned()),
        return_to: options.non_empty("returnTo")?,
        on_signed_out: options.function("onSignedOut")?,
    };
    let policy = policy_of(&options, is_cookie_session)?;
    let is_debug = options.flag("debug")?;
    let access_key = options.non_empty("accessTokenKey")?;
    let refresh_key = options.non_empty("refreshTokenKey")?;
    // The storage comes last: probing it may warn, and nothing is wrong any more.
    let common = Common::of(
        options.storage("storage")?,
        access_key.as_deref().unwrap_or("accessToken"),
        refresh_key.as_deref().unwrap_or("refreshToken"),
    );
    let refresher = Refresher {
        source,
        token_cookie,
        is_cookie_session,
        transport: transport.clone(),
        store: common.store.clone(),
    };
    let shared = common.session.clone();
    let refresher = Rc::new(refresher);
    let platform = Browser { common, transport, refresher, login, is_cookie_session, is_debug };
    Ok(Client { platform, shared, policy })
}

fn transport_of(options: &Options) -> Result<Transport, JsValue> {
    let hooks = options.get("hooks")?.unwrap_or_default();
    let hooks = Options::of(&hooks, "hooks.", &["onRequest", "onResponse"])?;
    let fetch = options.function("fetch")?.or_else(platform_fetch).ok_or_else(|| {
        TypeError::new("createApi: this runtime has no fetch; give one as the option `fetch`.")
    })?;
    let (headers, entries) = options.headers("headers")?;
    let auth_header = options.header_name("header")?;
    let scheme = options.text("scheme")?.unwrap_or_else(|| "Bearer".to_owned());
    let scheme = if scheme.is_empty() { scheme } else { scheme + " " };
    let base_url = options.page_url("baseURL")?;
    Ok(Transport {
        fetch: fetch.unchecked_into(),
        origins: Origins::new(base_url, options.origins("allowedOrigins")?),
        defaults: Defaults {
            headers,
            entries,
            credentials: options.credentials("credentials")?,
            timeout: options.millis("timeout")?.unwrap_or_default(),
            auth_header: auth_header.as_deref().unwrap_or("Authorization").into(),
        },
        scheme: scheme.into(),
        is_unauthorized: options.function("isUnauthorized")?,
        on_request: hooks.function("onRequest")?,
        on_response: hooks.function("onResponse")?,
    })
}

fn source_of(options: &Options, origins: &Origins) -> Result<Source, JsValue> {
    let url = options.page_url("refreshURL")?.unwrap_or_else(|| "/refresh-token".to_owned());
    let absolute =
        |url: String| Ok::<_, JsValue>(origins.target(&url.into())?.input.unchecked_into());
    let Some(refresh) = options.get("refresh")? else {
        return Ok(Source::Endpoint { url: absolute(url)? });
    };
    if refresh.is_function() {
        return Ok(Source::Callback(refresh.unchecked_into()));
    }
    let expected = "a function, or { tokenEndpoint, clientId, scope? }";
    if !refresh.is_object() {
        return Err(options.wrong("refresh", expected));
    }
    let oauth = Options::of(&refresh, "refresh.", &["tokenEndpoint", "clientId", "scope"])?;
    let endpoint = oauth.page_url("tokenEndpoint")?;
    let (Some(url), Some(client_id)) = (endpoint, oauth.non_empty("clientId")?) else {
        return Err(options.wrong("refresh", expected));
    };
    Ok(Source::OAuth { url: absolute(url)?, client_id, scope: oauth.non_empty("scope")? })
}

fn policy_of(options: &Options, is_cookie_session: bool) -> Result<Policy, JsValue> {
    let defaults = Policy::default();
    let millis = |name, default| Ok::<_, JsValue>(options.millis(name)?.unwrap_or(default));
    Ok(Policy {
        refresh_timeout: millis("refreshTimeout", defaults.refresh_timeout)?,
        refresh_retries: options.count("refreshRetries")?.unwrap_or(defaults.refresh_retries),
        retry_delay: millis("retryDelay", defaults.retry_delay)?,
        max_retry_after: millis("maxRetryAfter", defaults.max_retry_after)?,
        cool_down: millis("coolDown", defaults.cool_down)?,
        is_cookie_session,
        returns_unauthorized: options.is_second("unauthorized", ["reject", "return"])?,
    })
}
