//! The work that is done while the record is held: each [`Act`], in one place.
//!
//! A transaction reads the storage once more, so that nothing is decided by what has changed
//! while it was waited for.

use crate::client::Client;
use crate::credential::{Credential, Grant, Presented};
use crate::facts::{Acted, Facts};
use crate::millis::Millis;
use crate::protocol::Act;
use crate::record::{Attempt, Claim, Record};
use crate::session::Epoch;
use crate::task::{Platform, Slot};
use crate::values::Note;

/// Does `act` to the record; `None` is no record.
pub(crate) fn perform<P: Platform>(
    act: Act,
    facts: &Facts<P>,
    known: &mut Option<Record>,
    client: &Client<P>,
) -> Acted {
    match act {
        Act::InspectHolder { generation, before } => {
            Acted::Holder(inspect_holder(record_in(known, client), generation, before, client))
        }
        Act::RequestAdmission { epoch, attempt } => {
            request_admission(known, epoch, attempt, facts, client)
        }
        Act::Claim { epoch, is_forced } => {
            Acted::Claimed(claim(known, epoch, is_forced, facts, client))
        }
        Act::End { epoch, is_forced } => {
            Acted::Claimed(end(known, epoch, is_forced, facts, client))
        }
        Act::ChangeSession { epoch, since } => {
            change_session(known, epoch, since, facts, client);
            Acted::Done
        }
        Act::Forget { before } => Acted::Remembered(forget(known, before)),
        Act::Withdraw | Act::Beat | Act::NoteOutage(_) => {
            if let Some(record) = known {
                tell(record, act, facts);
            }
            Acted::Done
        }
    }
}

fn tell<P: Platform>(record: &mut Record, act: Act, facts: &Facts<P>) {
    let presented = &facts.presented;
    match act {
        Act::Withdraw => record.withdraw(presented),
        Act::NoteOutage(outage) => record.note_outage(outage, presented, facts.admitted_at),
        _ => record.beat(),
    }
}

/// Returns the record, made where there is none. A new one starts with a heartbeat of its own, so
/// that no tab takes it for the one before.
fn record_in<'a, P: Platform>(known: &'a mut Option<Record>, client: &Client<P>) -> &'a mut Record {
    known.get_or_insert_with(|| Record {
        heartbeat: client.platform.wall_clock().into_raw() as u64 as u32,
        ..Record::of(client.shared.lock_generation.get())
    })
}

/// Returns the holder's heartbeat, or `None` once the lock is superseded. Supersedes it if the
/// heartbeat has not changed since `before`.
fn inspect_holder<P: Platform>(
    record: &mut Record,
    generation: u32,
    before: Option<u32>,
    client: &Client<P>,
) -> Option<u32> {
    let is_current = record.lock_generation == generation;
    let is_alive = is_current && before != Some(record.heartbeat);
    if is_current && !is_alive {
        client.platform.trace(Note::LeavesHolderBehind(client.policy.lock_timeout));
        if client.platform.is_record_shared() {
            record.lock_generation = generation.wrapping_add(1);
        }
    }
    client.shared.lock_generation.set(record.lock_generation);
    is_alive.then_some(record.heartbeat)
}

fn request_admission<P: Platform>(
    known: &mut Option<Record>,
    epoch: Epoch,
    attempt: Attempt,
    facts: &Facts<P>,
    client: &Client<P>,
) -> Acted {
    // This tab has signed in meanwhile, and the record has not heard of it yet. The tokens before
    // must not hide that another tab may be refreshing the new ones.
    if client.shared.session.epoch() != epoch {
        return Acted::Done;
    }
    let record = record_in(known, client);
    client.shared.outage.learn(record.outages_in_a_row(&attempt));
    let before = record.heartbeat;
    let admission = record.request_admission(&facts.presented, attempt);
    client.shared.lock_generation.set(record.lock_generation);
    // Removes the tokens of an ended session, which somebody has written anew: they would hold up
    // each request.
    if attempt.waited_out.is_some()
        && record.has_nothing_since(&facts.presented)
        && client.platform.read(Slot::Refresh) == facts.refresh_token
    {
        client.store(None);
        client.sync_with_storage();
    }
    Acted::Admission { admission, before, after: record.heartbeat }
}

