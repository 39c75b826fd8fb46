//! The bad days.

use std::rc::Rc;

use tokenflight::millis::Millis;

use super::world::{Kind, Setting, World};

pub struct Scenario {
    pub title: &'static str,
    pub setting: Setting,
    pub prepare: fn(&Rc<World>),
    /// When the trouble begins, and when the server is fine again.
    pub begins: Millis,
    pub is_over: Millis,
    pub lasts: Millis,
    /// True if the chart shows it.
    pub is_drawn: bool,
}

const MINUTE: Millis = Millis::from_secs(60);
const TEN_MINUTES: Millis = Millis::from_secs(660);
const QUARTER: Millis = Millis::from_secs(15 * 60);
const HOUR: Millis = Millis::from_secs(60 * 60);

/// The server can do five times what a quiet day asks of it.
pub fn scenarios(clients: u32) -> Vec<Scenario> {
    let capacity = f64::from(clients) / QUARTER.into_raw() * 1000.0 * 5.0;
    let kind = Kind::Tokenflight;
    let (is_issued_at_once, seed) = (false, 0);
    let quiet = Setting { kind, clients, lifetime: QUARTER, capacity, is_issued_at_once, seed };
    let at_once = Setting { lifetime: HOUR, is_issued_at_once: true, ..quiet };
    vec![
        Scenario {
            title: "A deploy revokes all access tokens",
            setting: quiet,
            prepare: |world| world.at(MINUTE, |servers| servers.revoke_access_tokens()),
            begins: MINUTE,
            is_over: MINUTE,
            lasts: QUARTER,
            is_drawn: false,
        },
        Scenario {
            title: "The token server is down for 10 minutes (503)",
            setting: quiet,
            prepare: |world| outage(world, false),
            begins: MINUTE,
            is_over: TEN_MINUTES,
            lasts: HOUR / 2.0,
            is_drawn: true,
        },
        Scenario {
            title: "The same, and it tells everybody the moment of its return (Retry-After)",
            setting: quiet,
            prepare: |world| outage(world, true),
            begins: MINUTE,
            is_over: TEN_MINUTES,
            lasts: HOUR / 2.0,
            is_drawn: false,
        },
        Scenario {
            title: "Top of the hour: all access tokens were issued at once, and live an hour",
            setting: at_once,
            prepare: |_| {},
            begins: Millis::from_secs(60 * 60 - 60),
            is_over: Millis::from_secs(60 * 60 - 60),
            lasts: HOUR * 1.25,
            is_drawn: false,
        },
        Scenario {
            title: "The server slows down to a twentieth within 5 minutes, for 5 minutes",
            setting: quiet,
            prepare: degradation,
            begins: MINUTE,
            is_over: TEN_MINUTES,
            lasts: HOUR / 2.0,
            is_drawn: false,
        },
    ]
}

fn outage(world: &Rc<World>, tells: bool) {
    world.at(MINUTE, move |servers| servers.go_down(TEN_MINUTES - MINUTE, tells));
    world.at(TEN_MINUTES, |servers| servers.come_up());
}

fn degradation(world: &Rc<World>) {
    let full = world.servers.capacity();
    for step in 1..=30 {
        let share = 1.0 - 0.95 * f64::from(step) / 30.0;
        let time = MINUTE + Millis::from_secs(10) * f64::from(step);
        world.at(time, move |servers| servers.set_capacity(full * share));
    }
    world.at(TEN_MINUTES, move |servers| servers.set_capacity(full));
}
