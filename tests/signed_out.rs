//! A session that is over, and one that has not begun (4.1, 4.2).

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod common;

use common::{Failure, Reply, Stage, Tab, Token, driver, get, ms};
use tokenflight::credential::Grant;

fn refused() -> Tab {
    let tab = Stage::expired().open();
    tab.server.script([Reply::status(400)]);
    tab.fetch(get("the last one"));
    tab.run();
    tab
}

fn returning(stage: Stage) -> Tab {
    stage.policy(|policy| policy.returns_unauthorized = true).open()
}

#[test]
fn signed_out_page_does_not_stampede() {
    for ended in [refused as fn() -> Tab, signed_out] {
        let tab = ended();
        let (refreshes, events) = (tab.refreshes(), tab.events());
        let calls: Vec<_> = (0..20).map(|_| tab.fetch(get("a"))).collect();
        tab.run();
        for call in &calls {
            assert_eq!(call.failure().name(), "SignInRequiredError");
            assert_eq!(call.failure(), calls[0].failure(), "the very same value");
        }
        assert_eq!(tab.refreshes(), refreshes);
        assert_eq!(tab.events(), events, "listeners heard of it once");
    }
}

#[test]
fn the_server_is_told_of_a_sign_out_once_with_the_tokens_there_were() {
    let telling = || Stage::expired().policy(|policy| policy.tells_sign_out = true);
    for (stage, how) in [
        (telling(), "at once"),
        (telling().slow_storage(13), "slow"),
        (telling().slow_storage(13).late_reads(), "late"),
    ] {
        let tab = stage.open();
        let held = tab.storage.holds();
        for _ in 0..3 {
            tab.sign_out();
        }
        tab.run();
        tab.sign_out();
        tab.run();
        let told = tab.client.platform.sign_outs.borrow().clone();
        let [access, refresh] = &told[..][0];
        assert_eq!(
            (told.len(), vec![access.clone(), refresh.clone()]),
            (1, held.to_vec()),
            "{how}"
        );
        assert_eq!(tab.storage.holds(), ["-", "-"], "{how}");
    }
}

#[test]
fn the_server_is_not_told_of_what_it_knows_or_others_have_told() {
    let tells = |tab: &Tab| {
        tab.sign_out();
        tab.run();
        tab.client.platform.sign_outs.borrow().len()
    };
    assert_eq!(tells(&Stage::expired().open()), 0, "nobody has asked for it");
    let telling = || Stage::expired().policy(|policy| policy.tells_sign_out = true).open();
    let refused = telling();
    refused.server.script([Reply::status(400)]);
    refused.fetch(get("a"));
    refused.run();
    assert_eq!(tells(&refused), 0, "it has refused");
    let elsewhere = telling();
    elsewhere.client.start();
    elsewhere.storage.put(None, None);
    assert_eq!(tells(&elsewhere), 0, "another tab has signed out");
    let unseen = telling();
    unseen.storage.put(None, None);
    unseen.write_sign_in("ann");
    assert_eq!(tells(&unseen), 1, "and in again");
}

#[test]
fn the_server_is_told_of_a_session_of_which_only_it_knows() {
    let tab = Stage::first_visit().policy(|policy| policy.tells_sign_out = true).open();
    tab.sign_out();
    tab.sign_out();
    tab.run();
    assert_eq!(*tab.client.platform.sign_outs.borrow(), [["-", "-"]]);
}

#[test]
fn login_page_is_not_left_until_the_user_goes_elsewhere() {
    let elsewhere = || {
        let tab = Stage::expired().open();
        tab.client.start();
        tab.storage.put(None, None);
        tab
    };
    let refused = || {
        let tab = Stage::expired().open();
        tab.server.script([Reply::status(400)]);
        tab
    };
    for (tab, how) in [(elsewhere(), "ended elsewhere"), (refused(), "refused")] {
        let logins = || tab.client.platform.logins.borrow().len();
        let is_login_page = &tab.client.platform.is_login_page;
        for (is_there, expected) in [(true, 0), (true, 0), (false, 1), (false, 1), (true, 1)] {
            is_login_page.set(is_there);
            let calls = [tab.fetch(get("a")), tab.fetch(get("b"))];
            tab.run();
            assert!(
                calls.iter().all(|call| call.failure().name() == "SignInRequiredError"),
                "{how}"
            );
            assert_eq!(logins(), expected, "{how}, on the login page: {is_there}");
        }
        assert!(tab.refreshes().len() <= 1, "{how}");
    }
}

fn signed_out() -> Tab {
    let tab = Stage::expired().open();
    tab.sign_out();
    tab.run();
    tab
}

#[test]
fn what_was_refused_stays_the_reason() {
    let tab = refused();
    let call = tab.fetch(get("a"));
    tab.run();
    assert_eq!(call.failure().own().cause(), Some(&Failure::Http(400)));
}

#[test]
fn token_that_appears_ends_the_silence() {
    for ended in [refused as fn() -> Tab, signed_out] {
        let tab = ended();
        let before = tab.refreshes().len();
        tab.write_sign_in("ann");
        tab.server.expire();
        let call = tab.fetch(get("a"));
        tab.run();
        assert_eq!(call.answer(), "200 ann.2");
        assert_eq!(tab.refreshes().len(), before + 1);
    }
}

