//! The events of a schedule: bursts of calls, and faults at random moments.

use std::rc::Rc;

use tokenflight::task::Slot;

use super::agenda::{MS, SECOND, Time};
use super::at_rest;
use super::calls::Wish;
use super::counts::Kind;
use super::faults;
use super::setting::Sharing;
use super::tab::TabId;
use super::world::World;

/// How long a call may take at most, counted from when it is made or its tab is frozen last,
/// and again from when nothing is wrong any more: however unlucky, three holders of the
/// lock with all their tries come first, and then a flight of its own.
pub const BOUND: Time = 300 * SECOND;

/// Plays one schedule to its end.
pub fn play(world: &Rc<World>) {
    open(world);
    let ends = world.setting.ends;
    for _ in 0..1 + world.chance.below(3) {
        burst(world, world.chance.between(0, ends));
    }
    for _ in 0..world.chance.below(8) {
        world.at(world.chance.between(0, ends), None, call_something);
    }
    for _ in 0..world.chance.below(3) {
        world.at(world.chance.between(0, ends), None, change_session);
    }
    if world.setting.has_faults {
        for _ in 0..1 + world.chance.below(6) {
            world.at(world.chance.between(0, ends), None, faults::strike);
        }
    }
    world.run(ends + MS);
    faults::heal(world);
    at_rest::calls_settle(world);
    at_rest::storage_at_rest(world);
    at_rest::sessions_stand(world);
    at_rest::storage_at_rest(world);
}

fn open(world: &Rc<World>) {
    let setting = &world.setting;
    count_setting(world);
    let clients = |world: &World| 1 + usize::from(world.chance.percent(30));
    let first = world.open_tab(clients(world), false);
    if !world.chance.percent(5) {
        world.begin_signed_in(first, 'a');
    }
    for number in 1..setting.tabs {
        let is_private = setting.has_blocked_tab && number + 1 == setting.tabs;
        let tab = world.open_tab(clients(world), is_private);
        if is_private {
            world.begin_signed_in(tab, 'p');
        }
    }
}

fn count_setting(world: &World) {
    use super::server::Rotation;
    use super::storage::Medium;
    let setting = &world.setting;
    world.count(match setting.medium {
        Medium::Lagging(_) => Kind::WorldLagging,
        Medium::Slow { .. } => Kind::WorldSlow,
    });
    world.count(match setting.rotation {
        Rotation::Strict => Kind::WorldStrict,
        Rotation::Grace(_) => Kind::WorldGrace,
        Rotation::Never => Kind::WorldNoRotation,
    });
    let others = [
        (setting.sharing == Sharing::Copies, Kind::WorldCopies),
        (setting.sharing == Sharing::RefreshToken, Kind::WorldAudiences),
        (setting.has_newer_tokens, Kind::WorldNewer),
        (!setting.has_locks, Kind::WorldNoLocks),
        (!setting.has_record, Kind::WorldNoRecord),
        (setting.has_blocked_tab, Kind::WorldBlocked),
        (setting.has_cookies, Kind::WorldCookie),
        (setting.is_opaque, Kind::WorldOpaque),
    ];
    others.iter().filter(|other| other.0).for_each(|other| world.count(other.1));
    world.trace(None, || format!("{setting:?}"));
}

/// The access tokens end, and all tabs send requests at about that time.
fn burst(world: &Rc<World>, at: Time) {
    let spread = world.chance.pick(&[0, 5 * MS, 50 * MS, 2 * SECOND]);
    if !world.chance.percent(15) {
        world.at(at, None, |world| {
            world.count(Kind::Expired);
            world.trace(None, || "the access tokens are accepted no more".to_owned());
            world.server.expire();
        });
    }
    for _ in 0..2 + world.chance.below(6) {
        world.at(at + world.chance.between(0, spread), None, |world| {
            if let Some((tab, client)) = any_client(world) {
                world.fetch(tab, client, wish(world), None);
            }
        });
    }
    if world.chance.percent(25) {
        world.at(at + world.chance.between(0, spread + SECOND), None, change_session);
    }
    if world.setting.has_faults && world.chance.percent(40) {
        world.at(at + world.chance.between(0, spread + SECOND), None, faults::strike);
    }
}

fn wish(world: &World) -> Wish {
    let chance = &world.chance;
    Wish {
        aborts_after: chance.percent(15).then(|| chance.between(0, 500 * MS)),
        is_unreplayable: chance.percent(10),
        is_forbidden: chance.percent(5),
    }
}

fn any_client(world: &World) -> Option<(TabId, usize)> {
    let tabs: Vec<_> = world.live_tabs().into_iter().filter(|tab| !world.is_frozen(*tab)).collect();
    if tabs.is_empty() {
        return None;
    }
    let tab = world.chance.pick(&tabs);
    Some((tab, world.chance.below(world.tab(tab).clients.borrow().len())))
}

fn call_something(world: &Rc<World>) {
    let Some((tab, client)) = any_client(world) else {
        return;
    };
    match world.chance.below(10) {
        0 => world.refresh(tab, client),
        1 => world.access_token(tab, client),
        2 => world.keep_fresh(tab),
        3 if world.setting.sharing == Sharing::Copies && world.tabs.borrow().len() < 6 => {
            world.count(Kind::Duplicated);
            world.open_tab(1, false);
        }
        _ => world.fetch(tab, client, wish(world), None),
    }
}

fn change_session(world: &Rc<World>) {
    let Some((tab, client)) = any_client(world) else {
        return;
    };
    if world.setting.has_newer_tokens && world.chance.percent(60) {
        return match world.chance.percent(50) {
            true => world.step_up(tab, client),
            false => world.slide(tab, client),
        };
    }
    let user = world.chance.pick(&['a', 'b', 'c']);
    let is_direct = world.setting.has_direct_writes && world.chance.percent(60);
    match world.chance.below(12) {
        0..=4 if is_direct => world.write_directly(tab, Some(user)),
        5..=8 if is_direct => world.write_directly(tab, None),
        9 if world.setting.has_direct_writes && !world.server.has_cookies => {
            world.count(Kind::DirectHalf);
            world.trace(Some(tab), || "removes the access token by itself".to_owned());
            world.has_half.set(true);
            world.storage.put(world, tab, Slot::Access, None);
        }
        0..=6 => world.sign_in(tab, client, user),
        _ => world.sign_out(tab, client),
    }
}
