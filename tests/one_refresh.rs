//! One refresh for all who need it (2.4, 2.5, 3.1).

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod common;

use common::{Stage, Token, driver, get, ms};
use tokenflight::millis::Millis;

#[test]
fn unauthorized_requests_share_one_flight() {
    let tab = Stage::expired().open();
    let calls: Vec<_> =
        (0..100).map(|number| tab.fetch(get("one of many").takes(number))).collect();
    tab.run();
    assert_eq!(tab.refreshes(), ["ann~1"]);
    for call in calls {
        assert_eq!(call.answer(), "200 ann.2");
    }
}

#[test]
fn late_unauthorized_reuses_the_new_token() {
    let tab = Stage::expired().open();
    let first = tab.fetch(get("first"));
    let late = tab.fetch(get("late").takes(500));
    tab.run();
    assert_eq!(tab.refreshes(), ["ann~1"]);
    assert_eq!(first.answer(), "200 ann.2");
    assert_eq!(late.answer(), "200 ann.2");
    assert_eq!(late.settled_at(), 1_000, "it is sent again at once");
}

#[test]
fn late_unauthorized_reuses_a_token_that_another_tab_stored() {
    let tab = Stage::signed_in().open();
    let call = tab.fetch(get("a").forbidden().takes(50));
    tab.run_until(20);
    tab.storage.put(Some(Token::access("ann", 7)), Some(Token::refresh("ann", 7)));
    tab.run();
    assert_eq!(tab.sends("a"), ["ann.1", "ann.7"]);
    assert!(tab.refreshes().is_empty());
    assert_eq!(call.answer(), "401 ann.7");
}

/// The refresh takes from 10 to 110, or starts later: each answer comes before,
/// during, in the moment of, or after it.
#[test]
fn every_order_of_three_answers_costs_one_refresh() {
    let moments = [10, 50, 109, 110, 111, 300];
    for (a, b, c) in triples(&moments) {
        let tab = Stage::expired().open();
        let calls = [("a", a), ("b", b), ("c", c)]
            .map(|(name, at)| tab.fetch(get(name).takes_each([at, 5])));
        tab.run();
        assert_eq!(tab.refreshes(), ["ann~1"], "answers at {a}, {b}, {c}");
        for (call, name) in calls.iter().zip(["a", "b", "c"]) {
            assert_eq!(call.answer(), "200 ann.2", "answers at {a}, {b}, {c}");
            assert_eq!(tab.sends(name), ["ann.1", "ann.2"], "answers at {a}, {b}, {c}");
        }
    }
}

fn triples(of: &[u64]) -> impl Iterator<Item = (u64, u64, u64)> + '_ {
    of.iter().flat_map(move |&a| of.iter().flat_map(move |&b| of.iter().map(move |&c| (a, b, c))))
}

#[test]
fn request_started_during_a_flight_waits_and_costs_no_unauthorized() {
    let tab = Stage::expired().open();
    tab.fetch(get("first"));
    tab.run_until(60);
    assert!(tab.has_flight());
    let second = tab.fetch(get("second"));
    tab.run();
    assert_eq!(tab.sends("second"), ["ann.2"]);
    assert_eq!(second.settled_at(), 120);
    assert_eq!(tab.refreshes(), ["ann~1"]);
}

#[test]
fn request_started_at_any_moment_ends_with_the_new_token() {
    for start in 0..130 {
        let tab = Stage::expired().open();
        tab.fetch(get("first"));
        tab.run_until(start);
        let second = tab.fetch(get("second"));
        tab.run();
        assert_eq!(second.answer(), "200 ann.2", "started at {start}");
        assert_eq!(tab.refreshes(), ["ann~1"], "started at {start}");
        let sends = if start < 10 { 2 } else { 1 };
        assert_eq!(tab.sends("second").len(), sends, "started at {start}");
    }
}

