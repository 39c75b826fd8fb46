//! The invariants that hold when everything is quiet.

use std::rc::Rc;

use tokenflight::error::Error;
use tokenflight::task::Slot;

use super::agenda::{MS, SECOND, ticks};
use super::asks::HAND_OVER;
use super::calls::Wish;
use super::counts::Kind;
use super::plan::BOUND;
use super::request::{Failure, Response};
use super::server::Rotation;
use super::setting::Sharing;
use super::tab::{TabId, span};
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
    let is_ordered = world.setting.has_record
        && !world.has_mixed.get()
        && (world.storage.answers_at_once() || world.counts.of(Kind::Killed) == 0);
    let is_known =
        is_ordered && !world.has_raced.get() && !world.has_half.get() && !world.has_revived.get();
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
    // Two tabs that write slowly at once mix what they write, and one that is killed between its
    // two writes leaves half of it.
    let stops = world.counts.of(Kind::Killed) + world.counts.of(Kind::Frozen);
    let is_slow = !world.storage.answers_at_once();
    if world.has_mixed.get()
        || world.has_revived.get()
        || !world.setting.has_record && (is_slow || world.setting.sharing == Sharing::RefreshToken)
        || is_slow && world.counts.of(Kind::Killed) > 0
    {
        return;
    }
    // Where tabs have no record in common, or app code has written at the same time, a new
    // access token may be stored beside another session's refresh token, if it stays alone.
    if !rotates && (!world.setting.has_record || world.has_raced.get()) {
        return;
    }
    // Of two audiences, one refreshes without the other.
    let is_another = world.setting.sharing == Sharing::RefreshToken;
    let is_whole = match (access, refresh) {
        (None, None) => true,
        (Some(access), None) => {
            world.server.has_cookies
                // The application has removed an access token, and was given one alone: that of another
                // user than the page knows ends the session.
                || world.acts.is_lone(access)
                || is_another && world.server.ended(access.session).is_some()
        }
        (None, Some(_)) => world.has_half.get(),
        // A tab that stopped between two slow writes leaves the older access token, which is
        // refused and refreshed.
        (Some(access), Some(refresh)) if access.session == refresh.session => {
            !rotates
                || access.rotation == refresh.number
                || access.is_slid
                || access.rotation < refresh.number && (is_another || is_slow && stops > 0)
        }
        // A tab was killed between storing its tokens and telling the record: another tab stores what
        // it has got for the session before, whose access token stays until it is refreshed.
        (Some(_), Some(refresh)) => !rotates && world.acts.is_untold(refresh.session),
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
    let late = 3 * ticks(world.setting.policy.refresh_timeout);
    let begins = world.now() + late;
    let copies = copies_that_stand(world);
    for tab in world.live_tabs() {
        world.wake(tab);
        let is_there = !world.storage.is_private(tab);
        world.at(begins + world.chance.between(0, SECOND), Some(tab), move |world| {
            world.fetch(tab, 0, Wish::default(), session.filter(|_| is_there));
        });
    }
    calls_settle(world);
    for session in copies {
        let goes_on = |tab| newest_copy(world, tab) == Some(session);
        if world.server.ended(session).is_none()
            && !world.asks.is_newest_lost(session)
            && !world.live_tabs().into_iter().any(goes_on)
        {
            world.violate(2, format!("no copy goes on with session {session}"));
        }
    }
}

/// The sessions that one of the copies can go on with.
fn copies_that_stand(world: &World) -> Vec<SessionId> {
    let are_copies = world.setting.sharing == Sharing::Copies && world.setting.has_record;
    let tabs = world.live_tabs().into_iter().filter(|_| are_copies);
    tabs.filter_map(|tab| newest_copy(world, tab)).collect()
}

/// The session whose newest refresh token a tab has.
fn newest_copy(world: &World, tab: TabId) -> Option<SessionId> {
    let refresh = world.storage.settled(Some(tab), Slot::Refresh).value?;
    let stands = world.server.ended(refresh.session).is_none();
    (stands && !world.server.is_replaced(refresh)).then_some(refresh.session)
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
        && !world.has_mixed.get()
        && !world.has_revived.get()
        && !(world.has_wall_jumped.get() && is_outage(outcome))
    {
        world.violate(2, format!("tab {tab} has lost session {session}: {outcome:?}"));
    }
}

/// An outage that was noted before the wall clock was set back is believed to last once more. It
/// is the longest cool-down that bounds it then.
fn is_outage(outcome: &Result<Response, Failure>) -> bool {
    let Err(Failure::Own(error)) = outcome else {
        return false;
    };
    let longest = span(60 * SECOND + HAND_OVER);
    matches!(**error, Error::RefreshUnavailable { retry_after, .. } if retry_after <= longest)
}
