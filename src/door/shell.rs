//! Declares the functions of the shell that Rust calls; `src/shell` defines them.
//!
//! None of these throws but [`create_api`]: an exception that passed through WebAssembly would
//! leave its stack behind.

use js_sys::{JsString, Promise};
use wasm_bindgen::prelude::*;

macro_rules! shell {
    ($text:literal) => {
        #[wasm_bindgen(inline_js = $text)]
        extern "C" {
            #[wasm_bindgen(js_name = createApi, catch)]
            pub(crate) fn create_api(
                options: &JsValue,
                asked: Option<&str>,
                core: JsValue,
            ) -> Result<JsValue, JsValue>;

            /// 53 bits that tell a token apart, as a whole number.
            pub(crate) fn fingerprint(token: &JsValue) -> f64;
            /// The claim `sub` of a JWT, or undefined.
            pub(crate) fn subject(token: &JsValue) -> JsValue;
            /// The claim `iat` in milliseconds, or NaN.
            #[wasm_bindgen(js_name = issuedAt)]
            pub(crate) fn issued_at(token: &JsValue) -> f64;
            /// The claim `exp` in milliseconds, or NaN.
            #[wasm_bindgen(js_name = expiresAt)]
            pub(crate) fn expires_at(token: &JsValue) -> f64;
            #[wasm_bindgen(js_name = isMark)]
            pub(crate) fn is_mark(token: &JsValue) -> bool;

            /// A signal that aborts with the controller, and with `signal` where that is given.
            #[cfg(feature = "web")]
            pub(crate) fn followed(
                controller: &web_sys::AbortController,
                signal: &JsValue,
            ) -> JsValue;
        }
    };
}
include!(concat!(env!("OUT_DIR"), "/shell.rs"));

#[wasm_bindgen]
extern "C" {
    /// The browser as one client has it.
    #[derive(Clone)]
    pub type Platform;

    // Storage, as far as this page knows it.
    #[wasm_bindgen(method)]
    pub(crate) fn read(this: &Platform, slot: u32) -> Option<JsString>;
    #[wasm_bindgen(method)]
    pub(crate) fn write(this: &Platform, slot: u32, token: &JsValue);
    #[wasm_bindgen(method)]
    pub(crate) fn sync(this: &Platform) -> Promise;
    #[wasm_bindgen(method)]
    pub(crate) fn flush(this: &Platform) -> Promise;

    // The other tabs.
    #[wasm_bindgen(method, js_name = isRecordShared)]
    pub(crate) fn is_record_shared(this: &Platform) -> bool;
    #[wasm_bindgen(method, js_name = isStorageCopied)]
    pub(crate) fn is_storage_copied(this: &Platform) -> bool;
    /// Calls `onRecord` of the driver's task while no other tab has the record, and not before
    /// it has returned.
    #[wasm_bindgen(method)]
    pub(crate) fn exclusively(this: &Platform, driver: &Driver) -> Promise;
    #[wasm_bindgen(method)]
    pub(crate) fn lock(this: &Platform, generation: u32) -> LockRequest;
    #[wasm_bindgen(method, js_name = epochChanged)]
    pub(crate) fn epoch_changed(this: &Platform);

    /// Returns the frozen snapshot for this status and epoch. `time_left` is the access token's, in
    /// milliseconds; NaN: not known.
    #[wasm_bindgen(method)]
    pub(crate) fn snapshot(
        this: &Platform,
        status: &str,
        epoch: u32,
        token: &JsValue,
        time_left: f64,
    ) -> JsValue;

    // Time and chance.
    #[wasm_bindgen(method)]
    pub(crate) fn now(this: &Platform) -> f64;
    #[wasm_bindgen(method, js_name = aboutNow)]
    pub(crate) fn about_now(this: &Platform) -> f64;
    #[wasm_bindgen(method, js_name = wallClock)]
    pub(crate) fn wall_clock(this: &Platform) -> f64;
    #[wasm_bindgen(method)]
    pub(crate) fn random(this: &Platform) -> f64;
    #[wasm_bindgen(method)]
    pub(crate) fn sleep(this: &Platform, ms: f64) -> Promise;
    #[wasm_bindgen(method)]
    pub(crate) fn rest(this: &Platform, ms: f64) -> Promise;

    // Requests. The promises of these may reject: that is the caller's rejection.
    #[wasm_bindgen(method)]
    pub(crate) fn send(this: &Platform, request: &JsValue, token: &JsValue) -> Promise;
    /// A boolean or 'replay', or a promise of one of them.
    #[wasm_bindgen(method, js_name = isUnauthorized)]
    pub(crate) fn is_unauthorized(this: &Platform, response: &JsValue) -> JsValue;
    #[wasm_bindgen(method)]
    pub(crate) fn ask(this: &Platform, refresh_token: &JsValue) -> RefreshRequest;

    // Listeners and the login page: when the code that runs now is through. Whether it leads
    // there is known at once.
    #[wasm_bindgen(method, js_name = tokenRefreshed)]
    pub(crate) fn token_refreshed(this: &Platform, token: &JsValue);
    #[wasm_bindgen(method, js_name = signedOut)]
    pub(crate) fn signed_out(this: &Platform, is_refused: bool);
    #[wasm_bindgen(method, js_name = refreshUnavailable)]
    pub(crate) fn refresh_unavailable(this: &Platform, error: &JsValue);
    #[wasm_bindgen(method, js_name = sessionChanged)]
    pub(crate) fn session_changed(this: &Platform);
    #[wasm_bindgen(method, js_name = goToLogin)]
    pub(crate) fn go_to_login(this: &Platform, is_refused: bool) -> bool;

    // The server: when the code that runs now is through.
    #[wasm_bindgen(method, js_name = tellSignOut)]
    pub(crate) fn tell_sign_out(this: &Platform, access: &JsValue, refresh: &JsValue);

    // Errors. The pieces of a message are joined here: strings weigh less in JavaScript.
    #[wasm_bindgen(method, js_name = signInRequiredError)]
    pub(crate) fn sign_in_required_error(
        this: &Platform,
        what: &str,
        why: &str,
        remedy: &str,
        cause: &JsValue,
    ) -> JsValue;
    #[wasm_bindgen(method, js_name = refreshUnavailableError)]
    pub(crate) fn refresh_unavailable_error(
        this: &Platform,
        what: &str,
        why: &str,
        remedy: &str,
        retry_after: f64,
        cause: &JsValue,
    ) -> JsValue;
    #[wasm_bindgen(method, js_name = sessionChangedError)]
    pub(crate) fn session_changed_error(this: &Platform, what: &str, remedy: &str) -> JsValue;

    /// One line in the console: whom it is about (undefined: the refresh), what the time says,
    /// how long something took (NaN: nothing did), and the text.
    #[wasm_bindgen(method)]
    pub(crate) fn log(this: &Platform, request: &JsValue, when: &str, ms: f64, text: &str);

    /// Drives a task that belongs to no caller; begins when the code that runs now is through.
    #[wasm_bindgen(method)]
    pub(crate) fn drive(this: &Platform, task: JsValue) -> Promise;
    /// The same for a task for which nobody waits.
    #[wasm_bindgen(method)]
    pub(crate) fn spawn(this: &Platform, task: JsValue);
    /// Keeps the promise of the flight that begins: one for all who join it.
    #[wasm_bindgen(method, js_name = setLanding)]
    pub(crate) fn set_landing(this: &Platform, landing: &Promise);
    /// Returns the promise of the flight that began last. A task waits for a flight at once
    /// when it has joined it: until then no other one can begin.
    #[wasm_bindgen(method)]
    pub(crate) fn landing(this: &Platform) -> JsValue;
}

