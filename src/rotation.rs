//! The way of one refresh, past the other tabs.
//!
//! ```text
//!  line up ─────► check in ─────► ask for new tokens ─► Granted ──────► store them
//!  for the lock     │    ▲              │
//!     │             │    │              ├─► Unavailable ─► wait, ask again, give up
//!     │             │    └──────────────┤
//!     ▼             ▼                   └─► Refused ──────► the session is over
//!   another token is there: adopt it
//! ```
//!
//! After every wait the storage is read anew: for the lock, for the record and for the
//! answer alike, another tab may have been faster.

use std::cell::Cell;
use std::pin::pin;
use std::rc::Rc;
use std::time::Duration;

use futures::future::{Either, select};

use crate::client::Client;
use crate::error::Error;
use crate::handover::{Asker, Claim, Entry, Failed, Held};
use crate::policy::Verdict;
use crate::ports::{Guard, Note, Platform, Slot};
use crate::session::Epoch;
use crate::shared::Landing;

const ANOTHER_USER: &str = "the token server answered with the token of another user";

/// How many refused refresh tokens one flight replaces by those that it finds.
const MOST_REFUSALS: u32 = 3;

/// How many holders of the lock one flight leaves behind before it goes on without.
const MOST_HOLDERS: u32 = 2;

/// How long what another tab has stored may take to be seen here.
const HAND_OVER: Duration = Duration::from_millis(1_000);

/// How often is looked for it at first; the intervals double.
const GLANCE: Duration = Duration::from_millis(4);

/// After that long between reading and asking the page has been frozen, or the machine
/// asleep: what was read is old.
const THAWED: Duration = Duration::from_millis(1_000);

/// How often is looked at most, where timers are throttled so that no look counts.
const MOST_GLANCES: u32 = 12;

/// How long a page that was frozen takes to hear what it has missed.
const CATCH_UP: Duration = Duration::from_millis(100);

/// A tab that waits longer looks whether the holder of the lock is alive.
const PROMPT: Duration = Duration::from_millis(100);

/// What a flight knows of itself.
struct Flying<G> {
    /// The epoch that it was asked for in; the session may have been left since.
    epoch: Epoch,
    hold: Hold<G>,
    /// How often was asked.
    tries: u32,
    /// The beat with which the record was told that this flight asks.
    asked_at: Option<u32>,
    /// The wait for what another tab has stored.
    hand_over: Option<Wait>,
    /// The beat during which that wait was over, before the tokens were read.
    waited_out: Option<u32>,
}

/// A wait for what another tab has stored.
#[derive(Clone, Copy)]
struct Wait {
    /// How long it has lasted; the time in which the page is frozen does not count.
    lasted: Duration,
    glances: u32,
    /// What the other tab had done when it began.
    beat: u32,
}

/// The lock between the tabs, as one flight has it.
enum Hold<G> {
    No,
    /// The lock of this generation.
    Lock(G, u32),
    /// There are no locks here, or the one there is cannot be had: what was refused or
    /// stored meanwhile decides.
    Without,
}

/// What a flight has to do next.
enum Next<V: crate::ports::Values> {
    Land(Landing<V>),
    Again,
    Ask(Held, Option<V::Token>),
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
    pub(crate) async fn fly(self: Rc<Self>, epoch: Epoch) -> Landing<P> {
        let mut flying = Flying {
            epoch,
            hold: Hold::No,
            tries: 0,
            asked_at: None,
            hand_over: None,
            waited_out: None,
        };
        loop {
            self.line_up(&mut flying).await;
            let (held, spent) = match self.check_in(&mut flying).await {
                Next::Land(landing) => return landing,
                Next::Again => continue,
                Next::Ask(held, spent) => (held, spent),
            };
            self.platform.trace(Note::Asks);
            let verdict = self.ask(spent.clone()).await;
            flying.tries += 1;
            let landing = match verdict {
                Verdict::Granted(grant) => Some(self.commit(epoch, &held, spent, grant).await),
                Verdict::Refused { reason, cause } => {
                    self.on_refused(&flying, &held, spent, (reason, cause)).await
                }
                Verdict::Unavailable { reason, retry_after, cause } => {
                    self.on_unavailable(&flying, retry_after, (reason, cause)).await
                }
            };
            if let Some(landing) = landing {
                return landing;
            }
        }
    }

