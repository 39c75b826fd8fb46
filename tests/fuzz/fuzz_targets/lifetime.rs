//! The times that a token claims, by clocks that may be wrong.

#![no_main]

use libfuzzer_sys::fuzz_target;
use tokenflight::credential::Lifetime;
use tokenflight::expiry::Expiry;
use tokenflight::millis::Millis;

fuzz_target!(|bytes: &[u8]| {
    let (numbers, rest) = bytes.as_chunks::<8>();
    let &[issued, ends, wall, now, ahead] = numbers.first_chunk().unwrap_or(&[[0; 8]; 5]);
    let [issued, ends, wall] =
        [issued, ends, wall].map(|raw| Millis::from_raw(f64::from_le_bytes(raw)));
    // The clock of the page, and the option, are numbers that somebody has checked.
    let checked = |raw| Millis::from_raw(f64::from_le_bytes(raw).clamp(0.0, 1e10));
    let (now, ahead) = (checked(now), checked(ahead));
    let lifetime = Lifetime { issued: rest.is_empty().then_some(issued), ends };
    let received = Expiry::received(now, lifetime.total(wall));
    for expiry in [received, Expiry::found(now, wall, lifetime)].into_iter().flatten() {
        assert!(!expiry.total().is_zero());
        assert!(!expiry.due(ahead).into_raw().is_nan());
        assert!(!expiry.remaining(now).into_raw().is_nan());
    }
});
