//! Tabs that were duplicated, each with a copy of the tokens (3.2).

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod common;

use common::{Reply, Stage, Tab, Token, get, ms};

fn one_and_its_copy() -> [Tab; 2] {
    let one = Stage::expired().copying_tabs().open();
    let two = one.duplicate();
    [one, two]
}

#[test]
fn copy_of_a_spent_token_is_not_sent_and_its_tab_ends_alone() {
    for gap in [0, 50, 5_000, 600_000] {
        let [one, two] = one_and_its_copy();
        let first = one.fetch(get("a"));
        one.run_until(gap);
        let second = two.fetch(get("b"));
        one.run();
        assert_eq!((first.answer(), one.refreshes()), ("200 ann.2".into(), vec!["ann~1".into()]));
        assert_eq!(second.failure().name(), "SignInRequiredError", "after {gap}");
        assert!(second.settled_at() < gap + 300, "nothing is there to wait for");
        assert_eq!(two.storage.holds(), ["-", "-"]);
        assert_eq!(two.events(), ["signedOut refused"]);
        // The other one lives, through more than one rotation.
        for number in 3..6 {
            one.server.expire();
            let call = one.fetch(get("c"));
            one.run();
            assert_eq!(call.answer(), format!("200 ann.{number}"));
        }
        assert_eq!(one.server.reuses.get(), 0);
    }
}

/// It lies in the background while the other one works, for hours.
#[test]
fn copy_that_was_not_used_for_sixty_rotations_does_not_send_what_is_spent() {
    let [one, two] = one_and_its_copy();
    for _ in 0..60 {
        one.server.expire();
        one.fetch(get("a"));
        one.run();
    }
    let call = two.fetch(get("b"));
    one.run();
    assert_eq!(call.failure().name(), "SignInRequiredError");
    assert_eq!(one.server.reuses.get(), 0);
}

#[test]
fn copy_signs_out_or_in_alone() {
    let [one, two] = one_and_its_copy();
    one.fetch(get("a"));
    one.run();
    two.sign_out();
    one.run();
    one.server.expire();
    let call = one.fetch(get("b"));
    one.run();
    assert_eq!(call.answer(), "200 ann.3");
    two.sign_in("bob");
    one.run();
    for _ in 0..2 {
        one.server.expire();
        let calls = [one.fetch(get("c")), two.fetch(get("d"))];
        one.run();
        assert!(calls.iter().all(|call| call.outcome().is_ok_and(|it| it.status == 200)));
    }
    assert_eq!((one.server.reuses.get(), two.storage.holds()[0].as_str()), (0, "bob.3"));
}

#[test]
fn signing_out_leaves_no_record_behind() {
    let one = Stage::expired().copying_tabs().open();
    one.fetch(get("a"));
    one.run();
    assert!(one.record.borrow().is_some());
    one.sign_out();
    one.run();
    assert!(one.record.borrow().is_none());
}

#[test]
fn refresh_token_that_stays_is_good_in_all_copies() {
    let [one, two] = one_and_its_copy();
    for (tab, name) in [(&one, "ann.2"), (&two, "ann.3")] {
        one.server.script([Reply::tokens(name, None)]);
        let call = tab.fetch(get("a"));
        one.run();
        assert_eq!(call.answer().split_once(' ').unwrap().1, name);
        assert_eq!(tab.storage.holds(), [name, "ann~1"]);
    }
    assert_eq!(one.refreshes(), ["ann~1", "ann~1"]);
}

/// Its own answer comes late, while a third tab refreshes the tokens after those.
#[test]
fn late_answer_of_a_copy_does_not_hide_what_another_copy_refreshes() {
    let [one, two] = one_and_its_copy();
    one.server.latency.set(ms(5_000));
    one.server.script([Reply::tokens("ann.2", Some("ann~2")), Reply::Never]);
    one.refresh();
    one.run_until(10);
    // It is put away, and lets the lock go.
    one.client.platform.hide();
    let grant = || (Token::access("ann", 2), Token::refresh("ann", 2));
    // A grace period: the other copy has got the same tokens by now, and was duplicated.
    two.storage.put(Some(grant().0), Some(grant().1));
    let three = two.duplicate();
    two.refresh();
    one.run_until(6_000);
    three.refresh();
    one.run_until(14_000);
    assert_eq!(one.refreshes(), ["ann~1", "ann~2"]);
}
