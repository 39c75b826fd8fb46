//! The invariants that hold at every step.

use std::rc::Rc;

use tokenflight::error::Error;
use tokenflight::millis::Millis;
use tokenflight::session::{Event, SignOut};
use tokenflight::task::Slot;

use super::agenda::{MS, SECOND, ticks};
use super::counts::Kind;
use super::request::{Failure, Request};
use super::server::{Key, Reply, Rotation, time_of_day};
use super::setting::Sharing;
use super::storage::{Medium, Stored};
use super::tab::TabId;
use super::token::{Token, shown};
use super::world::World;

/// 4: a request goes out twice at most, and for one user.
pub fn request_is_sent(world: &Rc<World>, tab: TabId, request: &Request, token: Option<Token>) {
    request.sends.set(request.sends.get() + 1);
    if request.sends.get() > 2 {
        world.violate(4, format!("{request:?} is sent {} times", request.sends.get()));
    }
    let changes = world.tab(tab).changes.get();
    let Some((first, changes_before)) = request.first.get() else {
        return request.first.set(Some((token, changes)));
    };
    if let (Some(first), Some(second)) = (first, token)
        && first.user != second.user
        // Opaque tokens do not say whose they are: only what this tab did itself is known.
        && (!first.is_opaque || changes != changes_before)
    {
        world.violate(4, format!("{request:?} goes out with {first:?} and then {second:?}"));
    }
}

/// 7: a refresh is sent only for a reason, and not while the tab cools down.
pub fn ask_has_a_reason(world: &Rc<World>, tab: TabId, key: Option<Key>) {
    let page = world.tab(tab);
    if page.cool_until.get() > world.now() && page.cool_epoch.get() == page.epoch() {
        world.violate(7, format!("tab {tab} asks although it cools down"));
    }
    let access = world.storage.seen(tab, Slot::Access).value;
    let is_due = access.is_some_and(|access| is_due(world, access));
    // A token that is read slowly may have changed meanwhile, all the more where the tab was frozen
    // while it read.
    let written_at = world.storage.written_at.get();
    let was_frozen = written_at > page.frozen_since.get() && page.frozen_since.get() > 0;
    let read_at = if was_frozen { written_at.max(page.woken_at.get()) } else { written_at };
    let is_late = matches!(world.storage.medium, Medium::Slow { reads, .. } if reads > 0)
        && world.now() < read_at + SECOND;
    let has_reason = access.is_none()
        || is_late
        || page.by_hand.get() > 0
        || is_due
        || page.was_refused(access)
        || page.was_refused(None);
    let has_ended = key.is_some_and(|key| world.server.ended(key.session).is_some());
    if !has_reason && !has_ended && world.setting.has_record {
        world.violate(
            7,
            format!("tab {tab} asks with {key:?} although nothing is wrong with {}", shown(access)),
        );
    }
}

/// Tells if a token is near its end, or may seem so.
fn is_due(world: &World, access: Token) -> bool {
    let Some(lifetime) = access.lifetime else {
        return false;
    };
    let ahead = world.setting.policy.refresh_ahead.min(lifetime.total(Millis::ZERO) / 4.0);
    let due = lifetime.ends - ahead;
    let slack = Millis::new(10);
    world.has_wall_jumped.get() || time_of_day(world.now()) + slack >= due
}

/// Checks the driver against the reply of the server.
pub fn server_replied(world: &Rc<World>, ask: usize, reply: Reply, is_reuse: bool) {
    let tab = world.asks.with(ask, |ask| ask.tab);
    match reply {
        Reply::Tokens { access, .. } => {
            world.count(Kind::Granted);
            if is_reuse {
                world.count(Kind::Graced);
            }
            let seen = world.storage.seen(tab, Slot::Access).value;
            if seen.is_none_or(|seen| seen.user != access.user) {
                note_refusal(world, tab);
            }
        }
        Reply::Refused => {
            world.count(if is_reuse { Kind::Reused } else { Kind::Refused });
            note_refusal(world, tab);
        }
        Reply::Unavailable(..) | Reply::Portal => world.count(Kind::Unavailable),
    }
}

fn note_refusal(world: &World, tab: TabId) {
    let page = world.tab(tab);
    page.refusals.set(page.refusals.get() + 1);
}

/// 2: nobody is signed out whom the server has not refused.
pub fn event_is_announced(world: &Rc<World>, tab: TabId, event: &Event<Token, Failure>) {
    if let Event::SignedOut(SignOut::Refused) = event
        && world.tab(tab).refusals.replace(0) == 0
        && !world.has_mixed.get()
    {
        world.violate(2, format!("tab {tab} signs out although nobody has refused it"));
    }
}

