//! Options, checked one by one.
//!
//! They are read by name rather than decoded by serde: a decoder with its error
//! formatting weighs more than all of the rest. A wrong option is remembered and read
//! as if it had not been given; [`Complaints::check`] then throws the first complaint,
//! before anything is made of the others.

use std::cell::OnceCell;
use std::rc::Rc;
use std::time::Duration;

use js_sys::{Array, Function, JsString, Object, TypeError};
use wasm_bindgen::prelude::*;

use crate::browser::globals::{as_function, as_object};
use crate::browser::members::{member, try_member};
use crate::browser::origin::{URL, document_base};
use crate::browser::request::{Headers, millis};
use crate::browser::storage::{CustomStorage, Place};

/// What was wrong with the options, if anything was.
#[derive(Clone)]
pub(crate) struct Complaints {
    /// Whose options they are.
    of: &'static str,
    first: Rc<OnceCell<JsValue>>,
}

impl Complaints {
    /// None yet about the options of the function that is named, with a colon behind it.
    pub(crate) fn of(function: &'static str) -> Self {
        Self { of: function, first: Rc::default() }
    }

    /// Keeps the first complaint. It names an option and what is expected, never what
    /// was given: that may be a token.
    fn add(&self, parts: &[&str]) {
        let message = [self.of, &parts.concat()].concat();
        self.first.get_or_init(|| TypeError::new(&message).into());
    }

    /// # Errors
    ///
    /// The first complaint.
    pub(crate) fn check(&self) -> Result<(), JsValue> {
        self.first.get().map_or(Ok(()), |complaint| Err(complaint.clone()))
    }
}

/// One object of options.
pub(crate) struct Options {
    object: Object,
    /// What comes before the names in messages, such as `hooks.`.
    prefix: &'static str,
    complaints: Complaints,
}

impl Options {
    /// `value` as options of which only `known` exist.
    pub(crate) fn of(value: &JsValue, known: &[&str], complaints: &Complaints) -> Self {
        Self::nested(value, "", known, complaints)
    }

    /// `value`, the option that `prefix` names with a dot behind it.
    pub(crate) fn nested(
        value: &JsValue,
        prefix: &'static str,
        known: &[&str],
        complaints: &Complaints,
    ) -> Self {
        let object = as_object(value).cloned().unwrap_or_else(|| {
            if !value.is_undefined() {
                let whole = ["option `", prefix.trim_end_matches('.'), "`"].concat();
                let what = if prefix.is_empty() { "the argument" } else { &whole };
                complaints.add(&[what, " must be an object."]);
            }
            Object::new()
        });
        for name in Object::keys(&object).iter().filter_map(|name| name.as_string()) {
            if !known.contains(&name.as_str()) {
                let nearest = nearest(&name, known);
                let hint = ["`; did you mean `", prefix, nearest, "`?"].concat();
                complaints.add(&["unknown option `", prefix, &name, &hint]);
            }
        }
        Self { object, prefix, complaints: complaints.clone() }
    }

    /// Complains about the option `name`.
    pub(crate) fn wrong(&self, name: &str, expected: &str) {
        self.complaints.add(&["option `", self.prefix, name, "` must be ", expected, "."]);
    }

    /// What was given, if it is not `undefined`.
    pub(crate) fn get(&self, name: &str) -> Option<JsValue> {
        match try_member(&self.object, name) {
            Ok(value) => (!value.is_undefined()).then_some(value),
            Err(_) => {
                self.wrong(name, "readable");
                None
            }
        }
    }

    fn read<T>(
        &self,
        name: &str,
        expected: &str,
        read: impl Fn(&JsValue) -> Option<T>,
    ) -> Option<T> {
        let value = self.get(name)?;
        let read = read(&value);
        if read.is_none() {
            self.wrong(name, expected);
        }
        read
    }

