//! The options of `createApi`, checked one by one.
//!
//! They are read by name rather than decoded by serde: a decoder with its error
//! formatting weighs more than all of the rest.

use std::time::Duration;

use js_sys::{Array, Function, JsString, Object, Reflect, TypeError};
use wasm_bindgen::prelude::*;

use crate::browser::globals::{as_function, as_object};
use crate::browser::origin::{URL, document_base};
use crate::browser::request::{Headers, millis};
use crate::browser::storage::{CustomStorage, Place};

/// One object of options.
pub(super) struct Options {
    object: Object,
    /// What comes before the names in messages, such as `hooks.`.
    prefix: &'static str,
}

type Outcome<T> = Result<T, JsValue>;

impl Options {
    /// `value` as options of which only `known` exist.
    pub(super) fn of(value: &JsValue, prefix: &'static str, known: &[&str]) -> Outcome<Self> {
        if value.is_undefined() {
            return Ok(Self { object: Object::new(), prefix });
        }
        let Some(object) = as_object::<Object>(value) else {
            let what = if prefix.is_empty() { "the options" } else { prefix.trim_end_matches('.') };
            return Err(type_error(&[what, " must be an object"]));
        };
        for name in Object::keys(object).iter().filter_map(|name| name.as_string()) {
            if !known.contains(&name.as_str()) {
                let nearest = nearest(&name, known);
                return Err(type_error(&[
                    "unknown option `",
                    prefix,
                    &name,
                    "`; did you mean `",
                    prefix,
                    nearest,
                    "`?",
                ]));
            }
        }
        Ok(Self { object: object.clone(), prefix })
    }

    /// What was given, if it is not `undefined`.
    pub(super) fn get(&self, name: &str) -> Outcome<Option<JsValue>> {
        let value = Reflect::get(&self.object, &name.into())?;
        Ok((!value.is_undefined()).then_some(value))
    }

    /// A complaint about one option. It names the type of what was given, never its value.
    pub(super) fn wrong(&self, name: &str, expected: &str) -> JsValue {
        type_error(&["option `", self.prefix, name, "` must be ", expected])
    }

    fn read<T>(
        &self,
        name: &str,
        expected: &str,
        read: impl Fn(&JsValue) -> Option<T>,
    ) -> Outcome<Option<T>> {
        let Some(value) = self.get(name)? else {
            return Ok(None);
        };
        read(&value).map(Some).ok_or_else(|| self.wrong(name, expected))
    }

    pub(super) fn text(&self, name: &str) -> Outcome<Option<String>> {
        self.read(name, "a string", JsValue::as_string)
    }

    pub(super) fn non_empty(&self, name: &str) -> Outcome<Option<String>> {
        self.read(name, "a non-empty string", |value| {
            value.as_string().filter(|text| !text.is_empty())
        })
    }

    pub(super) fn millis(&self, name: &str) -> Outcome<Option<Duration>> {
        self.read(name, "a number of milliseconds from 0 to 2147483647", millis)
    }

    pub(super) fn count(&self, name: &str) -> Outcome<Option<u32>> {
        self.read(name, "a whole number from 0 to 100", |value| {
            value
                .as_f64()
                .filter(|n| n.fract() == 0.0 && (0.0..=100.0).contains(n))
                .map(|n| n as u32)
        })
    }

    pub(super) fn flag(&self, name: &str) -> Outcome<bool> {
        Ok(self.read(name, "true or false", JsValue::as_bool)?.unwrap_or(false))
    }

    pub(super) fn function(&self, name: &str) -> Outcome<Option<Function>> {
        self.read(name, "a function", as_function)
    }

    /// Whether the second of two words was given; the first is the default.
    pub(super) fn is_second(&self, name: &str, words: [&str; 2]) -> Outcome<bool> {
        let expected = ["'", words[0], "' or '", words[1], "'"].concat();
        let index = self.read(name, &expected, |value| {
            let word = value.as_string()?;
            words.iter().position(|known| *known == word)
        })?;
        Ok(index == Some(1))
    }

    /// A URL, absolute or relative, that leads to a page.
    pub(super) fn page_url(&self, name: &str) -> Outcome<Option<String>> {
        let url = self.non_empty(name)?;
        if let Some(url) = &url {
            self.check_scheme(name, url)?;
        }
        Ok(url)
    }

