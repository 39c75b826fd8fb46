//! The decisions, each on its own (2.3, 2.4, 3.6, 3.8, 4.3).

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod common;

use common::{Token, ms, token};
use tokenflight::credential::Grant;
use tokenflight::policy::{Answer, Body, Policy, Step, Verdict, on_unauthorized};
use tokenflight::session::{Change, Epoch, Session};

fn judged(policy: &Policy, status: u16, body: Body<Token>) -> &'static str {
    let retry_after = Some(ms(5));
    match policy.judge(Answer::Response { status, retry_after, body, cause: Some(()) }) {
        Verdict::Granted(_) => "granted",
        Verdict::Refused { .. } => "refused",
        Verdict::Unavailable { retry_after, .. } => {
            assert_eq!(retry_after, Some(ms(5)), "Retry-After is passed on");
            "unavailable"
        }
    }
}

/// Each body, and what it means in a success.
fn bodies() -> [(Body<Token>, &'static str); 12] {
    let grant = Grant { access: token("ann.1"), refresh: None, expires_in: None };
    let json = |code| Body::WithoutToken { code, is_temporary: false };
    [
        (Body::Tokens(grant), "granted"),
        (Body::NotJson, "unavailable"),
        (Body::Page, "unavailable"),
        (json(None), "refused"),
        (json(Some(401)), "refused"),
        (json(Some(428)), "refused"),
        (json(Some(429)), "unavailable"),
        (json(Some(499)), "refused"),
        (json(Some(500)), "unavailable"),
        (json(Some(599)), "unavailable"),
        (json(Some(600)), "refused"),
        (Body::WithoutToken { code: None, is_temporary: true }, "unavailable"),
    ]
}

#[test]
fn every_status_and_body_has_its_verdict() {
    for status in 100..=599 {
        for (body, in_success) in bodies() {
            let is_temporary = matches!(body, Body::WithoutToken { is_temporary: true, .. });
            let expected = match status {
                200..=299 => in_success,
                405 | 407 | 408 | 409 | 421 | 423 | 424 | 425 | 429 => "unavailable",
                400..=499 if is_temporary => "unavailable",
                400 | 401 | 422 => "refused",
                400..=499 if matches!(body, Body::Page) => "unavailable",
                400..=499 => "refused",
                _ => "unavailable",
            };
            let context = format!("{status} {body:?}");
            assert_eq!(judged(&Policy::default(), status, body), expected, "{context}");
        }
    }
}

#[test]
fn only_a_sign_in_required_error_of_a_refresh_function_is_a_refusal() {
    let policy = Policy::default();
    let refused = policy.judge::<Token, _>(Answer::SignInRequired("why"));
    assert!(matches!(refused, Verdict::Refused { cause: Some("why"), .. }));
    let failed = policy.judge::<Token, _>(Answer::Failed("why"));
    assert!(matches!(failed, Verdict::Unavailable { cause: Some("why"), .. }));
}

#[test]
fn cause_of_a_failed_status_is_kept() {
    let answer = |status| Answer::<Token, _>::Response {
        status,
        retry_after: None,
        body: Body::NotJson,
        cause: Some("why"),
    };
    let policy = Policy::default();
    assert!(matches!(policy.judge(answer(400)), Verdict::Refused { cause: Some("why"), .. }));
    assert!(matches!(policy.judge(answer(503)), Verdict::Unavailable { cause: Some("why"), .. }));
    assert!(matches!(policy.judge(answer(200)), Verdict::Unavailable { cause: Some("why"), .. }));
    let without_token = Answer::<Token, _>::Response {
        status: 200,
        retry_after: None,
        body: Body::WithoutToken { code: None, is_temporary: false },
        cause: Some("why"),
    };
    assert!(matches!(policy.judge(without_token), Verdict::Refused { cause: Some("why"), .. }));
}

#[test]
fn retry_waits_between_nothing_and_a_doubling_bound() {
    let policy = Policy { refresh_retries: 5, ..Policy::default() };
    for (tries, bound) in [(1, 300), (2, 600), (3, 1_200), (4, 2_400), (5, 4_800)] {
        assert_eq!(policy.retry_in(tries, None, 0.0), Some(ms(0)));
        assert_eq!(policy.retry_in(tries, None, 0.5), Some(ms(bound / 2)));
        let longest = policy.retry_in(tries, None, 0.999_999).unwrap();
        assert!(longest > ms(bound - 1) && longest <= ms(bound), "{longest:?}");
    }
    assert_eq!(policy.retry_in(6, None, 0.5), None);
}

#[test]
fn retry_after_is_waited_for_up_to_the_bound() {
    let policy = Policy::default();
    for chance in [0.0, 0.5, 0.999] {
        assert_eq!(policy.retry_in(1, Some(ms(0)), chance), Some(ms(0)));
        assert_eq!(policy.retry_in(2, Some(ms(30_000)), chance), Some(ms(30_000)));
        assert_eq!(policy.retry_in(1, Some(ms(30_001)), chance), None);
        assert_eq!(policy.retry_in(3, Some(ms(1)), chance), None, "no retries are left");
    }
}

#[test]
fn waits_stay_finite_however_often_they_double() {
    let policy = Policy { refresh_retries: u32::MAX, ..Policy::default() };
    for tries in [31, 32, 33, 34, 1_000, u32::MAX] {
        assert!(policy.retry_in(tries, None, 0.999_999_999_999_999_9).is_some());
        let cool_down = policy.cool_down(tries, 0.999_999_999_999_999_9);
        assert!(cool_down > ms(59_999) && cool_down <= ms(60_000), "{cool_down:?}");
    }
}

#[test]
fn cool_down_doubles_up_to_a_minute_and_its_upper_half_is_random() {
    let policy = Policy::default();
    for (outages, whole) in [(1, 1_000), (2, 2_000), (6, 32_000), (7, 60_000), (8, 60_000)] {
        assert_eq!(policy.cool_down(outages, 0.0), ms(whole / 2));
        assert_eq!(policy.cool_down(outages, 0.5), ms(whole * 3 / 4));
        let longest = policy.cool_down(outages, 0.999_999);
        assert!(longest > ms(whole - 1) && longest <= ms(whole), "{longest:?}");
    }
    let patient = Policy { cool_down: ms(90_000), ..Policy::default() };
    assert_eq!(patient.cool_down(1, 0.0), ms(45_000));
    assert_eq!(patient.cool_down(5, 0.0), ms(45_000), "a longer one of the user's does not grow");
}

#[test]
fn defaults_are_the_documented_ones() {
    let policy = Policy::default();
    let times = [
        (policy.refresh_timeout, 10_000),
        (policy.retry_delay, 300),
        (policy.max_retry_after, 30_000),
        (policy.cool_down, 1_000),
    ];
    assert!(times.iter().all(|(time, documented)| *time == ms(*documented)));
    assert_eq!(policy.refresh_retries, 2);
    assert!(!policy.returns_unauthorized);
}

#[test]
fn unauthorized_is_judged_by_its_epoch() {
    let session = Session::<Token>::new();
    let before = session.epoch();
    session.observe(Some(&token("ann.1")), false);
    let first = session.epoch();
    assert_eq!(on_unauthorized(first, &session, false, false), Step::Refresh);
    assert_eq!(on_unauthorized(before, &session, false, false), Step::Replay);
    session.renew(&token("ann.2"));
    assert_eq!(on_unauthorized(first, &session, false, false), Step::Replay);
    session.begin(Some(&token("bob.1")));
    assert_eq!(on_unauthorized(first, &session, false, false), Step::SessionChanged);
    assert_eq!(on_unauthorized(session.epoch(), &session, false, false), Step::Refresh);
    session.end(None);
    assert_eq!(on_unauthorized(session.epoch(), &session, false, false), Step::SignIn);
    assert_eq!(on_unauthorized(first, &session, false, false), Step::SignIn);
    assert_eq!(on_unauthorized(session.epoch(), &session, true, false), Step::Refresh);
    assert_eq!(on_unauthorized(first, &session, true, false), Step::SessionChanged);
}

#[test]
fn epoch_survives_the_way_through_javascript() {
    let session = Session::<Token>::new();
    session.renew(&token("ann.3"));
    let epoch = session.epoch();
    assert_eq!(Epoch::from_raw(epoch.into_raw()), epoch);
    assert!(epoch > Epoch::default());
}

/// A look at the storage: what it held before, what it holds now, and the change.
#[test]
fn every_look_at_the_storage_has_its_meaning() {
    let some = |text: &str| Some(token(text));
    let looks = [
        (None, None, false, Change::None),
        (None, None, true, Change::None),
        (None, some("ann.1"), false, Change::Token),
        (some("ann.1"), some("ann.1"), false, Change::None),
        (some("ann.1"), some("ann.2"), false, Change::Token),
        (some("ann.1"), some("bob.1"), false, Change::Session),
        (some("ann.1"), some("opaque"), false, Change::Token),
        (some("opaque"), some("bob.1"), false, Change::Token),
        (some("ann.1"), None, true, Change::None),
        (some("ann.1"), None, false, Change::Session),
    ];
    for (before, now, has_refresh_token, expected) in looks {
        let session = Session::<Token>::new();
        session.observe(before.as_ref(), false);
        let (epoch, context) = (session.epoch(), format!("{before:?} {now:?}"));
        assert_eq!(session.is_vanishing(None), before.is_some(), "{context}");
        assert_eq!(session.observe(now.as_ref(), has_refresh_token), expected, "{context}");
        assert_eq!(session.epoch() != epoch, expected != Change::None, "{context}");
        let is_left = session.has_moved_on_from(epoch);
        assert_eq!(is_left, expected == Change::Session, "{context}");
        assert_eq!(session.observe(now.as_ref(), has_refresh_token), Change::None, "{context}");
    }
}
