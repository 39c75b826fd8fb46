//! A shop in Yew: sign in, and submit an order although the token has expired meanwhile.
//!
//! `npm start` in the project's folder serves the API; `trunk serve` here, with a proxy to it, the page.

use serde::{Deserialize, Serialize};
use tokenflight::web::{Api, Error, Event, Tokens};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

#[derive(Serialize)]
struct Credentials {
    user: &'static str,
    password: &'static str,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SignedIn {
    access_token: String,
    refresh_token: String,
}

#[derive(Serialize)]
struct NewOrder {
    id: String,
    items: Vec<Item>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Item {
    product_id: &'static str,
    quantity: u32,
}

#[derive(Deserialize)]
struct Order {
    arrivals: u32,
}

async fn sign_in(api: &Api) -> Result<(), Error> {
    let ada = Credentials { user: "ada", password: "ada" };
    // Its 401 means a wrong password, and is no reason to refresh.
    let SignedIn { access_token, refresh_token } =
        api.post("/sign-in").json(&ada)?.without_auth().receive().await?;
    api.sign_in(Tokens::new(access_token).with_refresh_token(refresh_token)).await
}

async fn submit(api: &Api, id: String) -> Result<Order, Error> {
    let items = vec![Item { product_id: "mug", quantity: 1 }];
    api.post("/orders").json(&NewOrder { id, items })?.receive().await
}

/// Returns the message for the user.
fn explain(error: &Error) -> String {
    match error {
        Error::SignInRequired { .. } => "Please sign in.".to_owned(),
        Error::RefreshUnavailable { retry_after, .. } => {
            format!("Not now. Please try again in {} s.", retry_after.as_secs() + 1)
        }
        error => error.to_string(),
    }
}

#[derive(PartialEq, Properties)]
struct Props {
    api: Api,
}

#[component]
fn Shop(Props { api }: &Props) -> Html {
    let message = use_state(|| "Sign in to order.".to_owned());
    let refreshes = use_state(|| 0);
    let orders = use_mut_ref(|| 0);

    // Listens until the component is gone.
    let count = refreshes.clone();
    use_effect_with((api.clone(), *refreshes), |(api, refreshes)| {
        let next = refreshes + 1;
        let listening = api.on(move |event| {
            if let Event::TokenRefreshed { .. } = event {
                count.set(next);
            }
        });
        || drop(listening)
    });

    let on_sign_in = {
        let (api, message) = (api.clone(), message.clone());
        Callback::from(move |_| {
            let (api, message) = (api.clone(), message.clone());
            spawn_local(async move {
                message.set(match sign_in(&api).await {
                    Ok(()) => "Welcome, Ada.".to_owned(),
                    Err(error) => explain(&error),
                });
            });
        })
    };
    let on_submit = {
        let (api, message) = (api.clone(), message.clone());
        Callback::from(move |_| {
            let (api, message) = (api.clone(), message.clone());
            *orders.borrow_mut() += 1;
            let id = format!("yew-order-{}", *orders.borrow());
            spawn_local(async move {
                message.set(match submit(&api, id).await {
                    Ok(Order { arrivals: 1 }) => "Thank you for your order.".to_owned(),
                    Ok(Order { arrivals }) => format!("The order arrived {arrivals} times."),
                    Err(error) => explain(&error),
                });
            });
        })
    };
    html! {
        <main>
            <h1>{ "Stoneware mugs" }</h1>
            <button id="sign-in" onclick={on_sign_in}>{ "Sign in as Ada" }</button>
            <button id="submit" onclick={on_submit}>{ "Submit order" }</button>
            <p id="message">{ (*message).clone() }</p>
            <p>{ "Refreshes: " }<output id="refreshes">{ *refreshes }</output></p>
        </main>
    }
}

fn main() -> Result<(), Error> {
    // A router would lead to the login page in `on_signed_out`.
    let api = Api::builder().base_url("/api").on_signed_out(|_| {}).build()?;
    yew::Renderer::<Shop>::with_props(Props { api }).render();
    Ok(())
}
