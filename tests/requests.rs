//! The way of one request: sent, replayed once, aborted (2.1, 2.3, 2.6, 2.7).

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod common;

use common::{Abort, Failure, Stage, Tab, get, ms};

#[test]
fn accepted_request_is_sent_once_with_the_stored_token() {
    let tab = Stage::signed_in().open();
    let call = tab.fetch(get("a"));
    tab.run();
    assert_eq!(call.answer(), "200 ann.1");
    assert_eq!(tab.sends("a"), ["ann.1"]);
    assert_eq!(tab.storage.reads.get(), 1, "one look at the storage is enough");
    assert!(tab.refreshes().is_empty() && tab.events().is_empty());
}

#[test]
fn token_is_read_anew_for_each_request() {
    let tab = Stage::signed_in().open();
    tab.write_sign_in("ann");
    tab.fetch(get("a"));
    tab.run();
    tab.storage.put(None, None);
    tab.fetch(get("b"));
    tab.run_until(10);
    assert_eq!(tab.sends("a"), ["ann.1"]);
    assert_eq!(tab.sends("b"), ["-"], "no token, no header");
}

#[test]
fn second_unauthorized_is_returned_and_nothing_loops() {
    let tab = Stage::signed_in().open();
    let call = tab.fetch(get("forbidden").forbidden());
    tab.run();
    assert_eq!(call.answer(), "401 ann.2");
    assert_eq!(tab.sends("forbidden"), ["ann.1", "ann.2"]);
    assert_eq!(tab.refreshes(), ["ann~1"]);
}

#[test]
fn each_of_many_forbidden_requests_is_replayed_once() {
    let tab = Stage::signed_in().open();
    let calls: Vec<_> = (0..10)
        .map(|number| tab.fetch(get("forbidden").forbidden().takes_each([10 + number * 30, 10])))
        .collect();
    tab.run();
    assert!(calls.iter().all(|call| call.answer().starts_with("401")));
    assert_eq!(tab.sends("forbidden").len(), 20);
    assert_eq!(tab.refreshes(), ["ann~1"]);
}

#[test]
fn unreplayable_request_gets_its_unauthorized_while_the_refresh_runs_on() {
    let tab = Stage::expired().open();
    let call = tab.fetch(get("upload").unreplayable());
    tab.run_until(10);
    assert_eq!(call.answer(), "401 ann.1");
    assert_eq!(call.settled_at(), 10);
    assert!(tab.has_flight());
    tab.run();
    assert_eq!(tab.storage.holds(), ["ann.2", "ann~2"]);
    assert_eq!(tab.sends("upload"), ["ann.1"]);
}

#[test]
fn late_unauthorized_of_an_unreplayable_request_is_returned_without_a_refresh() {
    let tab = Stage::expired().open();
    tab.fetch(get("first"));
    let call = tab.fetch(get("upload").unreplayable().takes(500));
    tab.run();
    assert_eq!(call.answer(), "401 ann.1");
    assert_eq!(tab.sends("upload"), ["ann.1"]);
    assert_eq!(tab.refreshes(), ["ann~1"]);
}

#[test]
fn unreplayable_request_that_waited_is_sent_with_the_new_token() {
    let tab = Stage::expired().open();
    tab.fetch(get("first"));
    tab.run_until(60);
    let call = tab.fetch(get("upload").unreplayable());
    tab.run();
    assert_eq!(call.answer(), "200 ann.2");
    assert_eq!(tab.sends("upload"), ["ann.2"]);
}

/// Sent at 0, its 401 at 10, replayed at 110, answered at 120.
#[test]
fn abort_rejects_at_once_at_any_stage_and_disturbs_nobody() {
    for moment in 0..130 {
        let (tab, abort) = (Stage::expired().open(), Abort::new());
        let call = tab.fetch(get("a").abortable(&abort));
        let other = tab.fetch(get("other"));
        let aborts = abort.clone();
        tab.after(moment, move || aborts.abort());
        tab.run();
        match moment {
            // Where both fall into one moment, either may be first.
            120 => assert!(call.is_settled()),
            121.. => assert_eq!(call.answer(), "200 ann.2"),
            _ => {
                assert_eq!(call.failure(), Failure::Aborted("a"), "aborted at {moment}");
                assert_eq!(call.settled_at(), moment);
            }
        }
        assert_eq!(other.answer(), "200 ann.2", "aborted at {moment}");
        assert_eq!(tab.refreshes(), ["ann~1"], "aborted at {moment}");
    }
}

#[test]
fn aborted_request_that_waited_is_never_sent() {
    let (tab, abort) = (Stage::expired().open(), Abort::new());
    tab.fetch(get("first"));
    tab.run_until(50);
    let call = tab.fetch(get("waiter").abortable(&abort));
    tab.run_until(60);
    abort.abort();
    tab.run();
    assert_eq!((call.failure(), call.settled_at()), (Failure::Aborted("waiter"), 60));
    assert!(tab.sends("waiter").is_empty());
}

#[test]
fn aborted_request_is_not_replayed() {
    let (tab, abort) = (Stage::expired().open(), Abort::new());
    tab.fetch(get("a").abortable(&abort));
    tab.run_until(60);
    abort.abort();
    tab.run();
    assert_eq!(tab.sends("a"), ["ann.1"]);
}

#[test]
fn flight_goes_on_when_all_its_waiters_were_aborted() {
    let (tab, abort) = (Stage::expired().open(), Abort::new());
    let calls = ["a", "b", "c"].map(|name| tab.fetch(get(name).abortable(&abort)));
    tab.run_until(60);
    abort.abort();
    tab.run();
    for call in calls {
        assert_eq!((call.failure().name(), call.settled_at()), ("AbortError", 60));
    }
    assert_eq!(tab.storage.holds(), ["ann.2", "ann~2"]);
    assert_eq!(tab.events(), ["tokenRefreshed ann.2"]);
}

/// The other stages at which a request may be kept waiting.
fn aborted_at_5_in(tab: Tab, stage: &str) {
    let abort = Abort::new();
    let call = tab.fetch(get("a").takes(1).abortable(&abort));
    tab.run_until(5);
    abort.abort();
    tab.run();
    assert_eq!(call.failure(), Failure::Aborted("a"), "{stage}");
    assert_eq!(call.settled_at(), 5, "{stage}");
}

#[test]
fn abort_does_not_wait_for_a_slow_storage() {
    aborted_at_5_in(Stage::signed_in().slow_storage(50).open(), "while the storage is read");
}

#[test]
fn abort_does_not_wait_for_what_judges_the_answer() {
    let tab = Stage::signed_in().open();
    tab.client.platform.judging.set(Some(ms(50)));
    aborted_at_5_in(tab, "while isUnauthorized makes up its mind");
}

#[test]
fn failure_of_the_transport_is_the_callers() {
    let (tab, abort) = (Stage::signed_in().open(), Abort::new());
    abort.abort();
    let call = tab.fetch(get("a").abortable(&abort));
    tab.run();
    assert_eq!(call.failure(), Failure::Aborted("a"));
    assert!(tab.refreshes().is_empty());
}
