//! Answers that come after `refreshTimeout` (3.5).

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod common;

use common::{Reply, Stage, Tab, get, ms};
use tokenflight::error::Error;
use tokenflight::millis::Millis;

/// A server that rotates the token at once, and says so after so many milliseconds; whoever
/// asks waits for one second.
fn slow(latency: u64) -> Tab {
    let stage = Stage::expired().policy(|policy| policy.refresh_timeout = ms(1_000));
    let tab = stage.locking_tabs().open();
    tab.server.latency.set(ms(latency));
    tab
}

fn retry_after(failure: &common::Failure) -> Millis {
    match failure.own() {
        Error::RefreshUnavailable { retry_after, .. } => *retry_after,
        other => panic!("{other:?}"),
    }
}

#[test]
fn late_answer_is_stored() {
    for latency in [1_001, 2_000, 2_999] {
        let tab = slow(latency);
        let calls = [tab.fetch(get("a")), tab.fetch(get("b"))];
        tab.run_until(1_010);
        for call in &calls {
            assert_eq!((call.settled_at(), retry_after(&call.failure())), (1_010, ms(2_000)));
        }
        tab.run();
        assert_eq!(tab.storage.holds(), ["ann.2", "ann~2"], "{latency}");
        assert_eq!(tab.events(), ["refreshUnavailable", "tokenRefreshed ann.2"]);
        let call = tab.fetch(get("c"));
        tab.run();
        assert_eq!((call.answer(), tab.refreshes()), ("200 ann.2".into(), vec!["ann~1".into()]));
    }
}

#[test]
fn token_is_not_presented_again_while_its_answer_may_come() {
    for moment in [1_020, 1_500, 2_500, 2_990] {
        let tab = slow(3_000);
        tab.fetch(get("a"));
        tab.run_until(1_015);
        tab.run_until(moment);
        // No hope speaks against what the server may already have done.
        tab.client.wake();
        let call = tab.fetch(get("b"));
        tab.run_until(moment + 10);
        let rest = retry_after(&call.failure()).into_raw();
        assert!((rest - (3_010 - moment - 10) as f64).abs() <= 10.0, "{rest} at {moment}");
        let by_hand = tab.refresh();
        tab.run_until(moment + 11);
        assert_eq!(by_hand.failure().name(), "RefreshUnavailableError");
        tab.run();
        assert_eq!(tab.refreshes(), ["ann~1"], "{moment}");
        assert_eq!(tab.storage.holds(), ["ann.2", "ann~2"]);
    }
}

#[test]
fn other_tabs_and_a_reload_wait_for_a_late_answer() {
    for moment in [5, 500, 1_200, 2_900] {
        let one = slow(2_995);
        one.fetch(get("a"));
        one.run_until(moment);
        // One was open before, and one is opened now, as after a reload.
        let tabs = [one.another_tab(), one.another_tab()];
        for tab in &tabs {
            tab.client.wake();
        }
        let calls = [tabs[0].fetch(get("b")), tabs[1].fetch(get("c"))];
        one.run();
        assert_eq!(one.server.reuses.get(), 0, "{moment}");
        for call in &calls {
            assert_eq!(call.failure().name(), "RefreshUnavailableError", "{moment}");
            assert!(call.settled_at() < moment + 1_300, "they are told at once, and when");
        }
        assert_eq!(one.storage.holds(), ["ann.2", "ann~2"]);
        let call = tabs[0].fetch(get("d"));
        one.run();
        assert_eq!(call.answer(), "200 ann.2");
    }
}

/// The page may have gone, and the answer with it.
#[test]
fn token_whose_answer_never_comes_is_presented_again_after_three_times_the_timeout() {
    let one = slow(100);
    one.server.script([Reply::Never]);
    one.fetch(get("a"));
    one.run_until(1_050);
    let two = one.another_tab();
    let early = two.fetch(get("b"));
    one.run_until(4_000);
    assert_eq!((early.failure().name(), one.refreshes().len()), ("RefreshUnavailableError", 1));
    one.run_until(4_020);
    let call = two.fetch(get("c"));
    one.run_until(4_500);
    assert_eq!(call.answer(), "200 ann.2");
}

#[test]
fn refresh_that_is_given_up_is_sent_anew_by_whoever_needs_it() {
    let tab = slow(100);
    tab.server.script([Reply::Never]);
    tab.fetch(get("a"));
    tab.run();
    assert_eq!(tab.clock.now(), ms(3_010), "it was given up");
    let call = tab.fetch(get("b"));
    tab.run();
    assert_eq!((call.answer(), tab.refreshes().len()), ("200 ann.2".into(), 2));
}

#[test]
fn late_refusal_ends_the_session_and_a_late_outage_does_not() {
    let tab = slow(2_000);
    tab.server.script([Reply::status(400)]);
    tab.fetch(get("a"));
    tab.run();
    assert_eq!(tab.storage.holds(), ["-", "-"]);
    assert_eq!(tab.events(), ["refreshUnavailable", "signedOut refused"]);

    let tab = slow(2_000);
    tab.server.script([Reply::status(503)]);
    tab.fetch(get("a"));
    tab.run();
    assert_eq!((tab.storage.holds(), tab.refreshes().len()), (["ann.1".into(), "ann~1".into()], 1));
    assert_eq!(tab.events(), ["refreshUnavailable"]);
    // It has answered: nobody waits any longer than after any outage.
    tab.client.wake();
    tab.server.latency.set(ms(100));
    let call = tab.fetch(get("b"));
    tab.run();
    assert_eq!(call.answer(), "200 ann.2");
}

#[test]
fn late_answer_of_a_session_that_was_left_is_dropped() {
    for moment in [500, 1_500] {
        let tab = slow(2_000);
        tab.fetch(get("a"));
        tab.run_until(moment);
        tab.sign_in("bob");
        tab.run();
        assert_eq!(tab.storage.holds(), ["bob.1", "bob~1"], "{moment}");
        tab.server.latency.set(ms(100));
        tab.server.expire();
        let call = tab.fetch(get("b"));
        tab.run_until(tab.clock.elapsed() + 200);
        assert_eq!(call.answer(), "200 bob.2", "nothing holds up the next session");

        let tab = slow(2_000);
        tab.fetch(get("a"));
        tab.run_until(moment);
        tab.sign_out();
        tab.run();
        assert_eq!(tab.storage.holds(), ["-", "-"], "{moment}");
    }
}

#[test]
fn token_that_is_good_for_a_while_is_used_while_an_answer_is_late() {
    let tab = slow(2_000);
    tab.server.latency.set(ms(0));
    tab.server.lives.set(Some(ms(40_000)));
    tab.fetch(get("a"));
    tab.run();
    tab.server.script([Reply::Never]);
    tab.run_until(35_000);
    let calls = [tab.fetch(get("b")), tab.fetch(get("c"))];
    tab.run();
    for call in calls {
        assert_eq!(call.answer(), "200 ann.2");
    }
}
