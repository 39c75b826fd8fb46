//! Sessions begin and end while requests and refreshes are under way (4.3).

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod common;

use common::{Call, Failure, Response, Stage, Tab, Token, driver, get, ms};

/// With these storages, and with an interruption at each of these moments: a flight
/// starts at about 10 and lands at about 110.
fn everywhere(test: impl Fn(Tab, u64, String)) {
    for moment in 0..190 {
        test(Stage::expired().open(), moment, format!("at {moment}"));
        for pace in [1, 13] {
            let slow = Stage::expired().slow_storage(pace);
            test(slow.open(), moment, format!("storage that takes {pace}, at {moment}"));
            let late = Stage::expired().slow_storage(pace).slow_writes(1).late_reads();
            test(late.open(), moment, format!("late reads that take {pace}, at {moment}"));
            let mixed = Stage::expired().slow_writes(pace);
            test(mixed.open(), moment, format!("writes that take {pace}, at {moment}"));
        }
    }
}

/// Ann's requests: one that starts the flight, one that is late, one that waits.
fn ann_at_work(tab: &Tab) -> Vec<Call<Result<Response, Failure>>> {
    let mut calls = vec![tab.fetch(get("first")), tab.fetch(get("late").takes_each([150, 10]))];
    tab.run_until(60);
    calls.push(tab.fetch(get("waiter")));
    calls
}

fn never_sent_with(tab: &Tab, request: &str, user: &str, context: &str) {
    let sends = tab.sends(request);
    assert!(!sends.iter().any(|sent| sent.starts_with(user)), "{context}: {request} {sends:?}");
}

fn settled(calls: &[Call<Result<Response, Failure>>], context: &str) {
    for call in calls {
        assert!(call.is_settled(), "{context}");
        if let Err(failure) = call.outcome() {
            let name = failure.name();
            let of_a_session = ["SessionChangedError", "SignInRequiredError"].contains(&name);
            assert!(of_a_session, "{context}: {failure:?}");
        }
    }
}

#[test]
fn sign_out_at_any_moment_leaves_no_token_behind() {
    everywhere(|tab, moment, context| {
        let that = tab.clone();
        tab.after(moment, move || drop(that.sign_out()));
        let calls = ann_at_work(&tab);
        tab.run();
        assert_eq!(tab.storage.holds(), ["-", "-"], "{context}");
        settled(&calls, &context);
        let asked = tab.events().iter().filter(|event| *event == "signedOut asked").count();
        assert_eq!(asked, 1, "{context}: {:?}", tab.events());
        assert_eq!(tab.events().last().unwrap(), "signedOut asked", "{context}");
        assert!(tab.client.shared.session.is_over(), "{context}");
    });
}

#[test]
fn nothing_is_refreshed_after_a_sign_out_at_any_moment() {
    everywhere(|tab, moment, context| {
        let that = tab.clone();
        tab.after(moment, move || drop(that.sign_out()));
        ann_at_work(&tab);
        tab.run();
        let before = tab.refreshes().len();
        assert!(before <= 1, "{context}");
        let after = tab.fetch(get("after"));
        tab.run();
        assert_eq!(after.failure().name(), "SignInRequiredError", "{context}");
        assert_eq!(tab.refreshes().len(), before, "{context}");
        assert_eq!(tab.sends("after"), ["-"], "{context}");
    });
}

#[test]
fn sign_in_at_any_moment_leaves_only_the_new_session() {
    everywhere(|tab, moment, context| {
        let that = tab.clone();
        tab.after(moment, move || drop(that.sign_in("bob")));
        tab.fetch(get("first"));
        tab.fetch(get("late").takes_each([150, 10]));
        tab.run_until(moment.saturating_sub(1).min(60));
        if moment > 60 {
            tab.fetch(get("waiter"));
        }
        tab.run();
        assert!(tab.storage.holds()[0].starts_with("bob."), "{context}: {:?}", tab.storage.holds());
        assert!(tab.storage.holds()[1].starts_with("bob~"), "{context}");
        assert!(!tab.refreshes().contains(&"bob~1".to_owned()), "{context}: for nobody");
        let changes = tab.events().iter().filter(|event| *event == "sessionChanged").count();
        assert_eq!(changes, 1, "{context}: {:?}", tab.events());
        // A request that the storage still keeps waiting when bob signs in may go out as his.
        let sent_by_ann = [(13, "first"), (26, "late"), (60 + 39, "waiter")];
        for (_, request) in sent_by_ann.into_iter().filter(|(by, _)| moment > *by) {
            never_sent_with(&tab, request, "bob", &context);
        }
    });
}

#[test]
fn requests_after_a_sign_in_at_any_moment_belong_to_it() {
    everywhere(|tab, moment, context| {
        tab.fetch(get("first"));
        tab.run_until(moment);
        tab.sign_in("bob");
        tab.run_until(moment);
        let after = tab.fetch(get("after"));
        tab.run();
        assert!(after.answer().starts_with("200 bob."), "{context}: {}", after.answer());
        assert!(!tab.sends("after").iter().any(|sent| sent.starts_with("ann")), "{context}");
    });
}

#[test]
fn another_users_tokens_written_at_any_moment_are_left_alone() {
    for moment in 11..110 {
        let tab = Stage::expired().open();
        tab.fetch(get("first"));
        let that = tab.clone();
        tab.after(moment, move || that.write_sign_in("bob"));
        tab.run();
        assert_eq!(tab.storage.holds(), ["bob.1", "bob~1"], "at {moment}");
        never_sent_with(&tab, "first", "bob", "direct write");
        assert_eq!(tab.events(), ["sessionChanged"], "at {moment}");
        assert!(tab.storage.writes.borrow().is_empty(), "at {moment}");
    }
}

