//! A token server that is not there: retries, `Retry-After`, the cool-down (3.8).

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod common;

use common::{Failure, Reply, Stage, Tab, get, ms};
use tokenflight::error::Error;
use tokenflight::millis::Millis;
use tokenflight::policy::Body;

/// The token server answers with 503 at once, and nothing is tried again.
fn down() -> Tab {
    down_with_retries(0)
}

fn down_with_retries(retries: u32) -> Tab {
    let down = Stage::expired().policy(|policy| policy.refresh_retries = retries).open();
    down.server.always(Some(Reply::status(503)));
    down.server.latency.set(Millis::ZERO);
    down
}

fn told_to_wait(failure: &Failure) -> Millis {
    match failure.own() {
        Error::RefreshUnavailable { retry_after, .. } => *retry_after,
        other => panic!("{other:?}"),
    }
}

/// How long a request is told to wait that fails now.
fn next_cool_down(tab: &Tab) -> Millis {
    let call = tab.fetch(get("a"));
    tab.run();
    told_to_wait(&call.failure())
}

fn pass(tab: &Tab, time: Millis) {
    tab.clock.move_to(tab.clock.now() + time);
}

#[test]
fn outage_costs_a_hundred_waiters_one_refresh() {
    let tab = down();
    let calls: Vec<_> = (0..100).map(|number| tab.fetch(get("a").takes(10 + number))).collect();
    tab.run();
    assert_eq!(tab.refreshes().len(), 1);
    for call in &calls {
        assert_eq!(call.failure().name(), "RefreshUnavailableError");
    }
    assert_eq!(calls[0].failure().own().cause(), Some(&Failure::Http(503)));
    assert_eq!(tab.events(), ["refreshUnavailable"]);
}

#[test]
fn retries_wait_with_full_jitter() {
    // The moment of each try for the smallest, a middle and the greatest chance.
    for (chance, tries) in [(0.0, [10, 10, 10]), (0.5, [10, 160, 460]), (0.999, [10, 309, 909])] {
        let tab = down_with_retries(2);
        tab.chance.set(chance);
        let call = tab.fetch(get("a"));
        for (done, moment) in tries.into_iter().enumerate() {
            if chance > 0.0 {
                tab.run_until(moment - 1);
                assert_eq!(tab.refreshes().len(), done, "before {moment}");
            }
            tab.run_until(moment + 1);
            assert!(tab.refreshes().len() > done, "at {moment}");
        }
        tab.run();
        assert_eq!(tab.refreshes().len(), 3);
        assert_eq!(call.settled_at() / 10 * 10, tries[2] / 10 * 10);
    }
}

#[test]
fn outage_that_goes_on_is_tried_once_after_each_cool_down_until_there_is_hope() {
    let tab = down_with_retries(2);
    let tries = |tab: &Tab| {
        let before = tab.refreshes().len();
        let wait = next_cool_down(tab);
        pass(tab, wait);
        tab.refreshes().len() - before
    };
    assert_eq!([tries(&tab), tries(&tab), tries(&tab)], [3, 1, 1]);
    tab.client.wake();
    assert_eq!([tries(&tab), tries(&tab)], [3, 1], "the network is back, or the user is");
    tab.server.script([busy(ms(50))]);
    assert_eq!(tries(&tab), 2, "the server has invited the second one");
    tab.server.always(None);
    tab.fetch(get("a"));
    tab.run();
    tab.server.expire();
    tab.server.always(Some(Reply::status(503)));
    assert_eq!(tries(&tab), 3, "of another outage");
}

/// Otherwise a browser with three tabs asks a server that is down three times as often.
#[test]
fn outages_that_tabs_meet_by_turns_are_counted_together() {
    let one = Stage::expired().policy(|policy| policy.refresh_retries = 2).locking_tabs().open();
    one.server.always(Some(Reply::status(503)));
    one.server.latency.set(Millis::ZERO);
    let other = one.another_tab();
    let tries = |tab: &Tab| {
        let before = tab.refreshes().len();
        let wait = next_cool_down(tab);
        pass(tab, wait);
        (tab.refreshes().len() - before, wait)
    };
    assert_eq!(tries(&one), (3, ms(750)));
    assert_eq!(tries(&other), (1, ms(1500)));
    assert_eq!(tries(&one), (1, ms(3000)));
    other.client.wake();
    assert_eq!(tries(&other).0, 3, "its user is back");
    pass(&one, Millis::from_secs(300));
    assert_eq!(tries(&one.another_tab()), (3, ms(750)), "that may be over long since");
}

#[test]
fn retry_that_succeeds_is_all_that_waiters_see() {
    let tab = Stage::expired().open();
    tab.server.script([Reply::offline(), Reply::status(502)]);
    let call = tab.fetch(get("a"));
    tab.run();
    assert_eq!(call.answer(), "200 ann.2");
    assert_eq!(tab.refreshes().len(), 3);
    assert_eq!(tab.events(), ["tokenRefreshed ann.2"]);
}

fn busy(retry_after: Millis) -> Reply {
    Reply::retry_after(429, Some(retry_after), Body::NotJson)
}

