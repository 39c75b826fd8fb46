//! How a session stands, and what follows for those who need it (4.1, 4.2).

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod common;

use std::cell::Cell;

use common::{Stage, Tab, Token, driver, get, token};
use tokenflight::session::{Change, Session, SignOut};

type Known = Session<Token, &'static str>;
type Step = fn(&Known);

/// Ann's session, as this page has seen it.
fn open() -> Known {
    let session = Session::new();
    session.observe(Some(&token("ann.1")), true);
    session
}

fn ended_here() -> Known {
    let session = open();
    session.end(None);
    session
}

fn ended_elsewhere() -> Known {
    let session = open();
    assert_eq!(session.observe(None, false), Change::Session);
    session
}

fn error_of(session: &Known, made: &'static str) -> &'static str {
    session.ended_error(|| made)
}

#[test]
fn session_ends_here_or_elsewhere() {
    let stands = |session: &Known| (session.is_over(), session.has_ended_elsewhere());
    assert_eq!(stands(&Session::new()), (false, false), "nothing has begun, nothing has ended");
    assert_eq!(stands(&open()), (false, false));
    assert_eq!(stands(&ended_here()), (true, false));
    assert_eq!(stands(&ended_elsewhere()), (true, true));
}

#[test]
fn session_that_ended_here_is_not_ended_once_more_by_what_the_storage_shows() {
    let session = ended_here();
    assert_eq!(session.observe(None, false), Change::None);
    assert!(session.is_over() && !session.has_ended_elsewhere());
}

#[test]
fn session_without_an_access_token_stands_while_there_is_a_refresh_token() {
    let session = open();
    assert_eq!(session.observe(None, true), Change::None);
    assert!(!session.is_over());
    assert_eq!(session.observe(None, false), Change::Session);
    assert!(session.has_ended_elsewhere());
}

#[test]
fn login_is_pending_once_and_only_where_the_session_ended_elsewhere() {
    let taken = |session: &Known| [session.take_login_pending(), session.take_login_pending()];
    assert_eq!(taken(&open()), [false, false]);
    assert_eq!(taken(&ended_here()), [false, false]);
    let session = ended_elsewhere();
    assert_eq!(taken(&session), [true, false]);
    assert!(session.has_ended_elsewhere(), "it is still so");
}

#[test]
fn error_of_an_ended_session_is_made_once_and_shared() {
    for session in [ended_here(), ended_elsewhere()] {
        assert_eq!(error_of(&session, "made for the first one"), "made for the first one");
        assert_eq!(error_of(&session, "made for another one"), "made for the first one");
    }
    let session = open();
    session.end(Some("refused"));
    assert_eq!(error_of(&session, "made"), "refused", "it was there already");
}

#[test]
fn whoever_goes_to_the_login_page_leaves_the_error_as_it_is() {
    let session = ended_elsewhere();
    assert_eq!(error_of(&session, "the first"), "the first");
    assert!(session.take_login_pending());
    assert_eq!(error_of(&session, "the second"), "the first");
}

#[test]
fn any_token_opens_the_session_again_and_nothing_is_left_of_its_end() {
    let appear: [Step; 3] = [
        |session| {
            session.observe(Some(&token("ann.2")), true);
        },
        |session| session.begin(Some(&token("bob.1"))),
        |session| session.renew(&token("ann.2")),
    ];
    for appear in appear {
        for session in [ended_here(), ended_elsewhere()] {
            error_of(&session, "of the former session");
            appear(&session);
            assert!(!session.is_over() && !session.has_ended_elsewhere());
            assert!(!session.take_login_pending());
            session.end(None);
            assert_eq!(error_of(&session, "of this one"), "of this one");
        }
    }
}

#[test]
fn watcher_hears_of_every_epoch_and_of_nothing_else() {
    let (session, heard) = (Known::new(), std::rc::Rc::new(Cell::new(0)));
    let count = heard.clone();
    session.watch(move || count.set(count.get() + 1));
    let steps: [(Step, u32); 6] = [
        (
            |session| {
                session.observe(Some(&token("ann.1")), true);
            },
            1,
        ),
        (
            |session| {
                session.observe(Some(&token("ann.1")), true);
            },
            1,
        ),
        (
            |session| {
                session.observe(None, true);
            },
            1,
        ),
        (|session| session.renew(&token("ann.2")), 2),
        (|session| session.begin(None), 3),
        (|session| session.end(None), 4),
    ];
    for (step, expected) in steps {
        step(&session);
        assert_eq!(heard.get(), expected);
    }
}

/// Two tabs; the session of the second one ended in the first.
fn signed_out_elsewhere() -> Tab {
    let one = Stage::signed_in().locking_tabs().open();
    let two = one.another_tab();
    two.fetch(get("a"));
    one.run();
    one.sign_out();
    one.run();
    driver::notice_change(&two.client);
    two
}

#[test]
fn all_who_need_a_session_that_ended_elsewhere_get_one_error_and_one_login_page() {
    let tab = signed_out_elsewhere();
    let calls: Vec<_> = (0..5).map(|number| tab.fetch(get("b").takes(10 + number))).collect();
    tab.run();
    assert!(calls.iter().all(|call| call.failure() == calls[0].failure()));
    assert_eq!(*tab.client.platform.logins.borrow(), [SignOut::Asked]);
}

#[test]
fn login_that_was_not_needed_is_forgotten_with_the_next_session() {
    let tab = signed_out_elsewhere();
    tab.sign_in("bob");
    tab.run();
    tab.sign_out();
    tab.run();
    let call = tab.fetch(get("b"));
    tab.run();
    assert_eq!(call.failure().name(), "SignInRequiredError");
    assert!(tab.client.platform.logins.borrow().is_empty());
}

/// Application code writes the tokens of the next session, and this page signs out.
#[test]
fn login_that_was_not_needed_is_forgotten_with_the_next_token() {
    let tab = signed_out_elsewhere();
    tab.write_sign_in("bob");
    let late = tab.fetch(get("b").takes(50).forbidden());
    tab.run_until(tab.clock.elapsed() + 10);
    tab.sign_out();
    tab.run();
    assert!(late.is_settled());
    assert!(tab.client.platform.logins.borrow().is_empty());
}