/// Claims the right to store the grant, and uses it.
fn claim<P: Platform>(
    known: &mut Option<Record>,
    epoch: Epoch,
    is_forced: bool,
    facts: &Facts<P>,
    client: &Client<P>,
) -> Claim {
    let Some(grant) = &facts.grant else {
        return Claim::SessionGone;
    };
    let record = known.clone().unwrap_or_default();
    let Some(is_replaced) = is_refresh_token_replaced(&record, epoch, facts, client) else {
        return Claim::SessionGone;
    };
    let is_copied = client.platform.is_storage_copied();
    let claim = judge_claim(&record, grant, is_forced, is_replaced, is_copied, facts);
    if claim == Claim::Mine {
        record_in(known, client).commit(&facts.presented, grant);
        client.renew(grant);
        let shared = &client.shared;
        shared.futility.watch(shared.session.epoch(), client.platform.now());
    }
    claim
}

/// Reads the storage once more, and tells if it holds a newer refresh token than the one that was
/// sent; `None` where the grant is needed no more.
fn is_refresh_token_replaced<P: Platform>(
    record: &Record,
    epoch: Epoch,
    facts: &Facts<P>,
    client: &Client<P>,
) -> Option<bool> {
    let presented = &facts.presented;
    // An older token is merely a late view of the storage. A copy of a storage has one reader.
    let is_copied = client.platform.is_storage_copied();
    let is_older = |token: Option<&P::Token>| {
        !is_copied && record.is_older(token.map(P::Token::fingerprint), presented)
    };
    let access = client.platform.read(Slot::Access);
    let is_late = is_older(access.as_ref());
    if !is_late {
        client.sync_with(access);
    }
    let stored = client.platform.read(Slot::Refresh);
    let is_other = presented.has_refresh_token() && stored != facts.refresh_token;
    let has_changed = client.shared.session.epoch() != epoch;
    if is_other && stored.is_none()
        || has_changed && !is_needed_still(epoch, is_late, is_other, facts, client)
    {
        return None;
    }
    Some(is_other && !is_older(stored.as_ref()))
}

/// Says if the grant may be stored in the storage that was read just now.
fn judge_claim<P: Platform>(
    record: &Record,
    grant: &Grant<P::Token>,
    is_forced: bool,
    is_replaced: bool,
    is_copied: bool,
    facts: &Facts<P>,
) -> Claim {
    let presented = &facts.presented;
    let is_last = record.is_last(facts.admitted_at);
    match record.claim(presented) {
        // Without a refresh token nothing is lost. What another tab was admitted for since is
        // newer, or, where nothing tells sessions apart, maybe that of the next one.
        Claim::Mine if grant.refresh.is_none() && !is_last => match presented.is_nothing() {
            true => Claim::SessionGone,
            false => Claim::Rotated,
        },
        // A tab's use of its own copy concerns no other tab.
        _ if is_copied && !is_replaced => Claim::Mine,
        // Without a refresh token, none tells that it is not the session of the next sign-in.
        Claim::Rotated if is_forced && !is_replaced && presented.has_refresh_token() => Claim::Mine,
        // The storage holds what was asked with, still.
        Claim::Unknown if is_forced && !is_replaced => Claim::Mine,
        // Application code, or a tab without the record, has stored another one meanwhile: a
        // grant for the one that was sent belongs to a session that is no longer here.
        Claim::Mine if is_replaced => Claim::SessionGone,
        claim => claim,
    }
}

/// Tells if the grant is needed although another access token was seen since it was asked for: that
/// one is seen late, or stands beside the very refresh token that was spent just now, and would soon
/// have nothing to be refreshed with.
fn is_needed_still<P: Platform>(
    epoch: Epoch,
    is_late: bool,
    is_other: bool,
    facts: &Facts<P>,
    client: &Client<P>,
) -> bool {
    let shared = &client.shared;
    let is_rotated = |grant: &Grant<P::Token>| {
        grant.refresh.is_some()
            && grant.refresh != facts.refresh_token
            && !shared.session.is_of_another_user(&grant.access)
    };
    let is_spent =
        !is_other && facts.refresh_token.is_some() && facts.grant.as_ref().is_some_and(is_rotated);
    // A sign-in of this tab, or newer tokens that it was given: those go on with the refresh token.
    let is_left = shared.has_pending_writes() && shared.session.has_moved_on_from(epoch);
    (is_late || is_spent) && !is_left && !shared.session.is_over()
}

