//! A record that somebody else may have written, and then whatever tabs do with it.
//!
//! The input is the record's numbers; the last of them also say what the tabs do.

#![no_main]

use libfuzzer_sys::fuzz_target;
use tokenflight::credential::{Credential, Fingerprint, Grant, Lifetime, Presented};
use tokenflight::millis::Millis;
use tokenflight::record::{Admission, Attempt, KnownOutage, Record};

/// A token that is known by its number.
#[derive(Clone, PartialEq)]
struct Numbered(u8);

impl Credential for Numbered {
    fn is_of_another_user(&self, _other: &Self) -> bool {
        false
    }

    fn is_of_same_user(&self, _other: &Self) -> bool {
        true
    }

    fn fingerprint(&self) -> Fingerprint {
        Fingerprint::from_raw(f64::from(self.0))
    }

    fn lifetime(&self) -> Option<Lifetime> {
        None
    }
}

fn presented(number: u8) -> Presented {
    Presented::of(Some(&Numbered(number)), Some(&Numbered(number.wrapping_add(100))))
}

fn act(record: &mut Record, [which, number]: [u8; 2], now: Millis) {
    let (old, new) = (presented(number), presented(number.wrapping_add(1)));
    let next = number.wrapping_add(1);
    let refresh = Some(Numbered(next.wrapping_add(100)));
    let grant = Grant { access: Numbered(next), refresh, expires_in: None };
    match which % 9 {
        0 => record.commit(&old, &grant),
        1 => record.replace(&old, &grant),
        2 => record.end(&old, None, now),
        3 => record.end(&old, Some(&new), now),
        4 => record.end_alone(&old, Some(&new), now),
        5 => record.note_outage(
            KnownOutage { at: now, until: now, in_a_row: 1, is_late: which > 99 },
            &old,
            Some(u32::from(which)),
        ),
        6 => record.withdraw(&old),
        7 => _ = record.forget(record.ended_at),
        _ => record.beat(),
    }
}

fuzz_target!(|bytes: &[u8]| {
    let (numbers, acts) = bytes.as_chunks::<8>();
    let raw: Vec<f64> = numbers.iter().map(|bytes| f64::from_le_bytes(*bytes)).collect();
    let mut record = Record::from_raw(&raw);
    let now = Millis::from_raw(raw.last().copied().unwrap_or_default().clamp(0.0, 1e13));
    for pair in
        acts.iter().chain(bytes.iter().rev().take(16)).copied().collect::<Vec<_>>().chunks(2)
    {
        act(&mut record, [pair[0], pair[pair.len() - 1]], now);
        let attempt = Attempt {
            lock_generation: Some(record.lock_generation),
            admitted_at: None,
            waited_out: None,
            now,
            woken: Millis::ZERO,
            longest_outage: Millis::from_secs(60),
            is_of_copy: false,
        };
        if let Admission::Outage(outage) = record.request_admission(&presented(pair[0]), attempt) {
            assert!((outage.until - now).into_raw() <= 60_000.5);
        }
        assert!(record.into_raw().len() < 200);
    }
});
