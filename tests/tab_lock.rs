//! The lock between the tabs: holders that die, freeze or are put away, and tabs without
//! a lock (3.1, 3.3).

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod common;

use common::driver::Ports;
use common::{Reply, Stage, Tab, Token, driver, get, ms};
use tokenflight::millis::Millis;

/// A tab that is about to refresh while another tab holds the lock and does nothing.
fn behind_a_frozen_tab(lock_timeout: u64) -> (Tab, impl Sized) {
    let tab = Stage::expired()
        .policy(|policy| policy.lock_timeout = ms(lock_timeout))
        .locking_tabs()
        .open();
    let frozen = tab.another_tab();
    let held = tab.call({
        let client = frozen.client;
        async move { std::rc::Rc::new(client.platform.lock(0).await) }
    });
    tab.run();
    let held = held.outcome();
    (tab, held)
}

#[test]
fn holder_that_does_not_move_costs_the_others_one_bounded_wait() {
    let (tab, _held) = behind_a_frozen_tab(5_000);
    let call = tab.fetch(get("a"));
    tab.run_until(5_050);
    assert!(!call.is_settled());
    tab.run_until(6_000);
    assert_eq!(call.answer(), "200 ann.2");
    assert_eq!(tab.refreshes(), ["ann~1"]);
}

/// They agree on another lock, rather than going on without any.
#[test]
fn tabs_behind_a_frozen_one_still_refresh_once() {
    let (tab, _held) = behind_a_frozen_tab(1_000);
    let tabs = [tab.clone(), tab.another_tab(), tab.another_tab(), tab.another_tab()];
    let calls: Vec<_> = tabs.iter().map(|tab| tab.fetch(get("a"))).collect();
    tab.run();
    assert_eq!(tab.refreshes(), ["ann~1"]);
    assert!(calls.iter().all(|call| call.answer() == "200 ann.2"));
}

#[test]
fn holder_that_was_left_behind_holds_nobody_up_again() {
    let (tab, _held) = behind_a_frozen_tab(1_000);
    tab.refresh();
    tab.run();
    let began = tab.clock.now();
    for tab in [&tab, &tab.another_tab()] {
        tab.server.expire();
        tab.fetch(get("a"));
        tab.run();
    }
    assert_eq!(tab.refreshes().len(), 3);
    // The other tab learns of the new lock when it looks why it waits.
    assert!(tab.clock.now() - began < ms(1_000), "{:?}", tab.clock.now() - began);
}

/// It polls for what the dead one may have stored, and shows in the record that it does.
#[test]
fn next_holder_is_not_left_behind_while_it_waits_for_the_tokens_of_a_dead_one() {
    let dead = Stage::expired()
        .policy(|policy| {
            policy.lock_timeout = ms(3_000);
            policy.refresh_timeout = ms(60_000);
        })
        .locking_tabs()
        .open();
    dead.server.script([Reply::Never]);
    dead.refresh();
    dead.run_until(50);
    let calls = [50, 60].map(|moment| {
        dead.run_until(moment);
        dead.another_tab().fetch(get("a"))
    });
    dead.run_until(8_000);
    assert_eq!(dead.record.borrow().as_ref().unwrap().lock_generation, 1);
    assert_eq!(calls.map(|call| call.answer()), ["200 ann.2", "200 ann.2"]);
}

/// A tab that waits would take it for the one that it has seen, and its holder for one that does not
/// move.
#[test]
fn record_that_is_made_anew_has_another_heartbeat() {
    let tab = Stage::expired().locking_tabs().open();
    let heartbeats = [(); 2].map(|()| {
        tab.record.replace(None);
        tab.server.expire();
        tab.refresh();
        tab.run();
        tab.record.borrow().as_ref().unwrap().heartbeat
    });
    assert_ne!(heartbeats[0], heartbeats[1]);
}

