//! What a call resolves to: the parsed body, with the response beside it.

use js_sys::{Object, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::call::{Call, is_part};
use crate::browser::errors::http_error;
use crate::browser::globals::parse_json;
use crate::browser::request::Headers;
use crate::browser::transport::Response;

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

/// What a body is read as.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum ResponseType {
    ByContentType,
    Json,
    Text,
    Blob,
    Buffer,
    Stream,
}

impl ResponseType {
    /// What is to be said about any other word.
    pub(super) const EXPECTED: &str =
        "needs a `responseType` out of 'json', 'text', 'blob', 'arraybuffer' and 'stream', or none";

    /// `value` as axios has it.
    pub(super) fn read(value: &JsValue) -> Option<Self> {
        if value.is_undefined() || value.is_null() {
            return Some(Self::ByContentType);
        }
        match value.as_string()?.as_str() {
            "json" => Some(Self::Json),
            "text" => Some(Self::Text),
            "blob" => Some(Self::Blob),
            "arraybuffer" => Some(Self::Buffer),
            "stream" => Some(Self::Stream),
            _ => None,
        }
    }

    /// What it comes to for one response.
    fn of_response(self, response: &Response, call: &Call) -> Self {
        // An error's page is seldom what was asked for.
        let wanted = if response.ok() { self } else { Self::ByContentType };
        if wanted != Self::ByContentType {
            return wanted;
        }
        if call.method == "HEAD" || matches!(response.status(), 204 | 205 | 304) {
            return Self::Json;
        }
        let content_type = response.headers().get(&"Content-Type".into()).ok().flatten();
        let content_type = content_type.unwrap_or_default().to_ascii_lowercase();
        if is_part("json", &content_type) {
            Self::Json
        } else if is_text(&content_type) {
            Self::Text
        } else {
            Self::Blob
        }
    }
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
        let message = call.describe("answered with a body that is not the JSON that it should be");
        http_error(&message, status, &text, &response, Some(&cause))
    })?;
    let answer: Answer = Object::new().unchecked_into();
    answer.set_data(&data);
    answer.set_status(status);
    answer.set_headers(&response.headers());
    answer.set_response(&response);
    Ok(answer.into())
}

/// A body that could not be parsed, as far as it could be read.
struct Broken {
    text: JsValue,
    cause: JsValue,
}

async fn data_of(response: &Response, call: &Call) -> Result<JsValue, Broken> {
    let unread = |cause| Broken { text: JsValue::NULL, cause };
    let response_type = call.response_type.of_response(response, call);
    let body = match response_type {
        ResponseType::Stream => return Ok(response.body()),
        ResponseType::Blob => response.blob(),
        ResponseType::Buffer => response.array_buffer(),
        _ => response.text(),
    };
    let body = JsFuture::from(body.map_err(unread)?).await.map_err(unread)?;
    if body.is_falsy() && call.response_type != ResponseType::Text {
        return Ok(JsValue::NULL);
    }
    match response_type {
        ResponseType::Json => parse_json(&body).map_err(|cause| Broken { text: body, cause }),
        _ => Ok(body),
    }
}

/// Whether a body of this type is read as text; one without a type is as well.
fn is_text(content_type: &str) -> bool {
    content_type.is_empty()
        || ["text/", "xml", "javascript", "urlencoded"]
            .iter()
            .any(|word| is_part(word, content_type))
}
