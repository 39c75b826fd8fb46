//! A storage that answers slowly: what is written, in which order, and by whom (3.4, 4.3).

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod common;

use common::{Reply, Stage, Token, get};

#[test]
fn refresh_token_is_stored_before_the_access_token() {
    let tab = Stage::expired().open();
    tab.refresh();
    tab.run();
    assert_eq!(*tab.storage.writes.borrow(), ["Refresh ann~2", "Access ann.2"]);
}

#[test]
fn no_moment_shows_a_new_access_token_beside_a_spent_refresh_token() {
    for moment in 90..180 {
        let tab = Stage::expired().slow_storage(20).open();
        tab.refresh();
        tab.run_until(moment);
        let [access, refresh] = tab.storage.holds();
        assert!(access == "ann.1" || refresh == "ann~2", "at {moment}: {access} {refresh}");
    }
}

#[test]
fn sign_in_and_sign_out_write_the_refresh_token_first() {
    let tab = Stage::signed_in().open();
    tab.sign_in("bob");
    tab.sign_out();
    tab.run();
    let mut writes = tab.storage.writes.borrow().clone();
    // They are repeated when no other tab can be in between.
    let again = writes.drain(2..4).collect::<Vec<_>>();
    assert_eq!(again, ["Refresh bob~1", "Access bob.1"]);
    let out = ["Refresh -", "Access -"];
    assert_eq!(writes, [["Refresh bob~1", "Access bob.1"], out, out].concat());
}

#[test]
fn refresh_token_that_is_not_rotated_stays() {
    let tab = Stage::expired().open();
    tab.server.script([Reply::tokens("ann.2", None)]);
    tab.refresh();
    tab.run();
    assert_eq!(*tab.storage.writes.borrow(), ["Access ann.2"]);
    assert_eq!(tab.storage.holds(), ["ann.2", "ann~1"]);
}

/// The refresh token is being written from 100 to 120.
#[test]
fn sign_out_during_a_commit_keeps_the_access_token_from_being_written() {
    let tab = Stage::expired().slow_writes(20).open();
    tab.refresh();
    tab.run_until(110);
    tab.sign_out();
    tab.run();
    assert_eq!(*tab.storage.writes.borrow(), ["Refresh ann~2", "Refresh -", "Access -"]);
}

/// Everybody reads while a commit and a sign-in wait for their turn, in any order.
#[test]
fn crowded_storage_does_not_let_a_former_flight_write() {
    for pace in [5, 13] {
        for moment in 90..260 {
            let tab = Stage::expired().slow_storage(pace).open();
            tab.fetch(get("a"));
            for reader in 0..20 {
                let that = tab.clone();
                tab.after(80 + reader * 5, move || drop(that.fetch(get("reader").takes(500))));
            }
            let that = tab.clone();
            tab.after(moment, move || drop(that.sign_in("bob")));
            tab.run_until(700);
            let context = format!("storage that takes {pace}, at {moment}");
            let writes = tab.storage.writes.borrow();
            let bobs = writes.iter().position(|write| write.contains("bob")).unwrap();
            assert!(!writes[bobs..].iter().any(|write| write.contains("ann")), "{context}");
            assert_eq!(tab.storage.holds(), ["bob.1", "bob~1"], "{context}");
        }
    }
}

#[test]
fn sign_in_that_is_dropped_half_way_leaves_the_storage_in_charge() {
    let tab = Stage::signed_in().slow_storage(20).open();
    let sign_in = tab.sign_in("bob");
    tab.run_until(30);
    sign_in.drop_future();
    tab.run();
    tab.write_sign_in("eve");
    let call = tab.fetch(get("a"));
    tab.run();
    assert_eq!(call.answer(), "200 eve.1");
}

#[test]
fn refusal_does_not_touch_the_session_that_began_meanwhile() {
    for pace in [1, 7, 20] {
        for moment in 100..220 {
            let tab = Stage::expired().slow_storage(pace).open();
            tab.server.script([Reply::status(400)]);
            tab.fetch(get("a"));
            let that = tab.clone();
            tab.after(moment, move || drop(that.sign_in("bob")));
            tab.run();
            let context = format!("storage that takes {pace}, at {moment}");
            assert_eq!(tab.storage.holds(), ["bob.1", "bob~1"], "{context}");
            assert!(!tab.client.shared.session.is_over(), "{context}");
            assert_eq!(tab.events().last().unwrap(), "sessionChanged", "{context}");
        }
    }
}

#[test]
fn token_that_another_tab_stored_is_seen_by_the_next_request() {
    let tab = Stage::expired().slow_storage(20).open();
    tab.server.refresh(Some(&Token::refresh("ann", 1)));
    tab.storage.put(Some(Token::access("ann", 2)), Some(Token::refresh("ann", 2)));
    let call = tab.fetch(get("a"));
    tab.run();
    assert_eq!(call.answer(), "200 ann.2");
    assert_eq!(tab.sends("a"), ["ann.2"]);
}