/// An outage begins a cool-down.
pub fn failure_is_made(world: &Rc<World>, tab: TabId, error: &Error<Failure>) {
    if let Error::RefreshUnavailable { retry_after, .. } = error {
        let page = world.tab(tab);
        // It is told of a little later than it is noted.
        let until = world.now() + (ticks(*retry_after) / 2).saturating_sub(100 * MS);
        if world.now() < page.woken_at.get() + SECOND {
            // A late answer was waited for before, and has failed while the page was frozen.
            return page.cool_until.set(page.cool_until.get().min(until));
        }
        page.cool_epoch.set(page.epoch());
        page.cool_until.set(until);
    }
}

/// 2, 5: what the driver decides to write.
pub fn token_is_written(world: &Rc<World>, tab: TabId, slot: Slot, value: Option<Token>) {
    let is_protected = world.setting.has_record
        && !world.storage.is_private(tab)
        && (world.storage.answers_at_once() || is_quiet(world, tab));
    match value {
        Some(token) if token.is_slid => slid_token_is_written(world, tab, token),
        Some(token) if token.number > 0 => {
            world.tab(tab).cool_until.set(0);
            let end = world.acts.end_of(token.session);
            // Without a record in common, another tab may have brought it back, as far as this
            // one sees: a third tab may have replaced it since.
            let is_back = [Slot::Access, Slot::Refresh].iter().any(|slot| {
                let (settled, seen) =
                    (world.storage.settled(Some(tab), *slot), world.storage.seen(tab, *slot));
                let mut held = [settled.value, seen.value].into_iter().flatten();
                held.any(|held| held.session == token.session)
            });
            let end = end.filter(|end| {
                is_protected || end.by == tab && !is_back && !world.acts.any_direct()
            });
            let complete = end.and_then(|end| end.complete);
            if let Some(complete) = complete.filter(|complete| *complete < world.now()) {
                let since = (world.now() - complete) as f64 / MS as f64;
                world.violate(
                    5,
                    format!("tab {tab} stores {token:?} {since} ms after its session has ended"),
                );
            }
        }
        None if world.setting.sharing == Sharing::Copies => copy_ends(world, tab, slot),
        None if !is_protected => {}
        Some(_) => {}
        None => removes(world, tab, slot),
    }
}

/// The application was given it before another tab ended its session, which this one does not see
/// yet, or reads from a slow storage just now. The token does not say of which session it is, and is
/// written at once, before anybody can navigate away.
fn slid_token_is_written(world: &World, tab: TabId, token: Token) {
    world.acts.note_slid(token, world.storage.next_write());
    let held =
        [Slot::Access, Slot::Refresh].map(|slot| world.storage.settled(Some(tab), slot).value);
    let is_other = |held: Option<Token>| held.is_none_or(|held| held.session != token.session);
    if held.into_iter().all(is_other) {
        world.has_revived.set(true);
    }
}

/// The record orders what is stored at once. A slow storage takes in what it was given before
/// when another tab has had the record; what is read there is old when it arrives.
fn is_quiet(world: &World, tab: TabId) -> bool {
    let rests = world.now() >= world.storage.written_at.get() + SECOND;
    rests
        && !world.has_mixed.get()
        && !world.acts.any_direct()
        && !world.storage.is_anothers_pending(tab)
        && world.tab(tab).frozen_since.get() == 0
}

/// 2: a copy of the tokens ends alone, where another tab has spent its refresh token.
fn copy_ends(world: &Rc<World>, tab: TabId, slot: Slot) {
    let held = world.storage.settled(Some(tab), slot).value;
    let Some(refresh) = held.filter(|_| slot == Slot::Refresh) else {
        return;
    };
    if world.server.is_replaced(refresh) || world.server.ended(refresh.session).is_some() {
        note_refusal(world, tab);
    } else if world.tab(tab).changing.get() == 0 && world.setting.has_record {
        world.violate(2, format!("tab {tab} removes {refresh:?}, which nobody has used"));
    }
}

