//! Every schedule of the refresh protocol: each order in which two to four tabs can go on, with
//! each thing that a lagging storage can show them, against a token server that takes a refresh
//! token once.
//!
//! ```text
//! cargo test --test exhaustive -- --nocapture     with counts and times
//! ```
//!
//! It runs the code that ships: tasks are stepped, and each of their waits is answered in every
//! way there is. In each schedule every request is replayed with a new token, no refresh token
//! is presented twice, no more refreshes are sent than tokens have expired, and at the end the
//! storage holds the newest tokens.

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]
#![allow(unreachable_pub, reason = "a module of a test crate is private in any case")]

mod aside;
mod dialogue;
mod histories;
mod page;
mod report;
mod search;
mod setting;
mod steps;
mod tab;
mod token;
mod world;

use search::{Found, search};
use setting::{Change, Planted, Setting};
use token::{ANOTHER_USER, OPAQUE, SAME_USER};
use world::REUSE;

const PLAIN: Setting = Setting::PLAIN;

#[test]
fn tabs_with_locks_refresh_once() {
    for (tabs, slowest) in [(2, 300), (3, 300), (4, 50)] {
        assert_good(Setting { tabs, slowest, ..PLAIN });
    }
}

#[test]
fn tabs_without_locks_refresh_once() {
    let plain = Setting { has_locks: false, ..PLAIN };
    assert_good(plain);
    assert_good(Setting { tabs: 3, lag: 60, slowest: 8, ..plain });
}

#[test]
fn each_rotation_takes_one_refresh() {
    let plain = Setting { requests: 2, ..PLAIN };
    assert_good(Setting { requests: 3, slowest: 50, ..plain });
    assert_good(Setting { tabs: 3, lag: 30, slowest: 30, ..plain });
    assert_good(Setting { has_locks: false, lag: 30, slowest: 20, ..plain });
}

#[test]
fn tabs_that_are_told_of_changes_refresh_once() {
    let plain = Setting { has_events: true, ..PLAIN };
    assert_good(Setting { slowest: 50, ..plain });
    assert_good(Setting { tabs: 4, lag: 30, slowest: 30, ..plain });
    assert_good(Setting { has_locks: false, lag: 100, slowest: 50, ..plain });
}

#[test]
fn tabs_over_a_slow_storage_refresh_once() {
    let plain = Setting { is_slow: true, slowest: 20, ..PLAIN };
    assert_good(Setting { slowest: 300, ..plain });
    assert_good(Setting { tabs: 3, ..plain });
    assert_good(Setting { requests: 3, ..plain });
    assert_good(Setting { has_locks: false, ..plain });
}

#[test]
fn refresh_that_fails_is_sent_again_by_one_tab() {
    let plain = Setting { failures: 2, slowest: 50, ..PLAIN };
    assert_good(plain);
    assert_good(Setting { tabs: 3, failures: 1, ..plain });
    assert_good(Setting { has_locks: false, failures: 1, ..plain });
}

/// A tab that is thawed reads again before it sends anything.
#[test]
fn tab_that_is_frozen_costs_no_session() {
    let plain = Setting { freezes: 1, lag: 30, slowest: 30, ..PLAIN };
    assert_good(plain);
    assert_good(Setting { tabs: 3, slowest: 10, ..plain });
    assert_good(Setting { has_locks: false, slowest: 10, ..plain });
    assert_good(Setting { is_slow: true, ..plain });
}

/// A tab sees the next refresh token for longer than it waits, and not the access token beside
/// it: it may refresh with that one, and what it gets must not be lost.
#[test]
fn no_grant_is_lost_where_the_access_token_before_it_is_seen_late() {
    let plain = Setting { lag: 50, apart: 1_500, slowest: 50, ..PLAIN };
    assert_good(Setting { requests: 2, ..plain });
    assert_good(Setting { tabs: 3, ..plain });
    assert_good(Setting { has_events: true, ..plain });
    assert_good(Setting { has_locks: false, apart: 3_000, slowest: 20, ..plain });
}

