//! The guards around reading a refresh token and storing a grant (3.2, 4.3).

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod common;

use common::{Stage, Tab, Token, get, ms};
use tokenflight::credential::{Grant, Presented};
use tokenflight::record::Record;

/// What Ann's first tokens are replaced by.
fn rotation() -> (Presented, Grant<Token>) {
    let (access, refresh) = (Token::access("ann", 1), Token::refresh("ann", 1));
    let presented = Presented::of(Some(&access), Some(&refresh));
    let refresh = Some(Token::refresh("ann", 2));
    (presented, Grant { refresh, ..Grant::of(Token::access("ann", 2)) })
}

/// Until the end of a session, or the beginning of one, has had the record, the flight of
/// another tab may store its tokens over what was written.
fn changed_while_another_tab_stores(change: impl FnOnce(&Tab)) -> Tab {
    let tab = Stage::expired().locking_tabs().open();
    tab.fetch(get("a").public());
    tab.run();
    tab.client.platform.recording.set(Some(ms(50)));
    change(&tab);
    tab.run_until(15);
    tab.client.platform.recording.set(None);
    let (presented, grant) = rotation();
    let mut record = Record::default();
    record.commit(&presented, &grant);
    tab.record.replace(Some(record));
    tab.storage.put(Some(grant.access), grant.refresh);
    tab
}

#[test]
fn no_refresh_token_is_read_while_a_sign_in_is_pending() {
    let tab = changed_while_another_tab_stores(|tab| drop(tab.sign_in("bob")));
    let refresh = tab.refresh();
    tab.run_until(59);
    assert_eq!(tab.storage.holds(), ["ann.2", "ann~2"]);
    assert!(tab.refreshes().is_empty());
    tab.run();
    assert_eq!(tab.refreshes(), ["bob~1"], "not the one that was there meanwhile");
    assert_eq!(refresh.outcome(), Ok(()));
    assert_eq!(tab.storage.holds(), ["bob.2", "bob~2"]);
}

/// A 401 on a signed-out page asks whether a refresh token has appeared.
#[test]
fn no_refresh_token_is_read_while_a_sign_out_is_pending() {
    let tab = changed_while_another_tab_stores(|tab| drop(tab.sign_out()));
    let call = tab.fetch(get("b"));
    tab.run_until(59);
    assert_eq!(tab.storage.holds(), ["ann.2", "ann~2"]);
    tab.run();
    assert_eq!(call.failure().name(), "SignInRequiredError");
    assert!(tab.refreshes().is_empty());
    assert_eq!(tab.storage.holds(), ["-", "-"]);
}

/// It belongs to a session that is no longer here, although the access token says nothing.
#[test]
fn grant_is_not_claimed_beside_another_refresh_token_than_was_sent() {
    for moment in 11..110 {
        for stage in [Stage::expired(), Stage::expired().locking_tabs()] {
            let tab = stage.open();
            let call = tab.fetch(get("a"));
            tab.run_until(moment);
            tab.storage.put_refresh(Some(Token::refresh("ann", 7)));
            tab.run();
            assert!(call.is_settled(), "at {moment}");
            assert!(tab.storage.writes.borrow().is_empty(), "at {moment}");
            assert_eq!(tab.storage.holds(), ["ann.1", "ann~7"], "at {moment}");
        }
    }
}

#[test]
fn grant_is_not_claimed_where_the_refresh_token_was_removed() {
    for moment in 11..110 {
        let tab = Stage::expired().open();
        tab.fetch(get("a"));
        tab.run_until(moment);
        tab.storage.put_refresh(None);
        tab.run();
        assert!(tab.storage.writes.borrow().is_empty(), "at {moment}");
        assert_eq!(tab.storage.holds(), ["ann.1", "-"], "at {moment}");
    }
}

/// Another tab has rotated the tokens while this one was answered, and what it got is nowhere to
/// be seen: after a while the grant that this tab got is stored instead.
fn rotated_out_of_sight() -> Tab {
    let tab = Stage::expired().locking_tabs().open();
    tab.fetch(get("a"));
    tab.run_until(60);
    let (presented, grant) = rotation();
    tab.record.borrow_mut().as_mut().unwrap().commit(&presented, &grant);
    tab.run_until(1_000);
    assert!(tab.storage.writes.borrow().is_empty());
    tab
}

#[test]
fn grant_is_claimed_by_force_where_the_other_ones_is_nowhere_to_be_seen() {
    let tab = rotated_out_of_sight();
    tab.run();
    assert_eq!(tab.storage.holds(), ["ann.2", "ann~2"]);
}

#[test]
fn grant_is_not_claimed_by_force_where_the_refresh_token_was_removed() {
    let tab = rotated_out_of_sight();
    tab.storage.put_refresh(None);
    tab.run();
    assert!(tab.storage.writes.borrow().is_empty());
}

/// There is none to compare: an HttpOnly cookie refreshes.
#[test]
fn grant_for_a_cookie_is_claimed_whatever_the_storage_holds() {
    let tab = Stage::expired().open();
    tab.storage.put_refresh(None);
    tab.server.cookie.replace(Some("ann".to_owned()));
    let call = tab.fetch(get("a"));
    tab.run();
    assert_eq!(call.answer(), "200 ann.2");
}
