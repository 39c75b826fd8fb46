//! Two tabs of one session: with and without a lock between them (3.1, 3.2, 3.7).

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod common;

use common::{Reply, Stage, Token, get, ms};
use tokenflight::record::Record;

#[test]
fn tab_that_waited_for_the_lock_adopts_what_the_other_one_stored() {
    let one = Stage::expired().locking_tabs().open();
    let two = one.another_tab();
    let calls = [one.fetch(get("a")), two.fetch(get("b"))];
    one.run();
    assert_eq!(one.refreshes(), ["ann~1"]);
    for call in calls {
        assert_eq!(call.answer(), "200 ann.2");
    }
    assert_eq!(one.events(), ["tokenRefreshed ann.2"]);
    assert_eq!(two.events(), ["tokenRefreshed ann.2"]);
}

#[test]
fn lock_is_let_go_after_every_outcome() {
    for reply in [Reply::status(400), Reply::status(503), Reply::tokens("ann.2", None)] {
        let one = Stage::expired().locking_tabs().open();
        let two = one.another_tab();
        one.server.always(Some(reply));
        one.refresh();
        one.run();
        let second = two.refresh();
        one.run();
        assert!(second.is_settled());
    }
}

/// Both send the same refresh token; the second is refused as a reuse, and finds what
/// the first one stored.
#[test]
fn refused_tab_adopts_instead_of_signing_out() {
    let one = Stage::expired().open();
    let two = one.another_tab();
    one.fetch(get("a"));
    let call = two.fetch(get("b").takes_each([10, 10]));
    two.run_until(50);
    two.storage.put(Some(Token::access("ann", 2)), Some(Token::refresh("ann", 2)));
    two.run();
    assert!(call.outcome().is_ok());
    assert!(two.storage.holds()[0].starts_with("ann."));
    assert!(!two.client.shared.session.is_over());
    assert!(!one.client.shared.session.is_over());
}

/// The other tab has written the first of its two tokens when the refusal comes.
#[test]
fn refresh_token_that_moved_first_saves_the_session() {
    for retries in [0, 2] {
        let tab = Stage::expired().policy(|policy| policy.refresh_retries = retries).open();
        tab.server.script([Reply::status(400)]);
        let call = tab.fetch(get("a"));
        tab.run_until(60);
        tab.server.refresh(Some(&Token::refresh("ann", 1)));
        tab.storage.put_refresh(Some(Token::refresh("ann", 2)));
        tab.after(51, {
            let storage = tab.storage.clone();
            move || storage.put(Some(Token::access("ann", 2)), Some(Token::refresh("ann", 2)))
        });
        tab.run();
        assert_eq!(call.answer(), "200 ann.2", "{retries} retries");
        assert_eq!(tab.server.reuses.get(), 0, "{retries} retries");
        let [access, refresh] = tab.storage.holds();
        assert_eq!(access.replace('.', "~"), refresh, "tokens that belong together");
    }
}

/// As before, but the other tab died between its two writes.
#[test]
fn refresh_token_whose_access_token_never_comes_is_used() {
    let tab = Stage::expired().open();
    tab.server.script([Reply::status(400)]);
    let call = tab.fetch(get("a"));
    tab.run_until(60);
    tab.server.refresh(Some(&Token::refresh("ann", 1)));
    tab.storage.put_refresh(Some(Token::refresh("ann", 2)));
    tab.run();
    assert_eq!(call.answer(), "200 ann.3");
    assert_eq!(tab.storage.holds(), ["ann.3", "ann~3"]);
}

/// None of those that were refused is in the storage any more: nothing to remove.
#[test]
fn refresh_token_that_keeps_moving_is_not_signed_out() {
    let tab = Stage::expired().server(|server| server.always(Some(Reply::status(400)))).open();
    for number in 2..30 {
        let (storage, moved) = (tab.storage.clone(), Token::refresh("ann", number));
        tab.after(60 * u64::from(number - 1), move || storage.put_refresh(Some(moved)));
    }
    let call = tab.fetch(get("a"));
    tab.run();
    assert_eq!(call.failure().name(), "RefreshUnavailableError");
    assert_eq!(tab.storage.holds(), ["ann.1", "ann~29"]);
    assert_eq!(tab.events(), ["refreshUnavailable"]);
}

#[test]
fn retry_adopts_what_another_tab_stored_meanwhile() {
    let tab = Stage::expired().open();
    tab.server.script([Reply::status(503)]);
    let call = tab.fetch(get("a"));
    tab.run_until(120);
    tab.server.refresh(Some(&Token::refresh("ann", 1)));
    tab.storage.put(Some(Token::access("ann", 2)), Some(Token::refresh("ann", 2)));
    tab.run();
    assert_eq!(call.answer(), "200 ann.2");
    assert_eq!(tab.server.refreshes.borrow().len(), 2, "one by this tab, one by the other");
}

#[test]
fn refresh_token_is_read_after_the_lock_is_granted() {
    let one = Stage::expired().locking_tabs().open();
    let two = one.another_tab();
    one.server.script([Reply::tokens("ann.1", Some("ann~2"))]);
    one.refresh();
    two.refresh();
    one.run();
    assert_eq!(one.refreshes(), ["ann~1", "ann~2"], "the access token alone did not tell");
}

/// Tabs without a lock, interleaved by the moment at which the second one starts.
/// The server ends a session in which a refresh token is used twice, so that the tabs
/// are to end in one and the same state.
#[test]
fn tabs_without_a_lock_end_in_one_state() {
    for start in 0..250 {
        let one = Stage::expired().open();
        let two = one.another_tab();
        let first = one.fetch(get("a"));
        one.run_until(start);
        let second = two.fetch(get("b"));
        one.run();
        assert!(first.is_settled() && second.is_settled(), "started at {start}");
        let [access, refresh] = one.storage.holds();
        assert_eq!(access.replace('.', "~"), refresh, "started at {start}");
        assert!(one.clock.now() < ms(2_000));
    }
}

/// The user clears the data of the site, say; what was asked with is still there, or again.
#[test]
fn record_that_vanishes_during_a_refresh_loses_no_answer() {
    for left in [None, Some(Record::default())] {
        let one = Stage::expired().locking_tabs().open();
        let call = one.fetch(get("a"));
        one.run_until(50);
        one.record.replace(left);
        one.run();
        assert_eq!(call.answer(), "200 ann.2");
        assert_eq!(
            (one.storage.holds(), one.refreshes()),
            (["ann.2".into(), "ann~2".into()], vec!["ann~1".into()])
        );
        // The record knows of it, for the next one.
        let two = one.another_tab();
        one.server.expire();
        let call = two.fetch(get("b"));
        one.run();
        assert_eq!((call.answer(), one.server.reuses.get()), ("200 ann.3".into(), 0));
    }
}

#[test]
fn record_that_vanishes_with_the_tokens_brings_nothing_back() {
    let one = Stage::expired().locking_tabs().open();
    one.fetch(get("a"));
    one.run_until(50);
    one.record.replace(None);
    // The tokens go a moment after the record does.
    one.run_until(400);
    one.storage.put(None, None);
    one.run();
    assert_eq!(one.storage.holds(), ["-", "-"]);
}