/// After a sign-in, in whichever tab and when, nothing that was under way is stored any more.
#[test]
fn sign_in_at_any_step_leaves_nothing_of_the_session_before() {
    for changes in [&SAME, &ANOTHER, &UNNAMED] {
        let plain = Setting { changes, slowest: 50, ..PLAIN };
        assert_good(plain);
        assert_good(Setting { has_locks: false, lag: 100, slowest: 20, ..plain });
        let three = Setting { tabs: 3, slowest: 8, ..plain };
        assert_good(Setting { lag: 0, ..three });
        // A tab may see the new tokens, then those of a refresh that could not see them, and the new
        // ones again: it takes this for a refresh.
        assert_good(Setting { lag: 30, is_record_ordered: true, may_see_again: true, ..three });
    }
}

#[test]
fn sign_out_at_any_step_leaves_no_token() {
    let plain = Setting { changes: &OUT, slowest: 50, ..PLAIN };
    assert_good(plain);
    assert_good(Setting { has_locks: false, lag: 100, slowest: 20, ..plain });
    assert_good(Setting { tabs: 3, lag: 30, slowest: 8, ..plain });
    assert_good(Setting { changes: &OUT_AND_IN, lag: 30, slowest: 8, ..plain });
}

const SAME: [Change; 1] = [Change::SignIn(SAME_USER)];
const ANOTHER: [Change; 1] = [Change::SignIn(ANOTHER_USER)];
/// The tokens do not say whose they are.
const UNNAMED: [Change; 1] = [Change::SignIn(OPAQUE)];
const OUT: [Change; 1] = [Change::SignOut];
const OUT_AND_IN: [Change; 2] = [Change::SignOut, Change::SignIn(ANOTHER_USER)];

/// A tab may be closed between any two things that it does: its lock is let go, and the next one
/// goes on with what is stored.
#[test]
fn tab_that_is_closed_at_any_step_holds_up_nobody() {
    let plain = Setting { crashes: 1, slowest: 50, ..PLAIN };
    assert_good(plain);
    assert_good(Setting { has_locks: false, lag: 100, slowest: 20, ..plain });
    assert_good(Setting { requests: 2, lag: 30, slowest: 20, ..plain });
    assert_good(Setting { is_slow: true, slowest: 20, ..plain });
    assert_good(Setting { tabs: 3, lag: 30, slowest: 20, ..plain });
}

/// Without the record, the lock and a storage that shows what is stored have to do.
#[test]
fn record_that_vanishes_at_any_step_costs_no_session() {
    let plain = Setting { vanishes: 1, lag: 0, slowest: 50, ..PLAIN };
    assert_good(plain);
    assert_good(Setting { requests: 2, ..plain });
    assert_good(Setting { is_slow: true, slowest: 20, ..plain });
    assert_good(Setting { tabs: 3, slowest: 20, ..plain });
}

/// More failures in a row than a flight retries: the user asks again later.
#[test]
fn outage_that_lasts_costs_no_session() {
    let plain = Setting { failures: 4, slowest: 50, ..PLAIN };
    assert_good(plain);
    assert_good(Setting { has_locks: false, lag: 30, slowest: 20, ..plain });
    assert_good(Setting { tabs: 3, failures: 3, lag: 30, slowest: 20, ..plain });
}

#[test]
fn answer_that_is_late_is_not_lost() {
    let plain = Setting { late: 1, slowest: 50, ..PLAIN };
    assert_good(plain);
    assert_good(Setting { has_locks: false, lag: 30, slowest: 20, ..plain });
    assert_good(Setting { tabs: 3, lag: 30, slowest: 20, ..plain });
}

#[test]
fn change_of_session_that_the_record_is_not_told_of_is_found() {
    for changes in [&ANOTHER, &OUT] {
        let setting = Setting { changes, planted: Some(Planted::Untold), ..PLAIN };
        assert!(try_all(&setting).violation.is_some(), "{setting:?}");
    }
}

#[test]
fn planted_faults_are_found() {
    for planted in [Planted::OwnRecords, Planted::NoSecondLook] {
        for has_locks in [true, false] {
            let setting = Setting { planted: Some(planted), has_locks, ..PLAIN };
            let violation = try_all(&setting).violation.map(|(violation, _)| violation);
            assert_eq!(violation, Some(REUSE), "{setting:?}");
        }
    }
}

/// Tries every schedule, and says how many there are.
fn try_all(setting: &Setting) -> Found {
    let found = search(setting);
    report::line(setting, &found);
    found
}

fn assert_good(setting: Setting) {
    if let Some((violation, story)) = try_all(&setting).violation {
        panic!("{violation}\n{story}");
    }
}
