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
use crate::handover::{Asker, Entry, Held};
use crate::policy::Verdict;
use crate::ports::{Note, Platform, Slot, Values};
use crate::queue::Hold;
use crate::session::Epoch;
use crate::shared::Landing;

/// Why a grant is refused here.
pub(crate) const ANOTHER_USER: &str = "the token server answered with the token of another user";

/// How long what another tab has stored may take to be seen here.
pub(crate) const HAND_OVER: Duration = Duration::from_millis(1_000);

/// How often is looked for it at first; the intervals double.
const GLANCE: Duration = Duration::from_millis(4);

/// After that long between reading and asking the page has been frozen, or the machine
/// asleep: what was read is old.
const THAWED: Duration = Duration::from_millis(1_000);

/// How many looks may come too late: where timers are throttled they all do.
const MOST_LATE: u32 = 12;

/// How long a page that was frozen takes to hear what it has missed.
const CATCH_UP: Duration = Duration::from_millis(100);

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
    /// Those that came too late to count.
    late: u32,
    /// What the other tab had done when it began.
    beat: u32,
}

/// What a flight has to do next.
enum Next<V: Values> {
    Land(Landing<V>),
    Again,
    Ask(Held, Option<V::Token>),
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
            flying.hold = self.line_up(flying.hold, epoch).await;
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
                    let why = (reason, cause);
                    self.on_refused(epoch, flying.tries, &held, spent, why).await
                }
                Verdict::Unavailable { reason, retry_after, cause } => {
                    let why = (reason, cause);
                    self.on_unavailable(epoch, flying.tries, retry_after, why).await
                }
            };
            if let Some(landing) = landing {
                return landing;
            }
        }
    }

    /// Reads the tokens, and asks the record whether they are worth anything still.
    async fn check_in(self: &Rc<Self>, flying: &mut Flying<P::Guard>) -> Next<P> {
        let is_over = |wait: &Wait| wait.lasted >= self.patience(flying) || wait.late >= MOST_LATE;
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
    pub(crate) async fn catch_up(&self, began: Duration) {
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
            Wait { lasted: Duration::ZERO, glances: 0, late: 0, beat }
        });
        let lasted = self.glance(wait.glances).await;
        wait.lasted += lasted;
        wait.glances += 1;
        wait.late += u32::from(lasted.is_zero());
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
            if waited >= HAND_OVER || glances >= 2 * MOST_LATE {
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
}
