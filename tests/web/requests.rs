//! Requests: how they are built, what is sent, and what comes back.

use std::time::Duration;

use futures::future::join_all;
use gloo_net::http::Request;
use serde::{Deserialize, Serialize};
use tokenflight::web::Error;
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::world::{Outcome, World, pause, server};

#[derive(Debug, Deserialize, PartialEq)]
struct Ping {
    n: u32,
}

#[derive(Serialize)]
struct Cart<'a> {
    items: &'a [u32],
}

#[wasm_bindgen_test]
async fn twenty_requests_on_an_expired_token_cost_one_refresh() -> Outcome {
    let world = World::new().await?;
    world.expire().await?;
    let calls = (0..20).map(|n| world.api.get(&format!("/ping/{n}")).receive::<Ping>());
    let answers = join_all(calls).await.into_iter().collect::<Result<Vec<_>, _>>()?;
    assert_eq!(answers, (0..20).map(|n| Ping { n }).collect::<Vec<_>>());
    let stats = world.stats().await?;
    assert_eq!(stats.refreshes, 1);
    assert!((1..=20).contains(&stats.unauthorized), "{} answers were a 401", stats.unauthorized);
    Ok(())
}

#[wasm_bindgen_test]
async fn a_json_body_is_replayed_whole() -> Outcome {
    let world = World::new().await?;
    world.expire().await?;
    let cart = Cart { items: &[1, 2, 3] };
    let answer: serde_json::Value = world.api.post("/test/echo").json(&cart)?.receive().await?;
    let attempts = world.stats().await?.attempts;
    let [refused, replayed] = &attempts[..] else { panic!("{} attempts", attempts.len()) };
    assert_eq!((refused.authorized, replayed.authorized), (false, true));
    assert_eq!(refused.sha256, replayed.sha256);
    assert_eq!(
        (replayed.method.as_str(), replayed.content_type.as_deref()),
        ("POST", Some("application/json"))
    );
    assert_eq!(answer["length"], r#"{"items":[1,2,3]}"#.len());
    Ok(())
}

#[wasm_bindgen_test]
async fn requests_of_gloo_are_sent_and_replayed() -> Outcome {
    let world = World::new().await?;
    world.expire().await?;
    let url = format!("{}/api/test/echo", server()?);
    let response = world.api.fetch(Request::put(&url).body("as gloo built it")?).await?;
    assert_eq!(response.status(), 200);
    let stats = world.stats().await?;
    assert_eq!((stats.refreshes, stats.attempts.len()), (1, 2));
    assert_eq!(stats.attempts[0].sha256, stats.attempts[1].sha256);
    Ok(())
}

#[wasm_bindgen_test]
async fn query_headers_and_init_are_sent() -> Outcome {
    let world = World::new().await?;
    let echo: serde_json::Value = world
        .api
        .get("/test/echo?a=1#fragment")
        .query([("b", "x & y")])
        .header("X-One", "first")
        .header("X-One", "second")
        .init(|init| init.set_cache(web_sys::RequestCache::NoStore))
        .receive()
        .await?;
    assert_eq!(echo["headers"]["x-one"], "second");
    assert_eq!(echo["headers"]["cache-control"], "no-cache");
    assert_eq!(world.stats().await?.attempts[0].url, "/api/test/echo?a=1&b=x+%26+y");
    Ok(())
}

#[wasm_bindgen_test]
async fn without_auth_no_token_is_sent_and_nothing_refreshed() -> Outcome {
    let world = World::new().await?;
    let response = world.api.get("/ping/1").without_auth().send().await?;
    assert_eq!((response.status(), world.stats().await?.refreshes), (401, 0));
    Ok(())
}

#[wasm_bindgen_test]
async fn without_replay_the_401_is_the_callers() -> Outcome {
    let world = World::new().await?;
    world.expire().await?;
    let response = world.api.post("/test/echo").body("once").without_replay().send().await?;
    assert_eq!(response.status(), 401);
    // The refresh goes on meanwhile, and this waits for it.
    assert_ne!(
        world.api.access_token(Duration::ZERO).await?,
        Some(world.signed_in.access_token.clone())
    );
    let stats = world.stats().await?;
    assert_eq!((stats.refreshes, stats.attempts.len()), (1, 1));
    Ok(())
}

#[wasm_bindgen_test]
async fn an_answer_without_a_body_is_read_as_nothing() -> Outcome {
    let world = World::new().await?;
    let nothing: Option<u32> = world.api.get("/test/content?status=204").receive().await?;
    assert_eq!(nothing, None);
    world.api.get("/test/content?status=204").receive::<()>().await?;
    Ok(())
}

#[wasm_bindgen_test]
async fn a_future_that_is_dropped_takes_its_request_along_and_no_refresh() -> Outcome {
    let world = World::new().await?;
    world.expire().await?;
    world.faults(serde_json::json!([{ "delay": 300 }])).await?;
    let mut dropped = Box::pin(world.api.get("/ping/1").send());
    assert!(futures::poll!(&mut dropped).is_pending());
    // Until the refresh is under way.
    while world.stats().await?.refreshes == 0 {
        assert!(futures::poll!(&mut dropped).is_pending());
        pause(Duration::from_millis(10)).await;
    }
    drop(dropped);
    assert_eq!(world.api.get("/ping/2").receive::<Ping>().await?, Ping { n: 2 });
    assert_eq!(world.stats().await?.refreshes, 1);
    Ok(())
}

#[wasm_bindgen_test]
async fn the_reason_of_an_abort_arrives() -> Outcome {
    let world = World::new().await?;
    let controller = web_sys::AbortController::new().map_err(|_| "no AbortController")?;
    let started = js_sys::Date::now();
    let mut slow =
        Box::pin(world.api.get("/test/slow?ms=5000").signal(&controller.signal()).send());
    assert!(futures::poll!(&mut slow).is_pending());
    controller.abort_with_reason(&"the user has left".into());
    let error = slow.await.err().ok_or("it was answered")?;
    assert!(
        matches!(&error, Error::Aborted(reason) if *reason == "the user has left"),
        "{error:?}"
    );
    assert!(js_sys::Date::now() - started < 4000.0);
    Ok(())
}

#[wasm_bindgen_test]
async fn another_origin_gets_no_token() -> Outcome {
    let world = World::new().await?;
    let info: serde_json::Value =
        Request::get(&format!("{}/api/test/info", server()?)).send().await?.json().await?;
    let other = info["other"].as_str().ok_or("no other origin")?;
    let echo: serde_json::Value =
        world.api.get(&format!("{other}/api/test/open")).receive().await?;
    assert_eq!(echo["headers"]["authorization"], serde_json::Value::Null);
    Ok(())
}

#[wasm_bindgen_test]
async fn dropping_a_future_aborts_what_is_out() -> Outcome {
    let fetch = "globalThis.signalOfTheDropped = init.signal; return new Promise(() => {});";
    let fetch = js_sys::Function::new_with_args("input, init", fetch);
    let world = World::with(|builder| builder.fetch(fetch)).await?;
    let mut dropped = Box::pin(world.api.get("/ping/1").send());
    assert!(futures::poll!(&mut dropped).is_pending());
    let signal: web_sys::AbortSignal =
        js_sys::Reflect::get(&js_sys::global(), &"signalOfTheDropped".into())
            .map_err(|_| "nothing was sent")?
            .unchecked_into();
    assert!(!signal.aborted());
    drop(dropped);
    assert!(signal.aborted());
    Ok(())
}