#[test]
fn nothing_departs_at_once_while_a_flight_is_under_way() {
    let tab = Stage::expired().open();
    assert!(tab.client.depart().is_some());
    tab.fetch(get("first"));
    tab.run_until(60);
    assert!(tab.client.depart().is_none());
    tab.run();
    let ticket = tab.client.depart().unwrap();
    assert_eq!(ticket.token, Some(Token::access("ann", 2)));
}

#[test]
fn each_expiry_has_a_flight_of_its_own() {
    let tab = Stage::expired().open();
    tab.fetch(get("a"));
    tab.run();
    tab.server.expire();
    let second = tab.fetch(get("b"));
    tab.run();
    assert_eq!(tab.refreshes(), ["ann~1", "ann~2"]);
    assert_eq!(second.answer(), "200 ann.3");
}

#[test]
fn flight_lands_although_its_starter_was_dropped() {
    let tab = Stage::expired().open();
    let starter = tab.fetch(get("starter"));
    let waiter = tab.fetch(get("waiter"));
    tab.run_until(50);
    starter.drop_future();
    tab.run();
    assert!(!starter.is_settled());
    assert_eq!(waiter.answer(), "200 ann.2");
    assert_eq!(tab.refreshes(), ["ann~1"]);
}

#[test]
fn flight_lands_although_everybody_has_gone() {
    let tab = Stage::expired().open();
    let starter = tab.fetch(get("starter"));
    tab.run_until(50);
    starter.drop_future();
    tab.run();
    assert_eq!(tab.storage.holds(), ["ann.2", "ann~2"]);
    assert_eq!(tab.events(), ["tokenRefreshed ann.2"]);
    assert!(!tab.has_flight());
}

#[test]
fn two_clients_of_one_storage_share_one_flight() {
    let tab = Stage::expired().open();
    let other = tab.another_client();
    let calls = [tab.fetch(get("a")), other.fetch(get("b")), other.fetch(get("c").takes(60))];
    tab.run();
    assert_eq!(tab.refreshes(), ["ann~1"]);
    for call in calls {
        assert_eq!(call.answer(), "200 ann.2");
    }
}

#[test]
fn refresh_by_hand_joins_the_flight_that_is_under_way() {
    let tab = Stage::expired().open();
    tab.fetch(get("a"));
    tab.run_until(60);
    let by_hand = tab.refresh();
    tab.run();
    assert_eq!(by_hand.outcome(), Ok(()));
    assert_eq!(by_hand.settled_at(), 110);
    assert_eq!(tab.refreshes(), ["ann~1"]);
}

#[test]
fn refresh_by_hand_renews_a_token_that_is_still_good() {
    let tab = Stage::signed_in().open();
    let by_hand = tab.refresh();
    tab.run();
    assert_eq!(by_hand.outcome(), Ok(()));
    assert_eq!(tab.storage.holds(), ["ann.2", "ann~2"]);
}

#[test]
fn access_token_waits_for_the_flight_that_is_under_way() {
    let tab = Stage::expired().open();
    let before = tab.call(driver::access_token(tab.client.clone(), Millis::ZERO));
    tab.fetch(get("a"));
    tab.run_until(60);
    let during = tab.call(driver::access_token(tab.client.clone(), Millis::ZERO));
    tab.run();
    assert_eq!(before.outcome(), Ok(Some(Token::access("ann", 1))));
    assert_eq!(during.outcome(), Ok(Some(Token::access("ann", 2))));
}

#[test]
fn slow_storage_changes_nothing_about_it() {
    for pace in [1, 7, 60] {
        let tab = Stage::expired().slow_storage(pace).open();
        let calls: Vec<_> =
            (0..20).map(|number| tab.fetch(get("one of many").takes(number * 20))).collect();
        tab.run();
        assert_eq!(tab.refreshes(), ["ann~1"], "storage that takes {pace}");
        for call in calls {
            assert_eq!(call.answer(), "200 ann.2", "storage that takes {pace}");
        }
        assert!(tab.clock.now() > ms(100));
    }
}
