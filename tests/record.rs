//! The record that tabs leave each other: what it says to a tab that wants to ask, and to
//! one that was answered (3.2, 3.3).

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod common;

use common::{Token, grant, ms, presented};
use tokenflight::credential::{Credential, Fingerprint, Grant, Presented};
use tokenflight::millis::Millis;
use tokenflight::record::{Admission, Attempt, Claim, KnownOutage, Record};

/// The first try of a tab that holds the lock, at the second 100 of the wall clock.
fn attempt() -> Attempt {
    Attempt {
        lock_generation: Some(0),
        admitted_at: None,
        waited_out: None,
        now: Millis::from_secs(100),
        woken: Millis::ZERO,
        longest_outage: Millis::from_secs(60),
        is_of_copy: false,
    }
}

/// The same of a tab that has waited long enough for other tokens.
fn patient(record: &Record) -> Attempt {
    Attempt { waited_out: Some(record.heartbeat), ..attempt() }
}

/// An outage that is the first one.
fn outage(at: Millis, until: Millis) -> KnownOutage {
    KnownOutage { at, until, in_a_row: 1, is_late: false }
}

/// The same, whose answer may still come.
fn late_outage(at: Millis, until: Millis) -> KnownOutage {
    KnownOutage { is_late: true, ..outage(at, until) }
}

/// Ann's tokens were rotated from 1 to `last`.
fn rotated_to(last: u32) -> Record {
    let mut record = Record::default();
    for number in 1..last {
        assert_eq!(record.request_admission(&presented(number), attempt()), Admission::Clear);
        assert_eq!(record.claim(&presented(number)), Claim::Mine);
        record.commit(&presented(number), &grant(number + 1));
    }
    record
}

#[test]
fn access_token_that_is_seen_before_its_refresh_token_is_not_presented_alone() {
    let mut record = Record::default();
    assert_eq!(record.request_admission(&presented(1), attempt()), Admission::Clear);
    let renewed = Grant::of(Token::access("ann", 2));
    record.commit(&presented(1), &renewed);
    let alone = Presented::of(Some(&renewed.access), None);

    assert_eq!(record.request_admission(&alone, attempt()), Admission::Rotated);

    // Somebody has removed it.
    let patient = patient(&record);
    assert_eq!(record.request_admission(&alone, patient), Admission::Clear);
}

#[test]
fn access_token_beside_a_cookie_is_presented_at_once() {
    let mut record = Record::default();
    let [first, renewed] = [1, 2].map(|number| Grant::of(Token::access("ann", number)));
    let before = Presented::of(Some(&first.access), None);
    assert_eq!(record.request_admission(&before, attempt()), Admission::Clear);
    record.commit(&before, &renewed);

    let after = Presented::of(Some(&renewed.access), None);
    assert_eq!(record.request_admission(&after, attempt()), Admission::Clear);
}

#[test]
fn current_tokens_may_be_asked_with_and_spent_ones_not() {
    let mut record = rotated_to(8);
    for number in 1..8 {
        assert_eq!(
            record.request_admission(&presented(number), attempt()),
            Admission::Rotated,
            "{number}"
        );
        assert_eq!(record.claim(&presented(number)), Claim::Rotated, "{number}");
    }
    assert_eq!(record.request_admission(&presented(8), attempt()), Admission::Clear);
}

#[test]
fn one_spent_token_of_the_two_is_enough() {
    let mut record = rotated_to(2);
    let (old, new) = (Token::access("ann", 1), Token::refresh("ann", 2));
    assert_eq!(
        record.request_admission(&Presented::of(Some(&old), Some(&new)), attempt()),
        Admission::Rotated
    );
    let (new, old) = (Token::access("ann", 2), Token::refresh("ann", 1));
    assert_eq!(
        record.request_admission(&Presented::of(Some(&new), Some(&old)), attempt()),
        Admission::Rotated
    );
}

