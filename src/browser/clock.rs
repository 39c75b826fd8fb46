//! Timers that clear themselves.

use std::cell::Cell;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use wasm_bindgen::prelude::*;

use super::called::Called;
use super::globals::{as_object, clear_timeout, monotonic_ms, set_timeout, wall_clock_ms};

#[wasm_bindgen]
extern "C" {
    /// What `setTimeout` returns in Node.
    #[wasm_bindgen(extends = js_sys::Object)]
    type Timeout;
    #[wasm_bindgen(method, structural, catch)]
    fn unref(this: &Timeout) -> Result<JsValue, JsValue>;
}

/// Monotonic time since the page was loaded.
pub(crate) fn now() -> Duration {
    from_millis(monotonic_ms())
}

/// As [`now`], in a fraction of the time: the wall clock says how long ago the monotonic
/// one was read, which is done again after a second, and where the wall clock was set back.
pub(crate) fn about_now() -> Duration {
    thread_local!(static LAST: Cell<(f64, f64)> = const { Cell::new((f64::NEG_INFINITY, 0.0)) });
    let wall = wall_clock_ms();
    let (read_at, reading) = LAST.get();
    let since = wall - read_at;
    if (0.0..1000.0).contains(&since) {
        return from_millis(reading + since);
    }
    let reading = monotonic_ms();
    LAST.set((wall, reading));
    from_millis(reading)
}

/// A number of milliseconds as JavaScript has it; what is negative or no number is zero.
pub(crate) fn from_millis(ms: f64) -> Duration {
    Duration::from_micros((ms * 1000.0) as u64)
}

/// The milliseconds of `duration`, for JavaScript.
pub(crate) fn to_millis(duration: Duration) -> f64 {
    duration.as_secs() as f64 * 1000.0 + f64::from(duration.subsec_millis())
}

/// Waits while the page runs: time in which it is frozen counts for little, so that what
/// it missed meanwhile is heard first.
pub(crate) async fn while_running(duration: Duration) {
    for _ in 0..STEPS {
        Sleep::new(duration / STEPS).await;
    }
}

const STEPS: u32 = 10;

/// A timer; dropping it clears it.
pub(crate) struct Sleep {
    id: JsValue,
    elapsed: Called,
}

impl Sleep {
    pub(crate) fn new(duration: Duration) -> Self {
        let elapsed = Called::new();
        Self { id: set_timeout(elapsed.function(), to_millis(duration)), elapsed }
    }

    /// The same timer, not keeping Node alive; where a timer is a number, nothing does.
    pub(crate) fn unref(self) -> Self {
        if let Some(timer) = as_object::<Timeout>(&self.id) {
            drop(timer.unref());
        }
        self
    }
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        Pin::new(&mut self.elapsed).poll(context)
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        clear_timeout(&self.id);
    }
}