#[test]
fn retry_after_within_the_bound_is_waited_for() {
    let tab = Stage::expired().open();
    tab.server.script([busy(ms(30_000))]);
    let call = tab.fetch(get("a"));
    tab.run_until(30_109);
    assert_eq!(tab.refreshes().len(), 1);
    tab.run();
    assert_eq!(call.answer(), "200 ann.2");
    assert_eq!(call.settled_at(), 10 + 100 + 30_000 + 100 + 10);
}

#[test]
fn retry_after_beyond_the_bound_is_told_instead() {
    let tab = Stage::expired().open();
    tab.server.script([busy(ms(30_001))]);
    let call = tab.fetch(get("a"));
    tab.run();
    assert_eq!(tab.refreshes().len(), 1);
    assert_eq!(call.settled_at(), 110);
    assert_eq!(told_to_wait(&call.failure()), ms(30_001));
    let during = tab.fetch(get("b"));
    tab.run();
    assert_eq!(during.failure().name(), "RefreshUnavailableError");
    assert_eq!(tab.refreshes().len(), 1, "the cool-down lasts as long");
}

#[test]
fn retry_after_never_shortens_the_cool_down() {
    let tab = down();
    tab.server.always(Some(busy(ms(1))));
    assert_eq!(next_cool_down(&tab), ms(750));
}

#[test]
fn unauthorized_during_the_cool_down_is_rejected_at_once() {
    let tab = down();
    assert_eq!(next_cool_down(&tab), ms(750));
    let call = tab.fetch(get("a").takes(50));
    tab.run();
    assert_eq!(call.settled_at(), 60, "it waits for nothing but its own answer");
    assert_eq!(told_to_wait(&call.failure()), ms(700), "what is left of the cool-down");
    assert_eq!(tab.refreshes().len(), 1);
    assert_eq!(tab.events(), ["refreshUnavailable"], "nothing new to tell");
}

#[test]
fn cool_down_ends_by_itself() {
    let tab = down();
    assert_eq!(next_cool_down(&tab), ms(750));
    pass(&tab, ms(740));
    let call = tab.fetch(get("a").takes(10));
    tab.server.always(None);
    tab.run();
    assert_eq!(call.answer(), "200 ann.2");
}

#[test]
fn cool_down_does_not_hinder_a_request_with_a_good_token() {
    let tab = down();
    next_cool_down(&tab);
    tab.write_sign_in("ann");
    tab.server.always(None);
    tab.refresh();
    tab.run();
    let call = tab.fetch(get("a"));
    tab.run();
    assert_eq!(call.answer(), "200 ann.2");
}

#[test]
fn late_unauthorized_during_the_cool_down_is_replayed() {
    let tab = down();
    let late = tab.fetch(get("late").takes_each([300, 10]));
    tab.server.always(None);
    tab.refresh();
    tab.run_until(100);
    tab.server.always(Some(Reply::status(503)));
    let by_hand = tab.refresh();
    tab.run();
    assert_eq!(by_hand.failure().name(), "RefreshUnavailableError");
    assert_eq!(late.answer(), "200 ann.2");
}

#[test]
fn cool_down_doubles_up_to_a_minute() {
    let tab = down();
    for expected in [750, 1_500, 3_000, 6_000, 12_000, 24_000, 45_000, 45_000, 45_000] {
        assert_eq!(next_cool_down(&tab), ms(expected));
        pass(&tab, ms(expected));
    }
}

#[test]
fn success_ends_the_growth_of_the_cool_down() {
    let tab = down();
    for expected in [750, 1_500] {
        assert_eq!(next_cool_down(&tab), ms(expected));
        pass(&tab, ms(expected));
    }
    tab.server.always(None);
    tab.refresh();
    tab.run();
    tab.server.expire();
    tab.server.always(Some(Reply::status(503)));
    assert_eq!(next_cool_down(&tab), ms(750));
}

#[test]
fn refresh_by_hand_does_not_wait_for_the_cool_down() {
    let tab = down();
    next_cool_down(&tab);
    let in_vain = tab.refresh();
    tab.run();
    assert_eq!(tab.refreshes().len(), 2);
    assert_eq!(told_to_wait(&in_vain.failure()), ms(1_500), "it counts as an outage in a row");
    tab.server.always(None);
    let by_hand = tab.refresh();
    tab.run();
    assert_eq!(by_hand.outcome(), Ok(()));
    assert_eq!(tab.storage.holds(), ["ann.2", "ann~2"]);
}

#[test]
fn sign_in_ends_the_cool_down() {
    let tab = down();
    next_cool_down(&tab);
    tab.sign_in("bob");
    tab.server.expire();
    tab.server.always(None);
    let call = tab.fetch(get("a"));
    tab.run();
    assert_eq!(call.answer(), "200 bob.2");
}

#[test]
fn unreplayable_request_in_the_cool_down_starts_nothing() {
    let tab = down();
    next_cool_down(&tab);
    tab.fetch(get("upload").unreplayable());
    tab.run();
    assert_eq!(tab.refreshes().len(), 1);
}