#[test]
fn without_a_readable_refresh_token_the_access_token_tells() {
    let (one, two) = (Token::access("ann", 1), Token::access("ann", 2));
    let mut record = Record::default();
    let first = Presented::of(Some(&one), None);
    assert_eq!(record.request_admission(&first, attempt()), Admission::Clear);
    record.commit(&first, &Grant { access: two.clone(), refresh: None, expires_in: None });
    assert_eq!(record.request_admission(&first, attempt()), Admission::Rotated);
    assert_eq!(
        record.request_admission(&Presented::of(Some(&two), None), attempt()),
        Admission::Clear
    );
}

#[test]
fn tokens_that_were_absent_are_seen_to_have_appeared() {
    let mut record = Record::default();
    let nothing = Presented::of::<Token>(None, None);
    assert_eq!(record.request_admission(&nothing, attempt()), Admission::Clear);
    record.commit(&nothing, &grant(1));
    assert_eq!(record.request_admission(&nothing, attempt()), Admission::Rotated);
    assert_eq!(record.request_admission(&presented(1), attempt()), Admission::Clear);
}

#[test]
fn tokens_that_the_server_gives_again_are_not_spent() {
    let mut record = Record::default();
    record.request_admission(&presented(1), attempt());
    record.commit(&presented(1), &grant(1));
    assert_eq!(record.request_admission(&presented(1), attempt()), Admission::Clear);
    assert!(record.spent.is_empty());
}

#[test]
fn record_does_not_grow() {
    assert_eq!(rotated_to(100).spent.len(), 64);
}

/// Newer tokens replace what the record believes to be current, and what their tab has seen: mostly the
/// same.
#[test]
fn newer_tokens_push_no_spent_one_out_of_the_record() {
    let mut record = Record::default();
    for number in 1..13 {
        record.replace(&presented(number), &grant(number + 1));
    }
    assert_eq!(record.request_admission(&presented(1), attempt()), Admission::Rotated);
}

#[test]
fn question_that_was_never_answered_makes_the_next_tab_look_twice() {
    let mut record = rotated_to(2);
    assert_eq!(record.request_admission(&presented(2), attempt()), Admission::Clear);
    let retry = Attempt { admitted_at: Some(record.heartbeat), ..attempt() };
    assert_eq!(record.request_admission(&presented(2), attempt()), Admission::Orphaned);
    assert_eq!(
        record.request_admission(&presented(2), retry),
        Admission::Clear,
        "its own question"
    );
    assert_eq!(
        record.request_admission(&presented(2), retry),
        Admission::Orphaned,
        "asked by another one since"
    );
    let patient = patient(&record);
    assert_eq!(record.request_admission(&presented(2), patient), Admission::Clear, "it has waited");
    assert_eq!(
        record.request_admission(&presented(2), patient),
        Admission::Orphaned,
        "another one asks since"
    );
}

/// Its tab was closed after it had stored the next tokens, before it told the record.
#[test]
fn tokens_of_a_tab_that_was_closed_are_spent_once_the_next_ones_are_presented() {
    let mut record = Record::default();
    assert_eq!(record.request_admission(&presented(1), attempt()), Admission::Clear);
    assert_eq!(record.request_admission(&presented(2), attempt()), Admission::Clear);
    assert_eq!(record.request_admission(&presented(1), attempt()), Admission::Rotated);
}

/// Duplicated tabs go on by themselves: that another one presents other tokens says nothing.
#[test]
fn tokens_of_a_copy_are_not_spent_when_another_copy_presents_its_own() {
    let mut record = Record::default();
    let copy = Attempt { is_of_copy: true, ..attempt() };
    assert_eq!(record.request_admission(&presented(1), copy), Admission::Clear);
    assert_eq!(record.request_admission(&presented(2), copy), Admission::Clear);
    assert_eq!(record.request_admission(&presented(1), copy), Admission::Clear);
}

