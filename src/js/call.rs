//! `api.get` and its siblings: the shape of axios over `fetch`.

use js_sys::{Array, Date, Object, Promise, TypeError};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use crate::browser::errors::http_error;
use crate::browser::globals::{Init, copy_of, parse_json, to_json, to_string};
use crate::browser::request::Headers;
use crate::browser::transport::Response;

#[wasm_bindgen]
extern "C" {
    type URLSearchParams;
    #[wasm_bindgen(constructor)]
    fn new() -> URLSearchParams;
    #[wasm_bindgen(method)]
    fn append(this: &URLSearchParams, name: &str, value: &JsValue);

    type FormData;
    type Blob;
    type ReadableStream;

    #[wasm_bindgen(js_namespace = ArrayBuffer, js_name = isView)]
    fn is_view(value: &JsValue) -> bool;

    #[wasm_bindgen(js_namespace = Object, js_name = entries, catch)]
    fn entries_of(value: &JsValue) -> Result<Array, JsValue>;

    type Dated;
    #[wasm_bindgen(method, structural, js_name = toISOString, catch)]
    fn to_iso_text(this: &Dated) -> Result<JsValue, JsValue>;
}

/// What `fetch` is called with, and what is known of the call besides.
pub(super) struct Call {
    pub(super) url: JsValue,
    pub(super) init: Init,
    method: String,
}

impl Call {
    /// A call without a body of its own.
    pub(super) fn new(method: &str, url: &JsValue, init: &JsValue) -> Result<Self, JsValue> {
        let init = settings_of(init)?;
        init.set_method(method);
        let url = with_params(url, &init.params())?;
        Ok(Self { url, init, method: method.to_owned() })
    }

