//! Events.

use std::time::Duration;

use tokenflight::web::{Api, Event, Session, SessionStatus};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::world::{Outcome, World, pause};

#[wasm_bindgen_test]
async fn each_event_is_heard_once_and_shows_no_token() -> Outcome {
    let world = World::with(|builder| builder.refresh_retries(0)).await?;
    world.expire().await?;
    assert_eq!(world.api.get("/ping/1").send().await?.status(), 200);
    world.faults(serde_json::json!([{ "status": 503 }])).await?;
    world.api.refresh().await.err().ok_or("it was refreshed")?;
    world.api.sign_out().await;
    pause(Duration::from_millis(50)).await;
    let events = world.events.borrow();
    let names = events.iter().map(|event| event.split(['(', ' ']).next().unwrap_or_default());
    assert_eq!(
        names.collect::<Vec<_>>(),
        ["SessionChanged", "TokenRefreshed", "RefreshUnavailable", "SignedOut"]
    );
    Ok(())
}

#[wasm_bindgen_test]
async fn a_listener_may_use_the_client_and_gets_the_new_token() -> Outcome {
    let world = World::new().await?;
    let (told, hears) = futures::channel::oneshot::channel();
    let told = std::cell::RefCell::new(Some(told));
    let api: Api = world.api.clone();
    let _listening = world.api.on(move |event| {
        let Event::TokenRefreshed { access_token } = event else { return };
        let (api, told) = (api.clone(), told.take());
        wasm_bindgen_futures::spawn_local(async move {
            let stored = api.access_token(Duration::ZERO).await.ok().flatten();
            if let Some(told) = told {
                told.send(stored.is_some() && stored == access_token).ok();
            }
        });
    });
    world.api.refresh().await?;
    assert!(hears.await?);
    Ok(())
}

#[wasm_bindgen_test]
async fn who_has_dropped_the_subscription_hears_nothing() -> Outcome {
    let world = World::new().await?;
    let heard = std::rc::Rc::new(std::cell::Cell::new(0));
    let count = heard.clone();
    let listening = world.api.on(move |_| count.set(count.get() + 1));
    world.api.refresh().await?;
    pause(Duration::from_millis(50)).await;
    let before = heard.get();
    drop(listening);
    world.api.refresh().await?;
    pause(Duration::from_millis(50)).await;
    assert_eq!((before > 0, heard.get()), (true, before));
    Ok(())
}

#[wasm_bindgen_test]
async fn the_session_is_known_at_once_and_each_change_is_told() -> Outcome {
    #[derive(serde::Deserialize)]
    struct Claims {
        sub: String,
    }
    let world = World::new().await?;
    let told = std::rc::Rc::new(std::cell::RefCell::new(Vec::new()));
    let seen = told.clone();
    let listening = world.api.subscribe(move |session: Session| seen.borrow_mut().push(session));
    let before = world.api.session();
    assert_eq!(before.status(), SessionStatus::SignedIn);
    let claims = before.claims::<Claims>().ok_or("the token is a JWT")?;
    assert_eq!(before.subject(), Some(claims.sub));
    assert!(before.expires_at().is_some());
    assert!(before == world.api.session());
    world.api.refresh().await?;
    world.api.sign_out().await;
    pause(Duration::from_millis(50)).await;
    let statuses: Vec<_> = told.borrow().iter().map(Session::status).collect();
    assert_eq!(statuses, [SessionStatus::SignedIn, SessionStatus::SignedOut]);
    assert_eq!(told.borrow().last(), Some(&world.api.session()));
    drop(listening);
    Ok(())
}