#[test]
fn token_that_was_there_before_the_pending_ones_is_older() {
    let refresh = |number| Some(Token::refresh("ann", number).fingerprint());
    let mut record = rotated_to(2);
    let next = presented(5);
    record.request_admission(&next, attempt());
    assert!(record.is_older(refresh(1), &next), "it was replaced");
    assert!(!record.is_older(refresh(9), &next), "nobody knows it");
    assert!(!record.is_older(None, &next));
    record.end_alone(&presented(8), None, Millis::from_secs(101));
    assert!(!record.is_older(refresh(8), &next), "its session has ended since");
    record.request_admission(&next, patient(&record));
    record.commit(&next, &grant(6));
    assert!(!record.is_older(refresh(1), &next), "they are not pending");
}

#[test]
fn patience_has_an_end() {
    let mut record = rotated_to(2);
    let out = patient(&record);
    assert_eq!(record.request_admission(&presented(1), out), Admission::Clear);
}

#[test]
fn lock_of_another_generation_is_no_lock() {
    let mut record = Record::of(3);
    let old = Attempt { lock_generation: Some(2), ..attempt() };
    assert_eq!(record.request_admission(&presented(1), old), Admission::LockSuperseded);
    let without = Attempt { lock_generation: None, ..attempt() };
    assert_eq!(record.request_admission(&presented(1), without), Admission::Clear);
    let current = Attempt { lock_generation: Some(3), ..attempt() };
    assert_eq!(record.request_admission(&presented(2), current), Admission::Clear);
}

#[test]
fn holder_that_does_something_is_seen_to_live() {
    let mut record = rotated_to(2);
    let before = record.heartbeat;
    record.request_admission(&presented(2), attempt());
    assert_ne!(record.heartbeat, before);
    let asking = record.heartbeat;
    record.commit(&presented(2), &grant(3));
    assert_ne!(record.heartbeat, asking);
}

/// It polls for the tokens of a dead one, and must not be taken for dead itself. Those who go on without
/// the lock would make each other wait anew.
#[test]
fn holder_shows_that_it_waits() {
    let mut record = rotated_to(2);
    let before = record.heartbeat;
    let alone = Attempt { lock_generation: None, ..attempt() };
    assert_eq!(record.request_admission(&presented(1), alone), Admission::Rotated);
    assert_eq!(record.heartbeat, before);
    assert_eq!(record.request_admission(&presented(1), attempt()), Admission::Rotated);
    assert_eq!(record.heartbeat, before + 1);
}

#[test]
fn outage_of_another_tab_is_believed_until_it_is_over() {
    let outage = outage(Millis::from_secs(99), Millis::from_secs(101));
    let mut record = Record { outage: Some(outage), ..Record::default() };
    assert_eq!(record.request_admission(&presented(1), attempt()), Admission::Outage(outage));
    for (reason, other) in [
        ("it is over", Attempt { now: Millis::from_secs(101), ..attempt() }),
        ("the clock was set back", Attempt { now: Millis::from_secs(98), ..attempt() }),
        ("it was told to forget", Attempt { woken: Millis::from_secs(99), ..attempt() }),
    ] {
        assert_eq!(
            record.clone().request_admission(&presented(1), other),
            Admission::Clear,
            "{reason}"
        );
    }
}

#[test]
fn outages_are_counted_on_for_a_while() {
    let outage = KnownOutage {
        at: Millis::from_secs(99),
        until: Millis::from_secs(101),
        in_a_row: 3,
        is_late: true,
    };
    let record = Record { outage: Some(outage), ..Record::default() };
    let at = |seconds| Attempt { now: Millis::from_secs(seconds), ..attempt() };
    let known = |attempt: Attempt| record.outages_in_a_row(&attempt);
    assert_eq!([known(at(99)), known(at(150)), known(at(160))], [3, 3, 3]);
    assert_eq!(known(at(161)), 0, "it was long ago");
    let woken = Attempt { woken: Millis::from_secs(99), ..at(150) };
    assert_eq!(known(woken), 0, "it was told to forget");
    assert_eq!(Record::default().outages_in_a_row(&at(99)), 0);
}

