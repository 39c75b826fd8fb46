//! Events: what listeners hear, when, and what they may do (6.1).

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod common;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use common::driver::Ports;
use common::{Reply, Stage, Tab, driver, get, token};
use tokenflight::session::Event;

/// A tab in which `reply` is what the next flight meets, and the event that follows.
fn outcomes() -> Vec<(Stage, Vec<Reply>, &'static str)> {
    let without_retries = || Stage::expired().policy(|policy| policy.refresh_retries = 0);
    vec![
        (without_retries(), vec![], "tokenRefreshed ann.2"),
        (without_retries(), vec![Reply::status(400)], "signedOut refused"),
        (without_retries(), vec![Reply::status(503)], "refreshUnavailable"),
    ]
}

#[test]
fn each_outcome_is_told_once_and_after_the_flight_has_landed() {
    for (stage, replies, expected) in outcomes() {
        let tab = stage.open();
        tab.server.script(replies);
        let had_flight = Rc::new(Cell::new(true));
        let (heard, client) = (had_flight.clone(), tab.client.clone());
        tab.listen(move |_| heard.set(client.shared.flight.under_way().is_some()));
        (0..5).for_each(|_| drop(tab.fetch(get("a"))));
        tab.run();
        assert_eq!(tab.events(), [expected]);
        assert!(!had_flight.get(), "{expected}");
    }
}

#[test]
fn tokens_are_stored_before_listeners_hear_of_them() {
    let tab = Stage::expired().slow_storage(20).open();
    let stored = Rc::new(RefCell::new(None));
    let (heard, storage) = (stored.clone(), tab.storage.clone());
    tab.listen(move |_| drop(heard.replace(Some(storage.holds()))));
    tab.fetch(get("a"));
    tab.run();
    assert_eq!(*stored.borrow(), Some(["ann.2", "ann~2"].map(str::to_owned)));
}

#[test]
fn listener_that_calls_the_client_again_does_not_wedge_it() {
    for (stage, replies, expected) in outcomes() {
        let tab = stage.open();
        tab.server.script(replies);
        let calls = Rc::new(RefCell::new(Vec::new()));
        let (again, that) = (calls.clone(), tab.clone());
        tab.listen(move |_| {
            if again.borrow().is_empty() {
                that.client.depart();
                again.borrow_mut().push(that.fetch(get("from the listener")));
                drop(that.refresh());
            }
        });
        let call = tab.fetch(get("a"));
        tab.run();
        assert!(call.is_settled(), "{expected}");
        assert!(calls.borrow()[0].is_settled(), "{expected}");
        assert_eq!(tab.events()[0], expected);
    }
}

#[test]
fn listener_that_signs_out_is_obeyed() {
    let tab = Stage::expired().open();
    let that = tab.clone();
    tab.listen(move |event| {
        if matches!(event, Event::TokenRefreshed(_)) {
            drop(that.sign_out());
        }
    });
    tab.fetch(get("a"));
    tab.run();
    assert_eq!(tab.storage.holds(), ["-", "-"]);
    assert_eq!(tab.events(), ["tokenRefreshed ann.2", "signedOut asked"]);
}

fn events_after(act: impl Fn(&Tab)) -> Vec<String> {
    let tab = Stage::signed_in().open();
    tab.fetch(get("a"));
    tab.run();
    act(&tab);
    tab.run();
    tab.fetch(get("b"));
    tab.run();
    tab.events()
}

#[test]
fn beginning_and_end_of_a_session_are_told_once() {
    assert_eq!(events_after(|tab| drop(tab.sign_in("bob"))), ["sessionChanged"]);
    assert_eq!(events_after(|tab| drop(tab.sign_out())), ["signedOut asked"]);
    assert_eq!(events_after(|tab| tab.write_sign_in("bob")), ["sessionChanged"]);
    let removed = events_after(|tab| tab.storage.put(None, None));
    assert_eq!(removed[0], "signedOut asked");
    assert_eq!(removed.iter().filter(|event| *event == "signedOut asked").count(), 1);
}

#[test]
fn sign_in_is_told_when_its_tokens_are_stored() {
    let tab = Stage::expired().slow_storage(20).open();
    tab.sign_in("bob");
    tab.run_until(39);
    assert!(tab.events().is_empty());
    tab.run();
    assert_eq!(tab.events(), ["sessionChanged"]);
}

/// Reads a slow storage anew and takes note of it, as the page does when it has changed.
fn look_anew(tab: &Tab) {
    let client = tab.client.clone();
    tab.spawn(async move {
        client.platform.storage().await;
        driver::notice_change(&client);
    });
    tab.run();
}

/// The application asks who is signed in, which reads a storage that answers later.
#[test]
fn tokens_that_the_first_look_finds_begin_no_session() {
    let tab = Stage::signed_in().slow_storage(20).open();
    look_anew(&tab);
    assert!(tab.events().is_empty());
    let tab = Stage::first_visit().slow_storage(20).open();
    look_anew(&tab);
    tab.storage.put(Some(token("bob.1")), None);
    look_anew(&tab);
    assert_eq!(tab.events(), ["sessionChanged"]);
}

/// Another tab stores `access` where this one has seen no token yet; what this one tells of it.
fn events_of_the_first(access: &str, was_signed_out: bool) -> Vec<String> {
    let tab = Stage::first_visit().open();
    tab.client.start();
    if was_signed_out {
        tab.sign_out();
        tab.run();
        tab.client.platform.events.take();
    }
    tab.storage.put(Some(token(access)), None);
    driver::notice_change(&tab.client);
    tab.run();
    tab.events()
}

#[test]
fn first_token_of_another_tab_begins_a_session_and_its_first_mark_tells_of_a_refresh() {
    assert_eq!(events_of_the_first("ann.1", false), ["sessionChanged"]);
    assert_eq!(events_of_the_first("#1", false), ["tokenRefreshed #1"]);
    for access in ["ann.1", "#1"] {
        assert_eq!(events_of_the_first(access, true), ["sessionChanged"], "{access}");
    }
}
