//! Where the tokens are: `localStorage`, `sessionStorage`, memory, or the caller's own.
//!
//! A storage that refuses to write is shadowed: the token is kept in memory for this
//! page, for as long as the storage still holds what it held when it refused.

use std::cell::{Cell, RefCell};
use std::pin::pin;
use std::rc::Rc;
use std::time::Duration;

use futures::future::{Either, select};
use gloo_storage::{LocalStorage, SessionStorage, Storage as _};
use js_sys::{JsString, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::clock::while_running;
use super::globals::{Global, as_object, global, warn};
use super::token::Token;
use crate::ports::{Reading, Slot};

#[wasm_bindgen]
extern "C" {
    /// `Storage`, with keys and values that stay on the JavaScript side.
    #[derive(Clone, PartialEq)]
    pub(crate) type WebStorage;
    #[wasm_bindgen(method, catch, structural, js_name = getItem)]
    fn get_item(this: &WebStorage, key: &JsString) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch, structural, js_name = setItem)]
    fn set_item(this: &WebStorage, key: &JsString, value: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch, structural, js_name = removeItem)]
    fn remove_item(this: &WebStorage, key: &JsString) -> Result<JsValue, JsValue>;

    /// The caller's own storage.
    #[derive(Clone, PartialEq)]
    pub(crate) type CustomStorage;
    #[wasm_bindgen(method, catch, structural)]
    fn get(this: &CustomStorage, key: &JsString) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch, structural)]
    fn set(this: &CustomStorage, key: &JsString, value: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch, structural)]
    fn remove(this: &CustomStorage, key: &JsString) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(extends = js_sys::Object)]
    type Thenable;
    #[wasm_bindgen(method, getter, structural, catch)]
    fn then(this: &Thenable) -> Result<JsValue, JsValue>;
}

/// Which storage.
#[derive(Clone, PartialEq)]
pub(crate) enum Place {
    Web(WebStorage),
    Custom(CustomStorage),
    Memory,
}

impl Place {
    /// `localStorage`; memory where it is denied or missing.
    pub(crate) fn local() -> Self {
        Self::web("localStorage", Global::local_storage, LocalStorage::raw)
    }

    /// `sessionStorage`; memory where it is denied or missing.
    pub(crate) fn session() -> Self {
        Self::web("sessionStorage", Global::session_storage, SessionStorage::raw)
    }

    /// Whether other tabs read the same, as far as is known.
    pub(crate) fn is_shared(&self) -> bool {
        let Self::Web(storage) = self else {
            return false;
        };
        let storage: &JsValue = storage.as_ref();
        global().local_storage().is_ok_and(|local| local == *storage)
    }

    /// The property itself can throw, and outside of a window there is none: it is
    /// probed before gloo, which takes both for granted, is asked for it.
    fn web(
        name: &str,
        probe: fn(&Global) -> Result<JsValue, JsValue>,
        raw: fn() -> web_sys::Storage,
    ) -> Self {
        // Node has the property without a page, and warns of whoever reads it.
        if global().document().is_none() {
            return Self::Memory;
        }
        match probe(&global()) {
            Ok(storage) if storage.is_undefined() => Self::Memory,
            // Where the global only resembles a window (jsdom), gloo would not find one.
            Ok(storage) if storage.is_object() => Self::Web(match web_sys::window() {
                Some(_) => JsValue::from(raw()).unchecked_into(),
                None => storage.unchecked_into(),
            }),
            _ => {
                warn(
                    &[
                        "tokenflight: ",
                        name,
                        " is not available; tokens are kept in memory and end with this page.",
                    ]
                    .concat(),
                );
                Self::Memory
            }
        }
    }
}

/// Both slots of one storage.
pub(crate) struct Store {
    place: Place,
    keys: [JsString; 2],
    shadows: Rc<[RefCell<Option<Shadow>>; 2]>,
    has_warned: Rc<Cell<bool>>,
}

/// What the storage refused to take, and what it held then.
struct Shadow {
    over: JsValue,
    value: JsValue,
}

impl Store {
    pub(crate) fn new(place: Place, access_key: &str, refresh_key: &str) -> Self {
        Self {
            place,
            keys: [access_key.into(), refresh_key.into()],
            shadows: Rc::default(),
            has_warned: Rc::default(),
        }
    }

    /// Whether both mean the same tokens.
    pub(crate) fn is_same(&self, place: &Place, access_key: &str, refresh_key: &str) -> bool {
        self.place == *place && self.keys[0] == *access_key && self.keys[1] == *refresh_key
    }

    /// Whether reads and writes are done when they return.
    pub(crate) fn answers_at_once(&self) -> bool {
        !matches!(self.place, Place::Custom(_))
    }

