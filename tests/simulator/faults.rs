//! Faults, for good or for a while.

use std::rc::Rc;

use super::agenda::{MS, SECOND, Time};
use super::counts::Kind;
use super::server::{Cause, Health};
use super::tab::TabId;
use super::world::World;

/// Something goes wrong.
pub fn strike(world: &Rc<World>) {
    let tabs = world.live_tabs();
    let tab = world.chance.pick(&tabs);
    match world.chance.below(16) {
        0..=2 => kill(world, tab),
        3..=6 => freeze(world, tab),
        7 | 8 => go_offline(world),
        9 | 10 => fall_ill(world),
        11 => revoke(world, tab),
        12 | 13 => jump(world),
        14 => {
            let page = world.tab(tab);
            page.is_dormant.set(true);
            world.at(world.now() + spell(world), None, move |world| world.wake(tab));
        }
        _ => world.wake(tab),
    }
}

fn spell(world: &World) -> Time {
    let chance = &world.chance;
    match chance.below(4) {
        0 => chance.between(MS, 50 * MS),
        1 => chance.between(50 * MS, 2 * SECOND),
        2 => chance.between(2 * SECOND, 12 * SECOND),
        _ => chance.between(12 * SECOND, 40 * SECOND),
    }
}

/// A tab that has just sent a refresh is killed or frozen before its answer is stored, at
/// times.
pub fn aim(world: &Rc<World>, tab: TabId) {
    if !world.setting.has_faults || world.is_healed.get() || !world.chance.percent(6) {
        return;
    }
    let at = world.now() + world.chance.between(0, 300 * MS);
    match world.chance.below(3) {
        0 => world.at(at, None, move |world| kill(world, tab)),
        _ => world.at(at, None, move |world| freeze(world, tab)),
    }
}

/// The last tab lives, and another one is opened for one that is killed.
fn kill(world: &Rc<World>, tab: TabId) {
    if world.live_tabs().len() < 2 || world.tabs.borrow().len() > 6 {
        return;
    }
    if world.is_healed.get() || world.tab(tab).is_dead.get() {
        return;
    }
    world.kill(tab);
    if world.chance.percent(70) {
        world.at(world.now() + spell(world), None, |world| {
            world.count(Kind::Opened);
            let tab = world.open_tab(1, false);
            world.trace(Some(tab), || "is opened".to_owned());
        });
    }
}

fn freeze(world: &Rc<World>, tab: TabId) {
    if world.is_healed.get() {
        return;
    }
    world.freeze(tab, world.chance.percent(25));
    world.at(world.now() + spell(world), None, move |world| world.thaw(tab));
}

fn go_offline(world: &Rc<World>) {
    world.count(Kind::Offline);
    world.trace(None, || "the network is lost".to_owned());
    world.is_offline.set(true);
    world.at(world.now() + spell(world), None, |world| {
        world.trace(None, || "the network is back".to_owned());
        world.is_offline.set(false);
        if world.chance.percent(50) {
            let tabs = world.live_tabs().into_iter().filter(|tab| !world.is_frozen(*tab));
            tabs.collect::<Vec<_>>().into_iter().for_each(|tab| world.wake(tab));
        }
    });
}

fn fall_ill(world: &Rc<World>) {
    world.count(Kind::Sick);
    let health = world.chance.pick(&[
        Health::Failing(503, None),
        Health::Failing(500, Some(1)),
        Health::Failing(429, Some(3)),
        Health::Failing(429, Some(20)),
        Health::Failing(503, Some(120)),
        Health::Portal,
        Health::Hanging,
        Health::Late,
        Health::LosingAnswers,
    ]);
    world.trace(None, || format!("the token server is {health:?}"));
    world.server.health.set(health);
    world.at(world.now() + spell(world), None, |world| {
        world.trace(None, || "the token server is well".to_owned());
        world.server.health.set(Health::Good);
    });
}

fn revoke(world: &Rc<World>, tab: TabId) {
    if let Some(session) = world.session_seen(tab) {
        world.count(Kind::Revoked);
        world.trace(None, || format!("session {session} is revoked"));
        world.server.end(session, Cause::Revoked);
    }
}

fn jump(world: &World) {
    world.count(Kind::ClockJump);
    world.has_wall_jumped.set(true);
    let far = world.chance.pick(&[500, 5_000, 100_000, 4_000_000]) as i64;
    world.wall_is_ahead.set(if world.chance.percent(50) { far } else { -far });
    world.trace(None, || format!("the wall clock is {} ms ahead", world.wall_is_ahead.get()));
}

/// Nothing is wrong any more, and nobody refreshes without being asked.
pub fn heal(world: &Rc<World>) {
    world.trace(None, || "nothing is wrong any more".to_owned());
    world.is_offline.set(false);
    world.server.health.set(Health::Good);
    world.is_healed.set(true);
    for tab in world.live_tabs() {
        world.thaw(tab);
        for keeper in world.tab(tab).keepers.take() {
            world.tasks.drop_task(keeper);
        }
    }
}
