//! Tries every schedule, depth first.
//!
//! A world that was reached before, by another order of the same steps, is not tried again: the
//! same follows from it. Worlds are known by a hash of 64 bits; that two of a few million have
//! the same one is less likely than one in a million.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use super::histories::Histories;
use super::report;
use super::setting::Setting;
use super::steps::Step;
use super::world::{Violation, World};

/// Nothing that ends takes that many steps.
const MOST_STEPS: usize = 1_000;

/// The result of a search.
#[derive(Debug)]
pub struct Found {
    /// How many schedules there are, or were tried until the first bad one.
    pub schedules: f64,
    pub worlds: usize,
    pub steps: u64,
    pub histories: usize,
    pub time: Duration,
    /// True if nothing was cut off.
    pub is_complete: bool,
    /// The violation, and the schedule that leads there.
    pub violation: Option<(Violation, String)>,
}

struct Search<'a> {
    setting: &'a Setting,
    histories: Histories<'a>,
    /// How many schedules begin in a world.
    known: HashMap<u64, f64>,
    path: Vec<Step>,
    steps: u64,
    ended: f64,
    is_complete: bool,
}

/// Tries every schedule of `setting`, until one is bad.
pub fn search(setting: &Setting) -> Found {
    let began = Instant::now();
    let mut search = Search {
        setting,
        histories: Histories::of(setting),
        known: HashMap::new(),
        path: Vec::new(),
        steps: 0,
        ended: 0.0,
        is_complete: true,
    };
    let tried = search.try_from(&World::of(setting));
    let steps = std::mem::take(&mut search.path);
    let story = |histories| report::schedule(setting, &steps, histories);
    let violation = tried.err().map(|violation| (violation, story(&mut search.histories)));
    Found {
        schedules: tried.unwrap_or(search.ended + 1.0),
        worlds: search.known.len(),
        steps: search.steps,
        histories: search.histories.len(),
        time: began.elapsed(),
        is_complete: search.is_complete,
        violation,
    }
}

impl Search<'_> {
    /// Returns how many schedules begin in `world`, all of them good.
    fn try_from(&mut self, world: &World) -> Result<f64, Violation> {
        let hash = world.hash();
        if let Some(schedules) = self.known.get(&hash) {
            return Ok(*schedules);
        }
        if self.known.len() >= self.setting.most_worlds {
            self.is_complete = false;
            return Ok(1.0);
        }
        let steps = world.steps(self.setting, &mut self.histories);
        let mut schedules = 0.0;
        for step in &steps {
            self.steps += 1;
            self.path.push(*step);
            if self.path.len() > MOST_STEPS {
                return Err("it does not end");
            }
            let next = world.after(*step, self.setting, &mut self.histories)?;
            schedules += self.try_from(&next)?;
            self.path.pop();
        }
        if steps.is_empty() {
            if let Some(violation) = world.violation_at_rest(self.setting, &self.histories) {
                return Err(violation);
            }
            schedules = 1.0;
            self.ended += 1.0;
        }
        self.known.insert(hash, schedules);
        Ok(schedules)
    }
}
