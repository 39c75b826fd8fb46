//! What follows from a refresh that was refused, or could not be done now.

use std::rc::Rc;
use std::time::Duration;

use crate::client::Client;
use crate::error::Error;
use crate::handover::{Claim, Failed, Held, Record};
use crate::ports::{Note, Platform, Slot};
use crate::rotation::{ANOTHER_USER, HAND_OVER};
use crate::session::Epoch;
use crate::shared::Landing;

/// How many refused refresh tokens one flight replaces by those that it finds.
const MOST_REFUSALS: u32 = 3;

impl<P: Platform> Client<P> {
    pub(crate) async fn on_refused(
        self: &Rc<Self>,
        epoch: Epoch,
        tries: u32,
        held: &Held,
        spent: Option<P::Token>,
        (reason, cause): (&'static str, Option<P::Failure>),
    ) -> Option<Landing<P>> {
        let changed = match reason {
            // That user may just be signing in, in another tab.
            ANOTHER_USER => self.what_another_tab_changed(epoch).await,
            _ => self.what_changed_since(epoch).await,
        };
        if changed.is_some() {
            return changed;
        }
        if self.is_still_good() {
            self.shared.kept.set(Some(epoch));
            self.platform
                .exclusively(&mut |record| {
                    record.iter_mut().for_each(|record| record.withdraw(held));
                })
                .await;
            return Some(Landing::Kept);
        }
        if !self.is_rotated_elsewhere(epoch, &spent).await {
            match self.end_session(epoch, held, reason, cause.clone()).await {
                Ok(landing) => return Some(landing),
                Err(Claim::Left) => return Some(self.leave_behind(epoch).await),
                Err(_) => {}
            }
        }
        if tries > MOST_REFUSALS {
            return Some(self.give_up(None, (reason, cause)).await);
        }
        // To send the other tab's refresh token at once would spend it under that tab's
        // hands: its access token is about to be stored.
        self.platform.sleep(self.policy.retry_delay).await;
        None
    }

    /// Whether the storage holds another refresh token than the one that was refused:
    /// another tab stores what it got, refresh token first.
    async fn is_rotated_elsewhere(&self, epoch: Epoch, spent: &Option<P::Token>) -> bool {
        let held = self.platform.read(Slot::Refresh).get().await;
        held.is_some() && held != *spent && !self.shared.session.has_moved_on_from(epoch)
    }

    pub(crate) async fn on_unavailable(
        self: &Rc<Self>,
        epoch: Epoch,
        tries: u32,
        retry_after: Option<Duration>,
        (reason, cause): (&'static str, Option<P::Failure>),
    ) -> Option<Landing<P>> {
        if let Some(landing) = self.what_changed_since(epoch).await {
            return Some(landing);
        }
        let random = self.platform.random();
        let Some(wait) = self.policy.retry_in(tries, retry_after, random) else {
            return Some(self.give_up(retry_after, (reason, cause)).await);
        };
        self.platform.trace(Note::Retries(wait, reason));
        self.wait_visibly(wait).await;
        None
    }

    /// Waits with the lock, in steps that show the other tabs that its holder is alive.
    async fn wait_visibly(&self, wait: Duration) {
        let step = (self.policy.lock_timeout / 2).max(HAND_OVER);
        let mut rest = wait;
        while rest > step {
            self.platform.sleep(step).await;
            rest -= step;
            self.platform.exclusively(&mut |record| record.iter_mut().for_each(Record::beat)).await;
        }
        self.platform.sleep(rest).await;
    }

    async fn give_up(
        &self,
        retry_after: Option<Duration>,
        (reason, cause): (&'static str, Option<P::Failure>),
    ) -> Landing<P> {
        let outage = &self.shared.outage;
        let cool_down = self.policy.cool_down(outage.begin(), self.platform.random());
        let retry_after = retry_after
            .map_or(cool_down, |wait| wait.min(self.policy.max_retry_after).max(cool_down));
        outage.cool_down_until(self.platform.now() + retry_after);
        let at = self.platform.wall_clock();
        let failed = Failed { at, until: at + retry_after };
        self.platform
            .exclusively(&mut |record| {
                if let Some(record) = record {
                    record.beat();
                    record.failed = Some(failed);
                }
            })
            .await;
        let error = Error::RefreshUnavailable { reason, retry_after, cause };
        Landing::Unavailable(self.platform.failure(error))
    }

    /// Another tab has met an outage a moment ago.
    pub(crate) fn fail_along(&self, failed: Failed) -> Landing<P> {
        let retry_after = failed.until.saturating_sub(self.platform.wall_clock());
        self.shared.outage.cool_down_until(self.platform.now() + retry_after);
        Landing::Unavailable(self.unavailable_still(retry_after))
    }
}
