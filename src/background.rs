//! Refreshing before the token ends although nobody asks (`autoRefresh`).

use std::pin::pin;
use std::rc::Rc;
use std::time::Duration;

use futures::future::{pending, select};

use crate::client::Client;
use crate::policy::scaled;
use crate::ports::{Platform, Presence};
use crate::refresh::Need;

/// A server whose tokens live for no time is not asked without a pause.
const SHORTEST: Duration = Duration::from_secs(1);

/// The longest sleep at once: timers of browsers are 32 bits of milliseconds wide, and
/// fire at once beyond.
const LONGEST: Duration = Duration::from_secs(12 * 60 * 60);

impl<P: Platform + Presence> Client<P> {
    /// Keeps the token fresh until it is dropped.
    pub async fn keep_fresh(self: Rc<Self>) {
        loop {
            let epoch = self.shared.session.epoch();
            {
                let moved_on = pin!(self.shared.session.moved_on(epoch));
                let woken = pin!(self.platform.woken());
                let time = pin!(self.until_due());
                select(time, select(moved_on, woken)).await;
            }
            if self.platform.is_dormant() {
                // It is caught up on when somebody is there to see it.
                self.platform.woken().await;
            }
            if self.is_due() {
                let flight = self.join_or_start_flight(self.shared.session.epoch(), Need::Ahead);
                if let Ok(Some(flight)) = flight.await {
                    flight.await;
                }
            }
        }
    }

    /// Waits until the token is due, and up to a quarter of what is left then: tabs that
    /// were opened together do not all wake at once.
    async fn until_due(&self) {
        let session = &self.shared.session;
        let is_kept = self.shared.kept.get() == Some(session.epoch());
        let Some(expiry) = self.shared.reign.expiry().filter(|_| !is_kept && !session.is_over())
        else {
            return pending().await;
        };
        let now = self.platform.now();
        let due = expiry.due(self.policy.refresh_ahead);
        let spread = scaled(expiry.remaining(due), self.platform.random() / 4.0);
        let wait = (due + spread).saturating_sub(now);
        let cool_down = self.shared.outage.remaining(now).unwrap_or_default();
        self.platform.rest(wait.max(cool_down).clamp(SHORTEST, LONGEST)).await;
    }
}
