//! The invariants that hold when everything is quiet.

use std::rc::Rc;

use tokenflight::task::Slot;

use super::agenda::{MS, SECOND, ticks};
use super::calls::Wish;
use super::counts::Kind;
use super::plan::BOUND;
use super::request::{Failure, Response};
use super::server::Rotation;
use super::tab::TabId;
use super::token::{SessionId, Token, shown};
use super::world::World;

/// 3: every call of a live tab settles, and leaves no lock behind.
pub fn calls_settle(world: &Rc<World>) {
    let from = world.now();
    world.run(from + BOUND);
    let calls = world.calls.borrow();
    let pending = calls.iter().find(|call| !call.is_settled && !world.tab(call.tab).is_dead.get());
    if let Some(call) = pending {
        let (tab, what, began) = (call.tab, call.what, call.began / MS);
        world.violate(3, format!("{what} of tab {tab}, called at {began} ms, does not settle"));
    }
    if let Some(tab) = world.locks.any_tab() {
        world.violate(3, format!("tab {tab} does not let go of its lock"));
    }
}

/// 2, 6: what is in the storage when everything is quiet.
pub fn storage_at_rest(world: &Rc<World>) {
    if world.violation.borrow().is_some() {
        return;
    }
    for tab in world.live_tabs() {
        let [access, refresh] =
            [Slot::Access, Slot::Refresh].map(|slot| world.storage.settled(Some(tab), slot).value);
        belong_together(world, access, refresh);
        for slot in [Slot::Access, Slot::Refresh] {
            let (seen, settled) =
                (world.storage.seen(tab, slot).value, world.storage.settled(Some(tab), slot).value);
            assert_eq!(seen, settled, "the simulator's own storage does not settle");
        }
    }
    let is_ordered = world.setting.has_record && world.storage.answers_at_once();
    let is_known = is_ordered && !world.has_raced.get() && !world.has_half.get();
    let Some(outcome) = world.acts.outcome().filter(|_| is_known) else {
        return;
    };
    let [access, refresh] =
        [Slot::Access, Slot::Refresh].map(|slot| world.storage.settled(None, slot).value);
    let held = refresh.or(access);
    match (outcome.session, held) {
        (None, None) => {}
        (None, Some(held)) => {
            world.violate(6, format!("{held:?} is in the storage after the sign-out"));
        }
        (Some(session), Some(held)) if held.session != session => {
            world.violate(6, format!("{held:?} is in the storage in session {session}"));
        }
        (Some(session), Some(held)) => {
            let newest = world.server.newest(session);
            if world.server.ended(session).is_none()
                && !world.server.has_cookies
                && refresh.is_some_and(|refresh| refresh.number < newest)
                && !world.asks.is_newest_lost(session)
            {
                world.violate(2, format!("{held:?} is kept, but {newest} rotations were granted"));
            }
        }
        (Some(session), None) => {
            if world.server.ended(session).is_none() && !world.setting.starts_empty {
                world
                    .violate(2, format!("the tokens of session {session}, which stands, are gone"));
            }
        }
    }
}

fn belong_together(world: &World, access: Option<Token>, refresh: Option<Token>) {
    let rotates = world.server.rotation != Rotation::Never;
    // Two tabs that write slowly at once mix what they write.
    let stops = world.counts.of(Kind::Killed) + world.counts.of(Kind::Frozen);
    let is_slow = !world.storage.answers_at_once();
    if is_slow && (world.acts.any_change() || !world.setting.has_locks) {
        return;
    }
    // Where tabs have no record in common, or app code has written at the same time, a new
    // access token may be stored beside another session's refresh token, if it stays alone.
    if !rotates && (!world.setting.has_record || world.has_raced.get()) {
        return;
    }
    let is_whole = match (access, refresh) {
        (None, None) => true,
        (Some(_), None) => world.server.has_cookies || world.has_half.get() && !rotates,
        (None, Some(_)) => world.has_half.get(),
        // A tab that stopped between two slow writes leaves the older access token, which is
        // refused and refreshed.
        (Some(access), Some(refresh)) => {
            access.session == refresh.session
                && (!rotates
                    || access.number == refresh.number
                    || access.number < refresh.number && is_slow && stops > 0)
        }
    };
    if !is_whole {
        world
            .violate(6, format!("{} and {} do not belong together", shown(access), shown(refresh)));
    }
}

/// 2: a session that stands is there in all tabs, and works.
pub fn sessions_stand(world: &Rc<World>) {
    if world.violation.borrow().is_some() {
        return;
    }
    let outcome = world.acts.outcome();
    if outcome.is_none() {
        world.count(Kind::Contested);
    }
    let session = outcome.and_then(|outcome| outcome.session).filter(|session| {
        world.server.ended(*session).is_none()
            && !world.asks.is_newest_lost(*session)
            && world.setting.has_record
    });
    world.trace(None, || format!("every tab tries; {session:?} stands"));
    world.server.expire();
    // A tab that was killed is believed to wait for its answer until then.
    let begins = world.now() + 3 * ticks(world.setting.policy.refresh_timeout);
    for tab in world.live_tabs() {
        world.wake(tab);
        let is_there = !world.storage.is_private(tab);
        world.at(begins + world.chance.between(0, SECOND), Some(tab), move |world| {
            world.fetch(tab, 0, Wish::default(), session.filter(|_| is_there));
        });
    }
    calls_settle(world);
}

/// 2: a request of a session that stands is answered.
pub fn session_stands(
    world: &World,
    tab: TabId,
    session: SessionId,
    outcome: &Result<Response, Failure>,
) {
    if !matches!(outcome, Ok(response) if response.status == 200)
        && world.server.ended(session).is_none()
        && !world.asks.is_newest_lost(session)
        && !world.has_half.get()
        && !world.has_raced.get()
    {
        world.violate(2, format!("tab {tab} has lost session {session}: {outcome:?}"));
    }
}
