//! A tab's work while it waits for something else: a change of session, and the late answer to a
//! refresh.

use tokenflight::credential::Grant;
use tokenflight::machine::Machine;
use tokenflight::millis::Millis;
use tokenflight::task::{Slot, Task, Wait};

use super::dialogue::Reply;
use super::page::Page;
use super::setting::{Change, Planted};
use super::tab::{Aside, Going, Tab, answer};
use super::token::{Token, numbered};

impl Tab<'_> {
    fn note(&self, change: impl FnOnce(&mut Aside)) {
        let mut aside = self.aside.get();
        change(&mut aside);
        self.aside.set(aside);
    }

    /// The application signs in or out: the tokens are written at once, and the record is asked for.
    pub(super) fn begin(&self, change: Change) -> Going<()> {
        self.note(|aside| aside.is_changing = true);
        let mut machine = match change {
            Change::SignIn(session) => {
                let token = |slot| Token { slot, number: numbered(session, 1) };
                let refresh = Some(token(Slot::Refresh));
                let grant = Grant { refresh, ..Grant::of(token(Slot::Access)) };
                Machine::sign_in(&self.client, grant)
            }
            Change::SignOut => Machine::sign_out(&self.client),
        };
        let wait = machine.step();
        self.going()?;
        assert_eq!(wait, Wait::Record, "a storage that answers at once is not waited for");
        self.note(|aside| aside.wants_record = true);
        self.change.replace(Some(machine));
        Ok(())
    }

    /// The change of session has the record.
    pub(super) fn tell(&self, number: u32) -> Going<()> {
        self.note(|aside| aside.wants_record = false);
        if let Some(mut machine) = self.change.take() {
            if self.setting.planted != Some(Planted::Untold) {
                self.take_record(&mut machine, number)?;
            }
            while !matches!(machine.step(), Wait::End(_)) {
                self.going()?;
            }
            self.going()?;
        }
        self.note(|aside| aside.is_changing = false);
        Ok(())
    }

    /// The refresh has landed, and goes on waiting for its answer.
    pub(super) fn put_aside(&self, mut flight: Box<dyn Task<Page>>) {
        let token = flight.facts().refresh_token.map(|token| token.number);
        self.note(|aside| aside.late = token);
        self.late.replace(Some(flight));
    }

    /// That answer comes, or nobody waits for it any more.
    pub(super) fn settle_late(&self, reply: Reply) -> Going<()> {
        self.note(|aside| aside.late = None);
        if let Some(mut flight) = self.late.take() {
            match reply {
                Reply::Never(time) => self.page.pass(Millis::new(time.into())),
                reply => flight.facts().answer = Some(answer(reply)),
            }
            self.drive(&mut *flight)?;
        }
        Ok(())
    }
}
