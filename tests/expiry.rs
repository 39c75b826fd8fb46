//! Refreshing before the token ends (5.1, 5.2), and tokens that live long enough (3.10).

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod common;

use common::{Reply, Stage, Tab, Token, driver, get, ms, token};
use tokenflight::credential::{Grant, Lifetime};
use tokenflight::expiry::Expiry;
use tokenflight::millis::Millis;

const HOUR: Millis = Millis::from_secs(3600);

fn seconds(seconds: u32) -> Millis {
    Millis::from_secs(seconds)
}

/// Ann signs in with tokens that live so long; refreshed ones live as long.
fn signed_in_for(lifetime: Millis) -> Tab {
    signed_in_on(Stage::signed_in(), lifetime)
}

fn signed_in_on(stage: Stage, lifetime: Millis) -> Tab {
    let tab = stage.open();
    tab.server.lives.set(Some(lifetime));
    let (access, refresh) = (Token::access("ann", 1), Some(Token::refresh("ann", 1)));
    let grant = Grant { access, refresh, expires_in: Some(lifetime) };
    tab.call(driver::sign_in(tab.client.clone(), grant));
    tab.run();
    tab
}

/// The clock goes on, and whatever is due happens.
fn pass(tab: &Tab, time: Millis) {
    tab.run_until((tab.clock.now() + time).into_raw() as u64);
}

fn fetch(tab: &Tab) -> String {
    let call = tab.fetch(get("a"));
    pass(tab, seconds(1));
    call.answer()
}

#[test]
fn request_near_the_end_refreshes_first() {
    let tab = signed_in_for(seconds(600));
    pass(&tab, seconds(568));
    assert_eq!(fetch(&tab), "200 ann.1");
    pass(&tab, seconds(2));
    assert_eq!(fetch(&tab), "200 ann.2");
    assert_eq!(tab.sends("a"), ["ann.1", "ann.2"], "no 401");
}

#[test]
fn short_token_is_refreshed_in_its_last_quarter_only() {
    let tab = signed_in_for(seconds(40));
    for second in 0..28 {
        assert_eq!(fetch(&tab), "200 ann.1", "at {second}");
    }
    pass(&tab, seconds(3));
    assert_eq!(fetch(&tab), "200 ann.2");
}

#[test]
fn refreshing_ahead_can_be_put_off_to_the_end() {
    let stage = Stage::signed_in().policy(|policy| policy.refresh_ahead = Millis::ZERO);
    let tab = signed_in_on(stage, seconds(600));
    pass(&tab, seconds(598));
    assert_eq!(fetch(&tab), "200 ann.1");
    pass(&tab, seconds(2));
    assert_eq!(fetch(&tab), "200 ann.2");
}

#[test]
fn token_without_a_lifetime_is_never_refreshed_ahead() {
    for lifetime in [None, Some(Millis::ZERO)] {
        let tab = signed_in_for(lifetime.unwrap_or_default());
        pass(&tab, seconds(100_000));
        assert_eq!(fetch(&tab), "200 ann.1");
    }
}

#[test]
fn many_requests_near_the_end_cost_one_refresh() {
    let tab = signed_in_for(seconds(600));
    pass(&tab, seconds(590));
    let calls: Vec<_> = (0..50).map(|_| tab.fetch(get("a"))).collect();
    tab.run();
    assert_eq!(tab.refreshes(), ["ann~1"]);
    assert!(calls.iter().all(|call| call.answer() == "200 ann.2"));
}

#[test]
fn outage_near_the_end_lets_requests_go_out_with_the_good_token() {
    let tab = signed_in_for(seconds(600));
    tab.server.always(Some(Reply::status(503)));
    pass(&tab, seconds(590));
    let call = tab.fetch(get("a"));
    pass(&tab, seconds(3));
    assert_eq!(call.answer(), "200 ann.1");
    assert_eq!(fetch(&tab), "200 ann.1");
    assert_eq!(tab.events()[..2], ["tokenRefreshed ann.1", "refreshUnavailable"]);
}

#[test]
fn outage_after_the_end_rejects() {
    let tab = signed_in_for(seconds(600));
    tab.server.always(Some(Reply::status(503)));
    pass(&tab, seconds(601));
    let call = tab.fetch(get("a"));
    tab.run();
    assert_eq!(call.failure().name(), "RefreshUnavailableError");
}

/// The user who submits an order with a good token is not sent away.
#[test]
fn refusal_near_the_end_waits_for_a_401() {
    let tab = signed_in_for(seconds(600));
    tab.server.script([Reply::status(400)]);
    pass(&tab, seconds(590));
    assert_eq!(fetch(&tab), "200 ann.1");
    assert_eq!(fetch(&tab), "200 ann.1", "and it is not tried again");
    assert_eq!(tab.refreshes().len(), 1);
    tab.server.script([Reply::status(400)]);
    tab.server.expire();
    let call = tab.fetch(get("a"));
    tab.run();
    assert_eq!(call.failure().name(), "SignInRequiredError");
    assert_eq!(tab.client.platform.logins.borrow().len(), 1);
}

