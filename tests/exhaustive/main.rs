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
use setting::{Planted, Setting};
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
