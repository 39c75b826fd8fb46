//! The cookies that scripts may read.

use wasm_bindgen::prelude::*;

use super::globals::global;
use super::request::Headers;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = decodeURIComponent, catch)]
    fn decode(text: &str) -> Result<String, JsValue>;
}

/// What the cookie `name` holds, if anything; workers have none.
pub(crate) fn cookie(name: &str) -> Option<String> {
    let cookies = global().document()?.cookie()?;
    let value = cookies.split(';').find_map(|cookie| {
        let (key, value) = cookie.trim_ascii_start().split_once('=')?;
        (key == name && !value.is_empty()).then_some(value)
    })?;
    // Servers escape what a cookie cannot hold (RFC 6265 §4.1.1 leaves it to them how).
    Some(decode(value).unwrap_or_else(|_| value.to_owned()))
}

/// The double submit of a cookie: its value goes in a header as well, which a page of
/// another site cannot do.
pub(crate) struct Xsrf {
    pub(crate) cookie: String,
    pub(crate) header: js_sys::JsString,
}

impl Xsrf {
    /// Puts what the cookie holds now into `headers`, in place of what is there: a refresh
    /// may have changed it since the attempt before.
    pub(crate) fn attach(&self, headers: &Headers) {
        if let Some(value) = cookie(&self.cookie) {
            // A value that cannot stand in a header is not sent: the server says so best.
            drop(headers.set(&self.header, &value.into()));
        }
    }
}
