//! Settings that call back, and the other ways to refresh.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use gloo_net::http::{Request, Response};
use tokenflight::web::{Api, Error, Storage, Tokens};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::world::{Outcome, SignedIn, World, server};

#[wasm_bindgen_test]
async fn a_refresh_function_brings_tokens() -> Outcome {
    let world = World::with(|builder| {
        builder.refresh_with(async |context| {
            let body = serde_json::json!({ "refreshToken": context.refresh_token });
            let url =
                format!("{}/api/refresh-token", server().map_err(|_| Error::other("no server"))?);
            let response = Request::post(&url).abort_signal(Some(&context.signal)).json(&body)?;
            let tokens: serde_json::Value = response.send().await?.json().await?;
            let text = |name: &str| tokens[name].as_str().unwrap_or_default().to_owned();
            Ok(Tokens::new(text("accessToken")).with_refresh_token(text("refreshToken")))
        })
    });
    let world = world.await?;
    // The second time with the refresh token that the first one has brought.
    for refreshes in 1..=2 {
        world.expire().await?;
        assert_eq!(world.api.get("/ping/1").send().await?.status(), 200);
        assert_eq!(world.stats().await?.refreshes, refreshes);
    }
    Ok(())
}

#[wasm_bindgen_test]
async fn a_refresh_function_says_whether_the_session_is_over() -> Outcome {
    let refused = World::with(|builder| {
        builder.refresh_with(async |_| Err(Error::sign_in_required("the server has refused")))
    });
    let refused = refused.await?;
    refused.expire().await?;
    assert!(matches!(refused.api.refresh().await, Err(Error::SignInRequired { .. })));

    let broken = World::with(|builder| {
        builder.refresh_retries(0).refresh_with(async |_| Err(Error::other("no idea")))
    });
    let broken = broken.await?;
    let error = broken.api.refresh().await.err().ok_or("it was refreshed")?;
    assert!(matches!(error, Error::RefreshUnavailable { .. }), "{error:?}");
    assert!(broken.api.access_token(Duration::ZERO).await?.is_some());
    Ok(())
}

#[wasm_bindgen_test]
async fn oauth_and_memory_work() -> Outcome {
    let endpoint = format!("{}/api/token", server()?);
    let world =
        World::with(|builder| builder.storage(Storage::Memory).oauth(&endpoint, "a client", None));
    let world = world.await?;
    world.expire().await?;
    assert_eq!(world.api.get("/ping/1").send().await?.status(), 200);
    let storage = web_sys::window().and_then(|window| window.local_storage().ok().flatten());
    let key = format!("access {}", world.signed_in.sid);
    assert_eq!(storage.and_then(|storage| storage.get_item(&key).ok().flatten()), None);
    Ok(())
}

#[wasm_bindgen_test]
async fn signing_out_tells_the_server() -> Outcome {
    let url = format!("{}/api/sign-out", server()?);
    let world = World::with(|builder| builder.sign_out_url(&url)).await?;
    world.api.sign_out().await;
    let body = serde_json::json!({ "refreshToken": world.signed_in.refresh_token });
    let refresh = format!("{}/api/refresh-token", server()?);
    assert_eq!(Request::post(&refresh).json(&body)?.send().await?.status(), 401);
    let revoking = Api::builder().revocation_endpoint("data:,").oauth("/token", "a client", None);
    let error = revoking.build().err().ok_or("it was built")?;
    assert!(error.to_string().contains("`refresh.revocationEndpoint`"), "{error}");
    Ok(())
}

#[wasm_bindgen_test]
async fn a_rule_of_ones_own_reads_the_body_of_a_clone() -> Outcome {
    let world = World::with(|builder| {
        builder.is_unauthorized(async |response: web_sys::Response| {
            let Ok(copy) = response.clone() else { return false };
            let body = Response::from(copy).json::<serde_json::Value>().await;
            body.is_ok_and(|body| body["code"] == 40101)
        })
    });
    let world = world.await?;
    world.expire().await?;
    let answer: serde_json::Value = world.api.get("/test/code-40101").receive().await?;
    assert_eq!((&answer["code"], world.stats().await?.refreshes), (&0.into(), 1));
    Ok(())
}

#[wasm_bindgen_test]
async fn hooks_see_each_attempt_and_what_the_caller_gets() -> Outcome {
    let attempts = Rc::new(Cell::new(0));
    let count = attempts.clone();
    let world = World::with(|builder| {
        builder
            .on_request(async move |request: Request| {
                count.set(count.get() + 1);
                request.headers().set("X-Attempt", &count.get().to_string());
                request
            })
            .on_response(async |response: Response| {
                let built = Response::builder().status(response.status()).body(Some("replaced"));
                built.unwrap_or(response)
            })
    });
    let world = world.await?;
    world.expire().await?;
    let response = world.api.get("/test/echo").send().await?;
    assert_eq!((response.status(), response.text().await?.as_str()), (200, "replaced"));
    assert_eq!(attempts.get(), 2);
    Ok(())
}

#[wasm_bindgen_test]
async fn two_clients_of_one_storage_share_one_session() -> Outcome {
    let world = World::new().await?;
    let SignedIn { sid, .. } = &world.signed_in;
    let second = tokenflight::web::Api::builder()
        .base_url(&format!("{}/api", server()?))
        .access_token_key(&format!("access {sid}"))
        .refresh_token_key(&format!("refresh {sid}"))
        .build()?;
    world.expire().await?;
    let (one, two) = futures::join!(world.api.get("/ping/1").send(), second.get("/ping/2").send());
    assert_eq!((one?.status(), two?.status()), (200, 200));
    assert_eq!(world.stats().await?.refreshes, 1);
    Ok(())
}

#[wasm_bindgen_test]
async fn a_session_of_cookies_begins_without_tokens() -> Outcome {
    let fetch = "globalThis.asked = [...(globalThis.asked ?? []), input.url ?? input];
        const isOver = globalThis.asked.length === 1;
        return Promise.resolve(new Response(null, { status: isOver ? 401 : 204 }));";
    let fetch = js_sys::Function::new_with_args("input, init", fetch);
    let api = tokenflight::web::Api::builder()
        .base_url("https://cookies.example")
        .access_token_key("a session of cookies")
        .cookie_session()
        .fetch(fetch)
        .build()?;
    api.sign_in(None).await?;
    api.get("/orders").receive::<()>().await?;
    let asked = js_sys::Reflect::get(&js_sys::global(), &"asked".into())
        .map_err(|_| "nothing was asked")?;
    let asked: Vec<String> =
        js_sys::Array::from(&asked).iter().filter_map(|url| url.as_string()).collect();
    let [orders, refresh] =
        ["orders", "refresh-token"].map(|path| format!("https://cookies.example/{path}"));
    assert_eq!(asked, [orders.as_str(), refresh.as_str(), orders.as_str()]);
    assert_eq!(api.access_token(Duration::ZERO).await?, None);
    let without = tokenflight::web::Api::builder().access_token_key("no tokens").build()?;
    assert!(matches!(without.sign_in(None).await, Err(Error::Token)));
    Ok(())
}