#[test]
fn outage_is_forgotten_when_somebody_asks_again() {
    let outage = Some(outage(ms(1), ms(2)));
    let mut record = Record { outage, ..Record::default() };
    record.request_admission(&presented(1), attempt());
    assert_eq!(record.outage, None);
    assert_eq!(record.request_admission(&presented(1), attempt()), Admission::Orphaned);
}

#[test]
fn answer_belongs_to_the_session_that_asked() {
    let mut record = Record::default();
    record.request_admission(&presented(1), attempt());
    assert_eq!(record.claim(&presented(1)), Claim::Mine);
    assert_eq!(Record::default().claim(&presented(1)), Claim::Unknown, "cleared meanwhile");
    let nothing = Presented::NOTHING;
    assert_eq!(Record::default().claim(&nothing), Claim::SessionGone, "nothing tells");
    let mut ended = Record::default();
    ended.end(&nothing, None, NOW);
    assert_eq!(ended.claim(&presented(1)), Claim::SessionGone, "signed out meanwhile");
    let mut other = Record::default();
    let bob = Presented::of(Some(&Token::access("bob", 1)), Some(&Token::refresh("bob", 1)));
    other.request_admission(&bob, attempt());
    assert_eq!(other.claim(&presented(1)), Claim::SessionGone, "another session has begun");
}

const NOW: Millis = Millis::from_secs(100);

#[test]
fn tab_that_still_reads_an_ended_session_does_not_ask() {
    let mut record = rotated_to(3);
    // The tab that signs out may itself be behind.
    record.end(&presented(2), None, NOW);
    for number in 1..=3 {
        for waited_out in [None, Some(record.heartbeat)] {
            let late = Attempt { waited_out, ..attempt() };
            assert_eq!(
                record.request_admission(&presented(number), late),
                Admission::Ended,
                "{number}"
            );
        }
        assert_eq!(record.claim(&presented(number)), Claim::SessionGone, "{number}");
    }
    assert!(record.forget(ms(1)), "something has ended since");
    assert!(!record.forget(NOW));
}

#[test]
fn ended_session_is_forgotten() {
    let mut record = rotated_to(3);
    record.end(&presented(3), None, NOW);
    let later = Attempt { now: NOW + Millis::from_secs(86_401), ..attempt() };
    assert_eq!(record.request_admission(&presented(3), later), Admission::Clear);
}

#[test]
fn session_that_follows_is_asked_for_at_once() {
    let bob = Presented::of(Some(&Token::access("bob", 1)), Some(&Token::refresh("bob", 1)));
    let mut record = rotated_to(3);
    record.request_admission(&presented(3), attempt());
    record.end(&presented(3), Some(&bob), NOW);
    assert_eq!(
        record.claim(&presented(3)),
        Claim::SessionGone,
        "what the flight of the old one brought"
    );
    assert_eq!(record.request_admission(&bob, attempt()), Admission::Clear);
    assert_eq!(record.claim(&bob), Claim::Mine);
}

#[test]
fn tab_that_sees_no_tokens_yet_waits_for_those_that_reign() {
    let mut record = Record::default();
    record.end(&Presented::of::<Token>(None, None), Some(&presented(1)), NOW);
    let nothing = Presented::of::<Token>(None, None);
    assert_eq!(record.request_admission(&nothing, attempt()), Admission::Rotated);
    let patient = patient(&record);
    assert_eq!(record.request_admission(&nothing, patient), Admission::Clear);
}

#[test]
fn two_that_ask_with_the_same_tokens_store_once() {
    let mut record = Record::default();
    record.request_admission(&presented(1), attempt());
    let patient = patient(&record);
    record.request_admission(&presented(1), patient);
    assert_eq!(record.claim(&presented(1)), Claim::Mine);
    record.commit(&presented(1), &grant(2));
    assert_eq!(record.claim(&presented(1)), Claim::Rotated);
}

