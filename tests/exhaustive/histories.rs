//! The behaviour of a tab, by its history: it depends on nothing but the replies that it got. So
//! the code runs once for each history, however many schedules have that in common.

use std::collections::HashMap;

use tokenflight::record::Record;

use super::dialogue::{Question, Reply, Write};
use super::setting::Setting;
use super::tab::{Aside, Knowledge, Turn, turn_after};

/// The number of a history; zero is that of a tab that was just opened.
pub type HistoryId = u32;

/// The number of a record; zero is no record.
pub type RecordId = u32;

/// A history, and what the tab has come to.
pub struct History {
    before: Option<(HistoryId, Reply)>,
    pub question: Question,
    /// The generation of the lock that it holds.
    pub held: Option<u32>,
    /// Its writes since the reply before.
    pub writes: Vec<Write>,
    /// The record as it has left it since then.
    pub record: Option<RecordId>,
    /// With what its requests were rejected since then.
    pub rejections: Vec<&'static str>,
    pub aside: Aside,
}

pub struct Histories<'a> {
    setting: &'a Setting,
    known: Vec<History>,
    next: HashMap<(HistoryId, Reply), HistoryId>,
    records: Vec<Option<Record>>,
    record_ids: HashMap<Vec<u64>, RecordId>,
    /// Those that end between two requests: all that is left of them is what the tab knows.
    at_rest: HashMap<Knowledge, HistoryId>,
}

impl<'a> Histories<'a> {
    pub fn of(setting: &'a Setting) -> Self {
        let mut histories = Self {
            setting,
            known: Vec::new(),
            next: HashMap::new(),
            records: vec![None],
            record_ids: HashMap::new(),
            at_rest: HashMap::new(),
        };
        histories.learn(None);
        histories
    }

    pub fn get(&self, id: HistoryId) -> &History {
        &self.known[id as usize]
    }

    pub fn record(&self, id: RecordId) -> Option<&Record> {
        self.records[id as usize].as_ref()
    }

    pub fn len(&self) -> usize {
        self.known.len()
    }

    /// The history `id`, and then `reply`.
    pub fn after(&mut self, id: HistoryId, reply: Reply) -> HistoryId {
        if let Some(next) = self.next.get(&(id, reply)) {
            return *next;
        }
        let next = self.learn(Some((id, reply)));
        self.next.insert((id, reply), next);
        next
    }

    fn learn(&mut self, before: Option<(HistoryId, Reply)>) -> HistoryId {
        let replies = self.replies(before);
        let Turn { question, held, writes, record, rejections, aside, knowledge } =
            turn_after(replies, &self.records, self.setting);
        let id = self.known.len() as HistoryId;
        let is_at_rest = matches!(question, Question::User | Question::Nothing);
        if is_at_rest && writes.is_empty() && record.is_none() && self.setting.is_forgetful() {
            let known = *self.at_rest.entry(knowledge).or_insert(id);
            if known != id {
                return known;
            }
        }
        let record = record.map(|record| self.number(record));
        self.known.push(History { before, question, held, writes, record, rejections, aside });
        id
    }

    fn replies(&self, mut before: Option<(HistoryId, Reply)>) -> Vec<Reply> {
        let mut replies = Vec::new();
        while let Some((id, reply)) = before {
            replies.push(reply);
            before = self.get(id).before;
        }
        // The token that it sees when it is opened.
        if !self.setting.is_slow {
            replies.push(Reply::Seen(Some(1)));
        }
        replies.reverse();
        replies
    }

    fn number(&mut self, record: Option<Record>) -> RecordId {
        let Some(record) = record else {
            return 0;
        };
        let raw = record.into_raw().into_iter().map(f64::to_bits).collect();
        *self.record_ids.entry(raw).or_insert_with(|| {
            self.records.push(Some(record));
            self.records.len() as RecordId - 1
        })
    }
}
