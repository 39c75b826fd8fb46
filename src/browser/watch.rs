//! What happens to the page: it is hidden, frozen, shown again; the network comes back;
//! another tab writes the storage.

use std::cell::RefCell;
use std::rc::{Rc, Weak};

use futures::channel::oneshot;
use js_sys::Function;
use wasm_bindgen::prelude::*;

use super::Browser;
use super::globals::global;
use super::locks::release_all;
use crate::client::Client;

#[wasm_bindgen]
extern "C" {
    type Event;
    #[wasm_bindgen(method, getter, js_name = type)]
    fn kind(this: &Event) -> String;
    /// The key that another tab has written; null when it has cleared the storage.
    #[wasm_bindgen(method, getter, structural)]
    fn key(this: &Event) -> JsValue;

    /// What events come from.
    type Target;
    #[wasm_bindgen(method, structural, catch, js_name = addEventListener)]
    fn add(this: &Target, event: &str, listener: &Function) -> Result<(), JsValue>;
    #[wasm_bindgen(method, structural, catch, js_name = removeEventListener)]
    fn remove(this: &Target, event: &str, listener: &Function) -> Result<(), JsValue>;
}

const OF_THE_GLOBAL: [&str; 4] = ["storage", "online", "pageshow", "pagehide"];
const OF_THE_DOCUMENT: [&str; 2] = ["visibilitychange", "freeze"];

/// Who waits until somebody is there again.
#[derive(Default)]
pub(crate) struct Sleepers(RefCell<Vec<oneshot::Sender<()>>>);

impl Sleepers {
    pub(crate) async fn woken(&self) {
        let (wake, woken) = oneshot::channel();
        self.0.borrow_mut().push(wake);
        woken.await.ok();
    }

    fn wake(&self) {
        for sleeper in self.0.take() {
            sleeper.send(()).ok();
        }
    }
}

/// Whether nobody sees the page, or there is no network.
pub(crate) fn is_dormant() -> bool {
    let is_hidden = global().document().is_some_and(|document| document.hidden());
    is_hidden || global().navigator().is_some_and(|navigator| navigator.on_line() == Some(false))
}

/// Listens for one client until it is dropped.
pub(crate) struct Watch(Closure<dyn Fn(Event)>);

impl Watch {
    pub(crate) fn over(client: &Rc<Client<Browser>>) -> Self {
        let client = Rc::downgrade(client);
        let watch = Self(Closure::new(move |event: Event| heed(&client, &event)));
        watch.each(|target, name, listener| drop(target.add(name, listener)));
        watch
    }

    fn each(&self, act: impl Fn(&Target, &str, &Function)) {
        let listener = self.0.as_ref().unchecked_ref();
        // Outside of browsers the global object may know of no events at all.
        for name in OF_THE_GLOBAL {
            act(global().unchecked_ref(), name, listener);
        }
        for name in OF_THE_DOCUMENT {
            if let Some(document) = global().document() {
                act(document.unchecked_ref(), name, listener);
            }
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.each(|target, name, listener| drop(target.remove(name, listener)));
    }
}

fn heed(client: &Weak<Client<Browser>>, event: &Event) {
    let Some(client) = client.upgrade() else {
        return;
    };
    match event.kind().as_str() {
        "storage" => {
            if client.platform.common.store.is_concerned_by(&event.key()) {
                client.notice_change();
            }
        }
        "pagehide" | "freeze" => release_all(),
        "visibilitychange" if is_dormant() => {}
        // The network may be back although nobody sees the page.
        _ => {
            client.wake();
            if !is_dormant() {
                client.platform.sleepers.wake();
            }
        }
    }
}