/// It has waited long enough for the access token beside the refresh token that it sees.
#[test]
fn who_has_proved_with_the_newest_refresh_token_stores_the_answer() {
    let mut record = rotated_to(2);
    let late = Presented::of(Some(&Token::access("ann", 1)), Some(&Token::refresh("ann", 2)));
    assert_eq!(record.request_admission(&late, attempt()), Admission::Rotated);
    let patient = patient(&record);
    assert_eq!(record.request_admission(&late, patient), Admission::Clear);
    assert_eq!(record.claim(&late), Claim::Mine);
    record.commit(&late, &grant(3));
    assert_eq!(record.claim(&late), Claim::Rotated, "another tab has stored what it got");
}

#[test]
fn fingerprints_are_exact_as_javascript_numbers_and_tell_tokens_apart() {
    let mut seen = std::collections::HashSet::new();
    for number in 0..10_000u32 {
        let fingerprint = Fingerprint::of(number.to_le_bytes());
        let raw = fingerprint.into_raw();
        assert_eq!(Fingerprint::from_raw(raw), fingerprint);
        assert!(raw > 0.0 && raw < 9_007_199_254_740_992.0);
        assert!(seen.insert(raw.to_bits()));
    }
}

fn comes_back(record: &Record, context: &str) {
    assert_eq!(Record::from_raw(&record.into_raw()), *record, "{context}");
}

#[test]
fn record_comes_back_from_its_stored_form() {
    comes_back(&Record::default(), "empty");
    comes_back(&Record::of(7), "of another lock");
    let mut record = rotated_to(100);
    comes_back(&record, "after many rotations");
    record.request_admission(&presented(100), attempt());
    comes_back(&record, "while somebody refreshes");
    record.outage = Some(late_outage(ms(1_700_000_000_123), ms(1_700_000_030_123)));
    comes_back(&record, "in an outage");
    for number in 100..200 {
        record.end(&presented(number), Some(&presented(number + 1)), ms(u64::from(number)));
        comes_back(&record, "when sessions have ended");
    }
    let mut record = Record::default();
    record.request_admission(&Presented::NOTHING, attempt());
    comes_back(&record, "while a cookie refreshes");
}

#[test]
fn stored_form_is_numbers_that_storages_keep_as_they_are() {
    let mut record = rotated_to(3);
    record.end(&presented(3), Some(&presented(4)), NOW);
    let raw = record.into_raw();
    assert_eq!(raw.len(), 8 + 3 + 2 + 8, "eight numbers, three lengths, and the tokens");
    assert!(raw.iter().all(|number| number.fract() == 0.0 && number.abs() < 2f64.powi(53)));
}

/// Asserts that a record written by somebody else says nothing about these tokens.
fn is_harmless(raw: &[f64]) {
    let mut record = Record::from_raw(raw);
    let lists = [&record.spent, &record.current, &record.tombstones];
    assert!(lists.iter().all(|list| list.len() <= 130), "{raw:?}");
    let attempt = Attempt { lock_generation: None, ..attempt() };
    assert_eq!(record.request_admission(&presented(1), attempt), Admission::Clear, "{raw:?}");
    assert_eq!(record.claim(&presented(1)), Claim::Mine, "{raw:?}");
    record.commit(&presented(1), &grant(2));
    comes_back(&record, "and it is in order from then on");
}

#[test]
fn rubbish_reads_as_something_harmless() {
    let odd = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -1.0, 0.5, 1e300, 40.0, 5e-324];
    for length in 0..12 {
        for number in odd {
            is_harmless(&vec![number; length]);
        }
    }
    let sound = rotated_to(3).into_raw();
    for place in 0..sound.len() {
        for number in odd {
            let mut raw = sound.clone();
            raw[place] = number;
            drop(Record::from_raw(&raw).into_raw());
        }
    }
}

