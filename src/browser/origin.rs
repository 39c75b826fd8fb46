//! Where a request goes, and whether the token may go there.

use std::cell::RefCell;

use js_sys::JsString;
use wasm_bindgen::prelude::*;

use super::globals::{Document, global, to_string};
use super::request::Request;

#[wasm_bindgen]
extern "C" {
    pub(crate) type URL;

    #[wasm_bindgen(constructor, catch)]
    pub(crate) fn new(url: &JsValue, base: &JsValue) -> Result<URL, JsValue>;
    #[wasm_bindgen(method, getter)]
    pub(crate) fn origin(this: &URL) -> String;
    #[wasm_bindgen(method, getter)]
    pub(crate) fn protocol(this: &URL) -> String;
    #[wasm_bindgen(method, getter)]
    pub(crate) fn pathname(this: &URL) -> String;
    #[wasm_bindgen(method, getter)]
    pub(crate) fn href(this: &URL) -> JsString;
}

/// The origins that get the token, and the base of relative URLs.
pub(crate) struct Origins {
    /// As it was given, and without the slash at its end.
    base_url: Option<(JsString, JsString)>,
    allowed: Vec<String>,
    page: Option<String>,
    document: Option<Document>,
    /// The document's base as it was seen last, and whether it is of the page's origin.
    last_base: RefCell<(JsValue, bool)>,
}

/// A destination.
pub(crate) struct Target {
    /// What `fetch` is given: a string, or the caller's `Request`.
    pub(crate) input: JsValue,
    pub(crate) is_text: bool,
    /// Whether the token may go there.
    pub(crate) is_ours: bool,
}

impl Origins {
    /// `base_url` and `allowed` are what the options say; the page's own origin and
    /// that of `base_url` are added.
    pub(crate) fn new(base_url: Option<String>, allowed: Vec<String>) -> Self {
        // The origin of a sandboxed page or a file is opaque: "null" equals nothing.
        let page = global().location().map(|l| l.origin()).filter(|origin| origin != "null");
        let last_base = RefCell::new((JsValue::UNDEFINED, page.is_some()));
        let document = global().document();
        let mut origins = Self { base_url: None, allowed, page: page.clone(), document, last_base };
        origins.allowed.extend(page);
        if let Some(url) = base_url {
            origins.allowed.extend(origin_of(&url.as_str().into()));
            origins.base_url = Some((url.as_str().into(), url.trim_end_matches('/').into()));
        }
        origins
    }

    /// Where `input`, the first argument of `fetch`, leads to.
    ///
    /// # Errors
    ///
    /// What `String(input)` throws.
    pub(crate) fn target(&self, input: &JsValue) -> Result<Target, JsValue> {
        if let Some(text) = input.dyn_ref::<JsString>() {
            return Ok(self.target_of_text(text));
        }
        if let Some(request) = input.dyn_ref::<Request>() {
            let is_ours = self.is_allowed(&request.url());
            return Ok(Target { input: input.clone(), is_text: false, is_ours });
        }
        // There is no string of a symbol, as `fetch` says best itself.
        if input.is_symbol() {
            return Ok(Target { input: input.clone(), is_text: false, is_ours: false });
        }
        // A URL, or whatever else: `fetch` makes a string of it, and so it is read now.
        let is_url = input.is_instance_of::<URL>();
        let text = to_string(input)?;
        if is_url {
            let is_ours = self.is_allowed(&text);
            return Ok(Target { input: text.into(), is_text: true, is_ours });
        }
        Ok(self.target_of_text(&text))
    }

    fn target_of_text(&self, text: &JsString) -> Target {
        let url = match &self.base_url {
            None => text.clone(),
            Some((_, base)) if is_plain_path(text) => base.concat(text),
            Some((whole, base)) => match text.as_string() {
                Some(url) if url.is_empty() => whole.clone(),
                Some(url) if !is_absolute(&url) => {
                    // As axios joins them: exactly one slash between the two.
                    let separated = ["/", url.trim_start_matches('/')].concat();
                    base.concat(&separated.into())
                }
                _ => text.clone(),
            },
        };
        let is_ours = match is_plain_path(&url) {
            true => self.is_page_the_base(),
            false => self.is_allowed(&url),
        };
        Target { input: url.into(), is_text: true, is_ours }
    }

    /// A `<base>` can lead relative URLs to another origin, at any time.
    fn is_page_the_base(&self) -> bool {
        let Some(document) = &self.document else {
            return self.page.is_some();
        };
        let base = document.base_uri();
        let mut last = self.last_base.borrow_mut();
        if last.0 != base {
            let is_ours = self.page.is_some() && origin_of(&base) == self.page;
            *last = (base, is_ours);
        }
        last.1
    }

    /// Whether `url`, absolute or relative to the page, is of an allowed origin.
    pub(crate) fn is_allowed(&self, url: &JsValue) -> bool {
        origin_of(url).is_some_and(|origin| self.allowed.contains(&origin))
    }
}

/// The base of relative URLs in this page or worker.
pub(crate) fn document_base() -> JsValue {
    match (global().document(), global().location()) {
        (Some(document), _) => document.base_uri(),
        (None, Some(location)) => location.href().into(),
        (None, None) => JsValue::UNDEFINED,
    }
}

/// `url` with `query` added to its own, and without its fragment.
pub(crate) fn with_query(url: &str, query: &str) -> String {
    if query.is_empty() {
        return url.to_owned();
    }
    let url = url.split('#').next().unwrap_or_default();
    let joint = if url.contains('?') { "&" } else { "?" };
    [url, joint, query].concat()
}

fn origin_of(url: &JsValue) -> Option<String> {
    Some(URL::new(url, &document_base()).ok()?.origin()).filter(|origin| origin != "null")
}

/// Whether a URL is a path that can only mean the origin of its base.
///
/// It starts with a slash, and neither with two nor with anything that a URL parser
/// strips or reads as a second one (WHATWG URL, "basic URL parser").
fn is_plain_path(url: &JsString) -> bool {
    let second = url.char_code_at(1);
    url.char_code_at(0) == f64::from(b'/')
        && (second.is_nan() || second > 32.0)
        && second != f64::from(b'/')
        && second != f64::from(b'\\')
}

/// Whether a URL has a scheme of its own, or names a host.
fn is_absolute(url: &str) -> bool {
    if url.starts_with("//") {
        return true;
    }
    let Some((scheme, rest)) = url.split_once(':') else {
        return false;
    };
    scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b))
        && (rest.starts_with("//") || matches!(scheme, "data" | "blob" | "about"))
}
