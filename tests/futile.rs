//! Refreshes that do not help, requests that are sent again without one, and requests that do
//! without a session (2.3, 1.4, 8.4).

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod common;

use common::{Reply, Stage, Tab, Token, get, ms};
use tokenflight::millis::Millis;

fn pass(tab: &Tab, time: Millis) {
    tab.run_until((tab.clock.now() + time).into_raw() as u64);
}

/// A page is looked at again after each of these waits, in seconds; it is always forbidden.
fn refreshes_of_polls(tab: &Tab, waits: &[u32]) -> usize {
    refreshes_of_polls_with(401, tab, waits)
}

fn refreshes_of_polls_with(status: u16, tab: &Tab, waits: &[u32]) -> usize {
    for wait in waits {
        let call = tab.fetch(get("page").forbidden_with(status));
        pass(tab, ms(900));
        assert!(call.answer().starts_with(&format!("{status} ")), "the answer is the caller's");
        pass(tab, Millis::from_secs(*wait) - ms(900));
    }
    tab.refreshes().len()
}

#[test]
fn ten_looks_at_a_forbidden_page_cost_a_few_refreshes() {
    let tab = Stage::signed_in().open();
    assert_eq!(refreshes_of_polls(&tab, &[1; 10]), 3);
    // The pause doubles, up to a minute.
    let all = refreshes_of_polls(&tab, &[60; 10]);
    assert!(all <= 13, "{all}");
}

/// The application's `isUnauthorized` takes a 403 for a 401.
#[test]
fn ten_looks_at_a_403_that_counts_as_a_401_cost_a_few_refreshes() {
    let tab = Stage::signed_in().open();
    assert_eq!(refreshes_of_polls_with(403, &tab, &[1; 10]), 3);
}

#[test]
fn many_replays_of_one_refresh_are_one_futile_refresh() {
    let tab = Stage::signed_in().open();
    let calls: Vec<_> = (0..20).map(|_| tab.fetch(get("page").forbidden())).collect();
    pass(&tab, ms(900));
    assert!(calls.iter().all(|call| call.answer() == "401 ann.2"));
    pass(&tab, ms(300));
    assert_eq!(refreshes_of_polls(&tab, &[1]), 2, "the pause of one, not of twenty");
}

#[test]
fn a_replay_that_succeeds_ends_the_pause() {
    let tab = Stage::signed_in().open();
    assert_eq!(refreshes_of_polls(&tab, &[1, 1, 1]), 2);
    pass(&tab, Millis::from_secs(60));
    tab.server.expire();
    let call = tab.fetch(get("order"));
    pass(&tab, ms(900));
    assert_eq!(call.answer(), "200 ann.4");
    assert_eq!(refreshes_of_polls(&tab, &[1, 1, 1]), 5, "the first pause again");
}

#[test]
fn a_token_whose_time_is_up_is_refreshed_whatever_was_futile() {
    let tab = Stage::signed_in().open();
    tab.server.lives.set(Some(Millis::from_secs(60)));
    for _ in 0..6 {
        refreshes_of_polls(&tab, &[1]);
        pass(&tab, Millis::from_secs(31));
    }
    let before = tab.refreshes().len();
    pass(&tab, Millis::from_secs(60));
    let call = tab.fetch(get("order"));
    tab.run_until(tab.clock.now().into_raw() as u64 + 900);
    assert!(call.answer().starts_with("200 "));
    assert_eq!(tab.refreshes().len(), before + 1);
}

#[test]
fn a_late_401_says_nothing_about_the_token_that_reigns() {
    let tab = Stage::expired().open();
    let late = tab.fetch(get("late").takes_each([500, 10]).forbidden());
    let first = tab.fetch(get("first"));
    tab.run();
    assert_eq!(first.answer(), "200 ann.2");
    assert_eq!(late.answer(), "401 ann.2", "it was replayed without a refresh of its own");
    tab.server.expire();
    let next = tab.fetch(get("next"));
    tab.run();
    assert_eq!(next.answer(), "200 ann.3", "and held up nobody");
}

#[test]
fn a_request_may_be_sent_again_without_a_refresh() {
    let tab = Stage::signed_in().open();
    let challenged = tab.fetch(get("proof").first_answered(425));
    let for_ever = tab.fetch(get("never").first_answered(425).unreplayable());
    tab.run();
    assert_eq!(challenged.answer(), "200 ann.1");
    assert_eq!(tab.sends("proof").len(), 2);
    assert_eq!(for_ever.answer(), "425 ann.1", "its body is gone");
    assert!(tab.refreshes().is_empty());
}

#[test]
fn an_optional_request_goes_with_the_token_and_is_refreshed() {
    let tab = Stage::expired().open();
    let call = tab.fetch(get("a").optional());
    tab.run();
    assert_eq!(call.answer(), "200 ann.2");
}

#[test]
fn an_optional_request_of_nobody_sends_no_refresh() {
    let tab = Stage::first_visit().open();
    let calls = [tab.fetch(get("a").optional()), tab.fetch(get("b").optional())];
    tab.run();
    assert!(calls.iter().all(|call| call.answer() == "401 -"));
    assert!(tab.refreshes().is_empty());
    // With a refresh token alone there is somebody.
    tab.storage.put(None, Some(Token::refresh("ann", 1)));
    tab.server.sign_in("ann");
    let call = tab.fetch(get("c").optional());
    tab.run();
    assert_eq!(call.answer(), "200 ann.2");
}

#[test]
fn an_optional_request_is_led_nowhere_when_the_session_is_over() {
    let tab = Stage::expired().server(|server| server.always(Some(Reply::status(400)))).open();
    let call = tab.fetch(get("a").optional());
    tab.run();
    assert_eq!(call.answer(), "401 ann.1");
    assert_eq!(tab.events(), ["signedOut refused"]);
    let after = tab.fetch(get("b").optional());
    tab.run();
    assert_eq!(after.answer(), "401 -");
    assert!(tab.client.platform.logins.borrow().is_empty());
    // Requests that need the session lead to the login page, once.
    for _ in 0..2 {
        let needs = tab.fetch(get("c"));
        tab.run();
        assert_eq!(needs.failure().name(), "SignInRequiredError");
    }
    assert_eq!(tab.client.platform.logins.borrow().len(), 1);
    assert_eq!(tab.refreshes().len(), 1);
}

#[test]
fn who_needs_the_session_is_led_to_the_login_page_whoever_started_the_flight() {
    for is_first_optional in [false, true] {
        let tab = Stage::expired().server(|server| server.always(Some(Reply::status(400)))).open();
        let (first, second) = match is_first_optional {
            true => (get("optional").optional(), get("needs")),
            false => (get("needs"), get("optional").optional()),
        };
        let calls = [tab.fetch(first), tab.fetch(second.takes(30))];
        tab.run();
        let [optional, needs] = if is_first_optional { [0, 1] } else { [1, 0] };
        assert_eq!(calls[optional].answer(), "401 ann.1");
        assert_eq!(calls[needs].failure().name(), "SignInRequiredError");
        assert_eq!(tab.client.platform.logins.borrow().len(), 1);
    }
}