/// One that was cut off tells of nothing that it does not hold.
#[test]
fn what_is_missing_is_empty() {
    let mut whole = rotated_to(3);
    whole.request_admission(&presented(3), attempt());
    whole.end_alone(&presented(9), None, NOW);
    let raw = whole.into_raw();
    for length in 0..raw.len() {
        let record = Record::from_raw(&raw[..length]);
        for (list, of_whole) in [
            (&record.spent, &whole.spent),
            (&record.current, &whole.current),
            (&record.tombstones, &whole.tombstones),
        ] {
            assert!(of_whole.starts_with(list), "the first {length} numbers: {record:?}");
        }
        assert!(record.pending.is_none() || record.pending == whole.pending, "{record:?}");
    }
    assert_eq!(Record::from_raw(&[]), Record::default());
}

#[test]
fn outage_that_lasts_for_ever_is_a_broken_clock() {
    let noted = |at, until| Record {
        outage: Some(outage(Millis::from_secs(at), until)),
        ..Record::default()
    };
    for until in [Millis::from_secs(4_000_000_000), Millis::from_raw(f64::INFINITY)] {
        let mut record = noted(90, until);
        let said = record.request_admission(&presented(1), attempt());
        let end = Millis::from_secs(150);
        let outage = outage(Millis::from_secs(90), end);
        assert_eq!(said, Admission::Outage(outage));
        let later = Attempt { now: end, ..attempt() };
        assert_eq!(record.request_admission(&presented(1), later), Admission::Clear);
    }
    let mut record = noted(4_000_000_000, Millis::from_secs(4_000_000_001));
    assert_eq!(record.request_admission(&presented(1), attempt()), Admission::Clear);
}

#[test]
fn tombstones_of_the_far_future_are_a_broken_clock() {
    let mut record = Record::default();
    record.end(&presented(1), None, Millis::from_secs(4_000_000_000));
    assert_eq!(record.request_admission(&presented(1), attempt()), Admission::Clear);
}

/// It was frozen, and another tab was admitted meanwhile, whose answer may still come.
#[test]
fn outage_of_a_refresh_that_is_not_the_last_one_is_not_noted() {
    let mut record = Record::default();
    assert_eq!(record.request_admission(&presented(1), attempt()), Admission::Clear);
    let first = Some(record.heartbeat);
    let patient = Attempt { waited_out: first, ..attempt() };
    assert_eq!(record.request_admission(&presented(1), patient), Admission::Clear);
    let second = Some(record.heartbeat);
    let (at, until) = (Millis::from_secs(100), Millis::from_secs(120));
    let late = late_outage(at, until);
    record.note_outage(late, &presented(1), second);
    record.note_outage(outage(at, at), &presented(1), first);
    assert_eq!(record.outage, Some(late));
    record.note_outage(outage(at, at), &presented(1), second);
    assert_ne!(record.outage, Some(late));
}

/// A tab that has signed in was closed before it told the record: the answer may be for its cookie.
#[test]
fn late_answer_for_a_cookie_is_waited_for_whatever_access_token_stands_beside_it() {
    let of = |number| Presented::of(Some(&Token::access("ann", number)), None);
    let mut record = Record::default();
    assert_eq!(record.request_admission(&of(1), attempt()), Admission::Clear);
    let late = late_outage(Millis::from_secs(99), Millis::from_secs(101));
    record.note_outage(late, &of(1), Some(record.heartbeat));
    for cookie in [of(1), of(2)] {
        assert_eq!(record.request_admission(&cookie, attempt()), Admission::Outage(late));
    }
    assert_eq!(record.request_admission(&presented(2), attempt()), Admission::Clear);
}

/// The cookie of the sign-in may be the one that was sent.
#[test]
fn late_answer_for_a_cookie_is_waited_for_where_a_sign_in_was_faster_than_its_refresh() {
    let of = |number| Presented::of(Some(&Token::access("ann", number)), None);
    let mut record = Record::default();
    assert_eq!(record.request_admission(&of(1), attempt()), Admission::Clear);
    let admitted_at = Some(record.heartbeat);
    record.end(&of(1), Some(&of(2)), Millis::from_secs(98));
    let late = late_outage(Millis::from_secs(99), Millis::from_secs(101));
    record.note_outage(late, &of(1), admitted_at);
    assert_eq!(record.request_admission(&of(2), attempt()), Admission::Outage(late));
}