/// Some servers answer an ended token with what visitors may see, and never with a 401.
#[test]
fn token_that_has_ended_after_a_refusal_is_not_sent() {
    let tab = signed_in_for(seconds(600));
    tab.server.always(Some(Reply::status(400)));
    pass(&tab, seconds(590));
    assert_eq!(fetch(&tab), "200 ann.1");
    pass(&tab, seconds(11));
    let call = tab.fetch(get("a"));
    tab.run();
    assert_eq!(call.failure().name(), "SignInRequiredError");
    assert_eq!(tab.sends("a"), ["ann.1"]);
    assert_eq!(tab.refreshes().len(), 2);
}

/// A request whose token was not accepted joins the flight: now it is needed.
#[test]
fn refusal_that_a_401_waits_for_ends_the_session() {
    let tab = signed_in_for(seconds(600));
    tab.server.always(Some(Reply::status(400)));
    pass(&tab, seconds(568));
    let doubted = tab.fetch(get("b").takes(2_050).forbidden());
    pass(&tab, seconds(2));
    let ahead = tab.fetch(get("a"));
    tab.run();
    assert_eq!(doubted.failure().name(), "SignInRequiredError");
    assert_eq!(ahead.failure(), doubted.failure());
}

#[test]
fn found_token_is_judged_by_the_wall_clock_once() {
    for (wrong_by, expected) in [(0, "200 ann.1"), (3600, "200 ann.2")] {
        let tab = Stage::signed_in().open();
        tab.world.wall.set(seconds(10_000 + wrong_by));
        tab.storage.put(Some(token("ann.1@9900-10500")), Some(Token::refresh("ann", 1)));
        assert_eq!(fetch(&tab).split('@').next(), Some(expected), "{wrong_by}");
    }
}

/// An hour ahead, behind, and jumping about: one refresh more for each page load at most.
#[test]
fn wrong_clock_costs_one_refresh_and_never_a_loop() {
    let one = Stage::signed_in().locking_tabs().open();
    let tabs = [one.clone(), one.another_tab(), one.another_tab()];
    one.world.wall.set(seconds(10_000 + 3600));
    one.storage.put(Some(token("ann.1@9900-10500")), Some(Token::refresh("ann", 1)));
    one.server.lives.set(Some(seconds(600)));
    for round in 0..20 {
        one.world.wall.set(seconds(if round % 2 == 0 { 13_600 } else { 6_400 }));
        for tab in &tabs {
            fetch(tab);
        }
    }
    assert!(one.refreshes().len() <= tabs.len(), "{:?}", one.refreshes());
}

#[test]
fn clock_behind_costs_one_401() {
    let tab = Stage::expired().open();
    tab.world.wall.set(seconds(10_000));
    tab.storage.put(Some(token("ann.1@13000-13600")), Some(Token::refresh("ann", 1)));
    assert_eq!(fetch(&tab), "200 ann.2");
    assert_eq!(tab.sends("a"), ["ann.1@13000-13600", "ann.2"]);
}

#[test]
fn token_that_another_tab_has_stored_counts_from_now() {
    let tab = signed_in_for(seconds(600));
    pass(&tab, seconds(100));
    tab.world.wall.set(Millis::ZERO);
    tab.storage.put(Some(token("ann.1@1-601")), Some(Token::refresh("ann", 1)));
    fetch(&tab);
    pass(&tab, seconds(560));
    assert!(tab.refreshes().is_empty());
    pass(&tab, seconds(10));
    assert_eq!(fetch(&tab), "200 ann.2");
}

/// A page finds a token that says only when it ends; its wall clock shows `wall`.
fn found_without_beginning(wall: Millis) -> Tab {
    let tab = Stage::first_visit().open();
    tab.server.sign_in("ann");
    tab.world.wall.set(wall);
    tab.storage.put(Some(token("ann.1@-100000000")), Some(Token::refresh("ann", 1)));
    tab.another_tab()
}

#[test]
fn token_that_says_only_when_it_ends_lives_until_then() {
    let tab = found_without_beginning(seconds(100_000_000 - 600));
    assert_eq!(fetch(&tab), "200 ann.1@-100000000");
    pass(&tab, seconds(560));
    assert!(tab.refreshes().is_empty());
    pass(&tab, seconds(12));
    assert_eq!(fetch(&tab), "200 ann.2");
    assert_eq!(tab.sends("a").len(), 2, "no 401");
}