#[test]
fn access_token_that_appears_alone_ends_the_silence() {
    let tab = refused();
    let (access, _) = tab.server.sign_in("ann");
    tab.storage.put(Some(access), None);
    tab.server.expire();
    tab.server.cookie.replace(Some("ann".to_owned()));
    let call = tab.fetch(get("a"));
    tab.run();
    assert_eq!(call.answer(), "200 ann.2");
}

#[test]
fn refresh_token_that_appears_ends_the_silence() {
    let tab = refused();
    let (_, refresh) = tab.server.sign_in("ann");
    tab.storage.put_refresh(Some(refresh));
    let call = tab.fetch(get("a"));
    tab.run();
    assert_eq!(call.answer(), "200 ann.2");
}

#[test]
fn sign_in_ends_the_silence() {
    let tab = refused();
    tab.sign_in("bob");
    tab.run();
    let call = tab.fetch(get("a"));
    tab.run();
    assert_eq!(call.answer(), "200 bob.1");
    assert_eq!(tab.events(), ["signedOut refused", "sessionChanged"]);
}

#[test]
fn second_sign_out_has_a_reason_of_its_own() {
    let tab = refused();
    tab.sign_in("bob");
    tab.sign_out();
    let call = tab.fetch(get("a"));
    tab.run();
    assert_eq!(call.failure().own().cause(), None);
}

#[test]
fn public_answers_pass_on_a_signed_out_page() {
    let tab = signed_out();
    let call = tab.fetch(get("public").public());
    tab.run();
    assert_eq!(call.answer(), "200 -");
}

#[test]
fn first_visit_tries_one_refresh() {
    let tab = Stage::first_visit().open();
    let calls: Vec<_> = (0..20).map(|number| tab.fetch(get("a").takes(number * 20))).collect();
    tab.run();
    let later = tab.fetch(get("later"));
    tab.run();
    assert_eq!(tab.refreshes(), ["-"]);
    for call in calls.iter().chain([&later]) {
        assert_eq!(call.failure().name(), "SignInRequiredError");
    }
    assert_eq!(tab.events(), ["signedOut refused"]);
}

#[test]
fn first_visit_with_a_cookie_is_signed_in_by_its_refresh() {
    let tab = Stage::first_visit().open();
    tab.server.cookie.replace(Some("ann".to_owned()));
    let call = tab.fetch(get("a"));
    tab.run();
    assert_eq!(tab.sends("a"), ["-", "ann.1"]);
    assert_eq!(call.answer(), "200 ann.1");
    assert_eq!(tab.storage.holds(), ["ann.1", "-"]);
}

#[test]
fn refused_cookie_is_asked_with_once_although_another_one_was_good_before() {
    let tab = Stage::first_visit().locking_tabs().open();
    tab.server.cookie.replace(Some("ann".to_owned()));
    let call = tab.fetch(get("a"));
    tab.run();
    assert_eq!(call.answer(), "200 ann.1");
    // Application code takes the token away; the record of its refresh is still there.
    tab.storage.put(None, None);
    tab.server.cookie.take();
    let page = tab.another_tab();
    let call = page.fetch(get("b"));
    page.run();
    assert_eq!(call.failure().name(), "SignInRequiredError");
    assert_eq!(page.refreshes(), ["-", "-"]);
}

#[test]
fn tokens_of_an_ended_session_may_be_signed_in_with_again() {
    let tab = Stage::expired().locking_tabs().open();
    tab.server.script([Reply::status(400)]);
    let call = tab.fetch(get("a"));
    tab.run_until(1_000);
    assert_eq!(call.failure().name(), "SignInRequiredError");
    // As a test of an application does, whose tokens are always the same.
    let (access, refresh) = (Token::access("ann", 1), Token::refresh("ann", 1));
    let grant = Grant { access, refresh: Some(refresh), expires_in: None };
    tab.call(driver::sign_in(tab.client.clone(), grant));
    tab.run_until(2_000);
    let call = tab.fetch(get("b"));
    tab.run();
    assert_eq!(call.answer(), "200 ann.2");
    assert_eq!(tab.refreshes(), ["ann~1", "ann~1"]);
}

#[test]
fn request_of_a_first_visit_is_replayed_when_somebody_signs_in_meanwhile() {
    let tab = Stage::first_visit().open();
    let call = tab.fetch(get("a").takes(50));
    tab.run_until(20);
    tab.write_sign_in("ann");
    tab.run();
    assert_eq!(tab.sends("a"), ["-", "ann.1"]);
    assert_eq!(call.answer(), "200 ann.1");
    assert!(tab.refreshes().is_empty());
}

