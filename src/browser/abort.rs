//! Abort signals: waiting for one, and aborting what is dropped.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use js_sys::{Array, Function};
use wasm_bindgen::prelude::*;

use super::called::Called;
use super::globals::Callable;

#[wasm_bindgen]
extern "C" {
    #[derive(Clone)]
    pub(crate) type AbortSignal;

    #[wasm_bindgen(method, getter)]
    pub(crate) fn aborted(this: &AbortSignal) -> bool;
    #[wasm_bindgen(method, getter)]
    pub(crate) fn reason(this: &AbortSignal) -> JsValue;
    #[wasm_bindgen(method, js_name = addEventListener)]
    fn add_listener(this: &AbortSignal, event: &str, listener: &Function);
    #[wasm_bindgen(method, js_name = removeEventListener)]
    fn remove_listener(this: &AbortSignal, event: &str, listener: &Function);
    #[wasm_bindgen(static_method_of = AbortSignal, catch)]
    fn any(signals: &Array) -> Result<AbortSignal, JsValue>;

    pub(crate) type AbortController;

    #[wasm_bindgen(constructor)]
    fn new() -> AbortController;
    #[wasm_bindgen(method, getter)]
    fn signal(this: &AbortController) -> AbortSignal;
    #[wasm_bindgen(method)]
    fn abort(this: &AbortController, reason: &JsValue);
    #[wasm_bindgen(method, getter, js_name = abort)]
    fn abort_function(this: &AbortController) -> Callable;
}

/// Resolves with the reason when `signal` aborts. Dropping it removes the listener.
pub(crate) struct Aborted {
    signal: AbortSignal,
    event: Called,
}

impl Aborted {
    pub(crate) fn new(signal: AbortSignal) -> Self {
        let event = Called::new();
        signal.add_listener("abort", event.function());
        Self { signal, event }
    }
}

impl Future for Aborted {
    type Output = JsValue;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<JsValue> {
        // The event of a signal that was aborted before is over.
        match self.signal.aborted() {
            true => Poll::Ready(self.signal.reason()),
            false => Pin::new(&mut self.event).poll(context).map(|()| self.signal.reason()),
        }
    }
}

impl Drop for Aborted {
    fn drop(&mut self) {
        self.signal.remove_listener("abort", self.event.function());
    }
}

/// Aborts what it was made for when it is dropped before [`AbortGuard::disarm`].
pub(crate) struct AbortGuard(Option<AbortController>);

impl AbortGuard {
    pub(crate) fn new() -> Self {
        Self(Some(AbortController::new()))
    }

    /// A signal that this guard aborts; or `also`, where that is given.
    pub(crate) fn signal(&self, also: Option<&AbortSignal>) -> JsValue {
        let Some(controller) = &self.0 else {
            return JsValue::UNDEFINED;
        };
        let own = controller.signal();
        let Some(also) = also else {
            return own.into();
        };
        match AbortSignal::any(&Array::of2(&own, also)) {
            Ok(signal) => signal.into(),
            // Before 2024 there was no AbortSignal.any: the one signal follows the other.
            Err(_) => {
                let abort = controller.abort_function();
                also.add_listener("abort", &abort.bind_first(controller, &JsValue::UNDEFINED));
                own.into()
            }
        }
    }

    /// Aborts with `reason`.
    pub(crate) fn abort(mut self, reason: &JsValue) {
        if let Some(controller) = self.0.take() {
            controller.abort(reason);
        }
    }

    /// What it was made for has ended; nothing is aborted any more.
    pub(crate) fn disarm(mut self) {
        self.0 = None;
    }
}

impl Drop for AbortGuard {
    fn drop(&mut self) {
        if let Some(controller) = self.0.take() {
            controller.abort(&JsValue::UNDEFINED);
        }
    }
}