    /// A call with `body`.
    pub(super) fn with_body(
        method: &str,
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
        let method = method.to_ascii_uppercase();
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
        if is_body_init(body) {
            self.init.set_body(body);
            return Ok(());
        }
        self.init.set_body(&to_json(body)?);
        let (headers, content_type) = (Headers::new(&self.init.headers())?, "Content-Type".into());
        if !headers.has(&content_type) {
            headers.set(&content_type, &"application/json".into())?;
        }
        self.init.set_headers(&headers);
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

/// `url` with `params` in its query, before the fragment.
fn with_params(url: &JsValue, params: &JsValue) -> Result<JsValue, JsValue> {
    if params.is_undefined() || params.is_null() {
        return Ok(url.clone());
    }
    let query = match params.is_instance_of::<URLSearchParams>() {
        true => to_string(params)?,
        false => {
            let query = URLSearchParams::new();
            append_members(&query, "", params)?;
            to_string(&query)?
        }
    };
    let (url, query) = (String::from(to_string(url)?), String::from(query));
    if query.is_empty() {
        return Ok(url.into());
    }
    let url = url.split('#').next().unwrap_or_default();
    let joint = if url.contains('?') { "&" } else { "?" };
    Ok([url, joint, &query].concat().into())
}

fn append_members(query: &URLSearchParams, prefix: &str, object: &JsValue) -> Result<(), JsValue> {
    for entry in entries_of(object)?.iter() {
        let entry: Array = entry.unchecked_into();
        let name = entry.get(0).as_string().unwrap_or_default();
        let name = if prefix.is_empty() { name } else { [prefix, "[", &name, "]"].concat() };
        append(query, &name, &entry.get(1))?;
    }
    Ok(())
}

/// How many levels parameters may have.
const DEEPEST: usize = 64;

/// As axios writes parameters: nothing for null, `name[]` for each element of an
/// array, `name[key]` for each member of an object.
fn append(query: &URLSearchParams, name: &str, value: &JsValue) -> Result<(), JsValue> {
    if value.is_undefined() || value.is_null() {
        return Ok(());
    }
    if name.bytes().filter(|byte| *byte == b'[').count() > DEEPEST {
        let message = "The parameters of a call are nested too deeply, or an object holds itself.";
        return Err(TypeError::new(message).into());
    }
    if value.is_instance_of::<Date>() {
        query.append(name, &value.unchecked_ref::<Dated>().to_iso_text()?);
    } else if let Some(list) = value.dyn_ref::<Array>() {
        let name = [name, "[]"].concat();
        for element in list.iter() {
            append(query, &name, &element)?;
        }
    } else if value.is_object() {
        append_members(query, name, value)?;
    } else {
        query.append(name, &to_string(value)?.into());
    }
    Ok(())
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(extends = Object)]
    type Answer;
    #[wasm_bindgen(method, setter, structural)]
    fn set_data(this: &Answer, data: &JsValue);
    #[wasm_bindgen(method, setter, structural)]
    fn set_status(this: &Answer, status: u16);
    #[wasm_bindgen(method, setter, structural)]
    fn set_headers(this: &Answer, headers: &Headers);
    #[wasm_bindgen(method, setter, structural)]
    fn set_response(this: &Answer, response: &Response);
}

/// What the call resolves to, once `response` is there.
pub(super) async fn answer(call: Call, response: Promise) -> Result<JsValue, JsValue> {
    let response: Response = JsFuture::from(response).await?.unchecked_into();
    let status = response.status();
    let data = data_of(&response, &call).await;
    if !response.ok() {
        let data = data.unwrap_or_else(|broken| broken.text);
        let message = call.describe(&["answered ", &status.to_string()].concat());
        return Err(http_error(&message, status, &data, &response, None));
    }
    let data = data.map_err(|Broken { text, cause }| {
        let message = call.describe("answered with a body that is not what its Content-Type says");
        http_error(&message, status, &text, &response, Some(&cause))
    })?;
    let answer: Answer = Object::new().unchecked_into();
    answer.set_data(&data);
    answer.set_status(status);
    answer.set_headers(&response.headers());
    answer.set_response(&response);
    Ok(answer.into())
}

impl Call {
    /// Method and path; the query may hold secrets.
    fn describe(&self, what: &str) -> String {
        let url = to_string(&self.url).map(String::from).unwrap_or_default();
        let path = url.split(['?', '#']).next().unwrap_or_default();
        [self.method.as_str(), " ", path, " ", what, "."].concat()
    }
}

/// A body that could not be parsed, as far as it could be read.
struct Broken {
    text: JsValue,
    cause: JsValue,
}

async fn data_of(response: &Response, call: &Call) -> Result<JsValue, Broken> {
    if call.method == "HEAD" || matches!(response.status(), 204 | 205 | 304) {
        return Ok(JsValue::NULL);
    }
    let content_type = response.headers().get(&"Content-Type".into()).ok().flatten();
    let content_type = content_type.unwrap_or_default().to_ascii_lowercase();
    let unread = |cause| Broken { text: JsValue::NULL, cause };
    if !is_text(&content_type) {
        let blob = response.blob().map_err(unread)?;
        return JsFuture::from(blob).await.map_err(unread);
    }
    let text = response.text().map_err(unread)?;
    let text = JsFuture::from(text).await.map_err(unread)?;
    if text.is_falsy() {
        return Ok(JsValue::NULL);
    }
    match is_part("json", &content_type) {
        true => parse_json(&text).map_err(|cause| Broken { text, cause }),
        false => Ok(text),
    }
}

/// Whether a body of this type is read as text; one without a type is as well.
fn is_text(content_type: &str) -> bool {
    content_type.is_empty()
        || ["json", "text/", "xml", "javascript", "urlencoded"]
            .iter()
            .any(|word| is_part(word, content_type))
}

/// `whole.contains(part)`, without the search that std brings for long ones.
fn is_part(part: &str, whole: &str) -> bool {
    whole.as_bytes().windows(part.len()).any(|window| window == part.as_bytes())
}
