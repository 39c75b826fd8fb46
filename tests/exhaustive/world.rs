//! Tabs, their storage, their record and the token server, as one value.

use std::hash::{DefaultHasher, Hash, Hasher};

use tokenflight::task::Slot;

use super::dialogue::{Question, Reply, Write};
use super::histories::{Histories, HistoryId, RecordId};
use super::setting::{Planted, Setting};
use super::steps::Step;
use super::tab::WITHOUT;
use super::token::{FIRST, SESSIONS, numbered, rotation_of, session_of};

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
    /// The reply of the token server, while that is on its way.
    pub reply: Option<Reply>,
    /// Which token a slow storage has read for it, while it reads the other one; and its number.
    pub fetched: Option<(u8, Option<u8>)>,
    /// The number of the tokens that it has got and not stored.
    pub grant: Option<u8>,
    pub is_frozen: bool,
    /// It was closed.
    pub is_gone: bool,
    /// The answer that it waits for is going to be late.
    pub is_late: bool,
    /// How long it still waits for a late answer.
    pub late_left: u16,
    /// It asked for the record before the application changed the session.
    pub is_first: bool,
    /// For a planted fault: its own record.
    pub record: RecordId,
}

impl Tab {
    /// Time passes for it.
    fn pass(&mut self, time: u16, setting: &Setting) {
        self.ahead += time;
        self.behind = (self.behind + time).min(setting.lag + setting.apart);
    }

    /// Applies a reply to its clock, and to what is on its way; `caught_up` is its clock where time
    /// has passed for it as for the slowest of the others.
    fn hear(&mut self, asked: Question, reply: Reply, caught_up: u16, setting: &Setting) {
        match (asked, reply) {
            (_, Reply::Granted(_) | Reply::Refused | Reply::Unavailable | Reply::Late(_)) => {
                (self.late_left, self.reply) = (0, None);
            }
            (_, Reply::TooLate) => {
                (self.is_late, self.late_left) = (false, 2 * LATE);
                self.pass(LATE, setting);
            }
            (_, Reply::Never(time)) => {
                (self.late_left, self.reply) = (0, None);
                self.pass(time, setting);
            }
            (Question::Record, Reply::Record(_)) => self.is_first = false,
            (_, Reply::Held(_)) => self.fetched = None,
            (_, Reply::Thawed) => (self.is_frozen, self.ahead) = (false, caught_up),
            (Question::Sleep(time), Reply::Go)
            | (Question::Lock { patience: time, .. }, Reply::PatienceOver) => {
                self.late_left = self.late_left.saturating_sub(time);
                self.pass(time, setting);
            }
            // Time has passed for who waited as well.
            (Question::User | Question::Lock { .. }, _) | (_, Reply::Begin(_)) => {
                self.ahead = caught_up;
            }
            _ => {}
        }
    }

    /// A tab that was just opened.
    fn new() -> Self {
        Self {
            history: 0,
            ahead: 0,
            sees: 0,
            behind: 0,
            reply: None,
            fetched: None,
            grant: None,
            is_frozen: false,
            is_gone: false,
            is_late: false,
            late_left: 0,
            is_first: false,
            record: 0,
        }
    }
}

/// How long a tab waits for an answer, in milliseconds.
pub const LATE: u16 = 1_000;

/// The content of the storage, by slot.
pub type Version = [Option<u8>; 2];

#[derive(Clone)]
pub struct World {
    pub tabs: Vec<Tab>,
    /// The content of the storage, and the older contents that a tab may still see. The newest is
    /// at the end.
    pub versions: Vec<Version>,
    pub record: RecordId,
    /// The numbers of the refresh tokens that are good, by session: those of the newest pairs.
    newest: [u8; SESSIONS],
    /// How often the token server still fails, how often a tab is still frozen or closed, the
    /// record vanishes, and an answer is late.
    pub failures: u8,
    pub freezes: u8,
    pub crashes: u8,
    pub vanishes: u8,
    pub late: u8,
    /// How many changes of the session have begun, and whether the last one is done.
    pub changes: u8,
    pub is_settled: bool,
    /// True if the newest tokens of a session were lost on the way: to a tab that was closed, or
    /// with an answer that never came.
    is_lost: bool,
    /// True if the token server has refused that session since.
    is_refused: bool,
    /// The time of day of the slowest tab, where it matters.
    time: u16,
}

/// Something that must never happen, and has.
pub type Violation = &'static str;

pub const REUSE: Violation = "a refresh token that is spent is presented again";
const LEFTOVER: Violation = "a token of a session that was left is stored";
const REMOVED: Violation = "a session is removed that stands";

