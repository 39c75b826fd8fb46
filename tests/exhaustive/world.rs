//! Tabs, their storage, their record and the token server, as one value.

use std::hash::{DefaultHasher, Hash, Hasher};

use tokenflight::task::Slot;

use super::dialogue::{Question, Reply};
use super::histories::{Histories, HistoryId, RecordId};
use super::setting::{Planted, Setting};
use super::steps::Step;

/// A tab in the world.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tab {
    pub history: HistoryId,
    /// By how many milliseconds its clock is ahead of that of the slowest tab.
    pub ahead: u16,
    /// Which version of the storage it sees.
    pub sees: u8,
    /// For how long, by its clock, it has not seen the newest one.
    pub behind: u16,
    /// What the token server has replied, while that is on its way.
    pub reply: Option<Reply>,
    /// Which token a slow storage has read for it, while it reads the other one; and its number.
    pub fetched: Option<(u8, Option<u8>)>,
    /// Whether it has got tokens that it has not stored.
    pub has_grant: bool,
    pub is_frozen: bool,
    /// For a planted fault: its own record.
    pub record: RecordId,
}

/// What the storage holds, by slot.
pub type Version = [Option<u8>; 2];

#[derive(Clone)]
pub struct World {
    pub tabs: Vec<Tab>,
    /// What the storage holds, and has held before as far as a tab may still see it. The
    /// newest is at the end.
    pub versions: Vec<Version>,
    pub record: RecordId,
    /// The number of the refresh token that is good, which is the number of the newest pair.
    newest: u8,
    /// How often the token server still fails, and how often a tab is still frozen.
    pub failures: u8,
    pub freezes: u8,
}

/// What must never happen, and has.
pub type Violation = &'static str;

pub const REUSE: Violation = "a refresh token that is spent is presented again";

impl World {
    pub fn of(setting: &Setting) -> Self {
        let tab = Tab {
            history: 0,
            ahead: 0,
            sees: 0,
            behind: 0,
            reply: None,
            fetched: None,
            has_grant: false,
            is_frozen: false,
            record: 0,
        };
        Self {
            tabs: vec![tab; setting.tabs],
            versions: vec![[Some(1); 2]],
            record: 0,
            newest: 1,
            failures: setting.failures,
            freezes: setting.freezes,
        }
    }

    /// The number of the newest version of the storage.
    pub fn last(&self) -> u8 {
        self.versions.len() as u8 - 1
    }

    /// The world after `step`.
    ///
    /// # Errors
    ///
    /// What must not happen, and has.
    pub fn after(
        &self,
        step: Step,
        setting: &Setting,
        histories: &mut Histories,
    ) -> Result<Self, Violation> {
        let mut world = self.clone();
        match step {
            Step::Arrive(place) => world.serve(place, histories)?,
            Step::Fail(place) => {
                world.failures -= 1;
                world.tabs[place].reply = Some(Reply::Unavailable);
            }
            Step::Fetch(place, slot) => {
                let newest = world.versions[world.last() as usize];
                world.tabs[place].fetched = Some((slot, newest[slot as usize]));
            }
            Step::Freeze(place) => {
                world.freezes -= 1;
                world.tabs[place].is_frozen = true;
            }
            Step::Reply(place, reply, sees) => {
                world.reply(place, reply, sees, setting, histories);
                if let Question::Failed(what) = histories.get(world.tabs[place].history).question {
                    return Err(what);
                }
            }
        }
        world.forget_what_is_past(setting, histories);
        Ok(world)
    }

    /// The token server takes each refresh token once.
    fn serve(&mut self, place: usize, histories: &Histories) -> Result<(), Violation> {
        let tab = &mut self.tabs[place];
        let Question::Answer(token) = histories.get(tab.history).question else {
            unreachable!("it has sent a refresh");
        };
        if token != Some(self.newest) {
            return Err(REUSE);
        }
        self.newest += 1;
        tab.reply = Some(Reply::Granted(self.newest));
        tab.has_grant = true;
        Ok(())
    }

