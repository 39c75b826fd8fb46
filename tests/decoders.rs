//! Decoding of input from outside, drawn at random: a record that somebody else may have written,
//! the lifetimes that tokens claim, and the waits that servers ask for. Whatever the input is,
//! nothing panics, and nobody is held up for good.

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod common;

use common::{Token, grant, presented};
use proptest::prelude::*;
use tokenflight::credential::Lifetime;
use tokenflight::expiry::Expiry;
use tokenflight::millis::Millis;
use tokenflight::policy::{Answer, Body, Policy, Verdict};
use tokenflight::record::{Admission, Attempt, KnownOutage, Record};

/// More than this no list of a record holds.
const MOST: usize = 3 * 130;

/// Any number that a browser can store, with those that are often wrong more often.
fn number() -> impl Strategy<Value = f64> {
    prop_oneof![
        4 => (0_u32..60).prop_map(f64::from),
        1 => any::<u32>().prop_map(f64::from),
        2 => prop::num::f64::ANY,
        1 => prop::sample::select(vec![-1.0, -0.0, 0.5, 1e300, f64::INFINITY, f64::NAN]),
    ]
}

fn attempt(generation: u32, now: f64) -> Attempt {
    Attempt {
        lock_generation: Some(generation),
        admitted_at: None,
        waited_out: None,
        now: Millis::from_raw(now),
        woken: Millis::ZERO,
        longest_outage: Millis::from_secs(60),
        is_of_copy: false,
    }
}

/// Something that a tab does with the record.
fn act(record: &mut Record, which: u8, number: u32, now: f64) {
    let (old, new, now) = (presented(number), presented(number + 1), Millis::from_raw(now));
    let outage = KnownOutage {
        at: now,
        until: now + Millis::from_secs(9),
        in_a_row: 1,
        is_late: which > 100,
    };
    match which % 10 {
        0 => drop(record.request_admission(&old, attempt(record.lock_generation, now.into_raw()))),
        1 => record.commit(&old, &grant(number + 1)),
        2 => record.replace(&old, &grant(number + 1)),
        3 => record.end(&old, None, now),
        4 => record.end(&old, Some(&new), now),
        5 => record.end_alone(&old, Some(&new), now),
        6 => record.note_outage(outage, &old, Some(number)),
        7 => record.withdraw(&old),
        8 => drop(record.forget(record.ended_at)),
        _ => record.beat(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1024, ..ProptestConfig::default() })]

    #[test]
    fn rubbish_decodes_to_a_record_of_bounded_size(raw in prop::collection::vec(number(), 0..200)) {
        let record = Record::from_raw(&raw);
        prop_assert!(record.spent.len() + record.current.len() + record.tombstones.len() <= MOST);
        let again = Record::from_raw(&record.into_raw());
        // NaN equals nothing, so that what is stored is compared.
        let bits = |record: &Record| record.into_raw().iter().map(|raw| raw.to_bits()).collect::<Vec<_>>();
        prop_assert_eq!(bits(&again), bits(&record));
    }

    #[test]
    fn whatever_tabs_do_is_stored_and_read_back(
        acts in prop::collection::vec((any::<u8>(), 0_u32..12, 0.0..1e12), 0..40),
    ) {
        let mut record = Record::default();
        for (which, number, now) in acts {
            act(&mut record, which, number, now);
            prop_assert_eq!(&Record::from_raw(&record.into_raw()), &record);
        }
    }

    #[test]
    fn a_rubbish_record_holds_nobody_up_for_good(
        raw in prop::collection::vec(number(), 0..80),
        acts in prop::collection::vec((any::<u8>(), 0_u32..12, 0.0..1e12), 0..20),
        now in 1e9..1e12,
    ) {
        let mut record = Record::from_raw(&raw);
        for (which, number, at) in acts {
            act(&mut record, which, number, at);
        }
        let generation = record.lock_generation;
        if let Admission::Outage(outage) = record.request_admission(&presented(90), attempt(generation, now)) {
            prop_assert!(outage.until.into_raw() - now <= 60_000.0, "{outage:?} at {now}");
        }
        // Tokens that nobody has seen are admitted when the outage is over.
        record.outage = None;
        let admission = record.request_admission(&presented(91), attempt(generation, now));
        prop_assert_eq!(admission, Admission::Clear);
        record.commit(&presented(91), &grant(92));
        prop_assert!(record.is_current(&presented(92)));
    }

    #[test]
    fn no_lifetime_makes_a_client_refresh_at_each_call(
        issued in prop::option::of(number()), ends in number(), wall in number(), now in 0.0..1e9, ahead in 0.0..1e7,
    ) {
        let lifetime = Lifetime { issued: issued.map(Millis::from_raw), ends: Millis::from_raw(ends) };
        let (wall, now, ahead) = (Millis::from_raw(wall), Millis::from_raw(now), Millis::from_raw(ahead));
        for expiry in [Expiry::received(now, lifetime.total(wall)), Expiry::found(now, wall, lifetime)].into_iter().flatten() {
            prop_assert!(!expiry.total().is_zero());
            prop_assert!(!expiry.due(ahead).into_raw().is_nan() && !expiry.remaining(now).into_raw().is_nan());
        }
        if let Some(expiry) = Expiry::received(now, lifetime.total(wall)) {
            // The token has three quarters of its time before it is refreshed.
            let due = expiry.due(ahead).into_raw() - now.into_raw();
            prop_assert!(due >= expiry.total().into_raw() * 0.74 - 1.0, "{due} of {:?}", expiry.total());
        }
    }

    #[test]
    fn no_answer_is_waited_for_longer_than_the_options_say(
        status in any::<u16>(), retry in prop::option::of(number()), code in prop::option::of(any::<u16>()), is_temporary in any::<bool>(),
        tries in 0_u32..200, random in 0.0..1.0, is_page in any::<bool>(),
    ) {
        let policy = Policy::default();
        let body = if is_page { Body::<Token>::Page } else { Body::WithoutToken { code, is_temporary } };
        let retry_after = retry.map(Millis::from_raw);
        let verdict = policy.judge(Answer::Response { status, retry_after, body, cause: Some(()) });
        prop_assert!(!matches!(verdict, Verdict::Granted(_)));
        if let Some(wait) = policy.retry_in(tries, retry_after, random) {
            prop_assert!(wait <= policy.max_retry_after.max(Millis::new(1200)), "{wait:?}");
        }
        prop_assert!(policy.cool_down(tries, random) <= Millis::from_secs(60));
    }
}