impl World {
    pub fn of(setting: &Setting) -> Self {
        Self {
            tabs: vec![Tab::new(); setting.tabs],
            versions: vec![[Some(numbered(FIRST, 1)); 2]],
            record: 0,
            newest: [0, 1, 2, 3].map(|session| numbered(session, 1)),
            failures: setting.failures,
            freezes: setting.freezes,
            crashes: setting.crashes,
            vanishes: setting.vanishes,
            late: setting.late,
            changes: 0,
            is_settled: true,
            is_lost: false,
            is_refused: false,
            time: 0,
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
    /// Returns the violation, if the step leads to one.
    pub fn after(
        &self,
        step: Step,
        setting: &Setting,
        histories: &mut Histories,
    ) -> Result<Self, Violation> {
        let mut world = self.clone();
        match step {
            Step::Arrive(place) => world.serve(place, setting, histories)?,
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
            Step::Delay(place) => {
                world.late -= 1;
                world.tabs[place].is_late = true;
            }
            Step::Vanish => {
                world.vanishes -= 1;
                world.record = 0;
            }
            Step::Crash(place) => world.crash(place),
            Step::Torn(place, reply, writes) => {
                let after = histories.after(world.tabs[place].history, reply);
                world.store(place, &histories.get(after).writes[..writes as usize], setting)?;
                world.crash(place);
            }
            Step::Reply(place, reply, sees) => {
                world.reply(place, reply, sees, setting, histories)?;
            }
        }
        world.forget_what_is_past(setting, histories);
        Ok(world)
    }

    /// The token server takes each refresh token once.
    fn serve(
        &mut self,
        place: usize,
        setting: &Setting,
        histories: &Histories,
    ) -> Result<(), Violation> {
        let tab = &mut self.tabs[place];
        let history = histories.get(tab.history);
        let token = match history.question {
            Question::Answer(token) => token,
            _ => history.aside.late,
        };
        let Some(token) = token else {
            tab.reply = Some(Reply::Refused);
            // A sign-out removes the refresh token first.
            let was_signed_out = setting.was_signed_out(self.changes);
            return was_signed_out.then_some(()).ok_or("a refresh is sent without a token");
        };
        let newest = &mut self.newest[session_of(token) as usize];
        if token != *newest || self.is_refused {
            // Nobody can know of tokens that were lost on the way.
            if !self.is_lost {
                return Err(REUSE);
            }
            self.is_refused = true;
            tab.reply = Some(Reply::Refused);
            return Ok(());
        }
        *newest += 1;
        tab.reply = Some(Reply::Granted(*newest));
        tab.grant = Some(*newest);
        Ok(())
    }

    /// A tab is closed.
    fn crash(&mut self, place: usize) {
        self.crashes -= 1;
        self.lose(place);
        self.tabs[place] = Tab { is_gone: true, ..Tab::new() };
    }

    /// Nobody will ever see what the tab was given, unless its refresh token is stored.
    fn lose(&mut self, place: usize) {
        let stored = self.versions[self.last() as usize][Slot::Refresh as usize];
        self.is_lost |= self.tabs[place].grant.is_some_and(|grant| stored != Some(grant));
    }

    fn reply(
        &mut self,
        place: usize,
        reply: Reply,
        sees: u8,
        setting: &Setting,
        histories: &mut Histories,
    ) -> Result<(), Violation> {
        let caught_up = self.tabs[place].ahead.max(self.slowest(place, histories).unwrap_or(0));
        let tab = &mut self.tabs[place];
        let before = histories.get(tab.history);
        let (asked, was_changing) = (before.question, before.aside.is_changing);
        tab.history = histories.after(tab.history, reply);
        tab.sees = sees;
        if let Reply::Begin(_) = reply {
            self.changes += 1;
            self.is_settled = false;
            if setting.is_record_ordered {
                for tab in &mut self.tabs {
                    let question = histories.get(tab.history).question;
                    tab.is_first = matches!(question, Question::Record);
                }
            }
        }
        let tab = &mut self.tabs[place];
        tab.hear(asked, reply, caught_up, setting);
        if matches!(reply, Reply::Never(_)) {
            self.lose(place);
        }
        self.put(place, was_changing, setting, histories)
    }

    /// Stores what the tab has written and done to the record.
    fn put(
        &mut self,
        place: usize,
        was_changing: bool,
        setting: &Setting,
        histories: &Histories,
    ) -> Result<(), Violation> {
        let history = histories.get(self.tabs[place].history);
        if let Question::Failed(what) = history.question {
            return Err(what);
        }
        self.is_settled |= was_changing && !history.aside.is_changing;
        self.store(place, &history.writes, setting)?;
        for what in &history.rejections {
            self.check_rejection(what, setting)?;
        }
        match history.record {
            None => {}
            Some(record) if setting.planted == Some(Planted::OwnRecords) => {
                self.tabs[place].record = record;
            }
            Some(record) => self.record = record,
        }
        Ok(())
    }

    /// Stores tokens. The tab sees its own writes at once, and the others one after the other, the
    /// refresh token first.
    fn store(
        &mut self,
        place: usize,
        writes: &[Write],
        setting: &Setting,
    ) -> Result<(), Violation> {
        for write in writes {
            self.check_write(write, setting)?;
            let mut version = self.versions[self.last() as usize];
            version[write.slot as usize] = write.number;
            let tab = &mut self.tabs[place];
            // The last of the two.
            if write.slot == Slot::Access && tab.grant == write.number {
                tab.grant = None;
            }
            self.versions.push(version);
        }
        if !writes.is_empty() {
            self.tabs[place].sees = self.last();
        }
        Ok(())
    }

    /// Once a change of session is done, nobody stores tokens of another one; and nobody removes
    /// those of a session that the server has not refused.
    fn check_write(&self, write: &Write, setting: &Setting) -> Result<(), Violation> {
        let session = setting.session(self.changes);
        match write.number {
            Some(number) if self.is_settled && session != Some(session_of(number)) => Err(LEFTOVER),
            None if self.is_settled && session.is_some() && !self.is_refused => Err(REMOVED),
            _ => Ok(()),
        }
    }

    fn check_rejection(&self, what: Violation, setting: &Setting) -> Result<(), Violation> {
        let may_be = match what {
            "SessionChangedError" => setting.has_left(self.changes),
            "SignInRequiredError" | WITHOUT => {
                self.is_refused || setting.was_signed_out(self.changes)
            }
            _ => false,
        };
        if may_be { Ok(()) } else { Err(what) }
    }

    /// The clock of the slowest of the others that run.
    fn slowest(&self, place: usize, histories: &Histories) -> Option<u16> {
        let others = self.tabs.iter().enumerate().filter(|(other, _)| *other != place);
        others.filter(|(_, tab)| self.is_running(tab, histories)).map(|(_, tab)| tab.ahead).min()
    }

    /// Returns true if nothing holds up the tab but itself.
    pub fn is_running(&self, tab: &Tab, histories: &Histories) -> bool {
        let history = histories.get(tab.history);
        match history.question {
            _ if tab.is_frozen || tab.is_gone => false,
            _ if history.aside.is_changing || history.aside.late.is_some() => true,
            Question::User | Question::Nothing | Question::Failed(_) => false,
            Question::Lock { generation, .. } => !self.is_held(generation, histories),
            _ => true,
        }
    }

    pub fn is_held(&self, generation: u32, histories: &Histories) -> bool {
        let holds = |tab: &Tab| histories.get(tab.history).held == Some(generation);
        self.tabs.iter().any(|tab| !tab.is_gone && holds(tab))
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
        if setting.gives_up() {
            self.time += slowest;
        }
        for tab in &mut self.tabs {
            tab.ahead = tab.ahead.saturating_sub(slowest);
        }
    }

    /// Returns the violation at the end, if there is any.
    pub fn violation_at_rest(&self, setting: &Setting, histories: &Histories) -> Option<Violation> {
        let session = setting.session(self.changes).filter(|_| !self.is_refused);
        let newest = session.map(|session| self.newest[session as usize]);
        let rotations = self.newest.map(rotation_of);
        if !self.tabs.iter().all(|tab| is_done(tab, histories)) {
            Some("somebody waits for ever")
        } else if self.versions.last() != Some(&[newest; 2]) && !self.is_lost {
            Some("the newest tokens are lost")
        } else if rotations.iter().any(|rotation| *rotation > self.most_rotations(setting)) {
            Some("more refreshes were sent than tokens had expired")
        } else if rotations[0] < setting.requests + 1 && self.is_plain(setting) {
            Some("fewer refreshes were sent than tokens had expired")
        } else {
            None
        }
    }

    /// A tab that sees the next access token late refreshes once more; so does the next one where
    /// a tab was closed between its two writes, or a tab has seen one token of a change alone.
    fn most_rotations(&self, setting: &Setting) -> u8 {
        match setting.apart {
            0 => setting.requests + 1 + setting.crashes + setting.changes.len() as u8,
            _ => u8::MAX,
        }
    }

    fn is_plain(&self, setting: &Setting) -> bool {
        setting.changes.is_empty() && !self.is_refused && setting.crashes == 0
    }

    /// Returns the time on the clock of a tab when it begins, or is let in, where that matters.
    pub fn clock(&self, place: usize, setting: &Setting, histories: &Histories) -> u16 {
        let ahead = self.tabs[place].ahead.max(self.slowest(place, histories).unwrap_or(0));
        if setting.gives_up() { self.time + ahead } else { 0 }
    }

    /// The same for worlds that differ in the names of their tabs only: tabs are alike.
    pub fn hash(&self) -> u64 {
        let mut tabs = self.tabs.clone();
        tabs.sort_unstable();
        let mut hasher = DefaultHasher::new();
        (tabs, &self.versions, self.record, self.newest).hash(&mut hasher);
        (self.failures, self.freezes, self.crashes, self.vanishes, self.late).hash(&mut hasher);
        (self.changes, self.is_settled, self.is_lost, self.is_refused, self.time).hash(&mut hasher);
        hasher.finish()
    }
}

/// Returns true if it still does anything.
fn is_awake(tab: &Tab, histories: &Histories) -> bool {
    let history = histories.get(tab.history);
    let is_busy = history.aside.is_changing || history.aside.late.is_some();
    let is_over = matches!(history.question, Question::Nothing | Question::Failed(_));
    !tab.is_gone && (is_busy || !is_over)
}

fn is_done(tab: &Tab, histories: &Histories) -> bool {
    let is_failed = matches!(histories.get(tab.history).question, Question::Failed(_));
    !is_awake(tab, histories) && (tab.is_gone || !is_failed)
}