#[test]
fn flight_of_an_ended_session_commits_nothing() {
    let tab = Stage::expired().open();
    let call = tab.fetch(get("a"));
    tab.run_until(60);
    let sign_in = tab.sign_in("bob");
    tab.run_until(60);
    assert!(sign_in.is_settled());
    assert!(!tab.has_flight(), "bob has nothing to wait for");
    tab.run();
    assert_eq!(tab.storage.holds(), ["bob.1", "bob~1"]);
    assert_eq!(call.failure().name(), "SessionChangedError");
    assert_eq!(tab.events(), ["sessionChanged"]);
}

#[test]
fn refresh_by_hand_tells_that_the_session_has_changed() {
    let tab = Stage::expired().open();
    let by_hand = tab.refresh();
    tab.run_until(60);
    tab.sign_in("bob");
    tab.run();
    assert_eq!(by_hand.failure().name(), "SessionChangedError");
}

#[test]
fn request_that_waited_is_not_sent_under_another_session() {
    let tab = Stage::expired().open();
    tab.fetch(get("first"));
    tab.run_until(50);
    let waiter = tab.fetch(get("waiter"));
    tab.run_until(60);
    tab.sign_in("bob");
    tab.run();
    assert_eq!(waiter.failure().name(), "SessionChangedError");
    assert!(tab.sends("waiter").is_empty());
}

#[test]
fn late_unauthorized_of_a_former_session_is_not_replayed() {
    for written_directly in [false, true] {
        let tab = Stage::expired().open();
        let late = tab.fetch(get("late").takes(100));
        tab.run_until(50);
        match written_directly {
            true => tab.write_sign_in("bob"),
            false => drop(tab.sign_in("bob")),
        }
        tab.run();
        assert_eq!(late.failure().name(), "SessionChangedError");
        assert_eq!(tab.sends("late"), ["ann.1"]);
        assert!(tab.refreshes().is_empty());
    }
}

/// A page that was frozen before it had written all of the session before goes on, while this one
/// refreshes.
#[test]
fn request_with_the_token_of_another_user_that_is_seen_late_is_not_replayed() {
    let tab = Stage::signed_in().locking_tabs().open();
    tab.client.start();
    tab.sign_in("bob");
    tab.run_until(1_000);
    tab.server.expire();
    tab.server.latency.set(ms(500));
    tab.refresh();
    tab.run_until(1_100);
    tab.storage.put(Some(Token::access("ann", 1)), Some(Token::refresh("bob", 1)));
    let call = tab.fetch(get("a"));
    tab.run_until(3_000);
    assert_eq!(tab.storage.holds(), ["bob.2", "bob~2"]);
    assert_eq!(tab.sends("a"), ["ann.1"]);
    assert_eq!(call.failure().name(), "SessionChangedError");
}

#[test]
fn direct_write_of_the_same_users_token_is_no_other_session() {
    let tab = Stage::expired().open();
    let late = tab.fetch(get("late").takes(100));
    tab.run_until(50);
    tab.server.sign_in("ann");
    tab.server.refresh(Some(&Token::refresh("ann", 1)));
    tab.storage.put(Some(Token::access("ann", 2)), Some(Token::refresh("ann", 2)));
    tab.run();
    assert_eq!(late.answer(), "200 ann.2");
    assert_eq!(tab.events(), ["tokenRefreshed ann.2"]);
}

#[test]
fn vanished_access_token_beside_a_refresh_token_is_the_same_session() {
    let tab = Stage::expired().open();
    let late = tab.fetch(get("late").takes(100));
    tab.run_until(50);
    tab.storage.put(None, Some(Token::refresh("ann", 1)));
    tab.run();
    assert_eq!(late.answer(), "200 ann.2");
    assert_eq!(tab.events(), ["tokenRefreshed ann.2"]);
}

#[test]
fn another_user_after_the_access_token_vanished_is_another_session() {
    let tab = Stage::expired().open();
    let late = tab.fetch(get("late").takes(100));
    tab.run_until(50);
    tab.storage.put(None, Some(Token::refresh("ann", 1)));
    tab.fetch(get("looks").takes(1_000));
    tab.run_until(60);
    tab.write_sign_in("bob");
    tab.run();
    assert_eq!(late.failure().name(), "SessionChangedError");
}

#[test]
fn both_tokens_removed_by_application_code_is_a_sign_out() {
    let tab = Stage::expired().open();
    let late = tab.fetch(get("late").takes(100));
    tab.run_until(50);
    tab.storage.put(None, None);
    tab.run();
    assert_eq!(late.failure().name(), "SignInRequiredError");
    assert_eq!(tab.events(), ["signedOut asked"]);
}

/// The refresh was started by a request that does not wait for it, and the session is
/// signed out before the flight was polled for the first time.
#[test]
fn flight_belongs_to_the_session_of_the_request_that_started_it() {
    let tab = Stage::expired().open();
    tab.server.cookie.replace(Some("ann".to_owned()));
    let client = tab.client.clone();
    let call = tab.call(async move {
        let response = driver::fetch(client.clone(), get("upload").unreplayable()).await;
        driver::sign_out(client).await;
        response
    });
    tab.run();
    assert_eq!(call.answer(), "401 ann.1");
    assert_eq!(tab.storage.holds(), ["-", "-"]);
    assert_eq!(tab.events(), ["signedOut asked"]);
}
