//! The guards around reading a refresh token and storing a grant (3.2, 4.3).

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod common;

use common::{Call, Failure, Reply, Response, Stage, Tab, Token, driver, get, ms, token};
use tokenflight::credential::{Grant, Presented};
use tokenflight::record::Record;

/// Returns the rotation of Ann's first tokens: these, and the ones that replace them.
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

/// Another tab signs in, and has the record before the sign-out has it: the tokens are written again
/// after those of the sign-out.
#[test]
fn sign_out_ends_a_session_that_begins_at_the_same_time() {
    let one = Stage::signed_in().locking_tabs().open();
    let other = one.another_tab();
    one.client.platform.recording.set(Some(ms(50)));
    other.client.platform.recording.set(Some(ms(20)));
    one.client.start();
    other.sign_in("bob");
    one.run_until(1);
    one.sign_out();
    one.run_until(21);
    assert_eq!(one.storage.holds(), ["bob.1", "bob~1"]);
    one.run_until(1_000);
    assert_eq!(one.storage.holds(), ["-", "-"]);
}

/// A page that is frozen before it has the record goes on where it was, with the tokens of a session
/// that the user has left since in another tab.
#[test]
fn sign_in_of_a_frozen_page_does_not_undo_what_another_tab_has_done_since() {
    for (is_sign_out, holds) in [(false, ["cat.1", "cat~1"]), (true, ["-", "-"])] {
        for is_newer in [false, true] {
            let one = Stage::signed_in().locking_tabs().open();
            let other = one.another_tab();
            one.client.platform.recording.set(Some(ms(5_000)));
            let (access, refresh) = one.server.sign_in(if is_newer { "ann" } else { "bob" });
            let grant = Grant { refresh: Some(refresh), ..Grant::of(access) };
            match is_newer {
                true => one.call(driver::set_tokens(one.client.clone(), grant)),
                false => one.call(driver::sign_in(one.client.clone(), grant)),
            };
            one.run_until(1_000);
            match is_sign_out {
                true => other.sign_out(),
                false => other.sign_in("cat"),
            };
            one.run_until(12_000);
            assert_eq!(one.storage.holds(), holds, "newer tokens: {is_newer}");
        }
    }
}

/// It goes on where it was, and would take the refresh token of a session of two audiences away from
/// one of them.
#[test]
fn sign_out_of_a_frozen_page_does_not_end_a_session_that_has_begun_since() {
    for is_at_once in [false, true] {
        let one = Stage::signed_in().locking_tabs().open();
        let other = one.another_tab();
        one.client.platform.recording.set(Some(ms(5_000)));
        let out = one.sign_out();
        one.run_until(if is_at_once { 1 } else { 1_000 });
        other.sign_in("bob");
        one.run_until(12_000);
        assert!(out.is_settled());
        assert_eq!(one.storage.holds(), ["bob.1", "bob~1"]);
        let call = one.fetch(get("a"));
        one.run();
        assert_eq!(call.answer(), "200 bob.1");
    }
}

/// A newer access token alone stands beside a cookie, and another tab has refreshed it while the page
/// that was given it was frozen.
#[test]
fn newer_token_of_a_frozen_page_is_not_stored_over_what_another_tab_has_refreshed_it_to() {
    let one = Stage::signed_in().locking_tabs().open();
    one.storage.put_refresh(None);
    let other = one.another_tab();
    one.client.platform.recording.set(Some(ms(5_000)));
    one.call(driver::set_tokens(one.client.clone(), Grant::of(Token::access("ann", 2))));
    one.run_until(1_000);
    one.server.script([Reply::tokens("ann.3", None)]);
    other.refresh();
    one.run_until(2_000);
    assert_eq!(one.storage.holds(), ["ann.3", "-"]);
    one.run_until(12_000);
    assert_eq!(one.storage.holds(), ["ann.3", "-"]);
}