/// The tab that was given the newer access tokens does not see the newest refresh token yet.
#[test]
fn newer_access_token_does_not_make_the_record_forget_the_refresh_token() {
    let mut record = rotated_to(3);
    let mut seen = presented(2);
    for number in 10..50 {
        record.replace(&seen, &Grant::of(Token::access("ann", number)));
        let (access, refresh) = (Token::access("ann", number), Token::refresh("ann", 2));
        seen = Presented::of(Some(&access), Some(&refresh));
    }
    record.end(&seen, None, Millis::from_secs(100));
    assert!(record.is_ended(&presented(3)));
}

/// The tokens of a sign-in are stored before the record is told: another tab may be faster.
#[test]
fn newer_tokens_that_another_tab_refreshes_already_lose_no_grant() {
    let mut record = rotated_to(2);
    assert_eq!(record.request_admission(&presented(7), attempt()), Admission::Clear);
    record.retire(&presented(2), &presented(7));
    assert_eq!(record.claim(&presented(7)), Claim::Mine);
    assert!(record.is_spent(&presented(2)));
    record.commit(&presented(7), &grant(8));
    record.retire(&presented(2), &presented(7));
    assert!(record.is_current(&presented(8)), "what it has got is the newest");
    assert!(record.is_spent(&presented(7)));
}

/// App code has written tokens by itself meanwhile, and those are what the newer ones seem to replace.
#[test]
fn tokens_that_are_refreshed_when_newer_ones_come_are_not_presented_again() {
    let mut record = Record::default();
    assert_eq!(record.request_admission(&presented(2), attempt()), Admission::Clear);
    record.replace(&presented(5), &grant(6));
    assert_eq!(record.request_admission(&presented(2), attempt()), Admission::Rotated);
    assert_eq!(record.claim(&presented(2)), Claim::Rotated);
    assert_eq!(record.request_admission(&presented(6), attempt()), Admission::Clear);
}

/// A tab has read the refresh token of a sign-in beside the access token of the session before.
#[test]
fn grant_for_the_refresh_token_of_a_sign_in_counts_whatever_access_token_stood_beside_it() {
    let mut record = rotated_to(2);
    let (old, new) = (Token::access("ann", 2), Token::refresh("bob", 1));
    let mixed = Presented::of(Some(&old), Some(&new));
    assert_eq!(record.request_admission(&mixed, attempt()), Admission::Clear);
    let bobs = Presented::of(Some(&Token::access("bob", 1)), Some(&new));
    record.end_alone(&presented(2), Some(&bobs), Millis::from_secs(100));
    assert_eq!(record.claim(&mixed), Claim::Mine);
    record.end(&bobs, None, Millis::from_secs(101));
    assert_eq!(record.claim(&mixed), Claim::SessionGone, "a sign-out ends it");
}

/// A step-up brings an access token for each audience, and one refresh token.
#[test]
fn newer_tokens_of_another_audience_spend_no_fresh_access_token() {
    let mut record = rotated_to(2);
    let refresh = Token::refresh("ann", 3);
    let of = |access| Presented::of(Some(&Token::access(access, 3)), Some(&refresh));
    record.replace(&presented(2), &grant(3));
    let others = Token::access("ann@other", 1);
    let before = Presented::of(Some(&others), Some(&refresh));
    let next = Grant { refresh: Some(refresh.clone()), ..Grant::of(Token::access("ann@other", 3)) };
    for _ in 0..2 {
        record.replace(&before, &next);
    }
    assert!(record.is_spent(&before), "a tab may see it beside no refresh token");
    for audience in ["ann", "ann@other"] {
        let admission = record.clone().request_admission(&of(audience), attempt());
        assert_eq!(admission, Admission::Clear, "for {audience}");
    }
}