    /// Waits for the lock, unless it is held. A token that appears meanwhile ends the
    /// wait: there may be nothing left to lock for.
    async fn line_up(&self, flying: &mut Flying<P::Guard>) {
        match &flying.hold {
            Hold::Lock(guard, _) if guard.is_held() => return,
            Hold::Without => return,
            Hold::Lock(..) | Hold::No => {}
        }
        flying.hold = Hold::No;
        let began = self.platform.now();
        self.queue(flying).await;
        self.catch_up(began).await;
    }

    async fn queue(&self, flying: &mut Flying<P::Guard>) {
        for _ in 0..=MOST_HOLDERS {
            let generation = self.shared.generation.get();
            match self.wait_for_lock(generation, flying.epoch).await {
                Waited::Granted(guard) => {
                    flying.hold = Hold::Lock(guard, generation);
                    return;
                }
                Waited::MovedOn => return,
                Waited::Regrouped => {}
                Waited::NoLocks => break,
            }
        }
        flying.hold = Hold::Without;
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
                if now == generation && before != Some(record.beat) {
                    beat = Some(record.beat);
                    return;
                }
                if now == generation {
                    self.platform.trace(Note::LeavesHolderBehind(self.policy.lock_timeout));
                    if self.platform.is_common() {
                        record.generation = generation.wrapping_add(1);
                        now = record.generation;
                    }
                }
            })
            .await;
        self.shared.generation.set(now);
        beat
    }

    /// Reads the tokens, and asks the record whether they are worth anything still.
    async fn check_in(self: &Rc<Self>, flying: &mut Flying<P::Guard>) -> Next<P> {
        let is_over =
            |wait: &Wait| wait.lasted >= self.patience(flying) || wait.glances >= MOST_GLANCES;
        flying.waited_out = flying.hand_over.filter(is_over).map(|wait| wait.beat);
        // The refresh token is read first: where another session or a newer access token
        // is there by the time that is known, it is not sent.
        let spent = self.platform.read(Slot::Refresh).get().await;
        if let Some(landing) = self.what_changed_since(flying.epoch).await {
            return Next::Land(landing);
        }
        if matches!(flying.hold, Hold::No) {
            return Next::Again;
        }
        let held = Held::of(self.shared.session.token().as_ref(), spent.as_ref());
        let began = self.platform.now();
        let asker = self.asker(flying);
        let (entry, beat) = (Cell::new(Entry::Clear), Cell::new(0));
        self.platform
            .exclusively(&mut |record| {
                let record = self.record_in(record);
                entry.set(record.check_in(&held, asker));
                beat.set(record.beat);
                self.shared.generation.set(record.generation);
            })
            .await;
        match entry.get() {
            Entry::Clear if self.has_thawed(began) => {
                self.catch_up(began).await;
            }
            Entry::Clear => {
                flying.asked_at = Some(beat.get());
                flying.hand_over = None;
                // Something may have arrived while the record was asked.
                return match self.what_changed_since(flying.epoch).await {
                    Some(landing) => Next::Land(landing),
                    None => Next::Ask(held, spent),
                };
            }
            Entry::Overtaken => flying.hold = Hold::No,
            Entry::Ended if flying.waited_out.is_some() => {
                return Next::Land(self.leave_behind(flying.epoch).await);
            }
            Entry::Ended | Entry::Rotated | Entry::Orphaned => {
                self.wait_for_hand_over(flying, beat.get()).await;
            }
            Entry::Failing(failed) => return Next::Land(self.fail_along(failed)),
        }
        Next::Again
    }

    /// How long what another tab has stored may take to be seen. Without a lock, that tab may
    /// be asking still.
    fn patience(&self, flying: &Flying<P::Guard>) -> Duration {
        match flying.hold {
            Hold::Lock(..) => HAND_OVER,
            Hold::No | Hold::Without => HAND_OVER + self.policy.refresh_timeout,
        }
    }

    /// Whether the page was frozen, or the machine asleep, since `began`.
    fn has_thawed(&self, began: Duration) -> bool {
        self.platform.now().saturating_sub(began) >= THAWED
    }

    /// A page that was frozen hears first what it has missed.
    async fn catch_up(&self, began: Duration) {
        if self.has_thawed(began) {
            self.platform.sleep(CATCH_UP).await;
        }
    }

    fn asker(&self, flying: &Flying<P::Guard>) -> Asker {
        Asker {
            generation: match flying.hold {
                Hold::Lock(_, generation) => Some(generation),
                Hold::No | Hold::Without => None,
            },
            asked_at: flying.asked_at,
            waited_out: flying.waited_out,
            now: self.platform.wall_clock(),
            woken: self.shared.outage.woken(),
        }
    }

    /// Another tab has stored tokens that are not to be seen here yet. Whenever a tab does
    /// something, the wait begins anew.
    async fn wait_for_hand_over(&self, flying: &mut Flying<P::Guard>, beat: u32) {
        let known = flying.hand_over.filter(|wait| wait.beat == beat);
        let mut wait = known.unwrap_or_else(|| {
            self.platform.trace(Note::WaitsForHandOver);
            Wait { lasted: Duration::ZERO, glances: 0, beat }
        });
        wait.lasted += self.glance(wait.glances).await;
        wait.glances += 1;
        flying.hand_over = Some(wait);
    }

    /// Waits before it is looked once more; how long that was, without the time in which the
    /// page was frozen.
    async fn glance(&self, glances: u32) -> Duration {
        let (began, glance) = (self.platform.now(), GLANCE * (1 << glances.min(6)));
        self.platform.sleep(glance).await;
        let took = self.platform.now().saturating_sub(began);
        if took > glance * 2 {
            // The page was frozen, or is throttled: it may have missed what has happened.
            self.platform.sleep(CATCH_UP).await;
            return Duration::ZERO;
        }
        took
    }

    /// How a flight of `epoch` ends because something else happened meanwhile.
    pub(crate) async fn what_changed_since(self: &Rc<Self>, epoch: Epoch) -> Option<Landing<P>> {
        let token = self.look().await.token;
        let session = &self.shared.session;
        if session.has_moved_on_from(epoch) {
            Some(Landing::Superseded)
        } else {
            (session.epoch() != epoch).then_some(Landing::Renewed(token))
        }
    }

    /// As [`Client::what_changed_since`], for a change that another tab has made: it is
    /// waited for, within bounds.
    pub(crate) async fn what_another_tab_changed(
        self: &Rc<Self>,
        epoch: Epoch,
    ) -> Option<Landing<P>> {
        let mut waited = Duration::ZERO;
        for glances in 0.. {
            if let Some(landing) = self.what_changed_since(epoch).await {
                return Some(landing);
            }
            if waited >= HAND_OVER || glances >= MOST_GLANCES {
                break;
            }
            waited += self.glance(glances).await;
        }
        None
    }

    async fn ask(&self, refresh_token: Option<P::Token>) -> Verdict<P::Token, P::Failure> {
        let answer = self.platform.refresh(refresh_token);
        let deadline = pin!(self.platform.sleep(self.policy.refresh_timeout));
        let verdict = match select(answer, deadline).await {
            Either::Left((answer, _)) => self.policy.judge(answer),
            Either::Right(_) => Verdict::Unavailable {
                reason: "the refresh took longer than refreshTimeout (a refresh function has to use \
                         the fetch that it is given: the api's own waits for the refresh itself)",
                retry_after: None,
                cause: None,
            },
        };
        match verdict {
            Verdict::Granted(grant) if self.shared.session.is_of_another_user(&grant.access) => {
                Verdict::Refused { reason: ANOTHER_USER, cause: None }
            }
            verdict => verdict,
        }
    }

    async fn on_refused(
        self: &Rc<Self>,
        flying: &Flying<P::Guard>,
        held: &Held,
        spent: Option<P::Token>,
        (reason, cause): (&'static str, Option<P::Failure>),
    ) -> Option<Landing<P>> {
        let epoch = flying.epoch;
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
        if flying.tries > MOST_REFUSALS {
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

    async fn on_unavailable(
        self: &Rc<Self>,
        flying: &Flying<P::Guard>,
        retry_after: Option<Duration>,
        (reason, cause): (&'static str, Option<P::Failure>),
    ) -> Option<Landing<P>> {
        if let Some(landing) = self.what_changed_since(flying.epoch).await {
            return Some(landing);
        }
        let random = self.platform.random();
        let Some(wait) = self.policy.retry_in(flying.tries, retry_after, random) else {
            return Some(self.give_up(retry_after, (reason, cause)).await);
        };
        self.platform.trace(Note::Retries(wait, reason));
        self.platform.sleep(wait).await;
        None
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
    fn fail_along(&self, failed: Failed) -> Landing<P> {
        let retry_after = failed.until.saturating_sub(self.platform.wall_clock());
        self.shared.outage.cool_down_until(self.platform.now() + retry_after);
        Landing::Unavailable(self.unavailable_still(retry_after))
    }
}
