//! What a call resolves to: the parsed body, with the response beside it.
//!
//! ```text
//!  response ──► on_response: what is the body to be read as? ──► on_body: parse it ──► the answer
//! ```
//!
//! No future is made for it. Both are functions that serve all calls; what belongs to
//! one call is bound to them.

use std::cell::RefCell;

use js_sys::{JsString, Object, Promise};
use wasm_bindgen::prelude::*;

use super::call::is_part;
use crate::browser::errors::http_error;
use crate::browser::globals::{Callable, Pending, parse_json, to_string};
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
    #[wasm_bindgen(method, getter, structural)]
    fn response(this: &Answer) -> JsValue;
}

/// What a body is read as.
#[derive(Clone, Copy, PartialEq)]
#[repr(u32)]
pub(super) enum Reading {
    /// As its content type says; once that is known: text, or nothing where there is none.
    Usual,
    Json,
    Text,
    Blob,
    Buffer,
    Stream,
    /// The body of an error that could not be read.
    Lost,
}

impl Reading {
    /// What is to be said about any other word.
    pub(super) const EXPECTED: &str =
        "needs a `responseType` out of 'json', 'text', 'blob', 'arraybuffer' and 'stream', or none";

    /// `value` as axios has it.
    pub(super) fn of_response_type(value: &JsValue) -> Option<Self> {
        if value.is_undefined() || value.is_null() {
            return Some(Self::Usual);
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

    /// A number for JavaScript to keep, with the status beside it.
    fn into_raw(self, status: u16) -> u32 {
        u32::from(status) << 3 | self as u32
    }

    /// What JavaScript has kept.
    fn of_raw(raw: u32) -> Self {
        let all = [Self::Usual, Self::Json, Self::Text, Self::Blob, Self::Buffer, Self::Stream];
        all.get(raw as usize).copied().unwrap_or(Self::Lost)
    }

    /// What a content type asks for; a body without one is text.
    fn of_content_type(content_type: &JsValue) -> Self {
        let content_type = content_type.as_string().unwrap_or_default().to_ascii_lowercase();
        let text = ["text/", "xml", "javascript", "urlencoded"];
        if is_part("json", &content_type) {
            Self::Json
        } else if content_type.is_empty() || text.iter().any(|word| is_part(word, &content_type)) {
            Self::Usual
        } else {
            Self::Blob
        }
    }
}

/// What a call has asked for.
pub(super) struct Asked {
    pub(super) method: JsString,
    pub(super) url: JsValue,
    pub(super) reading: Reading,
}

impl Asked {
    /// Method and path; the query may hold secrets.
    pub(super) fn describe(&self, message: &str) -> String {
        let (method, url) = (String::from(&self.method), to_string(&self.url));
        let url = url.map(String::from).unwrap_or_default();
        let path = url.split(['?', '#']).next().unwrap_or_default();
        [method.as_str(), " ", path, " ", message, "."].concat()
    }
}

/// Reads answers. One serves all calls of an api.
pub(super) struct Reader {
    /// `(method, url, reading, response)`.
    on_response: Callable,
}

impl Reader {
    pub(super) fn new() -> Self {
        let (on_body, last_type) = (body_handler(), RefCell::new(LastType::new()));
        let on_response = callable(move |method, url, reading, response| {
            let response: &Response = response.unchecked_ref();
            let (status, headers) = (response.status(), response.headers());
            // An error's page is seldom what was asked for.
            let reading = match Reading::of_raw(reading) {
                asked if is_success(status) && asked != Reading::Usual => asked,
                _ => last_type.borrow_mut().of(&headers, status, &method),
            };
            let body = match reading {
                Reading::Stream => Ok(Promise::resolve(&response.body())),
                Reading::Blob => response.blob(),
                Reading::Buffer => response.array_buffer(),
                _ => response.text(),
            };
            let body = body.unwrap_or_else(|error| Promise::reject(&error));
            let answer: Answer = Object::new().unchecked_into();
            answer.set_status(status);
            answer.set_headers(&headers);
            answer.set_response(response);
            let bound = |reading: Reading| {
                let raw = reading.into_raw(status);
                on_body.bind_answer(&JsValue::UNDEFINED, &method, &url, &answer, raw)
            };
            let body: Pending = body.unchecked_into();
            match is_success(status) {
                true => body.then_call(&bound(reading)),
                false => body.then_call_or(&bound(reading), &bound(Reading::Lost)),
            }
            .into()
        });
        Self { on_response }
    }

    /// What was asked for, as `response` answers it.
    pub(super) fn read(
        &self,
        response: Promise,
        method: &JsString,
        url: &JsValue,
        reading: Reading,
    ) -> Pending {
        let undefined = &JsValue::UNDEFINED;
        let handler = self.on_response.bind_request(undefined, method, url, reading as u32);
        response.unchecked_into::<Pending>().then_call(&handler).unchecked_into()
    }
}

/// What a call resolves to, or is rejected with, when its body has been read. `raw` is what
/// [`Reading::into_raw`] gave.
fn answer_with(method: JsValue, url: JsValue, answer: JsValue, raw: u32, body: JsValue) -> JsValue {
    let answer: &Answer = answer.unchecked_ref();
    let (reading, status) = (Reading::of_raw(raw & 7), (raw >> 3) as u16);
    let (data, cause) = data_of(body, reading);
    let message = match cause {
        _ if !is_success(status) => &["answered ", &status.to_string()].concat(),
        Some(_) => "answered with a body that is not the JSON that it should be",
        None => {
            answer.set_data(&data);
            return answer.into();
        }
    };
    let cause = cause.filter(|_| is_success(status));
    let message = Asked { method: method.unchecked_into(), url, reading }.describe(message);
    Promise::reject(&http_error(&message, status, &data, &answer.response(), cause.as_ref())).into()
}

fn is_success(status: u16) -> bool {
    (200..=299).contains(&status)
}

/// The content type that was seen last, and what it asks for: an api has few of them.
struct LastType {
    name: JsString,
    content_type: JsValue,
    reading: Reading,
}

impl LastType {
    fn new() -> Self {
        Self { name: "Content-Type".into(), content_type: JsValue::NULL, reading: Reading::Usual }
    }

    fn of(&mut self, headers: &Headers, status: u16, method: &JsValue) -> Reading {
        let content_type = headers.get_raw(&self.name).unwrap_or(JsValue::NULL);
        if content_type != self.content_type {
            self.reading = Reading::of_content_type(&content_type);
            self.content_type = content_type;
        }
        match self.reading {
            // Nothing is nothing, and no empty Blob.
            Reading::Blob if matches!(status, 204 | 205 | 304) || method == "HEAD" => {
                Reading::Usual
            }
            reading => reading,
        }
    }
}

/// What a body holds; of JSON that is none, its text, and what is wrong with it.
fn data_of(body: JsValue, reading: Reading) -> (JsValue, Option<JsValue>) {
    match reading {
        Reading::Lost => (JsValue::NULL, None),
        Reading::Json => match parse_json(&body) {
            Ok(data) => (data, None),
            Err(_) if body.is_falsy() => (JsValue::NULL, None),
            Err(cause) => (body, Some(cause)),
        },
        Reading::Usual if body.is_falsy() => (JsValue::NULL, None),
        _ => (body, None),
    }
}

fn body_handler() -> Callable {
    Closure::<dyn Fn(JsValue, JsValue, JsValue, u32, JsValue) -> JsValue>::new(answer_with)
        .into_js_value()
        .unchecked_into()
}

type Handler = dyn Fn(JsValue, JsValue, u32, JsValue) -> JsValue;

/// A function of JavaScript's that is never given back.
pub(super) fn callable(
    handler: impl Fn(JsValue, JsValue, u32, JsValue) -> JsValue + 'static,
) -> Callable {
    Closure::<Handler>::new(handler).into_js_value().unchecked_into()
}
