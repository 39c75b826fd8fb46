//! Newer tokens of the session that there is: from `setTokens`, or from a sign-in of the same
//! user (4.3).

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod common;

use common::{Call, Stage, Tab, driver, get, token};
use tokenflight::credential::Grant;

fn set_tokens(tab: &Tab, access: &str, refresh: Option<&str>) -> Call<()> {
    let grant = Grant { access: token(access), refresh: refresh.map(token), expires_in: None };
    tab.call(driver::set_tokens(tab.client.clone(), grant))
}

#[test]
fn newer_tokens_replace_those_there_are_and_are_told_as_a_refresh() {
    let tab = Stage::signed_in().open();
    set_tokens(&tab, "ann.7", Some("ann~7"));
    tab.run();
    assert_eq!(tab.storage.holds(), ["ann.7", "ann~7"]);
    assert_eq!(tab.events(), ["tokenRefreshed ann.7"]);
    set_tokens(&tab, "ann.8", None);
    tab.run();
    assert_eq!(tab.storage.holds(), ["ann.8", "ann~7"], "the refresh token stays");
}

#[test]
fn without_a_session_newer_tokens_begin_one() {
    let tab = Stage::first_visit().open();
    set_tokens(&tab, "ann.7", Some("ann~7"));
    tab.run();
    assert_eq!(tab.events(), ["sessionChanged"]);
    tab.sign_out();
    tab.run();
    set_tokens(&tab, "ann.8", Some("ann~8"));
    tab.run();
    assert_eq!(tab.events().last().unwrap(), "sessionChanged");
}

#[test]
fn tokens_of_another_user_are_another_session() {
    let tab = Stage::signed_in().open();
    set_tokens(&tab, "bob.1", Some("bob~1"));
    tab.run();
    assert_eq!(tab.events(), ["sessionChanged"]);
    assert_eq!(tab.storage.holds(), ["bob.1", "bob~1"]);
}

#[test]
fn opaque_tokens_of_a_sign_in_are_another_session_and_those_of_set_tokens_are_not() {
    let tab = Stage::first_visit().open();
    tab.storage.put(Some(token("opaque")), Some(token("secret")));
    let call = set_tokens(&tab, "newer", None);
    tab.run();
    assert!(call.is_settled());
    assert_eq!(tab.events(), ["tokenRefreshed newer"]);
    let grant = Grant { access: token("newest"), refresh: None, expires_in: None };
    tab.call(driver::sign_in(tab.client.clone(), grant));
    tab.run();
    assert_eq!(tab.events().last().unwrap(), "sessionChanged");
    assert_eq!(tab.storage.holds(), ["newest", "-"]);
}

/// Whatever the moment: what waits for the flight, or fails later, is replayed.
#[test]
fn requests_under_way_are_replayed_whenever_the_same_user_signs_in() {
    for moment in 0..190 {
        let tab = Stage::expired().open();
        let calls = [tab.fetch(get("first")), tab.fetch(get("late").takes_each([150, 10]))];
        let that = tab.clone();
        tab.after(moment, move || {
            let (access, refresh) = that.server.sign_in_again("ann");
            let grant = Grant { access, refresh: Some(refresh), expires_in: None };
            that.call(driver::sign_in(that.client.clone(), grant));
        });
        tab.run();
        for call in &calls {
            assert!(call.answer().starts_with("200 ann."), "at {moment}: {:?}", call.answer());
        }
        assert_eq!(tab.server.reuses.get(), 0, "at {moment}");
        let after = tab.fetch(get("after"));
        tab.run();
        assert!(after.answer().starts_with("200 ann."), "at {moment}");
        assert!(!tab.events().contains(&"sessionChanged".to_owned()), "at {moment}");
    }
}

/// A sliding session: each answer brings a newer access token, and the refresh token stays. What
/// a flight of that moment brings is not lost, or its refresh token would be spent for nothing.
#[test]
fn a_flight_keeps_its_refresh_token_whenever_an_access_token_comes_in_between() {
    for moment in 0..190 {
        let tab = Stage::expired().open();
        let call = tab.fetch(get("first"));
        let that = tab.clone();
        tab.after(moment, move || drop(set_tokens(&that, "ann.1@0-9", None)));
        tab.run();
        assert!(call.is_settled(), "at {moment}");
        let next = tab.fetch(get("next"));
        tab.run();
        assert!(next.answer().starts_with("200 ann."), "at {moment}: {:?}", tab.storage.holds());
        assert_eq!(tab.server.reuses.get(), 0, "at {moment}: a spent token was presented");
    }
}