    /// Whether a change of `key`, or of all keys, concerns the tokens.
    pub(crate) fn is_concerned_by(&self, key: &JsValue) -> bool {
        key.is_null() || self.keys.iter().any(|own| own.loose_eq(key))
    }

    pub(crate) fn read(&self, slot: Slot) -> Reading<Option<Token>> {
        let key = &self.keys[slot as usize];
        let held = match &self.place {
            Place::Memory => Ok(JsValue::NULL),
            Place::Web(storage) => storage.get_item(key),
            Place::Custom(storage) => storage.get(key),
        };
        match held {
            Ok(value) if !self.answers_at_once() && is_thenable(&value) => {
                let (shadows, has_warned) = (self.shadows.clone(), self.has_warned.clone());
                Reading::Later(Box::pin(async move {
                    let held = answer_of(&value).await;
                    let held = held.unwrap_or_else(|_| {
                        warn_once(&has_warned);
                        JsValue::NULL
                    });
                    seen_through(&shadows[slot as usize], held)
                }))
            }
            held => Reading::Now(seen_through(
                &self.shadows[slot as usize],
                held.unwrap_or_else(|_| {
                    warn_once(&self.has_warned);
                    JsValue::NULL
                }),
            )),
        }
    }

    pub(crate) fn write(&self, slot: Slot, token: Option<&Token>) -> Reading<()> {
        let (key, value) = (&self.keys[slot as usize], token.map(Token::as_raw));
        let shadow = &self.shadows[slot as usize];
        shadow.take();
        let written = match (&self.place, value) {
            (Place::Memory, value) => {
                let over = JsValue::NULL;
                shadow.replace(value.cloned().map(|value| Shadow { over, value }));
                return Reading::Now(());
            }
            (Place::Web(storage), Some(value)) => storage.set_item(key, value),
            (Place::Web(storage), None) => storage.remove_item(key),
            (Place::Custom(storage), Some(value)) => storage.set(key, value),
            (Place::Custom(storage), None) => storage.remove(key),
        };
        match written {
            Ok(done) if is_thenable(&done) => {
                let refused = self.shadower(slot, token);
                Reading::Later(Box::pin(async move {
                    if answer_of(&done).await.is_err() {
                        refused();
                    }
                }))
            }
            Ok(_) => Reading::Now(()),
            Err(_) => {
                self.shadower(slot, token)();
                Reading::Now(())
            }
        }
    }

    /// What to do when the storage refuses to take `token`.
    fn shadower(&self, slot: Slot, token: Option<&Token>) -> impl FnOnce() + 'static {
        let (shadows, has_warned) = (self.shadows.clone(), self.has_warned.clone());
        let value = token.map_or(JsValue::NULL, |token| token.as_raw().clone());
        let (place, key) = (self.place.clone(), self.keys[slot as usize].clone());
        move || {
            warn_once(&has_warned);
            let over = match place {
                Place::Web(storage) => storage.get_item(&key).unwrap_or(JsValue::NULL),
                // What it holds would have to be awaited; its own writes are the only ones known.
                Place::Custom(_) | Place::Memory => JsValue::UNDEFINED,
            };
            shadows[slot as usize].replace(Some(Shadow { over, value }));
        }
    }
}

/// What a reader sees of `held`: the shadow, while the storage is as it was.
fn seen_through(shadow: &RefCell<Option<Shadow>>, held: JsValue) -> Option<Token> {
    let mut shadow = shadow.borrow_mut();
    let value = match &*shadow {
        Some(Shadow { over, value }) if over.is_undefined() || *over == held => value.clone(),
        _ => {
            *shadow = None;
            held
        }
    };
    Token::from_raw(value)
}

/// How long a storage may take; one that takes longer has failed.
const PATIENCE: Duration = Duration::from_secs(5);

/// What `promise` comes to, within bounds: a storage that never answers would hold up
/// every request.
async fn answer_of(promise: &JsValue) -> Result<JsValue, JsValue> {
    let answer = JsFuture::from(Promise::resolve(promise));
    match select(answer, pin!(while_running(PATIENCE))).await {
        Either::Left((answer, _)) => answer,
        Either::Right(_) => Err(JsValue::UNDEFINED),
    }
}

fn warn_once(has_warned: &Cell<bool>) {
    if !has_warned.replace(true) {
        warn(
            "tokenflight: the token storage failed (denied, full, or no answer within 5 s); tokens are kept in memory and end with this page.",
        );
    }
}

fn is_thenable(value: &JsValue) -> bool {
    let then = as_object::<Thenable>(value).and_then(|value| value.then().ok());
    then.is_some_and(|then| then.is_function())
}