#[test]
fn token_that_has_ended_is_refreshed_first_unless_the_clock_is_absurd() {
    let tab = found_without_beginning(seconds(100_000_000 + 3600));
    assert_eq!(fetch(&tab), "200 ann.2");
    assert_eq!(tab.sends("a"), ["ann.2"], "no 401");
    let tab = found_without_beginning(seconds(100_000_000 + 2 * 365 * 24 * 3600));
    assert_eq!(fetch(&tab), "200 ann.1@-100000000");
    assert!(tab.refreshes().is_empty());
}

#[test]
fn expiry_is_what_it_says() {
    let lifetime = Lifetime { issued: Some(seconds(1_000)), ends: seconds(1_600) };
    let found = |wall| Expiry::found(seconds(5), wall, lifetime).unwrap();
    assert_eq!(found(seconds(1_100)).remaining(seconds(5)), seconds(500));
    assert_eq!(found(seconds(9_000)).remaining(seconds(5)), Millis::ZERO, "long over");
    assert_eq!(found(seconds(0)).remaining(seconds(5)), seconds(600), "not more than all of it");
    let without_beginning = Lifetime { issued: None, ends: seconds(1_600) };
    for lifetime in [lifetime, without_beginning] {
        let ended = Expiry::found(seconds(5), seconds(9_000), lifetime).unwrap();
        assert!(ended.due(Millis::ZERO) < seconds(5) - ms(1), "by a clock that lags, too");
    }
    let received = Expiry::received(seconds(5), seconds(600)).unwrap();
    assert_eq!(received.due(seconds(30)), seconds(575));
    assert_eq!(received.due(HOUR), seconds(455), "a quarter ahead at most");
    assert_eq!(Expiry::received(seconds(5), Millis::ZERO), None);
}

#[test]
fn access_token_that_ends_too_soon_is_refreshed_first() {
    let tab = signed_in_for(seconds(600));
    let ask = |seconds| {
        let call = tab.call(driver::access_token(tab.client.clone(), Millis::from_secs(seconds)));
        pass(&tab, Millis::from_secs(1));
        call.outcome().unwrap().unwrap().0
    };
    assert_eq!(ask(400), "ann.1");
    pass(&tab, seconds(300));
    assert_eq!(ask(200), "ann.1");
    assert_eq!(ask(400), "ann.2");
    // More than can be had is not asked for again and again.
    assert_eq!(ask(100_000), "ann.2");
}

#[test]
fn access_token_that_cannot_be_refreshed_is_an_error() {
    let tab = signed_in_for(seconds(600));
    tab.server.always(Some(Reply::status(503)));
    pass(&tab, seconds(500));
    let call = tab.call(driver::access_token(tab.client.clone(), seconds(300)));
    tab.run();
    assert_eq!(call.failure().name(), "RefreshUnavailableError");
}

fn until_due(tab: &Tab, chance: f64) -> Option<Millis> {
    tab.chance.set(chance);
    tab.client.until_due()
}

#[test]
fn background_sleeps_until_the_token_is_due_and_up_to_a_quarter_of_what_is_left_then() {
    let tab = signed_in_for(seconds(600));
    assert_eq!(until_due(&tab, 0.0), Some(seconds(570)));
    assert_eq!(until_due(&tab, 0.5), Some(seconds(570) + ms(3_750)));
    let latest = until_due(&tab, 0.999_999).unwrap();
    assert!(latest > ms(577_499) && latest < ms(577_500), "{latest:?}");
    pass(&tab, seconds(500));
    assert_eq!(until_due(&tab, 0.0), Some(seconds(70)));
}

#[test]
fn background_that_is_late_is_not_kept_waiting_nor_without_a_pause() {
    let tab = signed_in_for(seconds(600));
    for late in [seconds(569), ms(500), seconds(10), HOUR] {
        pass(&tab, late);
        let wait = until_due(&tab, 0.0).unwrap();
        assert_eq!(wait, seconds(1), "at {:?}", tab.clock.now());
    }
}

#[test]
fn background_has_nothing_to_wait_for_where_nothing_is_due() {
    let without_lifetime = Stage::signed_in().open();
    without_lifetime.fetch(get("a"));
    without_lifetime.run();
    assert_eq!(until_due(&without_lifetime, 0.0), None);

    let signed_out = signed_in_for(seconds(600));
    signed_out.sign_out();
    signed_out.run_until(0);
    assert_eq!(until_due(&signed_out, 0.0), None);

    let refused = signed_in_for(seconds(600));
    refused.server.script([Reply::status(400)]);
    pass(&refused, seconds(590));
    assert_eq!(fetch(&refused), "200 ann.1");
    assert_eq!(until_due(&refused, 0.0), None, "the token is not refreshed early again");
    // The next one is.
    let (access, refresh) = (Token::access("bob", 1), Some(Token::refresh("bob", 1)));
    let grant = Grant { access, refresh, expires_in: Some(seconds(600)) };
    refused.call(driver::sign_in(refused.client.clone(), grant));
    pass(&refused, seconds(1));
    assert_eq!(until_due(&refused, 0.0), Some(seconds(569)));
}