    /// A string, empty or not.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        self.read(name, "a string", JsValue::as_string)
    }

    /// A string that holds something.
    pub(crate) fn word(&self, name: &str) -> Option<String> {
        self.read(name, "a non-empty string", |value| {
            value.as_string().filter(|text| !text.is_empty())
        })
    }

    /// A time in milliseconds.
    pub(crate) fn millis(&self, name: &str, default: Duration) -> Duration {
        self.read(name, "a number of milliseconds from 0 to 2147483647", millis).unwrap_or(default)
    }

    /// A time in seconds.
    pub(crate) fn seconds(&self, name: &str, default: Duration) -> Duration {
        self.read(name, "a number of seconds from 0 to 2147483", seconds).unwrap_or(default)
    }

    /// A small number.
    pub(crate) fn count(&self, name: &str, default: u32) -> u32 {
        let count = self.read(name, "a whole number from 0 to 100", |value| {
            let count = value.as_f64().filter(|n| n.fract() == 0.0 && (0.0..=100.0).contains(n))?;
            Some(count as u32)
        });
        count.unwrap_or(default)
    }

    /// False unless it is given as true.
    pub(crate) fn flag(&self, name: &str) -> bool {
        self.read(name, "true or false", JsValue::as_bool).unwrap_or(false)
    }

    /// A function.
    pub(crate) fn function(&self, name: &str) -> Option<Function> {
        self.read(name, "a function", as_function)
    }

    /// The place of the given word among `words`; the first one is the default. An empty
    /// one stands for nothing given.
    pub(crate) fn one_of(&self, name: &str, words: &[&str]) -> usize {
        let named: Vec<&str> = words.iter().copied().filter(|word| !word.is_empty()).collect();
        let expected = ["one of '", &named.join("', '"), "'"].concat();
        let index = self.read(name, &expected, |value| {
            let word = value.as_string().filter(|word| !word.is_empty())?;
            words.iter().position(|known| *known == word)
        });
        index.unwrap_or_default()
    }

    /// A URL, absolute or relative, that leads to a page.
    pub(crate) fn page_url(&self, name: &str) -> Option<String> {
        self.read(name, "a URL with http: or https:, or a path", |value| {
            let text = value.as_string().filter(|text| !text.is_empty())?;
            // Where there is no page, a path has no base; any will do to read it.
            let base = document_base();
            let base = if base.is_undefined() { "http://localhost".into() } else { base };
            let protocol = URL::new(value, &base).ok()?.protocol();
            ["http:", "https:", "file:"].contains(&protocol.as_str()).then_some(text)
        })
    }

    /// Origins: each one a scheme, a host, and a port if need be.
    pub(crate) fn origins(&self, name: &str) -> Vec<String> {
        let expected =
            "an array of origins such as 'https://api.example.com', without path or pattern";
        let origins = self.read(name, expected, |value| {
            let list: &Array = value.dyn_ref()?;
            list.iter().map(|origin| origin_alone(&origin)).collect::<Option<_>>()
        });
        origins.unwrap_or_default()
    }

    /// Headers, and their names and values.
    pub(crate) fn headers(&self, name: &str) -> (Option<Headers>, Vec<(JsString, JsValue)>) {
        let headers =
            self.read(name, "what `new Headers()` takes", |given| Headers::new(given).ok());
        let entries = headers.as_ref().map(|headers| {
            let entries = Array::from(headers);
            entries
                .iter()
                .map(|entry| {
                    let entry: Array = entry.unchecked_into();
                    (entry.get(0).unchecked_into(), entry.get(1))
                })
                .collect()
        });
        (headers, entries.unwrap_or_default())
    }

    /// The name of a header that scripts may set.
    pub(crate) fn header_name(&self, name: &str, default: &str) -> JsString {
        let header = self.read(name, "the name of a header", |value| {
            let probe = Headers::new(&JsValue::UNDEFINED).ok()?;
            let header: &JsString = value.dyn_ref()?;
            probe.set(header, &"x".into()).is_ok().then(|| header.clone())
        });
        header.unwrap_or_else(|| default.into())
    }

    /// Where the tokens are kept.
    pub(crate) fn storage(&self, name: &str) -> Place {
        let expected =
            "'local', 'session', 'memory', or an object with the functions get, set and remove";
        let place = self.read(name, expected, |value| match value.as_string() {
            Some(word) if word == "local" => Some(Place::local()),
            Some(word) if word == "session" => Some(Place::session()),
            Some(word) if word == "memory" => Some(Place::Memory),
            Some(_) => None,
            None => {
                let has = |method: &str| member(value, method).is_function();
                let is_storage = value.is_object() && has("get") && has("set") && has("remove");
                is_storage.then(|| Place::Custom(value.clone().unchecked_into::<CustomStorage>()))
            }
        });
        place.unwrap_or_else(Place::local)
    }
}

/// `value` as a number of seconds, if it is one that a timer can wait for.
pub(crate) fn seconds(value: &JsValue) -> Option<Duration> {
    millis(&JsValue::from_f64(value.as_f64()? * 1000.0))
}

/// The origin that `value` is, if it is nothing more.
fn origin_alone(value: &JsValue) -> Option<String> {
    let text = value.as_string()?;
    let origin = URL::new(value, &JsValue::UNDEFINED).ok()?.origin();
    let is_alone = text.strip_suffix('/').unwrap_or(&text) == origin;
    // Not every engine has `*` for a wrong host.
    (origin != "null" && is_alone && text.bytes().all(|byte| byte != b'*')).then_some(origin)
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