#[test]
fn each_caller_gets_its_own_unauthorized_where_asked_for() {
    let tab = returning(Stage::expired());
    tab.server.script([Reply::status(400)]);
    let calls = ["a", "b"].map(|name| tab.fetch(get(name)));
    tab.run_until(60);
    let waiter = tab.fetch(get("waiter"));
    tab.run();
    assert_eq!(calls.each_ref().map(|call| call.answer()), ["401 ann.1", "401 ann.1"]);
    assert_eq!(tab.sends("a"), ["ann.1"], "unread, and not sent again");
    assert_eq!(tab.sends("waiter"), ["-"], "the one that waited is sent as it is");
    assert_eq!(waiter.answer(), "401 -");
    assert_eq!(tab.events(), ["signedOut refused"]);
    assert_eq!(tab.refreshes().len(), 1);
}

#[test]
fn signed_out_page_gets_its_own_unauthorized_where_asked_for() {
    let tab = returning(Stage::expired());
    tab.sign_out();
    let call = tab.fetch(get("a"));
    tab.run();
    assert_eq!(call.answer(), "401 -");
    assert!(tab.refreshes().is_empty());
}

/// Its replay meets a second flight, and that one is refused.
#[test]
fn late_unauthorized_that_meets_a_refusal_gets_its_own_unauthorized_where_asked_for() {
    let tab = returning(Stage::expired());
    let late = tab.fetch(get("late").takes(200));
    tab.refresh();
    tab.run_until(150);
    tab.server.script([Reply::status(400)]);
    tab.refresh();
    tab.run();
    assert_eq!(late.answer(), "401 ann.1");
}

#[test]
fn outage_rejects_even_where_the_unauthorized_is_asked_for() {
    let tab = returning(Stage::expired());
    tab.server.always(Some(Reply::status(503)));
    let call = tab.fetch(get("a"));
    tab.run();
    assert_eq!(call.failure().name(), "RefreshUnavailableError");
}

#[test]
fn only_what_was_refused_is_removed() {
    let tab = Stage::expired().open();
    tab.server.script([Reply::status(400)]);
    tab.fetch(get("a"));
    tab.run_until(60);
    tab.storage.put(Some(Token::access("ann", 7)), Some(Token::refresh("ann", 7)));
    tab.run();
    assert_eq!(tab.storage.holds(), ["ann.7", "ann~7"]);
    assert!(tab.events().iter().all(|event| !event.starts_with("signedOut")));
}

/// The other tab is about to store what its refresh has brought; this one has not read anything.
#[test]
fn sign_out_from_a_slow_storage_ends_what_another_tab_refreshes() {
    let one = Stage::expired().locking_tabs().slow_storage(50).open();
    let two = one.another_tab();
    one.fetch(get("a"));
    one.run_until(350);
    assert_eq!(one.refreshes(), ["ann~1"]);
    one.client.platform.recording.set(Some(ms(500)));
    one.run_until(450);
    two.sign_out();
    one.run();
    assert_eq!(one.storage.holds(), ["-", "-"]);
}

/// It refreshes what another tab has signed in with since, and that session is gone before the answer
/// is there.
#[test]
fn page_that_is_signed_out_tells_of_no_further_end() {
    let one = Stage::signed_in().locking_tabs().open();
    let two = one.another_tab();
    one.sign_out();
    one.run();
    let logins = one.client.platform.logins.borrow().len();
    two.sign_in("bob");
    two.run_until(1_000);
    // Its access token is seen later.
    one.storage.put(None, Some(Token::refresh("bob", 1)));
    let calls = (one.refresh(), one.fetch(get("a")), one.fetch(get("b").optional()));
    one.run_until(1_050);
    assert_eq!(one.refreshes(), ["bob~1"]);
    two.sign_out();
    one.run();
    assert_eq!(one.events(), ["signedOut asked"]);
    assert_eq!(calls.0.failure().name(), "SessionChangedError");
    assert_eq!(calls.1.failure().name(), "SignInRequiredError");
    assert_eq!(calls.2.answer(), "401 -");
    assert_eq!(one.client.platform.logins.borrow().len(), logins);
}

/// App code, or a page of another version, has written the tokens once more.
#[test]
fn tokens_that_are_put_back_after_the_sign_out_are_removed() {
    let one = Stage::expired().locking_tabs().open();
    let two = one.another_tab();
    two.client.start();
    one.sign_out();
    one.run_until(10);
    one.storage.put(Some(Token::access("ann", 1)), Some(Token::refresh("ann", 1)));
    let call = two.fetch(get("a"));
    one.run_until(5_000);
    assert_eq!(call.failure().name(), "SignInRequiredError");
    assert_eq!(one.storage.holds(), ["-", "-"]);
    assert_eq!((two.events(), one.refreshes().len()), (vec!["signedOut asked".to_owned()], 0));
    assert_eq!(two.client.platform.logins.borrow().len(), 1);
}

/// A sign-in has written its refresh token, and the record has not heard of it.
#[test]
fn refresh_token_of_another_session_beside_a_dead_access_token_is_kept() {
    let one = Stage::expired().locking_tabs().open();
    let two = one.another_tab();
    two.client.start();
    one.sign_out();
    one.run_until(10);
    let (_, refresh) = one.server.sign_in("bob");
    one.storage.put(Some(Token::access("ann", 1)), Some(refresh));
    two.fetch(get("a"));
    one.run_until(5_000);
    assert_eq!(one.storage.holds()[1], "bob~1");
}