#[test]
fn background_sleeps_through_the_cool_down() {
    let stage = Stage::signed_in().policy(|policy| {
        policy.cool_down = seconds(60);
        policy.refresh_retries = 0;
    });
    let tab = signed_in_on(stage, seconds(600));
    tab.server.always(Some(Reply::status(503)));
    pass(&tab, seconds(580));
    tab.chance.set(0.5);
    let call = tab.fetch(get("a"));
    tab.run_until(580_100);
    assert_eq!(until_due(&tab, 0.0), Some(seconds(45)));
    tab.run_until(581_000);
    assert_eq!(call.answer(), "200 ann.1");
    tab.client.wake();
    assert_eq!(until_due(&tab, 0.0), Some(seconds(1)));
}

#[test]
fn background_wakes_now_and_then_however_long_the_token_lives() {
    let tab = signed_in_for(HOUR * 24.0);
    assert_eq!(until_due(&tab, 0.0), Some(HOUR * 12.0));
    pass(&tab, HOUR * 12.0);
    assert_eq!(until_due(&tab, 0.0), Some(HOUR * 12.0 - seconds(30)));
}

/// A tab that keeps its token fresh by itself.
fn automatic(lifetime: Millis) -> Tab {
    let tab = signed_in_for(lifetime);
    tab.spawn(driver::keep_fresh(tab.client.clone()));
    tab
}

#[test]
fn background_refreshes_before_each_end() {
    let tab = automatic(seconds(600));
    pass(&tab, seconds(565));
    assert!(tab.refreshes().is_empty());
    pass(&tab, seconds(20));
    assert_eq!(tab.refreshes().len(), 1);
    pass(&tab, seconds(6_000));
    assert_eq!(tab.refreshes().len(), 11, "one for each lifetime less its end");
}

#[test]
fn background_rests_while_nobody_is_there_and_catches_up() {
    let tab = automatic(seconds(600));
    tab.client.platform.presence.is_dormant.set(true);
    pass(&tab, seconds(5_000));
    assert!(tab.refreshes().is_empty());
    tab.client.platform.presence.wake();
    pass(&tab, seconds(1));
    assert_eq!(tab.refreshes().len(), 1);
}

#[test]
fn background_waits_out_an_outage() {
    let tab = automatic(seconds(600));
    tab.server.always(Some(Reply::status(503)));
    pass(&tab, seconds(599));
    let tries = tab.refreshes().len();
    assert!((3..=18).contains(&tries), "{tries}");
    tab.server.always(None);
    pass(&tab, seconds(70));
    assert_eq!(tab.storage.holds()[0], "ann.2");
}

#[test]
fn background_never_sleeps_longer_than_a_timer_can() {
    let tab = automatic(HOUR * (24.0 * 60.0));
    pass(&tab, HOUR * 24.0);
    let next = tab.clock.next().unwrap() - tab.clock.now();
    assert!(next <= ms(i32::MAX as u64), "{next:?}");
    assert!(tab.refreshes().is_empty());
}

#[test]
fn background_ends_with_a_refused_session_and_begins_with_the_next() {
    let tab = automatic(seconds(600));
    tab.server.always(Some(Reply::status(400)));
    tab.server.expire();
    tab.fetch(get("a"));
    pass(&tab, seconds(3_000));
    assert_eq!(tab.refreshes().len(), 1);
    tab.server.always(None);
    let (access, refresh) = tab.server.sign_in("bob");
    let grant = Grant { access, refresh: Some(refresh), expires_in: Some(seconds(600)) };
    tab.call(driver::sign_in(tab.client.clone(), grant));
    pass(&tab, seconds(600));
    assert_eq!(tab.storage.holds(), ["bob.2", "bob~2"]);
}

/// The access token was removed, and the refresh token is another user's: nothing is left that
/// would be good for a while.
#[test]
fn refused_refresh_without_an_access_token_ends_the_session() {
    let tab = Stage::expired().open();
    tab.server.lives.set(Some(Millis::from_secs(60)));
    tab.fetch(get("a"));
    tab.run_until(50_000);
    tab.server.sign_in("bob");
    tab.storage.put(None, Some(Token::refresh("bob", 1)));
    let call = tab.fetch(get("b"));
    tab.run();
    assert_eq!(tab.refreshes(), ["ann~1", "bob~1"]);
    assert_eq!(tab.storage.holds(), ["-", "-"], "a spent token is not kept");
    assert_eq!(call.failure().name(), "SignInRequiredError");
}
