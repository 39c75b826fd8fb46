//! What `fetch` does, whoever calls it.

use std::rc::Rc;

use js_sys::Promise;
use wasm_bindgen::JsValue;

use super::Browser;
use super::request::Outgoing;
use super::transport::Transport;
use crate::client::Client;

/// The arguments of `fetch`, read.
pub(crate) enum Arguments {
    /// A request of ours.
    Ours(Outgoing),
    /// There is nothing for us to do: it goes to another origin, or was aborted before.
    Settled(Promise),
}

/// Reads the arguments of `fetch`.
///
/// # Errors
///
/// As [`Outgoing::read`].
pub(crate) fn read(
    transport: &Transport,
    input: &JsValue,
    init: &JsValue,
) -> Result<Arguments, JsValue> {
    let target = transport.origins.target(input)?;
    if !target.is_ours {
        return Ok(Arguments::Settled(transport.call(&target.input, init)));
    }
    let needs_request = !transport.is_plain();
    let request = Outgoing::read(target, init, &transport.defaults, needs_request)?;
    Ok(match request.abort_reason() {
        Some(reason) => Arguments::Settled(Promise::reject(&reason)),
        None => Arguments::Ours(request),
    })
}

/// Sends `request`, which may have to wait first.
///
/// # Errors
///
/// What `fetch` rejects with, and our own errors.
pub(crate) async fn send(
    client: Rc<Client<Browser>>,
    request: Rc<Outgoing>,
) -> Result<JsValue, JsValue> {
    let transport = client.platform.transport.clone();
    let response = match request.is_callers_own {
        true => transport.send(&request, None).await?,
        false => client.fetch(request.clone()).await?,
    };
    transport.ask_on_response(response, &request).await
}