fn removes(world: &Rc<World>, tab: TabId, slot: Slot) {
    let [access, refresh] =
        [Slot::Access, Slot::Refresh].map(|slot| world.storage.settled(Some(tab), slot).value);
    let Some(token) = (if slot == Slot::Access { access } else { refresh }) else {
        return;
    };
    let is_unseen_direct = is_unaware(world, tab) && world.acts.is_direct(token.session);
    if is_unseen_direct {
        world.has_raced.set(true);
    }
    // Without a refresh token the session cannot go on.
    let has_nothing = !world.server.has_cookies && refresh.is_none();
    // A sign-in that is under way stores its tokens once more when it has the record.
    let is_torn = world.acts.is_under_way();
    if world.tab(tab).changing.get() == 0
        && world.server.ended(token.session).is_none()
        && !is_unseen_direct
        && !world.has_raced.get()
        && !has_nothing
        && !is_torn
        && !world.has_half.get()
        && !world.has_revived.get()
    {
        world.violate(2, format!("tab {tab} removes {token:?}, whose session stands"));
    }
}

/// 5: no token is stored in place of a newer one of its session.
pub fn token_is_stored(
    world: &Rc<World>,
    tab: TabId,
    slot: Slot,
    value: Option<Token>,
    old: Stored,
) {
    let Some(token) = value.filter(|token| token.number > 0) else {
        return;
    };
    if slot == Slot::Access && !token.is_slid {
        let rotates = world.server.rotation != Rotation::Never;
        world.asks.store(tab, token, rotates.then_some(token.rotation));
    }
    if is_unaware(world, tab) && world.storage.any_direct() {
        world.has_raced.set(true);
    }
    if let Some(held) = old.value
        && held.session == token.session
        && is_newer(held, token)
        && world.setting.has_record
        && !may_be_older(world, tab, slot, token, old.order)
    {
        world.violate(5, format!("tab {tab} stores {token:?} in place of {held:?}"));
    }
}

/// Tells if `old` was given after `token`. What comes with a newer refresh token has to be stored
/// with it; and a refresh knows nothing of an access token that came alone meanwhile, which is no
/// better than its own.
fn is_newer(old: Token, token: Token) -> bool {
    (old.rotation, old.number) > (token.rotation, token.number)
        && !(old.is_slid && old.rotation == token.rotation)
}

/// A tab that was frozen between the two writes of what it had claimed, in a storage that takes
/// its time, goes on where it was; so does one that was frozen with an answer, where the refresh
/// token stays. Such a storage keeps no order between two tabs that write at once, as tabs without
/// locks do. And the application's newer access token waits until it is read: a refresh may have
/// stored one by then, and opaque tokens do not say when they were given. The older access token is
/// refused and refreshed, and no session is lost.
fn may_be_older(world: &World, tab: TabId, slot: Slot, token: Token, old: u64) -> bool {
    let is_slow = !world.storage.answers_at_once();
    let stays_good = world.server.rotation == Rotation::Never;
    let is_access = slot == Slot::Access;
    (stays_good || is_slow) && world.tab(tab).frozen_since.get() > 0
        || is_slow
            && is_access
            && (world.acts.is_slid_after(token, old) || world.storage.is_overtaken(tab, slot))
}

/// Tells if a tab does not know all that there is.
fn is_unaware(world: &World, tab: TabId) -> bool {
    [Slot::Access, Slot::Refresh].iter().any(|slot| world.storage.is_unknown(tab, *slot))
}

/// A tab that has seen no token refreshes with a cookie for its requests, and is frozen. When it
/// goes on, another tab was admitted since: nothing tells if the cookie is of the same session, and
/// the requests were sent with no token.
fn is_of_nobody_in_a_frozen_tab(world: &World, tab: TabId, request: &Request) -> bool {
    let has_token = matches!(request.first.get(), Some((Some(_), _)));
    world.server.has_cookies && !has_token && world.tab(tab).frozen_since.get() > 0
}

/// 2: newer tokens of a session begin no other one: what is under way goes on with them.
pub fn request_is_rejected(world: &World, tab: TabId, request: &Request, error: &Error<Failure>) {
    let held = [Slot::Access, Slot::Refresh].map(|slot| world.storage.settled(Some(tab), slot));
    let has_ended = |session| world.server.ended(session).is_some();
    if matches!(error, Error::SessionChanged)
        && world.setting.has_record
        && world.setting.has_newer_tokens
        && held.iter().any(|held| held.value.is_some())
        && world.setting.sharing == Sharing::Tokens
        && !world.setting.has_blocked_tab
        && world.acts.is_one_session()
        && !world.has_half.get()
        && !world.has_revived.get()
        && !is_of_nobody_in_a_frozen_tab(world, tab, request)
        && !(0..world.server.accounts.borrow().len()).any(has_ended)
    {
        world.violate(2, format!("{request:?} is rejected, but the session goes on"));
    }
}
