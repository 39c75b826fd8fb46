//! Every step that can be the next one.

use tokenflight::task::Slot;

use super::dialogue::{Question, Reply};
use super::histories::Histories;
use super::setting::{Planted, Setting};
use super::world::{LATE, Tab, Version, World};

/// A step: the reply to one tab, or the token server's work for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The tab, what it is told, and the version of the storage that it sees from then on.
    Reply(usize, Reply, u8),
    /// Its refresh reaches the token server.
    Arrive(usize),
    /// The same, and the server fails.
    Fail(usize),
    /// Its slow storage has read one of the two tokens.
    Fetch(usize, u8),
    /// It stops.
    Freeze(usize),
    /// The answer to its refresh is going to be late.
    Delay(usize),
    /// It is closed.
    Crash(usize),
    /// It is told this, and closed after so many of its writes: the record is as it was before.
    Torn(usize, Reply, u8),
    /// The record vanishes.
    Vanish,
}

impl Step {
    /// The tab that it happens to.
    pub fn tab(self) -> Option<usize> {
        match self {
            Self::Reply(tab, ..) | Self::Arrive(tab) | Self::Fail(tab) => Some(tab),
            Self::Fetch(tab, _) | Self::Freeze(tab) | Self::Delay(tab) => Some(tab),
            Self::Crash(tab) | Self::Torn(tab, ..) => Some(tab),
            Self::Vanish => None,
        }
    }
}

impl World {
    /// Every step that can be the next one.
    ///
    /// A tab that reads does so before anybody else moves. No schedule is lost: if another one
    /// moved first, this one could still see the storage as it was before. While it has the
    /// record, nobody writes tokens in any case.
    pub fn steps(&self, setting: &Setting, histories: &mut Histories) -> Vec<Step> {
        let mut steps = Vec::new();
        for (place, tab) in self.tabs.iter().enumerate().filter(|(_, tab)| !tab.is_gone) {
            if let Question::Read(slot) = histories.get(tab.history).question {
                self.reads(place, slot, setting, &mut steps);
                self.tear(place, histories, &mut steps);
                return steps;
            }
        }
        for (place, tab) in self.tabs.iter().enumerate().filter(|(_, tab)| !tab.is_gone) {
            self.add_steps(place, setting, histories, &mut steps);
            self.add_changes(place, setting, histories, &mut steps);
            if self.crashes > 0 && is_busy(tab, histories) {
                steps.push(Step::Crash(place));
            }
        }
        if self.vanishes > 0 && self.record != 0 {
            steps.push(Step::Vanish);
        }
        steps
    }

    /// A tab may be closed between any two of the writes that follow what it has read, and before
    /// the record is stored.
    fn tear(&self, place: usize, histories: &mut Histories, steps: &mut Vec<Step>) {
        if self.crashes == 0 {
            return;
        }
        for step in steps.clone() {
            if let Step::Reply(_, reply, _) = step {
                let after = histories.after(self.tabs[place].history, reply);
                let writes = histories.get(after).writes.len() as u8;
                steps.extend((1..=writes).map(|writes| Step::Torn(place, reply, writes)));
            }
        }
    }

    /// Adds the application's changes and late answers, while the tab waits for something else.
    fn add_changes(
        &self,
        place: usize,
        setting: &Setting,
        histories: &Histories,
        steps: &mut Vec<Step>,
    ) {
        let (tab, aside) = (&self.tabs[place], histories.get(self.tabs[place].history).aside);
        if tab.is_frozen {
            return;
        }
        let mut add = |reply| steps.push(Step::Reply(place, reply, tab.sees));
        if let Some(change) = setting.changes.get(self.changes as usize)
            && self.is_settled
        {
            add(Reply::Begin(*change));
        }
        if aside.wants_record {
            add(Reply::Told(self.record));
        }
        if aside.late.is_some() {
            match tab.reply {
                Some(Reply::Granted(number)) => add(Reply::Late(number)),
                Some(_) => {}
                None => steps.push(Step::Arrive(place)),
            }
            if self.may_pass(place, tab.late_left, setting, histories) {
                let time = tab.late_left;
                steps.push(Step::Reply(place, Reply::Never(time), tab.sees));
            }
        }
    }

    /// Of versions that show the same in `slot`, the oldest: who sees that one may see the
    /// others in the next read.
    fn reads(&self, place: usize, slot: Slot, setting: &Setting, steps: &mut Vec<Step>) {
        let tab = &self.tabs[place];
        let first = match tab.behind {
            late if late >= setting.lag + setting.apart => self.last(),
            late if late >= setting.lag => tab.sees.max(self.first_with_newest_refresh_token()),
            _ => tab.sees,
        };
        let mut shown = Vec::new();
        for version in first..=self.last() {
            let value = self.versions[version as usize][slot as usize];
            if !shown.contains(&value) {
                shown.push(value);
                steps.push(Step::Reply(place, Reply::Seen(value), version));
            }
        }
    }

    fn first_with_newest_refresh_token(&self) -> u8 {
        let refresh = |version: &Version| version[Slot::Refresh as usize];
        let newest = self.versions.last().map(refresh);
        let is_newest = |version: &Version| Some(refresh(version)) == newest;
        self.versions.iter().position(is_newest).map_or(0, |first| first as u8)
    }