    fn reply(
        &mut self,
        place: usize,
        reply: Reply,
        sees: u8,
        setting: &Setting,
        histories: &mut Histories,
    ) {
        let slowest = self.slowest(place, histories);
        let tab = &mut self.tabs[place];
        let asked = histories.get(tab.history).question;
        tab.history = histories.after(tab.history, reply);
        tab.sees = sees;
        match (asked, reply) {
            (_, Reply::Granted(_) | Reply::Unavailable) => tab.reply = None,
            (_, Reply::Held(_)) => tab.fetched = None,
            (_, Reply::Thawed) => {
                tab.is_frozen = false;
                tab.ahead = tab.ahead.max(slowest.unwrap_or(0));
            }
            (Question::Sleep(time), Reply::Go)
            | (Question::Lock { patience: time, .. }, Reply::PatienceOver) => {
                tab.ahead += time;
                tab.behind = (tab.behind + time).min(setting.lag + setting.apart);
            }
            // Time has passed for who waited as well.
            (Question::User | Question::Lock { .. }, _) => {
                tab.ahead = tab.ahead.max(slowest.unwrap_or(0));
            }
            _ => {}
        }
        self.put(place, setting, histories);
    }

    /// Stores what the tab has written. It sees its own writes at once, and the others one
    /// after the other, the refresh token first.
    fn put(&mut self, place: usize, setting: &Setting, histories: &Histories) {
        let history = histories.get(self.tabs[place].history);
        for write in &history.writes {
            let mut version = self.versions[self.last() as usize];
            version[write.slot as usize] = write.number;
            // The last of the two.
            self.tabs[place].has_grant &= write.slot == Slot::Refresh;
            self.versions.push(version);
        }
        if !history.writes.is_empty() {
            self.tabs[place].sees = self.last();
        }
        match history.record {
            None => {}
            Some(record) if setting.planted == Some(Planted::OwnRecords) => {
                self.tabs[place].record = record;
            }
            Some(record) => self.record = record,
        }
    }

    /// The clock of the slowest of the others that run.
    fn slowest(&self, place: usize, histories: &Histories) -> Option<u16> {
        let others = self.tabs.iter().enumerate().filter(|(other, _)| *other != place);
        others.filter(|(_, tab)| self.is_running(tab, histories)).map(|(_, tab)| tab.ahead).min()
    }

    /// Whether nothing holds up the tab but itself.
    pub fn is_running(&self, tab: &Tab, histories: &Histories) -> bool {
        match histories.get(tab.history).question {
            _ if tab.is_frozen => false,
            Question::User | Question::Nothing | Question::Failed(_) => false,
            Question::Lock { generation, .. } => !self.is_held(generation, histories),
            _ => true,
        }
    }

    pub fn is_held(&self, generation: u32, histories: &Histories) -> bool {
        self.tabs.iter().any(|tab| histories.get(tab.history).held == Some(generation))
    }

    /// Worlds that differ in nothing but what is past are one.
    fn forget_what_is_past(&mut self, setting: &Setting, histories: &Histories) {
        let last = self.last();
        for tab in &mut self.tabs {
            if tab.sees == last || setting.is_slow || !is_awake(tab, histories) {
                (tab.sees, tab.behind) = (last, 0);
            }
            if !is_awake(tab, histories) {
                tab.ahead = 0;
            }
        }
        let seen = self.tabs.iter().map(|tab| tab.sees).min().unwrap_or(last);
        self.versions.drain(..seen as usize);
        self.tabs.iter_mut().for_each(|tab| tab.sees -= seen);
        let running = self.tabs.iter().filter(|tab| self.is_running(tab, histories));
        let slowest = running.map(|tab| tab.ahead).min().unwrap_or(0);
        for tab in &mut self.tabs {
            tab.ahead = tab.ahead.saturating_sub(slowest);
        }
    }

    /// What is wrong at the end, if anything is.
    pub fn violation_at_rest(&self, setting: &Setting, histories: &Histories) -> Option<Violation> {
        let is_done = |tab: &Tab| histories.get(tab.history).question == Question::Nothing;
        let newest = Some(self.newest);
        if !self.tabs.iter().all(is_done) {
            Some("somebody waits for ever")
        } else if self.versions.last() != Some(&[newest; 2]) {
            Some("the newest tokens are lost")
        } else if self.newest != setting.requests + 1 && setting.apart == 0 {
            Some("more refreshes were sent than tokens had expired")
        } else {
            None
        }
    }

    /// The same for worlds that differ in the names of their tabs only: tabs are alike.
    pub fn hash(&self) -> u64 {
        let mut tabs = self.tabs.clone();
        tabs.sort_unstable();
        let mut hasher = DefaultHasher::new();
        (tabs, &self.versions, self.record, self.newest).hash(&mut hasher);
        (self.failures, self.freezes).hash(&mut hasher);
        hasher.finish()
    }
}

/// Whether it does anything any more.
fn is_awake(tab: &Tab, histories: &Histories) -> bool {
    let question = histories.get(tab.history).question;
    !matches!(question, Question::Nothing | Question::Failed(_))
}