#[test]
fn another_tab_hears_of_newer_tokens_as_of_a_refresh() {
    let tab = Stage::signed_in().locking_tabs().open();
    let other = tab.another_tab();
    other.fetch(get("before"));
    tab.run();
    set_tokens(&tab, "ann.7", Some("ann~7"));
    tab.run();
    driver::notice_change(&other.client);
    tab.run();
    assert_eq!(other.events(), ["tokenRefreshed ann.7"]);
}

/// The tokens of the second sign-in have expired as well when the flight lands that was under way.
#[test]
fn newer_tokens_are_refreshed_in_their_turn() {
    for moment in 0..190 {
        let tab = Stage::expired().open();
        let calls = [tab.fetch(get("first")), tab.fetch(get("late").takes_each([150, 10]))];
        let (that, later) = (tab.clone(), tab.clone());
        tab.after(moment, move || {
            let (access, refresh) = that.server.sign_in_again("ann");
            let grant = Grant { access, refresh: Some(refresh), expires_in: None };
            that.call(driver::sign_in(that.client.clone(), grant));
            that.server.expire();
        });
        let next = std::rc::Rc::new(std::cell::RefCell::new(None));
        let slot = next.clone();
        tab.after(moment + 5, move || {
            slot.replace(Some(later.fetch(get("next"))));
        });
        tab.run();
        let next = next.take().unwrap();
        assert!(next.answer().starts_with("200 ann."), "at {moment}: {}", next.answer());
        for call in &calls {
            assert!(call.is_settled(), "at {moment}");
        }
        assert_eq!(tab.server.reuses.get(), 0, "at {moment}");
    }
}

#[test]
fn newer_tokens_go_on_with_a_refresh_token_that_is_there_alone() {
    let tab = Stage::first_visit().open();
    tab.storage.put(None, Some(token("ann~1")));
    set_tokens(&tab, "ann.7", None);
    tab.run();
    assert_eq!(tab.storage.holds(), ["ann.7", "ann~1"]);
}

#[test]
fn newer_tokens_go_on_with_what_a_slow_storage_holds() {
    let tab = Stage::signed_in().slow_storage(50).open();
    set_tokens(&tab, "ann.7", None);
    tab.run();
    assert_eq!(tab.storage.holds(), ["ann.7", "ann~1"]);
    assert_eq!(tab.events(), ["tokenRefreshed ann.7"]);
}

#[test]
fn newer_tokens_that_wait_for_a_slow_storage_undo_no_later_call() {
    for (refresh, slow) in [(None, 50), (Some("ann~7"), 50), (None, 5)] {
        for later in [None, Some("bob"), Some("ann")] {
            let tab = Stage::signed_in().slow_storage(slow).open();
            tab.fetch(get("a"));
            tab.run();
            let newer = set_tokens(&tab, "ann.7", refresh);
            match later {
                None => tab.sign_out(),
                Some(user) => tab.sign_in(user),
            };
            tab.run();
            let holds = match later {
                None => ["-".into(), "-".into()],
                Some(user) => [format!("{user}.1"), format!("{user}~1")],
            };
            assert_eq!(tab.storage.holds(), holds, "{refresh:?}");
            assert!(newer.is_settled());
        }
    }
}

#[test]
fn newer_tokens_count_where_an_earlier_call_waits_for_a_slow_storage_as_well() {
    for is_sign_out in [true, false] {
        let tab = Stage::signed_in().slow_storage(50).open();
        match is_sign_out {
            true => tab.sign_out(),
            false => set_tokens(&tab, "ann.6", Some("ann~6")),
        };
        set_tokens(&tab, "ann.7", Some("ann~7"));
        tab.run();
        assert_eq!(tab.storage.holds(), ["ann.7", "ann~7"]);
    }
}