    fn add_steps(
        &self,
        place: usize,
        setting: &Setting,
        histories: &Histories,
        steps: &mut Vec<Step>,
    ) {
        let tab = &self.tabs[place];
        let mut add = |reply| steps.push(Step::Reply(place, reply, tab.sees));
        if tab.is_frozen {
            return add(Reply::Thawed);
        }
        match histories.get(tab.history).question {
            Question::Nothing | Question::Failed(_) => return,
            Question::User => add(Reply::Asked(self.clock(place, setting, histories))),
            Question::Resume | Question::Store(_) => add(Reply::Go),
            Question::Fetch => match (tab.fetched, self.versions[self.last() as usize]) {
                (Some((0, access)), [_, refresh]) => add(Reply::Held([access, refresh])),
                (Some((_, refresh)), [access, _]) => add(Reply::Held([access, refresh])),
                (None, _) => steps.extend([0, 1].map(|slot| Step::Fetch(place, slot))),
            },
            Question::Sleep(time)
                if may_rest(tab, time, histories)
                    && self.may_pass(place, time, setting, histories) =>
            {
                add(Reply::Go);
            }
            Question::Sleep(_) => {}
            Question::Lock { .. } if !setting.has_locks => add(Reply::NoLocks),
            Question::Lock { generation, patience } => {
                self.add_lock(place, generation, patience, setting, histories, steps);
            }
            Question::Record if setting.planted == Some(Planted::OwnRecords) => {
                add(Reply::Record(tab.record));
            }
            Question::Record if self.must_queue(place, setting, histories) => {}
            Question::Record => add(Reply::Record(self.record)),
            Question::Answer(_) => self.add_answers(place, setting, histories, steps),
            Question::Read(_) => unreachable!("reads come first"),
        }
        if setting.has_events && tab.sees < self.last() {
            steps.push(Step::Reply(place, Reply::Changed, tab.sees + 1));
        }
        if self.freezes > 0 && self.may_freeze(tab, histories) {
            steps.push(Step::Freeze(place));
        }
    }

    /// Returns true if another tab, whose session is changing, asked for the record before.
    fn must_queue(&self, place: usize, setting: &Setting, histories: &Histories) -> bool {
        let is_before = |(other, tab): (usize, &Tab)| {
            other != place && histories.get(tab.history).aside.wants_record
        };
        setting.is_record_ordered
            && !self.tabs[place].is_first
            && self.tabs.iter().enumerate().any(is_before)
    }

    fn add_lock(
        &self,
        place: usize,
        generation: u32,
        patience: u16,
        setting: &Setting,
        histories: &Histories,
        steps: &mut Vec<Step>,
    ) {
        let tab = &self.tabs[place];
        let is_free = !self.is_held(generation, histories);
        let may_pass = may_rest(tab, patience, histories)
            && self.may_pass(place, patience, setting, histories);
        // One that is free is granted before long.
        let may_tire = may_pass && (!is_free || patience <= setting.slowest);
        let locked = Reply::Locked(self.clock(place, setting, histories));
        [(is_free, locked), (may_tire, Reply::PatienceOver)]
            .into_iter()
            .filter(|(may, _)| *may)
            .for_each(|(_, reply)| steps.push(Step::Reply(place, reply, tab.sees)));
    }

    fn add_answers(
        &self,
        place: usize,
        setting: &Setting,
        histories: &Histories,
        steps: &mut Vec<Step>,
    ) {
        let tab = &self.tabs[place];
        let mut add = |reply| steps.push(Step::Reply(place, reply, tab.sees));
        match tab.reply {
            _ if tab.is_late && self.may_pass(place, LATE, setting, histories) => {
                add(Reply::TooLate);
            }
            Some(reply) if !tab.is_late => add(reply),
            _ => {}
        }
        if tab.reply.is_none() {
            steps.push(Step::Arrive(place));
        }
        if tab.reply.is_none() && !tab.is_late && self.failures > 0 {
            steps.push(Step::Fail(place));
        }
        if self.late > 0 && !tab.is_late && tab.reply != Some(Reply::Refused) {
            steps.push(Step::Delay(place));
        }
    }

    /// Returns true if the tokens survive if it stops here: once the token server has been asked,
    /// only this tab can store the next ones.
    fn may_freeze(&self, tab: &Tab, histories: &Histories) -> bool {
        let question = histories.get(tab.history).question;
        tab.grant.is_none() && !matches!(question, Question::User | Question::Answer(_))
    }

    /// Returns true if so much time may pass for a tab before the next step of any other: nobody is
    /// slower than `slowest`, unless it is frozen.
    fn may_pass(&self, place: usize, time: u16, setting: &Setting, histories: &Histories) -> bool {
        let ends = self.tabs[place].ahead + time;
        let is_slow = |(other, tab): (usize, &Tab)| {
            other != place
                && self.is_running(tab, histories)
                && ends > due(tab, histories) + setting.slowest
        };
        !self.tabs.iter().enumerate().any(is_slow)
    }
}

/// When the next thing happens to it, by its clock.
fn due(tab: &Tab, histories: &Histories) -> u16 {
    let history = histories.get(tab.history);
    let until_late = if history.aside.late.is_some() { tab.late_left } else { u16::MAX };
    let rest = match history.question {
        _ if history.aside.is_changing => 0,
        Question::Sleep(time) => time,
        Question::Answer(_) if tab.is_late => LATE,
        // All that it still waits for is a late answer.
        Question::Nothing => until_late,
        _ => 0,
    };
    tab.ahead + rest.min(until_late)
}

/// Returns true if a tab may let so much time pass for itself: its change of session gets the
/// record before that, and its late answer comes while somebody still waits for it.
fn may_rest(tab: &Tab, time: u16, histories: &Histories) -> bool {
    let aside = histories.get(tab.history).aside;
    !aside.is_changing && (aside.late.is_none() || time <= tab.late_left)
}

/// Returns true if it is doing something that its end would cut off.
fn is_busy(tab: &Tab, histories: &Histories) -> bool {
    let history = histories.get(tab.history);
    let aside = history.aside;
    aside.is_changing
        || aside.late.is_some()
        || !matches!(history.question, Question::User | Question::Nothing)
}