/// Ends the session that was refused, and removes the tokens. Where the tokens are another
/// tab's by now, nothing is removed.
fn end<P: Platform>(
    known: &mut Option<Record>,
    epoch: Epoch,
    is_forced: bool,
    facts: &Facts<P>,
    client: &Client<P>,
) -> Claim {
    let presented = &facts.presented;
    client.sync_with_storage();
    let session = &client.shared.session;
    let Some(record) = known.as_mut().filter(|_| session.epoch() == epoch) else {
        return Claim::SessionGone;
    };
    let is_copied = client.platform.is_storage_copied();
    let claim = match record.claim(presented) {
        Claim::Rotated if is_copied => Claim::Mine,
        Claim::Mine if !is_forced && !is_copied && record.has_others(presented) => Claim::Unseen,
        claim => claim,
    };
    if claim == Claim::Mine {
        session.end(facts.failure.clone());
        // A tab that presented nothing has nothing to remove: tokens that another tab stores by now
        // were not refused.
        if presented.is_nothing() || is_copied {
            record.withdraw(presented);
        } else {
            record.end(presented, None, client.platform.wall_clock());
            client.shared.has_tombstones.set(true);
        }
        if !presented.is_nothing() {
            client.store(None);
        }
    }
    claim
}

fn change_session<P: Platform>(
    known: &mut Option<Record>,
    epoch: Epoch,
    since: Millis,
    facts: &Facts<P>,
    client: &Client<P>,
) {
    let before = &facts.presented;
    if client.platform.is_storage_copied() {
        // A tab's copy concerns no other tab.
        known.take_if(|record| record.is_current(before));
        return;
    }
    let record = record_in(known, client);
    match &facts.grant {
        // This page was frozen meanwhile: what the other tab has done since stays.
        Some(grant) if has_ended_since(since, record, grant) => {}
        Some(grant) if facts.is_same_session => set_tokens(record, epoch, before, grant, client),
        Some(grant) => sign_in(record, epoch, since, before, grant, client),
        None => sign_out(record, epoch, since, before, client),
    }
}

/// Tells if another tab has seen the tokens of `grant`, and ended their session, since they were
/// written.
fn has_ended_since<T: Credential>(since: Millis, record: &Record, grant: &Grant<T>) -> bool {
    let tokens = Presented::of(Some(&grant.access), grant.refresh.as_ref());
    record.ended_at > since && record.is_ended(&tokens)
}

fn sign_in<P: Platform>(
    record: &mut Record,
    epoch: Epoch,
    since: Millis,
    removed: &Presented,
    grant: &Grant<P::Token>,
    client: &Client<P>,
) {
    let next = Presented::of(Some(&grant.access), grant.refresh.as_ref());
    // Another tab may have begun to refresh these very tokens. That they have ended before, the
    // application knows better.
    if record.knows(&next) && !record.is_ended(&next) {
        record.end_alone(removed, Some(&next), since);
    } else if client.shared.session.has_moved_on_from(epoch) {
        record.end_alone(removed, None, since);
    } else if record.is_current(&next) {
        // It has begun for another audience of the same refresh token.
        record.add(removed, &next, since);
        client.store(Some(grant));
    } else {
        record.end(removed, Some(&next), since);
        // A flight of the session before may have stored its tokens a moment ago.
        client.store(Some(grant));
    }
}

fn set_tokens<P: Platform>(
    record: &mut Record,
    epoch: Epoch,
    replaced: &Presented,
    grant: &Grant<P::Token>,
    client: &Client<P>,
) {
    let next = Presented::of(Some(&grant.access), grant.refresh.as_ref());
    // Beside a refresh token that stays, an access token alone does not tell what was refreshed.
    let is_whole = grant.refresh.is_some() || !replaced.has_refresh_token();
    // Another tab may have begun to refresh these very tokens, or have done so: what that brings
    // is newer.
    if is_whole && record.knows(&next) && !record.is_ended(&next) {
        return record.retire(replaced, &next);
    }
    record.replace(replaced, grant);
    // A flight may have stored its tokens a moment ago.
    if is_whole && client.shared.session.epoch() == epoch {
        client.store_newer(grant);
    }
}

fn sign_out<P: Platform>(
    record: &mut Record,
    epoch: Epoch,
    since: Millis,
    removed: &Presented,
    client: &Client<P>,
) {
    client.shared.has_tombstones.set(true);
    // This tab has signed in since, or another one has, while this page was frozen: those tokens may
    // be what the record is about.
    let now = client.platform.wall_clock();
    if client.shared.session.has_moved_on_from(epoch) || record.has_begun_since(since, now) {
        return record.end_alone(removed, None, since);
    }
    // Another tab may have stored its tokens a moment ago: those of a flight, or of a sign-in.
    client.store(None);
    record.end(removed, None, since);
}

/// Removes the tombstones, if no session has ended since `before`; returns when the last one
/// has, where tombstones may be left.
fn forget(known: &mut Option<Record>, before: Option<f64>) -> Option<f64> {
    let record = known.as_mut()?;
    let ended_at = record.ended_at;
    if before != Some(ended_at.into_raw()) {
        return Some(ended_at.into_raw());
    }
    if !record.forget(ended_at) {
        *known = None;
    }
    None
}
