//! No token shows in a message, a log or a `Debug` output (6.2).

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod common;

use std::fmt::Debug;

use common::{Fake, Reply, Response, Stage, Tab, get, token};
use tokenflight::client::Ticket;
use tokenflight::credential::{Grant, Presented};
use tokenflight::error::Error;
use tokenflight::facts::Facts;
use tokenflight::machine::Machine;
use tokenflight::policy::{Answer, Body, Policy, Verdict};
use tokenflight::protocol::Moment;
use tokenflight::refresh::Refresh;
use tokenflight::renewal::Renewal;
use tokenflight::request::Request;
use tokenflight::session::{Event, Status};
use tokenflight::session_change::SessionChange;
use tokenflight::shared::Landing;

const MARKER: &str = "marker";

fn keeps_quiet(shown: &impl Debug) {
    for text in [format!("{shown:?}"), format!("{shown:#?}")] {
        assert!(!text.contains(MARKER), "{text}");
    }
}

fn grant() -> Grant<common::Token> {
    Grant { access: token("marker.1"), refresh: Some(token("marker~1")), expires_in: None }
}

fn answer() -> Answer<common::Token, common::Failure> {
    let body = Body::Tokens(grant());
    Answer::Response { status: 200, retry_after: None, body, cause: None }
}

#[test]
fn marker_would_show_if_a_token_were_printed() {
    assert!(format!("{:?}", token("marker.1")).contains(MARKER));
}

#[test]
fn values_that_hold_tokens_keep_quiet() {
    keeps_quiet(&grant());
    keeps_quiet(&answer());
    keeps_quiet(&Body::Tokens(grant()));
    keeps_quiet(&Policy::default().judge(answer()));
    keeps_quiet(&Verdict::<_, ()>::Granted(grant()));
    keeps_quiet(&Ticket { epoch: Default::default(), token: Some(token("marker.1")) });
    keeps_quiet(&Landing::<common::Fake>::Renewed(Some(token("marker.1"))));
    keeps_quiet(&Status::SignedIn(Some(token("marker.1"))));
    keeps_quiet(&Event::<_, ()>::TokenRefreshed(token("marker.1")));
}

#[test]
fn facts_of_a_task_keep_quiet() {
    let marker = || Some(token("marker.1"));
    let presented = Presented::of(marker().as_ref(), marker().as_ref());
    let response = Response { status: 401, token: MARKER.to_owned() };
    keeps_quiet(&presented);
    keeps_quiet(&Facts::<Fake> {
        response: Some(response),
        access_token: marker(),
        stored: marker(),
        refresh_token: marker(),
        presented,
        grant: Some(grant()),
        answer: Some(answer()),
        landing: Some(Landing::Renewed(marker())),
        ..Facts::of(Some(get(MARKER)))
    });
}

#[test]
fn protocols_keep_quiet() {
    let tab = signed_in_as_marker();
    let response = Response { status: 401, token: MARKER.to_owned() };
    keeps_quiet(&SessionChange::new());
    keeps_quiet(&Renewal::by_hand());
    keeps_quiet(&Refresh::new(Default::default()));
    keeps_quiet(&Request::new());
    keeps_quiet(&Machine::sign_in(&tab.client, grant()));
    keeps_quiet(&Machine::request(&tab.client, get(MARKER)));
    keeps_quiet(&Machine::unauthorized(&tab.client, get("a"), Default::default(), response));
    let (around, shared) = (&tab.client.platform, &*tab.client.shared);
    keeps_quiet(&Moment { around, shared, policy: &tab.client.policy });
}

fn signed_in_as_marker() -> Tab {
    let tab = Stage::first_visit().open();
    tab.write_sign_in(MARKER);
    tab
}

#[test]
fn client_keeps_quiet_in_every_state() {
    let tab = signed_in_as_marker();
    let look = |tab: &Tab| {
        keeps_quiet(&tab.client);
        keeps_quiet(&tab.client.shared);
        keeps_quiet(&tab.client.shared.session);
        keeps_quiet(&tab.client.shared.flight);
        keeps_quiet(&tab.client.depart());
    };
    look(&tab);
    tab.server.expire();
    tab.fetch(get("a"));
    for moment in (0..150).step_by(5) {
        tab.run_until(moment);
        look(&tab);
    }
    tab.storage.put_refresh(None);
    look(&tab);
    tab.sign_out();
    tab.run();
    look(&tab);
}

#[test]
fn notes_of_the_log_keep_quiet() {
    let tab = signed_in_as_marker();
    tab.server.expire();
    tab.server.script([Reply::status(503)]);
    tab.fetch(get("a"));
    tab.fetch(get("late").takes(900));
    tab.run_until(60);
    tab.fetch(get("waiter"));
    tab.run();
    let notes = tab.client.platform.notes.borrow();
    for kind in ["Waits", "Unauthorized", "Replays", "FlightStarted", "FlightLanded", "Retries"] {
        assert!(notes.iter().any(|note| note.starts_with(kind)), "no {kind} in {notes:?}");
    }
    keeps_quiet(&*notes);
}

#[test]
fn errors_keep_quiet() {
    let replies = [
        Reply::status(400),
        Reply::envelope(None),
        Reply::envelope(Some(500)),
        Reply::status(503),
        Reply::Never,
        Reply::tokens("another.1", Some("marker~9")),
        Reply::tokens("marker.2", Some("marker~2")),
    ];
    for reply in replies {
        let tab = signed_in_as_marker();
        tab.server.expire();
        tab.server.always(Some(reply));
        let call = tab.fetch(get("a"));
        tab.run();
        if let Err(failure) = call.outcome() {
            keeps_quiet(&failure);
            assert!(!failure.own().message().contains(MARKER));
            assert!(!failure.own().to_string().contains(MARKER));
        }
    }
}

#[test]
fn every_error_has_a_name_a_code_and_a_remedy() {
    let errors = [
        Error::SignInRequired { reason: "it was so", cause: Some(()) },
        Error::RefreshUnavailable {
            reason: "it was so",
            retry_after: common::ms(1),
            cause: Some(()),
        },
        Error::SessionChanged,
    ];
    let expected = [
        ("SignInRequiredError", "SIGN_IN_REQUIRED", "sign in"),
        ("RefreshUnavailableError", "REFRESH_UNAVAILABLE", "try again"),
        ("SessionChangedError", "SESSION_CHANGED", "start it anew"),
    ];
    for (error, (name, code, remedy)) in errors.iter().zip(expected) {
        assert_eq!((error.name(), error.code()), (name, code));
        assert!(error.to_string().contains(remedy), "{error}");
        let has_reason = *error != Error::SessionChanged;
        assert_eq!(error.message().contains("it was so"), has_reason);
        assert_eq!(error.cause().is_some(), has_reason);
    }
}
