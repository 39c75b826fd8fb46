//! Waiting for the lock of the tabs.

use std::pin::pin;
use std::time::Duration;

use futures::future::{Either, select};

use crate::client::Client;
use crate::ports::{Guard, Note, Platform};
use crate::session::Epoch;

/// How many holders of the lock one flight leaves behind before it goes on without.
const MOST_HOLDERS: u32 = 2;

/// A tab that waits longer looks whether the holder of the lock is alive.
const PROMPT: Duration = Duration::from_millis(100);

/// The lock between the tabs, as one flight has it.
pub(crate) enum Hold<G> {
    No,
    /// The lock of this generation.
    Lock(G, u32),
    /// There are no locks here, or the one there is cannot be had: what was refused or
    /// stored meanwhile decides.
    Without,
}

/// How the wait for the lock ended.
enum Waited<G> {
    Granted(G),
    /// Tabs cannot lock each other out here.
    NoLocks,
    /// Another token reigns.
    MovedOn,
    /// Another lock counts now.
    Regrouped,
}

impl<P: Platform> Client<P> {
    /// Waits for the lock, unless it is held. A token that appears meanwhile ends the
    /// wait: there may be nothing left to lock for.
    pub(crate) async fn line_up(&self, hold: Hold<P::Guard>, epoch: Epoch) -> Hold<P::Guard> {
        match hold {
            Hold::Lock(guard, generation) if guard.is_held() => {
                return Hold::Lock(guard, generation);
            }
            Hold::Without => return Hold::Without,
            Hold::Lock(..) | Hold::No => {}
        }
        let began = self.platform.now();
        let hold = self.queue(epoch).await;
        self.catch_up(began).await;
        hold
    }

    async fn queue(&self, epoch: Epoch) -> Hold<P::Guard> {
        for _ in 0..=MOST_HOLDERS {
            let generation = self.shared.generation.get();
            match self.wait_for_lock(generation, epoch).await {
                Waited::Granted(guard) => return Hold::Lock(guard, generation),
                Waited::MovedOn => return Hold::No,
                Waited::Regrouped => {}
                Waited::NoLocks => break,
            }
        }
        Hold::Without
    }

    /// Waits for the lock that counts, and no longer than `lock_timeout` for a holder that
    /// does not move: one that is frozen would otherwise hold up everybody. Its lock is not
    /// stolen, since then each one who waits would steal it from the one before; they agree
    /// on another lock instead.
    async fn wait_for_lock(&self, generation: u32, epoch: Epoch) -> Waited<P::Guard> {
        let lock = pin!(self.platform.lock(generation));
        let moved_on = pin!(self.shared.session.moved_on(epoch));
        let mut either = select(lock, moved_on);
        let mut patience = PROMPT.min(self.policy.lock_timeout);
        let mut beat = None;
        loop {
            match select(either, pin!(self.platform.sleep(patience))).await {
                Either::Left((Either::Left((Some(guard), _)), _)) => return Waited::Granted(guard),
                Either::Left((Either::Left((None, _)), _)) => return Waited::NoLocks,
                Either::Left((Either::Right(_), _)) => return Waited::MovedOn,
                Either::Right(((), unfinished)) => either = unfinished,
            }
            if beat.is_none() {
                self.platform.trace(Note::WaitsForTabs);
            }
            match self.look_at_holder(generation, beat).await {
                // Tabs that share no record cannot agree on another lock.
                None if !self.platform.is_common() => return Waited::NoLocks,
                None => return Waited::Regrouped,
                Some(now) => beat = Some(now),
            }
            patience = self.policy.lock_timeout;
        }
    }

    /// The beat of whoever holds the lock of `generation`; `None` where that lock counts no
    /// more, which is brought about here if the beat is still `before`.
    async fn look_at_holder(&self, generation: u32, before: Option<u32>) -> Option<u32> {
        let mut beat = None;
        let mut now = generation;
        self.platform
            .exclusively(&mut |record| {
                let record = self.record_in(record);
                now = record.generation;
                if now != generation {
                    return;
                }
                if before != Some(record.beat) {
                    beat = Some(record.beat);
                    return;
                }
                self.platform.trace(Note::LeavesHolderBehind(self.policy.lock_timeout));
                if self.platform.is_common() {
                    record.generation = generation.wrapping_add(1);
                    now = record.generation;
                }
            })
            .await;
        self.shared.generation.set(now);
        beat
    }
}
