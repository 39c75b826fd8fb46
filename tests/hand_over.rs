//! The record that tabs leave each other: what it says to a tab that wants to ask, and to
//! one that was answered (3.2, 3.3).

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod common;

use std::time::Duration;

use common::{Token, ms};
use tokenflight::handover::{Asker, Claim, Entry, Failed, Fingerprint, Held, Record};
use tokenflight::session::Grant;

fn held(number: u32) -> Held {
    let (access, refresh) = (Token::access("ann", number), Token::refresh("ann", number));
    Held::of(Some(&access), Some(&refresh))
}

fn grant(number: u32) -> Grant<Token> {
    let (access, refresh) = (Token::access("ann", number), Token::refresh("ann", number));
    Grant { access, refresh: Some(refresh), expires_in: None }
}

/// The first try of a tab that holds the lock, at the second 100 of the wall clock.
fn asker() -> Asker {
    Asker {
        generation: Some(0),
        asked_at: None,
        waited_out: None,
        now: Duration::from_secs(100),
        woken: Duration::ZERO,
    }
}

/// Ann's tokens were rotated from 1 to `last`.
fn rotated_to(last: u32) -> Record {
    let mut record = Record::default();
    for number in 1..last {
        assert_eq!(record.check_in(&held(number), asker()), Entry::Clear);
        assert_eq!(record.claim(&held(number)), Claim::Mine);
        record.commit(&held(number), &grant(number + 1));
    }
    record
}

#[test]
fn current_tokens_may_be_asked_with_and_spent_ones_not() {
    let mut record = rotated_to(8);
    for number in 1..8 {
        assert_eq!(record.check_in(&held(number), asker()), Entry::Rotated, "{number}");
        assert_eq!(record.claim(&held(number)), Claim::Rotated, "{number}");
    }
    assert_eq!(record.check_in(&held(8), asker()), Entry::Clear);
}

#[test]
fn one_spent_token_of_the_two_is_enough() {
    let mut record = rotated_to(2);
    let (old, new) = (Token::access("ann", 1), Token::refresh("ann", 2));
    assert_eq!(record.check_in(&Held::of(Some(&old), Some(&new)), asker()), Entry::Rotated);
    let (new, old) = (Token::access("ann", 2), Token::refresh("ann", 1));
    assert_eq!(record.check_in(&Held::of(Some(&new), Some(&old)), asker()), Entry::Rotated);
}

#[test]
fn without_a_readable_refresh_token_the_access_token_tells() {
    let (one, two) = (Token::access("ann", 1), Token::access("ann", 2));
    let mut record = Record::default();
    let first = Held::of(Some(&one), None);
    assert_eq!(record.check_in(&first, asker()), Entry::Clear);
    record.commit(&first, &Grant { access: two.clone(), refresh: None, expires_in: None });
    assert_eq!(record.check_in(&first, asker()), Entry::Rotated);
    assert_eq!(record.check_in(&Held::of(Some(&two), None), asker()), Entry::Clear);
}

#[test]
fn tokens_that_were_absent_are_seen_to_have_appeared() {
    let mut record = Record::default();
    let nothing = Held::of::<Token>(None, None);
    assert_eq!(record.check_in(&nothing, asker()), Entry::Clear);
    record.commit(&nothing, &grant(1));
    assert_eq!(record.check_in(&nothing, asker()), Entry::Rotated);
    assert_eq!(record.check_in(&held(1), asker()), Entry::Clear);
}

#[test]
fn tokens_that_the_server_gives_again_are_not_spent() {
    let mut record = Record::default();
    record.check_in(&held(1), asker());
    record.commit(&held(1), &grant(1));
    assert_eq!(record.check_in(&held(1), asker()), Entry::Clear);
    assert!(record.spent.is_empty());
}

#[test]
fn record_does_not_grow() {
    assert_eq!(rotated_to(100).spent.len(), 16);
}

#[test]
fn question_that_was_never_answered_makes_the_next_tab_look_twice() {
    let mut record = rotated_to(2);
    assert_eq!(record.check_in(&held(2), asker()), Entry::Clear);
    assert_eq!(record.check_in(&held(2), asker()), Entry::Orphaned);
    let retry = Asker { asked_at: Some(record.beat), ..asker() };
    assert_eq!(record.check_in(&held(2), retry), Entry::Clear, "its own question");
    assert_eq!(record.check_in(&held(2), retry), Entry::Orphaned, "asked by another one since");
    let patient = Asker { waited_out: Some(record.beat), ..asker() };
    assert_eq!(record.check_in(&held(2), patient), Entry::Clear, "it has waited");
    assert_eq!(record.check_in(&held(2), patient), Entry::Orphaned, "another one asks since");
}

#[test]
fn patience_has_an_end() {
    let mut record = rotated_to(2);
    let out = Asker { waited_out: Some(record.beat), ..asker() };
    assert_eq!(record.check_in(&held(1), out), Entry::Clear);
}

