//! Faults that other libraries have, where no other test is about just that. README.md
//! in this folder lists them all.

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod common;

use common::{Reply, Stage, get, ms};
use tokenflight::policy::Body;

/// The refresh is answered so once, without a retry; then the server works again.
fn survives(reply: Reply) {
    let tab = Stage::expired().policy(|policy| policy.refresh_retries = 0).open();
    tab.server.script([reply]);
    let call = tab.fetch(get("a"));
    tab.run();
    assert_eq!(call.failure().name(), "RefreshUnavailableError");
    assert_eq!(tab.storage.holds(), ["ann.1", "ann~1"], "both tokens stay");
    assert!(tab.client.platform.logins.borrow().is_empty());
    tab.client.wake();
    let next = tab.fetch(get("b"));
    tab.run();
    assert_eq!(next.answer(), "200 ann.2");
}

#[test]
fn too_many_requests_is_no_reason_to_sign_out() {
    survives(Reply::status(429));
    survives(Reply::retry_after(
        429,
        Some(ms(60_000)),
        Body::WithoutToken { code: Some(429), is_temporary: false },
    ));
}

#[test]
fn json_of_a_failing_server_costs_no_refresh_token() {
    survives(Reply::response(503, Body::WithoutToken { code: None, is_temporary: false }));
    survives(Reply::response(500, Body::WithoutToken { code: Some(401), is_temporary: false }));
}

#[test]
fn being_offline_is_no_reason_to_sign_out() {
    survives(Reply::offline());
}

#[test]
fn five_waiters_and_a_503_cost_one_refresh() {
    let tab = Stage::expired().policy(|policy| policy.refresh_retries = 0).open();
    tab.server.always(Some(Reply::status(503)));
    let calls: Vec<_> = (0..5).map(|number| tab.fetch(get("a").takes(10 + number))).collect();
    tab.run();
    assert_eq!(tab.refreshes().len(), 1);
    assert!(calls.iter().all(|call| call.failure() == calls[0].failure()));
}

/// The wait for a lock is no polling.
#[test]
fn lock_costs_no_time_of_its_own() {
    for stage in [Stage::expired(), Stage::expired().locking_tabs()] {
        let tab = stage.open();
        let call = tab.fetch(get("a"));
        tab.run();
        assert_eq!(call.settled_at(), 120, "the 401, the refresh and the replay");
    }
}

/// Locks that are stolen are stolen again, by each one who waits.
#[test]
fn frozen_holder_sets_off_no_cascade() {
    let tab = Stage::expired().policy(|policy| policy.lock_timeout = ms(200)).locking_tabs().open();
    let tabs: Vec<_> = (0..20).map(|_| tab.another_tab()).collect();
    // The first one never hears of its answer.
    tab.server.script([Reply::Never]);
    tab.fetch(get("frozen"));
    tab.run_until(50);
    let calls: Vec<_> = tabs.iter().map(|tab| tab.fetch(get("a"))).collect();
    tab.run_until(5_000);
    assert!(calls.iter().all(|call| call.answer() == "200 ann.2"));
    assert_eq!(tab.refreshes().len(), 2, "the frozen one's and one for all others");
}

#[test]
fn refresh_with_one_users_token_never_brings_another_ones_session() {
    let tab = Stage::expired().open();
    tab.server.always(Some(Reply::tokens("bob.1", Some("bob~1"))));
    let call = tab.fetch(get("a"));
    tab.run();
    assert_eq!(call.failure().name(), "SignInRequiredError");
    assert_eq!(tab.sends("a"), ["ann.1"]);
    assert_eq!(tab.storage.holds(), ["-", "-"]);
}
