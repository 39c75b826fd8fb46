//! Tombstones are removed when every tab knows, and not before (3.2).

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod common;

use common::{Stage, Tab, Token, driver, get, ms};
use tokenflight::record::Record;

/// How many tokens the record holds of sessions that have ended.
fn tombstones(tab: &Tab) -> usize {
    tab.record.borrow().as_ref().map_or(0, |record| record.tombstones.len())
}

/// Somebody signs in and out again, with tokens of their own.
fn comes_and_goes(tab: &Tab, user: &str) {
    tab.sign_in(user);
    tab.sign_out();
}

fn signed_out() -> Tab {
    let tab = Stage::signed_in().locking_tabs().open();
    tab.sign_out();
    tab.run_until(0);
    tab
}

#[test]
fn tombstones_are_removed_when_nothing_has_ended_for_a_while() {
    let tab = signed_out();
    tab.run_until(29_000);
    assert_eq!(tombstones(&tab), 2);
    tab.run_until(30_000);
    assert_eq!(*tab.record.borrow(), None, "and nothing else was left in the record");
    assert_eq!(tab.clock.timers(), 0);
}

/// However often it looks: nobody has to wait for as many timers as sessions have ended.
#[test]
fn tab_sees_to_it_once_for_all_sessions_that_end() {
    let tab = signed_out();
    for user in ["bob", "eve", "joe"] {
        comes_and_goes(&tab, user);
        tab.run_until(0);
        assert_eq!(tab.clock.timers(), 1, "{user}");
    }
    assert!(tombstones(&tab) > 2);
}

#[test]
fn tombstones_stay_until_nothing_has_ended_in_between() {
    let tab = signed_out();
    for (moment, user) in [(20_000, "bob"), (35_000, "eve")] {
        tab.run_until(moment);
        comes_and_goes(&tab, user);
        tab.run_until(moment + 12_000);
        assert!(tombstones(&tab) > 2, "{user}");
        assert_eq!(tab.clock.timers(), 1, "{user}");
    }
    tab.run();
    assert_eq!(tab.clock.now(), ms(60_000));
    assert_eq!(*tab.record.borrow(), None);
}

/// A session ends in the moment in which the tombstones of the one before have been removed,
/// before the tab hears that this is stored.
#[test]
fn end_that_falls_into_the_removal_is_not_overlooked() {
    for moment in 29_990..30_030 {
        let tab = signed_out();
        tab.run_until(16_000);
        tab.client.platform.recording.set(Some(ms(10)));
        tab.run_until(moment);
        comes_and_goes(&tab, "bob");
        tab.run();
        assert_eq!(tombstones(&tab), 0, "at {moment}");
    }
}

/// The tab that brought the end about may go away.
#[test]
fn every_tab_that_hears_of_an_end_sees_to_it() {
    let one = Stage::signed_in().locking_tabs().open();
    let two = one.another_tab();
    two.fetch(get("a"));
    one.run();
    let sign_out = one.sign_out();
    one.run_until(10);
    assert!(sign_out.is_settled());
    assert_eq!(one.clock.timers(), 1);
    driver::notice_change(&two.client);
    one.run_until(20);
    assert_eq!(one.clock.timers(), 2);
    one.run();
    assert_eq!(*one.record.borrow(), None);
}

/// A page that is opened without a session may be the only one that is left to see to it.
#[test]
fn page_that_starts_signed_out_sees_to_it_and_leaves_what_is_current() {
    let tab = signed_out();
    let page = tab.another_tab();
    page.client.start();
    tokenflight::machine::forget_later(&page.client);
    tab.run_until(0);
    assert_eq!(tab.clock.timers(), 2);
    tab.sign_in("bob");
    tab.run();
    let record = tab.record.borrow().clone();
    let Record { tombstones, current, .. } = record.expect("bob's session is known");
    assert!(tombstones.is_empty());
    assert_eq!(current.len(), 2);
}

#[test]
fn session_that_goes_on_keeps_its_record() {
    let tab = signed_out();
    tab.sign_in("bob");
    tab.run();
    tab.server.expire();
    tab.fetch(get("a"));
    tab.run();
    assert_eq!(tombstones(&tab), 0);
    assert_eq!(tab.record.borrow().as_ref().map(|record| record.spent.len()), Some(2));
    assert_eq!(tab.storage.holds()[1], Token::refresh("bob", 2).0);
}