#[test]
fn holder_that_is_slow_but_alive_is_waited_for() {
    let tab = Stage::expired()
        .policy(|policy| {
            policy.lock_timeout = ms(1_000);
            policy.refresh_timeout = ms(900);
            policy.retry_delay = ms(2_000);
        })
        .locking_tabs()
        .open();
    let slow = tab.another_tab();
    tab.server.latency.set(ms(800));
    tab.server.script([Reply::status(503), Reply::status(503)]);
    let first = slow.fetch(get("a"));
    tab.run_until(50);
    let second = tab.fetch(get("b"));
    tab.run();
    assert_eq!(tab.refreshes(), ["ann~1", "ann~1", "ann~1"], "its tries, and none besides");
    assert_eq!(first.answer(), "200 ann.2");
    assert_eq!(second.answer(), "200 ann.2");
}

#[test]
fn page_that_is_put_away_lets_the_lock_go() {
    let one = Stage::expired().locking_tabs().open();
    let two = one.another_tab();
    one.server.script([Reply::status(503)]);
    one.server.latency.set(Millis::ZERO);
    one.fetch(get("a"));
    one.run_until(10);
    assert!(one.has_flight());
    one.client.platform.hide();
    let call = two.fetch(get("b"));
    one.run();
    assert_eq!(call.answer(), "200 ann.2");
    assert_eq!(one.server.reuses.get(), 0);
}

/// It was frozen while the server answered, and the others went on without it.
#[test]
fn thawed_tab_does_not_overwrite_what_the_others_stored() {
    let one = Stage::expired().locking_tabs().open();
    let two = one.another_tab();
    one.server.script([Reply::tokens("ann.2", Some("ann~2"))]);
    one.server.latency.set(ms(60_000));
    let policy = ms(10_000);
    assert_eq!(one.client.policy.lock_timeout, policy);
    one.fetch(get("a"));
    one.run_until(20);
    two.server.latency.set(ms(100));
    // The refresh of the frozen tab has arrived; what the other one asks with is the same.
    two.server.script([Reply::tokens("ann.3", Some("ann~3"))]);
    two.fetch(get("b"));
    one.run();
    let [access, refresh] = one.storage.holds();
    assert_eq!(access.replace('.', "~"), refresh);
}

#[test]
fn request_that_needs_no_refresh_asks_for_no_lock() {
    let (tab, _held) = behind_a_frozen_tab(5_000);
    tab.write_sign_in("bob");
    let call = tab.fetch(get("a"));
    tab.run();
    assert_eq!(call.answer(), "200 bob.1");
    assert_eq!(tab.clock.now(), ms(10));
}

/// There is nothing left to lock for.
#[test]
fn tab_that_waits_for_the_lock_goes_on_when_it_sees_the_token() {
    let (tab, _held) = behind_a_frozen_tab(5_000);
    let call = tab.fetch(get("a"));
    tab.run_until(50);
    tab.server.refresh(Some(&Token::refresh("ann", 1)));
    tab.storage.put(Some(Token::access("ann", 2)), Some(Token::refresh("ann", 2)));
    driver::notice_change(&tab.client);
    tab.run_until(70);
    assert_eq!(call.answer(), "200 ann.2");
    assert_eq!(tab.refreshes().len(), 1, "that of the other tab");
}

/// Another epoch begins before the flight has taken its first step.
#[test]
fn flight_with_nothing_left_to_lock_for_does_not_line_up() {
    let (tab, _held) = behind_a_frozen_tab(5_000);
    let (refresh, that) = (driver::refresh(tab.client.clone()), tab.clone());
    let call = tab.call(async move {
        let stored = async {
            that.storage.put(Some(Token::access("ann", 2)), Some(Token::refresh("ann", 2)));
            driver::notice_change(&that.client);
        };
        futures::join!(refresh, stored).0
    });
    tab.run_until(50);
    assert_eq!((call.outcome(), call.settled_at()), (Ok(()), 0));
    assert!(tab.refreshes().is_empty());
}

