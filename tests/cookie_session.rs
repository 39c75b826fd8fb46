//! The access token is an HttpOnly cookie: nothing can be read, epochs alone move
//! (3.4 e).

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod common;

use common::{Reply, Stage, Tab, get};

fn signed_in() -> Tab {
    let tab = Stage::first_visit().policy(|policy| policy.is_cookie_session = true).open();
    tab.server.is_cookie_session.set(true);
    tab.server.cookie.replace(Some("ann".to_owned()));
    tab.server.expire();
    tab
}

#[test]
fn any_success_renews_and_no_token_is_sent_or_stored() {
    for reply in [None, Some(Reply::status(204)), Some(Reply::envelope(Some(401)))] {
        let tab = signed_in();
        let is_scripted = reply.is_some();
        tab.server.script(reply);
        let call = tab.fetch(get("a"));
        tab.run();
        assert_eq!(tab.sends("a"), ["-", "-"]);
        assert_eq!(call.answer(), if is_scripted { "401 -" } else { "200 -" });
        assert_eq!(tab.events(), ["tokenRefreshed -"]);
        assert!(tab.storage.writes.borrow().is_empty());
    }
}

#[test]
fn late_unauthorized_is_told_by_its_epoch() {
    let tab = signed_in();
    let first = tab.fetch(get("first"));
    let late = tab.fetch(get("late").takes(500));
    tab.run();
    assert_eq!(tab.refreshes(), ["-"]);
    assert_eq!(first.answer(), "200 -");
    assert_eq!(late.answer(), "200 -");
}

#[test]
fn each_expiry_has_a_flight_of_its_own() {
    let tab = signed_in();
    for expiries in 1..4 {
        tab.server.expire();
        let call = tab.fetch(get("a"));
        tab.run();
        assert_eq!(call.answer(), "200 -");
        assert_eq!(tab.refreshes().len(), expiries);
    }
}

#[test]
fn refusal_ends_it_until_somebody_signs_in() {
    let tab = signed_in();
    tab.server.cookie.replace(None);
    let call = tab.fetch(get("a"));
    tab.run();
    assert_eq!(call.failure().name(), "SignInRequiredError");
    let silent = tab.fetch(get("b"));
    tab.run();
    assert_eq!(silent.failure(), call.failure());
    assert_eq!(tab.refreshes().len(), 1);
    tab.server.cookie.replace(Some("ann".to_owned()));
    tab.call(tab.client.clone().sign_in(None, None));
    let after = tab.fetch(get("c"));
    tab.run();
    assert_eq!(after.answer(), "200 -");
}

#[test]
fn successful_refresh_by_hand_ends_the_silence() {
    let tab = signed_in();
    tab.sign_out();
    tab.refresh();
    tab.run();
    tab.server.expire();
    let call = tab.fetch(get("a"));
    tab.run();
    assert_eq!(call.answer(), "200 -");
}

#[test]
fn sign_out_during_the_refresh_is_not_undone_by_it() {
    for moment in 11..110 {
        let tab = signed_in();
        tab.fetch(get("a"));
        tab.run_until(moment);
        tab.sign_out();
        tab.run();
        assert!(tab.client.shared.session.is_over(), "at {moment}");
        assert_eq!(tab.events(), ["signedOut asked"], "at {moment}");
    }
}