#[test]
fn lock_of_another_generation_is_no_lock() {
    let mut record = Record::of(3);
    let old = Asker { generation: Some(2), ..asker() };
    assert_eq!(record.check_in(&held(1), old), Entry::Overtaken);
    let without = Asker { generation: None, ..asker() };
    assert_eq!(record.check_in(&held(1), without), Entry::Clear);
    let current = Asker { generation: Some(3), ..asker() };
    assert_eq!(record.check_in(&held(2), current), Entry::Clear);
}

#[test]
fn holder_that_does_something_is_seen_to_live() {
    let mut record = rotated_to(2);
    let before = record.beat;
    record.check_in(&held(2), asker());
    assert_ne!(record.beat, before);
    let asking = record.beat;
    record.commit(&held(2), &grant(3));
    assert_ne!(record.beat, asking);
}

#[test]
fn outage_of_another_tab_is_believed_until_it_is_over() {
    let failed = Failed { at: Duration::from_secs(99), until: Duration::from_secs(101) };
    let mut record = Record { failed: Some(failed), ..Record::default() };
    assert_eq!(record.check_in(&held(1), asker()), Entry::Failing(failed));
    for (reason, other) in [
        ("it is over", Asker { now: Duration::from_secs(101), ..asker() }),
        ("the clock was set back", Asker { now: Duration::from_secs(98), ..asker() }),
        ("it was told to forget", Asker { woken: Duration::from_secs(99), ..asker() }),
    ] {
        assert_eq!(record.clone().check_in(&held(1), other), Entry::Clear, "{reason}");
    }
}

#[test]
fn outage_is_forgotten_when_somebody_asks_again() {
    let failed = Some(Failed { at: ms(1), until: ms(2) });
    let mut record = Record { failed, ..Record::default() };
    record.check_in(&held(1), asker());
    assert_eq!(record.failed, None);
    assert_eq!(record.check_in(&held(1), asker()), Entry::Orphaned);
}

#[test]
fn answer_belongs_to_the_session_that_asked() {
    let mut record = Record::default();
    record.check_in(&held(1), asker());
    assert_eq!(record.claim(&held(1)), Claim::Mine);
    assert_eq!(Record::default().claim(&held(1)), Claim::Left, "signed out meanwhile");
    let mut other = Record::default();
    let bob = Held::of(Some(&Token::access("bob", 1)), Some(&Token::refresh("bob", 1)));
    other.check_in(&bob, asker());
    assert_eq!(other.claim(&held(1)), Claim::Left, "another session has begun");
    assert!(!other.is_of(&held(1)) && other.is_of(&bob));
}

const NOW: Duration = Duration::from_secs(100);

#[test]
fn tab_that_still_reads_an_ended_session_does_not_ask() {
    let mut record = rotated_to(3);
    // The tab that signs out may itself be behind.
    record.end(&held(2), None, NOW);
    for number in 1..=3 {
        for waited_out in [None, Some(record.beat)] {
            let late = Asker { waited_out, ..asker() };
            assert_eq!(record.check_in(&held(number), late), Entry::Ended, "{number}");
        }
        assert_eq!(record.claim(&held(number)), Claim::Left, "{number}");
    }
    assert!(record.forget(ms(1)), "something has ended since");
    assert!(!record.forget(NOW));
}

#[test]
fn ended_session_is_forgotten() {
    let mut record = rotated_to(3);
    record.end(&held(3), None, NOW);
    let later = Asker { now: NOW + Duration::from_secs(86_401), ..asker() };
    assert_eq!(record.check_in(&held(3), later), Entry::Clear);
}

#[test]
fn session_that_follows_is_asked_for_at_once() {
    let bob = Held::of(Some(&Token::access("bob", 1)), Some(&Token::refresh("bob", 1)));
    let mut record = rotated_to(3);
    record.check_in(&held(3), asker());
    record.end(&held(3), Some(&bob), NOW);
    assert_eq!(record.claim(&held(3)), Claim::Left, "what the flight of the old one brought");
    assert_eq!(record.check_in(&bob, asker()), Entry::Clear);
    assert_eq!(record.claim(&bob), Claim::Mine);
}

#[test]
fn tab_that_sees_no_tokens_yet_waits_for_those_that_reign() {
    let mut record = Record::default();
    record.end(&Held::of::<Token>(None, None), Some(&held(1)), NOW);
    let nothing = Held::of::<Token>(None, None);
    assert_eq!(record.check_in(&nothing, asker()), Entry::Rotated);
    let patient = Asker { waited_out: Some(record.beat), ..asker() };
    assert_eq!(record.check_in(&nothing, patient), Entry::Clear);
}

#[test]
fn two_that_ask_with_the_same_tokens_store_once() {
    let mut record = Record::default();
    record.check_in(&held(1), asker());
    let patient = Asker { waited_out: Some(record.beat), ..asker() };
    record.check_in(&held(1), patient);
    assert_eq!(record.claim(&held(1)), Claim::Mine);
    record.commit(&held(1), &grant(2));
    assert_eq!(record.claim(&held(1)), Claim::Rotated);
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