/// Another epoch begins while the record is asked about the holder of the lock.
#[test]
fn tab_that_looks_for_the_holder_goes_on_when_it_sees_the_token() {
    for moment in 100..150 {
        let (tab, _held) = behind_a_frozen_tab(5_000);
        let call = tab.refresh();
        tab.client.platform.recording.set(Some(ms(20)));
        tab.run_until(moment);
        tab.storage.put(Some(Token::access("ann", 2)), Some(Token::refresh("ann", 2)));
        driver::notice_change(&tab.client);
        tab.run_until(200);
        assert_eq!(call.outcome(), Ok(()), "seen at {moment}");
        assert!(tab.refreshes().is_empty(), "seen at {moment}");
    }
}

#[test]
fn outage_costs_all_tabs_one_sequence() {
    let tab = Stage::expired().locking_tabs().open();
    let tabs: Vec<_> = (0..10).map(|_| tab.another_tab()).collect();
    tab.server.always(Some(Reply::status(503)));
    let calls: Vec<_> = tabs.iter().map(|tab| tab.fetch(get("a"))).collect();
    tab.run_until(900);
    assert_eq!(tab.refreshes().len(), 3, "one try and two retries");
    for call in &calls {
        assert_eq!(call.failure().name(), "RefreshUnavailableError");
    }
}

#[test]
fn waking_ends_the_cool_down_of_other_tabs_outages_too() {
    let one = Stage::expired().policy(|policy| policy.refresh_retries = 0).locking_tabs().open();
    let two = one.another_tab();
    one.server.script([Reply::status(503)]);
    one.refresh();
    one.run();
    assert_eq!(one.refreshes().len(), 1);
    let refused = two.fetch(get("a"));
    one.run();
    assert_eq!(refused.failure().name(), "RefreshUnavailableError");
    one.run_until(one.clock.elapsed() + 10);
    two.client.wake();
    let call = two.fetch(get("a"));
    one.run();
    assert_eq!(call.answer(), "200 ann.2");
}

/// The page's own sign-out does not navigate; another tab's does when it matters here.
#[test]
fn session_that_ended_elsewhere_leads_to_the_login_page_when_it_is_needed() {
    let one = Stage::signed_in().locking_tabs().open();
    let two = one.another_tab();
    two.fetch(get("a"));
    one.run();
    one.sign_out();
    one.run();
    driver::notice_change(&two.client);
    one.run();
    assert_eq!(two.events(), ["signedOut asked"]);
    assert!(two.client.platform.logins.borrow().is_empty());
    for _ in 0..3 {
        let call = two.fetch(get("b"));
        one.run();
        assert_eq!(call.failure().name(), "SignInRequiredError");
    }
    assert_eq!(two.client.platform.logins.borrow().len(), 1);
    one.fetch(get("c"));
    one.run();
    assert!(one.client.platform.logins.borrow().is_empty());
    assert!(one.refreshes().is_empty());
}

#[test]
fn other_tabs_hear_of_each_new_token_once() {
    let one = Stage::expired().locking_tabs().open();
    let (two, three) = (one.another_tab(), one.another_tab());
    for tab in [&two, &three] {
        tab.client.depart();
    }
    one.fetch(get("a"));
    two.fetch(get("b"));
    one.run();
    for tab in [&one, &two, &three] {
        driver::notice_change(&tab.client);
        driver::notice_change(&tab.client);
    }
    one.run();
    for tab in [one, two, three] {
        assert_eq!(tab.events(), ["tokenRefreshed ann.2"]);
    }
}

#[test]
fn holder_that_was_told_to_wait_is_not_left_behind() {
    let one =
        Stage::expired().policy(|policy| policy.lock_timeout = ms(5_000)).locking_tabs().open();
    let two = one.another_tab();
    let after = Some(ms(20_000));
    one.server.script([Reply::retry_after(429, after, tokenflight::policy::Body::NotJson)]);
    let first = one.fetch(get("a"));
    one.run_until(50);
    let second = two.fetch(get("b"));
    one.run_until(20_000);
    assert_eq!(one.refreshes().len(), 1, "the server is left alone");
    one.run_until(21_000);
    assert_eq!(one.refreshes().len(), 2);
    assert_eq!((first.answer(), second.answer()), ("200 ann.2".into(), "200 ann.2".into()));
}