/// Application code has removed the tokens, so that the sign-out sees none.
#[test]
fn sign_out_ends_what_another_tab_refreshes_out_of_sight() {
    let one = Stage::expired().locking_tabs().open();
    let other = one.another_tab();
    other.refresh();
    one.run_until(20);
    one.storage.put(None, None);
    one.sign_out();
    one.run_until(50);
    one.storage.put(Some(Token::access("ann", 1)), Some(Token::refresh("ann", 1)));
    one.run_until(1_000);
    assert_eq!(one.storage.holds(), ["ann.1", "ann~1"], "what the refresh has brought is gone");
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

/// The cookie is the next one's by then, and the flight of another tab stores what the one before
/// has brought.
#[test]
fn sign_in_of_the_same_user_with_a_cookie_is_stored_over_the_grant_of_the_one_before() {
    let tab = Stage::signed_in().locking_tabs().open();
    tab.storage.put_refresh(None);
    tab.client.start();
    tab.client.platform.recording.set(Some(ms(50)));
    let grant = Grant::of(Token::access("ann", 9));
    tab.call(driver::sign_in(tab.client.clone(), grant));
    tab.run_until(15);
    tab.storage.put(Some(Token::access("ann", 2)), None);
    tab.run_until(1_000);
    assert_eq!(tab.storage.holds(), ["ann.9", "-"]);
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

/// Another tab may have signed in as well since the cookie was used, and its tokens are seen late. The
/// cookie of now is asked with once more.
#[test]
fn grant_for_a_cookie_is_not_claimed_by_force() {
    let tab = Stage::expired().locking_tabs().open();
    tab.storage.put_refresh(None);
    tab.server.script([Reply::tokens("ann.5", None), Reply::tokens("ann.6", None)]);
    let call = tab.fetch(get("a").public());
    tab.refresh();
    tab.run_until(60);
    let presented = Presented::of(Some(&Token::access("ann", 1)), None);
    let grant = Grant::of(Token::access("ann", 2));
    tab.record.borrow_mut().as_mut().unwrap().commit(&presented, &grant);
    tab.run();
    assert!(call.is_settled());
    assert_eq!(*tab.storage.writes.borrow(), ["Access ann.6"]);
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

/// Another audience has rotated the refresh token, which is no other epoch for this one: what
/// came for the one before is older, and the new one is asked with.
#[test]
fn grant_is_not_forced_over_a_newer_refresh_token() {
    let tab = rotated_out_of_sight();
    tab.server.script([Reply::tokens("ann.8", Some("ann~8"))]);
    tab.storage.put_refresh(Some(Token::refresh("ann", 7)));
    tab.run();
    assert_eq!(tab.refreshes(), ["ann~1", "ann~7"]);
    assert_eq!(tab.storage.holds(), ["ann.8", "ann~8"]);
}

/// The refresh token of a sign-in in another tab is seen before its access token.
#[test]
fn grant_of_a_user_who_is_just_signing_in_is_stored() {
    let tab = Stage::expired().open();
    tab.server.sign_in("bob");
    tab.storage.put_refresh(Some(Token::refresh("bob", 1)));
    tab.refresh();
    tab.run_until(300);
    assert_eq!(tab.refreshes(), ["bob~1"]);
    tab.storage.put(Some(Token::access("bob", 1)), Some(Token::refresh("bob", 1)));
    tab.run();
    assert_eq!(tab.storage.holds(), ["bob.2", "bob~2"], "the first ones are spent");
}

/// Nothing tells the sessions of a cookie apart: what was asked for before the sign-out comes
/// while another tab asks.
#[test]
fn grant_for_a_cookie_is_not_stored_where_another_tab_was_admitted_since() {
    let one = Stage::first_visit().locking_tabs().open();
    let [two, three] = [one.another_tab(), one.another_tab()];
    one.server.cookie.replace(Some("ann".to_owned()));
    one.server.latency.set(ms(12_000));
    one.fetch(get("a"));
    one.run_until(5_000);
    two.sign_out();
    one.run_until(10_500);
    one.server.script([Reply::tokens("ann.2", None), Reply::Never]);
    three.fetch(get("b"));
    one.run_until(13_500);
    assert_eq!(one.refreshes().len(), 2);
    assert_eq!(one.storage.holds(), ["-", "-"]);
}

/// The application signs in for each audience of a refresh token, one after the other.
#[test]
fn sign_in_for_another_audience_does_not_end_the_first_one() {
    let one = Stage::signed_in().locking_tabs().open();
    let other = one.duplicate();
    let (access, refresh) = one.server.sign_in("bob");
    for (tab, access) in [(&one, access), (&other, token("bob.1@0-600"))] {
        let grant = Grant { refresh: Some(refresh.clone()), ..Grant::of(access) };
        tab.call(driver::sign_in(tab.client.clone(), grant));
    }
    one.run_until(1_000);
    one.server.expire();
    let call = one.fetch(get("a"));
    one.run_until(1_900);
    assert_eq!(call.answer(), "200 bob.2");
}

#[test]
fn copy_stores_its_grant_whatever_session_the_record_is_about() {
    let tab = Stage::expired().copying_tabs().open();
    tab.fetch(get("a"));
    tab.run_until(60);
    let (_, bobs) = rotation();
    tab.record.replace(Some({
        let mut record = Record::default();
        record.commit(&Presented::NOTHING, &bobs);
        record
    }));
    tab.run();
    assert_eq!(tab.storage.holds(), ["ann.2", "ann~2"]);
}

/// Application code has stored the tokens of a session beside the record, newer ones of it have followed,
/// and this tab sees neither of them yet.
fn refused_beside_newer_tokens() -> (Tab, Call<Result<Response, Failure>>) {
    let tab = Stage::expired().locking_tabs().open();
    let mut record = Record::default();
    let [(first, first_refresh), (access, refresh)] =
        [1, 2].map(|number| (Token::access("bob", number), Token::refresh("bob", number)));
    let replaced = Presented::of(Some(&first), Some(&first_refresh));
    record.replace(&replaced, &Grant { refresh: Some(refresh), ..Grant::of(access) });
    tab.record.replace(Some(record));
    tab.server.script([Reply::status(400)]);
    let call = tab.fetch(get("a"));
    tab.run_until(500);
    assert_eq!(tab.refreshes(), ["ann~1"]);
    assert_eq!(tab.storage.holds(), ["ann.1", "ann~1"], "nothing is removed yet");
    (tab, call)
}

#[test]
fn refusal_of_one_session_removes_no_tokens_of_the_current_one() {
    let (tab, call) = refused_beside_newer_tokens();
    tab.storage.put(Some(Token::access("bob", 2)), Some(Token::refresh("bob", 2)));
    tab.run();
    assert_eq!(call.failure().name(), "SessionChangedError");
    assert_eq!(tab.storage.holds(), ["bob.2", "bob~2"]);
}

#[test]
fn refused_session_ends_although_the_record_is_about_another_one() {
    let (tab, call) = refused_beside_newer_tokens();
    tab.run();
    assert_eq!(call.failure().name(), "SignInRequiredError");
    assert_eq!(tab.storage.holds(), ["-", "-"]);
}
