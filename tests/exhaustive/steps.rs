//! Every step that can be the next one.

use tokenflight::task::Slot;

use super::dialogue::{Question, Reply};
use super::histories::Histories;
use super::setting::{Planted, Setting};
use super::world::{Tab, Version, World};

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
}

impl Step {
    /// The tab that it happens to.
    pub fn tab(self) -> usize {
        match self {
            Self::Reply(tab, ..) | Self::Arrive(tab) | Self::Fail(tab) => tab,
            Self::Fetch(tab, _) | Self::Freeze(tab) => tab,
        }
    }
}

impl World {
    /// Every step that can be the next one.
    ///
    /// A tab that reads does so before anybody else moves. No schedule is lost: if another one
    /// moved first, this one could still see the storage as it was before. While it has the
    /// record, nobody writes tokens in any case.
    pub fn steps(&self, setting: &Setting, histories: &Histories) -> Vec<Step> {
        let mut steps = Vec::new();
        for (place, tab) in self.tabs.iter().enumerate() {
            if let Question::Read(slot) = histories.get(tab.history).question {
                self.reads(place, slot, setting, &mut steps);
                return steps;
            }
        }
        for place in 0..self.tabs.len() {
            self.add_steps(place, setting, histories, &mut steps);
        }
        steps
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
            Question::User | Question::Resume | Question::Store(_) => add(Reply::Go),
            Question::Fetch => match (tab.fetched, self.versions[self.last() as usize]) {
                (Some((0, access)), [_, refresh]) => add(Reply::Held([access, refresh])),
                (Some((_, refresh)), [access, _]) => add(Reply::Held([access, refresh])),
                (None, _) => steps.extend([0, 1].map(|slot| Step::Fetch(place, slot))),
            },
            Question::Sleep(time) if self.may_pass(place, time, setting, histories) => {
                add(Reply::Go);
            }
            Question::Sleep(_) => {}
            Question::Lock { .. } if !setting.has_locks => add(Reply::NoLocks),
            Question::Lock { generation, patience } => {
                let is_free = !self.is_held(generation, histories);
                let may_pass = self.may_pass(place, patience, setting, histories);
                // One that is free is granted before long.
                let may_tire = may_pass && (!is_free || patience <= setting.slowest);
                [(is_free, Reply::Locked), (may_tire, Reply::PatienceOver)]
                    .into_iter()
                    .filter(|(may, _)| *may)
                    .for_each(|(_, reply)| add(reply));
            }
            Question::Record if setting.planted == Some(Planted::OwnRecords) => {
                add(Reply::Record(tab.record));
            }
            Question::Record => add(Reply::Record(self.record)),
            Question::Answer(_) => match tab.reply {
                Some(reply) => add(reply),
                None => {
                    steps.push(Step::Arrive(place));
                    if self.failures > 0 {
                        steps.push(Step::Fail(place));
                    }
                }
            },
            Question::Read(_) => unreachable!("reads come first"),
        }
        if setting.has_events && tab.sees < self.last() {
            steps.push(Step::Reply(place, Reply::Changed, tab.sees + 1));
        }
        if self.freezes > 0 && self.may_freeze(tab, histories) {
            steps.push(Step::Freeze(place));
        }
    }

    /// Whether the tokens survive if it stops here: once the token server has been asked, only
    /// this tab can store the next ones.
    fn may_freeze(&self, tab: &Tab, histories: &Histories) -> bool {
        let question = histories.get(tab.history).question;
        !tab.has_grant && !matches!(question, Question::User | Question::Answer(_))
    }

    /// Whether so much time may pass for a tab before the next step of any other: nobody is
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
    match histories.get(tab.history).question {
        Question::Sleep(time) => tab.ahead + time,
        _ => tab.ahead,
    }
}
