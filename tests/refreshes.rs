//! How one refresh ends, and who hears of it (3.4 to 3.9).

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod common;

use common::{Call, Failure, Reply, Response, ServerAnswer, Stage, Tab, driver, get, ms};
use futures::FutureExt;
use tokenflight::error::Error;

fn refusals() -> Vec<Reply> {
    let statuses = [400, 401, 403, 404, 410, 422, 499];
    let mut all: Vec<_> = statuses.map(Reply::status).into();
    all.extend([None, Some(0), Some(200), Some(401), Some(428)].map(Reply::envelope));
    all.extend([Reply::sign_in_required(), Reply::tokens("bob.1", Some("bob~1"))]);
    all
}

fn outages() -> Vec<Reply> {
    let statuses = [200, 204, 304, 405, 407, 408, 409, 425, 429, 500, 502, 503, 504, 599];
    let mut all: Vec<_> = statuses.map(Reply::status).into();
    all.extend([429, 500, 503, 599].map(|code| Reply::envelope(Some(code))));
    all.push(Reply::offline());
    all
}

/// Three requests wait for one flight that is always answered with `reply`.
fn three_wait_for(reply: Reply) -> (Tab, [Call<Result<Response, Failure>>; 3]) {
    let tab = Stage::expired().server(|server| server.always(Some(reply))).open();
    let calls = ["a", "b", "c"].map(|name| tab.fetch(get(name)));
    tab.run();
    (tab, calls)
}

#[test]
fn refusal_ends_the_session_for_all_who_wait() {
    for reply in refusals() {
        let (tab, calls) = three_wait_for(reply);
        assert_eq!(tab.refreshes().len(), 1, "a refusal is not tried again");
        for call in &calls {
            assert_eq!(call.failure().name(), "SignInRequiredError");
            assert_eq!(call.failure(), calls[0].failure(), "the very same value");
        }
        assert_eq!(tab.storage.holds(), ["-", "-"]);
        assert_eq!(tab.events(), ["signedOut refused"]);
        assert!(tab.client.shared.session.is_over());
    }
}

#[test]
fn outage_rejects_all_who_wait_and_keeps_the_tokens() {
    for reply in outages() {
        let (tab, calls) = three_wait_for(reply);
        assert_eq!(tab.refreshes().len(), 3, "two retries");
        for call in &calls {
            assert_eq!(call.failure().name(), "RefreshUnavailableError");
            assert_eq!(call.failure(), calls[0].failure(), "the very same value");
        }
        assert_eq!(tab.storage.holds(), ["ann.1", "ann~1"]);
        assert_eq!(tab.events(), ["refreshUnavailable"]);
        assert!(!tab.client.shared.session.is_over());
    }
}

#[test]
fn maker_error_is_shared_with_waiters() {
    let (_, calls) = three_wait_for(Reply::status(400));
    let Failure::Own(number, error) = calls[0].failure() else { panic!("not the driver's own") };
    assert_eq!(number, 1, "one value was made");
    assert_eq!(error.cause(), Some(&Failure::Http(400)));
    assert_eq!(calls[1].failure(), calls[2].failure());
}

#[test]
fn another_users_token_from_the_server_is_never_stored() {
    let (tab, _) = three_wait_for(Reply::tokens("bob.1", Some("bob~1")));
    assert!(!tab.storage.writes.borrow().iter().any(|write| write.contains("bob")));
    assert!(tab.sends("a").iter().all(|sent| sent == "ann.1"));
}

#[test]
fn refresh_with_a_cookie_sends_no_token() {
    let tab = Stage::expired().open();
    tab.storage.put_refresh(None);
    tab.server.cookie.replace(Some("ann".to_owned()));
    let call = tab.fetch(get("a"));
    tab.run();
    assert_eq!(tab.refreshes(), ["-"]);
    assert_eq!(call.answer(), "200 ann.2");
    assert_eq!(tab.storage.holds(), ["ann.2", "-"]);
}

#[test]
fn token_without_a_readable_user_is_taken() {
    let tab = Stage::expired().open();
    tab.server.script([Reply::tokens("opaque", None)]);
    let call = tab.fetch(get("a"));
    tab.run();
    assert_eq!(tab.storage.holds(), ["opaque", "ann~1"]);
    assert_eq!(call.answer(), "401 opaque");
}

#[test]
fn refresh_that_never_answers_is_ended_by_its_timeout() {
    let tab = Stage::expired()
        .policy(|policy| {
            policy.refresh_retries = 0;
            policy.refresh_timeout = ms(700);
        })
        .open();
    tab.server.script([Reply::Never]);
    let calls: Vec<_> = (0..50).map(|number| tab.fetch(get("a").takes(10 + number))).collect();
    tab.run();
    for call in &calls {
        assert_eq!(call.settled_at(), 710);
        assert!(call.failure().own().message().contains("refreshTimeout"));
    }
    assert_eq!(tab.storage.holds(), ["ann.1", "ann~1"]);
}

#[test]
fn refresh_just_within_its_timeout_counts() {
    let tab = Stage::expired().policy(|policy| policy.refresh_timeout = ms(101)).open();
    let call = tab.fetch(get("a"));
    tab.run();
    assert_eq!(call.answer(), "200 ann.2");
}

/// It waits for itself: only the timeout can end that, and the error says so.
#[test]
fn refresh_function_that_calls_fetch_is_ended_by_the_timeout() {
    let tab = Stage::expired().policy(|policy| policy.refresh_retries = 0).open();
    let client = tab.client.clone();
    let function = move || {
        let itself = driver::fetch(client.clone(), get("from within"));
        let answer = |_| ServerAnswer::Failed(Failure::Callback);
        itself.map(answer).boxed_local()
    };
    tab.server.always(Some(Reply::Function(std::rc::Rc::new(function))));
    let call = tab.fetch(get("a"));
    tab.run();
    let failure = call.failure();
    let Error::RefreshUnavailable { reason, .. } = failure.own() else { panic!("{failure:?}") };
    assert!(reason.contains("the fetch that it is given"), "{reason}");
    assert_eq!(call.settled_at(), 10_010);
}

#[test]
fn refusal_after_an_outage_ends_the_session() {
    let tab = Stage::expired().open();
    tab.server.script([Reply::status(503), Reply::status(400)]);
    let call = tab.fetch(get("a"));
    tab.run();
    assert_eq!(tab.refreshes().len(), 2);
    assert_eq!(call.failure().name(), "SignInRequiredError");
    assert_eq!(tab.events(), ["signedOut refused"]);
}

#[test]
fn refresh_by_hand_fails_as_the_flight_does() {
    for (reply, name) in [
        (Reply::status(400), "SignInRequiredError"),
        (Reply::status(503), "RefreshUnavailableError"),
    ] {
        let tab = Stage::expired().server(|server| server.always(Some(reply))).open();
        let waiter = tab.fetch(get("a").takes(0));
        tab.run_until(0);
        let by_hand = tab.refresh();
        tab.run();
        assert_eq!(by_hand.failure().name(), name);
        assert_eq!(by_hand.failure(), waiter.failure());
    }
}
