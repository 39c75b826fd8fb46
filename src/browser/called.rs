//! Waiting for JavaScript to call a function.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use js_sys::{Function, Promise};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;

/// A future that is over when JavaScript calls a function.
pub(crate) struct Called {
    resolve: Function,
    called: JsFuture,
}

impl Called {
    pub(crate) fn new() -> Self {
        let mut given = None;
        let called = Promise::new(&mut |resolve, _| given = Some(resolve));
        Self { resolve: given.unwrap_or_default(), called: called.into() }
    }

    /// The function to be called.
    pub(crate) fn function(&self) -> &Function {
        &self.resolve
    }
}

impl Future for Called {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        Pin::new(&mut self.called).poll(context).map(drop)
    }
}

impl Drop for Called {
    /// A promise that never settles would keep its callbacks, and they this future.
    fn drop(&mut self) {
        drop(self.resolve.call0(&JsValue::UNDEFINED));
    }
}
