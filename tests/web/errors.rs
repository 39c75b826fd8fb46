//! Errors: each one is what it says, and none shows a token.

use std::error::Error as _;
use std::time::Duration;

use tokenflight::web::{Api, Error, SignOut, Tokens};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::world::{Outcome, World};

#[wasm_bindgen_test]
async fn a_session_that_is_over_is_sign_in_required_for_all() -> Outcome {
    let world = World::new().await?;
    world.revoke().await?;
    let calls = (0..5).map(|n| world.api.get(&format!("/ping/{n}")).send());
    for outcome in futures::future::join_all(calls).await {
        let error = outcome.err().ok_or("it was answered")?;
        assert!(matches!(error, Error::SignInRequired { .. }), "{error:?}");
        assert!(error.to_string().contains("Ask the user to sign in"), "{error}");
    }
    assert_eq!(world.stats().await?.refreshes, 1);
    assert_eq!(*world.signed_out.borrow(), [SignOut::Refused]);
    assert_eq!(world.api.access_token(Duration::ZERO).await?, None);
    Ok(())
}

#[wasm_bindgen_test]
async fn an_outage_is_refresh_unavailable_and_tells_when() -> Outcome {
    let world = World::with(|builder| builder.refresh_retries(0)).await?;
    world.expire().await?;
    world.faults(serde_json::json!([{ "status": 503 }])).await?;
    let error = world.api.get("/ping/1").send().await.err().ok_or("it was answered")?;
    let Error::RefreshUnavailable { retry_after, cause, .. } = &error else {
        panic!("{error:?}");
    };
    assert!(*retry_after > Duration::ZERO && cause.is_some(), "{error:?}");
    assert!(world.signed_out.borrow().is_empty());
    // By hand it is tried at once, and the session has survived.
    world.api.refresh().await?;
    assert_eq!(world.api.get("/ping/1").send().await?.status(), 200);
    Ok(())
}

#[wasm_bindgen_test]
async fn a_status_keeps_body_and_headers() -> Outcome {
    let world = World::new().await?;
    let call =
        world.api.get(r#"/test/content?status=422&type=application/json&body={"field":"name"}"#);
    let error = call.receive::<()>().await.err().ok_or("it was answered")?;
    let Error::Status(status) = &error else { panic!("{error:?}") };
    assert_eq!((status.status, status.body.as_str()), (422, r#"{"field":"name"}"#));
    assert_eq!(status.headers.get("content-type").as_deref(), Some("application/json"));
    assert_eq!(status.json::<serde_json::Value>()?["field"], "name");
    assert_eq!(error.to_string(), "The server answered 422.");
    Ok(())
}

#[wasm_bindgen_test]
async fn json_that_is_none_is_said_to_be_none() -> Outcome {
    let world = World::new().await?;
    let call = world.api.get("/test/content?type=application/json&body={broken");
    let error = call.receive::<serde_json::Value>().await.err().ok_or("it was answered")?;
    assert!(matches!(error, Error::Json(_)) && error.source().is_some(), "{error:?}");
    Ok(())
}

#[wasm_bindgen_test]
async fn a_timeout_and_a_dead_server_are_told_apart() -> Outcome {
    let world = World::new().await?;
    let slow = world.api.get("/test/slow?ms=5000").timeout(Duration::from_millis(50));
    assert!(matches!(slow.send().await, Err(Error::Timeout)));
    let error = world.api.get("http://127.0.0.1:1/").send().await.err().ok_or("it was answered")?;
    assert!(matches!(error, Error::Fetch(_)), "{error:?}");
    let error =
        world.api.get("/x").header("not a name", "x").send().await.err().ok_or("it was sent")?;
    assert!(matches!(error, Error::Fetch(_)), "{error:?}");
    Ok(())
}

#[wasm_bindgen_test]
async fn a_request_of_another_session_is_not_sent_again() -> Outcome {
    let world = World::new().await?;
    world.expire().await?;
    world.faults(serde_json::json!([{ "delay": 300 }])).await?;
    let mut waiting = Box::pin(world.api.get("/ping/1").send());
    while world.stats().await?.refreshes == 0 {
        assert!(futures::poll!(&mut waiting).is_pending());
    }
    world.api.sign_in(Tokens::new("another session")).await?;
    assert!(matches!(waiting.await, Err(Error::SessionChanged)));
    Ok(())
}

#[wasm_bindgen_test]
fn a_wrong_option_is_named() {
    let wrong = [
        (Api::builder().base_url("javascript:alert(1)"), "`baseURL`"),
        (Api::builder().allow_origin("https://example.com/path"), "`allowedOrigins`"),
        (Api::builder().token_header("no header", "Bearer"), "`header`"),
        (Api::builder().header("no header", "x"), "`headers`"),
        (Api::builder().refresh_retries(1000), "`refreshRetries`"),
        (Api::builder().timeout(Duration::from_secs(u64::MAX)), "`timeout`"),
        (Api::builder().login_url(""), "`loginURL`"),
    ];
    for (builder, name) in wrong {
        match builder.build() {
            Err(Error::Option(message)) => assert!(message.contains(name), "{message}"),
            other => panic!("{name}: {other:?}"),
        }
    }
}

#[wasm_bindgen_test]
async fn no_token_is_shown_nor_taken_that_no_header_can_hold() -> Outcome {
    let world = World::new().await?;
    let tokens = Tokens::new("a line\nbreak");
    let shown = format!("{tokens:?}{:?}{:?}", world.api, world.api.get("/x?secret=1"));
    assert!(!shown.contains("break") && !shown.contains("secret"), "{shown}");
    for tokens in [tokens, Tokens::new(""), Tokens::new("good").with_refresh_token("")] {
        let error = world.api.sign_in(tokens).await.err().ok_or("it was taken")?;
        assert!(matches!(error, Error::Token), "{error:?}");
    }
    Ok(())
}
