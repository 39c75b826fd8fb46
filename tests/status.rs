//! The synchronous view of the session (1.8).

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod common;

use common::{Reply, Stage, Tab, get, token};
use tokenflight::session::Status;

/// The status, and whose token it is.
fn status(tab: &Tab) -> String {
    match tab.client.status() {
        Status::Unknown => "unknown".to_owned(),
        Status::SignedOut => "signed out".to_owned(),
        Status::SignedIn(None) => "signed in".to_owned(),
        Status::SignedIn(Some(token)) => format!("signed in with {}", token.0),
    }
}

#[test]
fn status_follows_the_session_without_a_request() {
    let tab = Stage::first_visit().open();
    assert_eq!(status(&tab), "signed out");
    tab.write_sign_in("ann");
    let [access, refresh] = tab.storage.holds();
    assert_eq!(status(&tab), format!("signed in with {access}"), "application code wrote it");
    assert_ne!(refresh, "-");
    tab.sign_out();
    tab.run();
    assert_eq!(status(&tab), "signed out");
    tab.sign_in("bob");
    tab.run();
    let [access, _] = tab.storage.holds();
    assert_eq!(status(&tab), format!("signed in with {access}"));
    tab.storage.put(None, None);
    assert_eq!(status(&tab), "signed out", "another tab");
    assert_eq!(tab.refreshes().len(), 0);
}

#[test]
fn a_refresh_token_alone_is_a_session() {
    let tab = Stage::expired().open();
    tab.client.start();
    tab.storage.put(None, Some(token("ann~1")));
    assert_eq!(status(&tab), "signed in");
    let fresh = Stage::first_visit().open();
    fresh.storage.put_refresh(Some(token("ann~1")));
    assert_eq!(status(&fresh), "signed in");
}

#[test]
fn a_refusal_ends_it_and_an_outage_does_not() {
    for (reply, expected) in [(400, "signed out"), (503, "signed in with")] {
        let tab = Stage::expired().policy(|policy| policy.refresh_retries = 0).open();
        tab.server.script([Reply::status(reply)]);
        tab.fetch(get("a"));
        tab.run();
        assert!(status(&tab).starts_with(expected), "{reply}: {}", status(&tab));
    }
}

#[test]
fn tokens_that_no_script_can_read_are_unknown_until_something_tells() {
    let cookie = || Stage::first_visit().policy(|policy| policy.is_cookie_session = true).open();
    let refused = cookie();
    assert_eq!(status(&refused), "unknown");
    refused.server.script([Reply::status(401)]);
    refused.refresh();
    refused.run();
    assert_eq!(status(&refused), "signed out", "the server refused");
    let refreshed = cookie();
    refreshed.server.cookie.replace(Some("ann".to_owned()));
    refreshed.refresh();
    refreshed.run();
    assert!(status(&refreshed).starts_with("signed in with"), "{}", status(&refreshed));
    refreshed.sign_out();
    refreshed.run();
    assert_eq!(status(&refreshed), "signed out");
}

#[test]
fn a_slow_storage_is_unknown_until_it_was_read() {
    let tab = Stage::signed_in().slow_storage(20).open();
    assert_eq!(status(&tab), "unknown");
    tab.fetch(get("a"));
    tab.run();
    assert!(status(&tab).starts_with("signed in with"), "{}", status(&tab));
    let empty = Stage::first_visit().slow_storage(20).open();
    empty.fetch(get("a"));
    empty.run();
    assert_eq!(status(&empty), "signed out");
}