#[wasm_bindgen]
extern "C" {
    /// A request of the caller's.
    pub(crate) type Outgoing;
    #[wasm_bindgen(method, getter, js_name = mayReplay)]
    pub(crate) fn may_replay(this: &Outgoing) -> bool;
    #[wasm_bindgen(method, getter, js_name = isOptional)]
    pub(crate) fn is_optional(this: &Outgoing) -> bool;
}

#[wasm_bindgen]
extern "C" {
    /// Steps a task, and waits for what it waits for.
    pub type Driver;
    /// The step that is made now is the last one.
    #[wasm_bindgen(method)]
    pub(crate) fn finish(this: &Driver);
}

#[wasm_bindgen]
extern "C" {
    /// A request for the lock of one generation, granted or not.
    pub(crate) type LockRequest;
    /// Resolves when it is granted, when there are no locks, when another epoch begins, and
    /// after so many milliseconds.
    #[wasm_bindgen(method)]
    pub(crate) fn wait(this: &LockRequest, patience: f64) -> Promise;
    #[wasm_bindgen(method, js_name = isHeld)]
    pub(crate) fn is_held(this: &LockRequest) -> bool;
    /// Tells if tabs cannot lock each other out here: there are no Web Locks.
    #[wasm_bindgen(method, js_name = isMissing)]
    pub(crate) fn is_missing(this: &LockRequest) -> bool;
    #[wasm_bindgen(method)]
    pub(crate) fn release(this: &LockRequest);
}

#[wasm_bindgen]
extern "C" {
    /// One refresh that was sent.
    pub(crate) type RefreshRequest;
    /// Resolves with the [`Answer`], or with undefined after so many milliseconds.
    #[wasm_bindgen(method)]
    pub(crate) fn wait(this: &RefreshRequest, patience: f64) -> Promise;
    /// Gives it up, if it is not answered yet.
    #[wasm_bindgen(method)]
    pub(crate) fn abort(this: &RefreshRequest);
}

#[wasm_bindgen]
extern "C" {
    /// The answer of a token server, or of a `refresh` function.
    ///
    /// A number that it does not have is undefined, and arrives here as NaN.
    pub(crate) type Answer;
    #[wasm_bindgen(method, getter)]
    pub(crate) fn status(this: &Answer) -> u16;
    #[wasm_bindgen(method, getter, js_name = retryAfter)]
    pub(crate) fn retry_after(this: &Answer) -> f64;
    #[wasm_bindgen(method, getter, js_name = isJson)]
    pub(crate) fn is_json(this: &Answer) -> bool;
    #[wasm_bindgen(method, getter, js_name = isPage)]
    pub(crate) fn is_page(this: &Answer) -> bool;
    #[wasm_bindgen(method, getter)]
    pub(crate) fn code(this: &Answer) -> f64;
    #[wasm_bindgen(method, getter, js_name = isTemporary)]
    pub(crate) fn is_temporary(this: &Answer) -> bool;
    #[wasm_bindgen(method, getter, js_name = accessToken)]
    pub(crate) fn access_token(this: &Answer) -> JsValue;
    #[wasm_bindgen(method, getter, js_name = refreshToken)]
    pub(crate) fn refresh_token(this: &Answer) -> JsValue;
    #[wasm_bindgen(method, getter, js_name = expiresIn)]
    pub(crate) fn expires_in(this: &Answer) -> f64;
    #[wasm_bindgen(method, getter)]
    pub(crate) fn cause(this: &Answer) -> JsValue;
    #[wasm_bindgen(method, getter, js_name = isSignInRequired)]
    pub(crate) fn is_sign_in_required(this: &Answer) -> bool;
    #[wasm_bindgen(method, getter, js_name = isFailed)]
    pub(crate) fn is_failed(this: &Answer) -> bool;
}