#[test]
fn tab_whose_request_waits_while_another_ones_refresh_is_refused_signs_in_too() {
    let one = Stage::expired().locking_tabs().open();
    let two = one.another_tab();
    one.server.always(Some(Reply::status(400)));
    let first = one.fetch(get("a"));
    one.run_until(5);
    let second = two.fetch(get("b"));
    one.run();
    for (tab, call) in [(&one, first), (&two, second)] {
        assert_eq!(call.failure().name(), "SignInRequiredError");
        assert_eq!(tab.client.platform.logins.borrow().len(), 1);
        assert_eq!(tab.events().len(), 1);
    }
    assert_eq!(one.refreshes().len(), 1);
}

#[test]
fn refusal_removes_no_tokens_that_were_not_refused() {
    for moment in 0..120 {
        let one = Stage::expired().locking_tabs().open();
        one.server.always(Some(Reply::status(400)));
        one.fetch(get("a"));
        one.run_until(moment);
        let (access, refresh) = (Token::access("ann", 7), Token::refresh("ann", 7));
        one.storage.put(Some(access), Some(refresh));
        one.run();
        assert_eq!(one.storage.holds(), ["ann.7", "ann~7"], "at {moment}");
    }
}

/// It may be granted to nobody, or to tabs that are dead in a way that shows nowhere.
#[test]
fn lock_that_is_never_granted_costs_one_timeout_in_all() {
    let tab = Stage::expired().locking_tabs().open();
    let dead = tab.another_tab();
    let held = tab.call({
        let platform = dead.client.platform.clone();
        async move {
            let locks = (0..5).map(|generation| platform.lock(generation));
            std::rc::Rc::new(futures::future::join_all(locks).await)
        }
    });
    tab.run();
    let _held = held.outcome();
    let call = tab.fetch(get("a"));
    tab.run();
    assert_eq!(call.answer(), "200 ann.2");
    assert!((10_000..12_000).contains(&call.settled_at()), "{}", call.settled_at());
}

/// Its lock is another tab's by then, which does not wait for long.
#[test]
fn page_that_was_put_away_for_a_moment_lines_up_again() {
    for moment in [5, 20, 45] {
        let one = Stage::expired().locking_tabs().open();
        let two = one.another_tab();
        one.server.latency.set(ms(2_000));
        one.client.platform.recording.set(Some(ms(50)));
        let first = one.fetch(get("a").public());
        one.refresh();
        one.run_until(moment);
        one.client.platform.hide();
        let second = two.fetch(get("b"));
        one.run();
        assert_eq!((one.refreshes(), one.server.reuses.get()), (vec!["ann~1".into()], 0));
        assert_eq!(second.answer(), "200 ann.2", "{moment}");
        assert!(first.is_settled());
    }
}

/// It waits for the tokens of another tab, and is frozen until the end of its patience: what it has
/// missed arrives when it thaws.
#[test]
fn freeze_during_the_last_poll_is_no_time_that_was_waited() {
    let one = Stage::expired().locking_tabs().open();
    let two = one.another_tab();
    one.fetch(get("a"));
    one.run();
    let next = [Token::access("ann", 2), Token::refresh("ann", 2)];
    // The storage shows the other tab what was there before.
    one.storage.put(Some(Token::access("ann", 1)), Some(Token::refresh("ann", 1)));
    let call = two.fetch(get("b"));
    let began = two.clock.elapsed();
    two.run_until(began + 520);
    assert!(!call.is_settled());
    let thaws = began + 1_010;
    two.clock.move_to(ms(thaws));
    let [access, refresh] = next.map(Some);
    let storage = two.storage.clone();
    two.after(20, move || storage.put(access, refresh));
    two.run();
    assert_eq!((call.answer(), two.refreshes()), ("200 ann.2".into(), vec!["ann~1".into()]));
}
