//! The way of one refresh: to the token server, and back.

use std::rc::Rc;

use futures::future::LocalBoxFuture;
use tokenflight::credential::Grant;
use tokenflight::millis::Millis;
use tokenflight::policy::{Answer, Body};

use super::agenda::{SECOND, ticks};
use super::asks::check_reuse;
use super::checks;
use super::counts::Kind;
use super::faults;
use super::request::Failure;
use super::server::{Health, Key, Reply, Rotation, latency};
use super::tab::TabId;
use super::token::Token;
use super::wire::{Wire, wire};
use super::world::World;

pub type ServerAnswer = Answer<Token, Failure>;

/// Sends a refresh.
pub fn ask(
    world: &Rc<World>,
    tab: TabId,
    token: Option<Token>,
) -> LocalBoxFuture<'static, ServerAnswer> {
    let key = match world.server.has_cookies {
        true => world.server.jar.get(),
        false => token.map(|token| Key { session: token.session, number: token.number }),
    };
    let id = world.asks.len();
    world.count(Kind::Ask);
    world.trace(Some(tab), || format!("ask {id} for {key:?}"));
    checks::ask_has_a_reason(world, tab, key);
    check_reuse(world, tab, key);
    world.asks.send(world, tab, key);
    faults::aim(world, tab);
    let (sender, receiver) = wire(tab);
    world.at(world.now() + latency(world), None, move |world| arrive(world, id, sender));
    let guard = Dropping { world: world.clone(), id };
    Box::pin(async move {
        let answer = receiver.await;
        guard.world.asks.with(guard.id, |ask| ask.is_under_way = false);
        drop(guard);
        answer
    })
}

/// Notices when the driver gives up its refresh.
struct Dropping {
    world: Rc<World>,
    id: usize,
}

impl Drop for Dropping {
    fn drop(&mut self) {
        self.world.asks.with(self.id, |ask| {
            ask.is_dropped |= ask.is_under_way;
            ask.is_under_way = false;
        });
    }
}

fn arrive(world: &Rc<World>, id: usize, sender: Wire<ServerAnswer>) {
    let (tab, key, is_dropped) = world.asks.with(id, |ask| (ask.tab, ask.key, ask.is_dropped));
    let slips = world.setting.has_faults && !world.is_healed.get();
    let health = match slips && world.chance.percent(world.setting.faults) {
        true => world.chance.pick(&SLIPS),
        false => world.server.health.get(),
    };
    if is_dropped && world.chance.percent(50) {
        return world.trace(None, || format!("ask {id} never arrives"));
    }
    if world.is_offline.get() {
        world.count(Kind::LostBefore);
        return sender.send(world, world.now() + SECOND / 100, Answer::Failed(Failure::Offline));
    }
    let is_reuse = key.is_some_and(|key| world.server.is_spent(key));
    let reply = match health {
        Health::Hanging => {
            world.count(Kind::Hang);
            return world.trace(None, || format!("ask {id} is not answered"));
        }
        Health::Failing(status, after) => Reply::Unavailable(status, after),
        Health::Portal => Reply::Portal,
        Health::Good | Health::Late | Health::LosingAnswers => {
            world.server.refresh(world.now(), key, world.audience(tab))
        }
    };
    world.trace(None, || format!("ask {id}: the server says {reply:?}"));
    checks::server_replied(world, id, reply, is_reuse);
    world.asks.with(id, |ask| {
        ask.is_granted = matches!(reply, Reply::Tokens { .. });
        ask.is_refused = reply == Reply::Refused;
    });
    let is_lost = health == Health::LosingAnswers;
    let late = match health {
        Health::Late => world.chance.between(0, 4 * ticks(world.setting.policy.refresh_timeout)),
        _ => 0,
    };
    world.at(world.now() + late + latency(world), None, move |world| {
        come_back(world, id, reply, is_lost, sender);
    });
}

const SLIPS: [Health; 8] = [
    Health::Failing(503, None),
    Health::Failing(500, None),
    Health::Failing(429, Some(2)),
    Health::Failing(429, Some(100)),
    Health::Portal,
    Health::Hanging,
    Health::Late,
    Health::LosingAnswers,
];

fn come_back(
    world: &Rc<World>,
    id: usize,
    reply: Reply,
    is_lost: bool,
    sender: Wire<ServerAnswer>,
) {
    if is_lost || world.is_offline.get() {
        let is_granted = world.asks.with(id, |ask| {
            ask.is_answer_lost = true;
            ask.is_granted
        });
        world.count(if is_granted { Kind::LostAfterRotation } else { Kind::LostBefore });
        let answer = match world.chance.percent(50) {
            true => Answer::Failed(Failure::Offline),
            false => answer(Reply::Unavailable(502, None), None),
        };
        return sender.send(world, world.now(), answer);
    }
    if let Reply::Tokens { access, .. } = reply
        && world.server.has_cookies
        && world.asks.with(id, |ask| !ask.is_dropped || ask.is_killed)
    {
        set_cookie(world, id, access);
    }
    world.asks.count_late(world, id);
    if world.chance.percent(30) {
        world.count(Kind::ExpiresIn);
        return sender.send(world, world.now(), answer(reply, world.server.lifetime()));
    }
    sender.send(world, world.now(), answer(reply, None));
}

/// The browser keeps the rotated cookie, whatever has become of the page; but it does not
/// put it in place of another sign-in's.
fn set_cookie(world: &World, id: usize, access: Token) {
    let asked = world.asks.with(id, |ask| ask.key);
    let jar = &world.server.jar;
    if world.server.rotation != Rotation::Never
        && jar.get().map(|key| key.session) == asked.map(|key| key.session)
        && let Some(key) = jar.get()
    {
        let number = key.number.max(access.rotation);
        jar.set(Some(Key { number, ..key }));
    }
}

fn answer(reply: Reply, expires_in: Option<Millis>) -> ServerAnswer {
    let (status, after, body) = match reply {
        Reply::Tokens { access, refresh } => {
            (200, None, Body::Tokens(Grant { access, refresh, expires_in }))
        }
        Reply::Refused => (400, None, Body::WithoutToken { code: None, is_temporary: false }),
        Reply::Unavailable(status, after) => (status, after, Body::NotJson),
        Reply::Portal => (200, None, Body::NotJson),
    };
    let cause = Some(Failure::Http);
    let retry_after = after.map(Millis::from_secs);
    Answer::Response { status, retry_after, body, cause }
}
