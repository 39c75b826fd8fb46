//! `api.get` and its siblings: the shape of axios over `fetch`.

use js_sys::{JsString, TypeError};
use wasm_bindgen::prelude::*;

use super::answer::{Asked, Reading};
use super::params::{URLSearchParams, form_of, with_params};
use crate::browser::abort::AbortSignal;
use crate::browser::globals::{Init, copy_of, to_json};
use crate::browser::request::Headers;

#[wasm_bindgen]
extern "C" {
    type FormData;
    type Blob;
    type ReadableStream;

    #[wasm_bindgen(js_namespace = ArrayBuffer, js_name = isView)]
    fn is_view(value: &JsValue) -> bool;
}

/// What `fetch` is called with, and what is asked for.
pub(super) struct Call {
    pub(super) init: Init,
    pub(super) signal: Option<AbortSignal>,
    pub(super) asked: Asked,
}

impl Call {
    /// A call without a body of its own.
    pub(super) fn new(method: &JsString, url: &JsValue, init: &JsValue) -> Result<Self, JsValue> {
        let init = settings_of(init)?;
        init.set_method(method);
        let (method, url) = (method.clone(), with_params(url, &init.params())?);
        let signal = init.signal().dyn_into().ok();
        let reading = Reading::of_response_type(&init.response_type());
        let asked = Asked { method, url, reading: reading.unwrap_or(Reading::Usual) };
        match reading {
            Some(_) => Ok(Self { init, signal, asked }),
            None => Err(TypeError::new(&asked.describe(Reading::EXPECTED)).into()),
        }
    }

    /// A call with `body`.
    pub(super) fn with_body(
        method: &JsString,
        url: &JsValue,
        body: &JsValue,
        init: &JsValue,
    ) -> Result<Self, JsValue> {
        let call = Self::new(method, url, init)?;
        call.set_body(body)?;
        Ok(call)
    }

    /// A call as `api.request` is given it.
    pub(super) fn of_config(config: &JsValue) -> Result<Self, JsValue> {
        let init = settings_of(config)?;
        let url = init.url();
        if url.is_undefined() {
            return Err(TypeError::new("request: `url` is missing.").into());
        }
        let method = init.method().as_string().unwrap_or_else(|| "GET".to_owned());
        let method = method.to_ascii_uppercase().into();
        let data = init.data();
        match data.is_undefined() {
            true => Self::new(&method, &url, &init),
            false => Self::with_body(&method, &url, &data, &init),
        }
    }

    fn set_body(&self, body: &JsValue) -> Result<(), JsValue> {
        if body.is_undefined() || body.is_null() {
            return Ok(());
        }
        let (headers, name) = (Headers::new(&self.init.headers())?, "Content-Type".into());
        let content_type = headers.get(&name)?.unwrap_or_default().to_ascii_lowercase();
        if is_body_init(body) {
            self.init.set_body(body);
            // Without a boundary no server can read it; `fetch` writes it, if it may.
            if body.is_instance_of::<FormData>() && !is_part("boundary=", &content_type) {
                headers.delete(&name);
                self.init.set_headers(&headers);
            }
            return Ok(());
        }
        if is_part("multipart/", &content_type) {
            let what = "needs a FormData as its body, since its Content-Type is multipart";
            return Err(TypeError::new(&self.asked.describe(what)).into());
        }
        if is_part("urlencoded", &content_type) {
            self.init.set_body(&form_of(body)?.into());
            return Ok(());
        }
        self.init.set_body(&to_json(body)?);
        if content_type.is_empty() {
            headers.set(&name, &"application/json".into())?;
            self.init.set_headers(&headers);
        }
        Ok(())
    }
}

/// A copy of the settings of a call, for it to change.
fn settings_of(init: &JsValue) -> Result<Init, JsValue> {
    if init.is_undefined() || init.is_null() || init.is_object() {
        return copy_of(init);
    }
    Err(TypeError::new("The settings of a call must be an object.").into())
}

/// Whether `fetch` knows how to send `value`.
fn is_body_init(value: &JsValue) -> bool {
    value.is_string()
        || value.is_instance_of::<FormData>()
        || value.is_instance_of::<Blob>()
        || value.is_instance_of::<URLSearchParams>()
        || value.is_instance_of::<js_sys::ArrayBuffer>()
        || value.is_instance_of::<ReadableStream>()
        || is_view(value)
}

/// `whole.contains(part)`, without the search that std brings for long ones.
pub(super) fn is_part(part: &str, whole: &str) -> bool {
    whole.as_bytes().windows(part.len()).any(|window| window == part.as_bytes())
}