    fn check_scheme(&self, name: &str, url: &str) -> Outcome<()> {
        let expected = "a URL with http: or https:, or a path";
        // Where there is no page, a path has no base; any will do to read it.
        let base = document_base();
        let base = if base.is_undefined() { "http://localhost".into() } else { base };
        let url = URL::new(&url.into(), &base).map_err(|_| self.wrong(name, expected))?;
        match url.protocol().as_str() {
            "http:" | "https:" | "file:" => Ok(()),
            _ => Err(self.wrong(name, expected)),
        }
    }

    /// `allowedOrigins`: each one a scheme, a host, and a port if need be.
    pub(super) fn origins(&self, name: &str) -> Outcome<Vec<String>> {
        let expected =
            "an array of origins such as 'https://api.example.com', without path or pattern";
        let Some(list) = self.read(name, expected, |value| value.dyn_ref::<Array>().cloned())?
        else {
            return Ok(Vec::new());
        };
        list.iter()
            .map(|given| {
                let text = given.as_string()?;
                let origin = URL::new(&given, &JsValue::UNDEFINED).ok()?.origin();
                (origin != "null" && text.trim_end_matches('/') == origin).then_some(origin)
            })
            .collect::<Option<_>>()
            .ok_or_else(|| self.wrong(name, expected))
    }

    pub(super) fn headers(
        &self,
        name: &str,
    ) -> Outcome<(Option<Headers>, Vec<(JsString, JsValue)>)> {
        let Some(given) = self.get(name)? else {
            return Ok((None, Vec::new()));
        };
        let wrong = || self.wrong(name, "what `new Headers()` takes");
        let headers = Headers::new(&given).map_err(|_| wrong())?;
        let entries = Array::from(&headers)
            .iter()
            .map(|entry| {
                let entry: Array = entry.unchecked_into();
                (entry.get(0).unchecked_into(), entry.get(1))
            })
            .collect();
        Ok((Some(headers), entries))
    }

    pub(super) fn storage(&self, name: &str) -> Outcome<Place> {
        let Some(value) = self.get(name)? else {
            return Ok(Place::local());
        };
        let expected =
            "'local', 'session', 'memory', or an object with the functions get, set and remove";
        match value.as_string().as_deref() {
            Some("local") => Ok(Place::local()),
            Some("session") => Ok(Place::session()),
            Some("memory") => Ok(Place::Memory),
            Some(_) => Err(self.wrong(name, expected)),
            None => {
                let has = |method: &str| {
                    value.is_object()
                        && Reflect::get(&value, &method.into()).is_ok_and(|f| f.is_function())
                };
                match has("get") && has("set") && has("remove") {
                    true => Ok(Place::Custom(value.unchecked_into::<CustomStorage>())),
                    false => Err(self.wrong(name, expected)),
                }
            }
        }
    }

    /// One of the credentials modes of `fetch`.
    pub(super) fn credentials(&self, name: &str) -> Outcome<Option<JsValue>> {
        self.read(name, "'omit', 'same-origin' or 'include'", |value| {
            let word = value.as_string()?;
            ["omit", "same-origin", "include"].contains(&word.as_str()).then(|| value.clone())
        })
    }

    /// The name of a header that scripts may set.
    pub(super) fn header_name(&self, name: &str) -> Outcome<Option<String>> {
        let Some(header) = self.non_empty(name)? else {
            return Ok(None);
        };
        let probe = Headers::new(&JsValue::UNDEFINED)?;
        let is_valid = probe.set(&header.as_str().into(), &"x".into()).is_ok();
        is_valid.then_some(Some(header)).ok_or_else(|| self.wrong(name, "the name of a header"))
    }
}

fn type_error(parts: &[&str]) -> JsValue {
    let message = ["createApi: ", &parts.concat(), "."].concat().replace("?.", "?");
    TypeError::new(&message).into()
}

/// The known name with the fewest edits.
fn nearest<'a>(name: &str, known: &[&'a str]) -> &'a str {
    known.iter().min_by_key(|other| distance(name, other)).copied().unwrap_or_default()
}

/// The edits (insert, delete, replace a letter) between two names, in any case
/// (Levenshtein's distance).
fn distance(a: &str, b: &str) -> usize {
    let b = b.as_bytes();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().enumerate() {
        let mut corner = i;
        let mut left = i + 1;
        for (cell, y) in row.iter_mut().skip(1).zip(b) {
            let replaced = corner + usize::from(!x.eq_ignore_ascii_case(y));
            corner = *cell;
            left = replaced.min(left + 1).min(*cell + 1);
            *cell = left;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}
