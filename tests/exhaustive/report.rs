//! The report of a search, for a person.

use super::histories::Histories;
use super::search::Found;
use super::setting::Setting;
use super::steps::Step;
use super::world::World;

/// One line of the table.
pub fn line(setting: &Setting, found: &Found) {
    let end = if found.is_complete { "complete" } else { "cut off there" };
    let violation = found.violation.as_ref().map_or(end, |(violation, _)| violation);
    println!(
        "{setting}: {:.3e} schedules, {} worlds, {} steps, {} histories, {:.1?}: {violation}",
        found.schedules, found.worlds, found.steps, found.histories, found.time
    );
}

/// A schedule, step by step.
pub fn schedule(setting: &Setting, steps: &[Step], histories: &mut Histories<'_>) -> String {
    let (mut world, mut text) = (World::of(setting), String::new());
    for step in steps {
        let Some(tab) = step.tab() else {
            text += "the record vanishes\n";
            if let Ok(next) = world.after(*step, setting, histories) {
                world = next;
            }
            continue;
        };
        let question = histories.get(world.tabs[tab].history).question;
        let what = match step {
            Step::Reply(_, reply, _) => format!("{reply:?}"),
            other => format!("{other:?}"),
        };
        text += &format!("tab {tab}: {question:?}: {what}\n");
        match world.after(*step, setting, histories) {
            Ok(next) => world = next,
            Err(_) => break,
        }
        let history = histories.get(world.tabs[tab].history);
        for write in &history.writes {
            text += &format!("    {write:?}\n");
        }
        if let Some(record) = history.record.and_then(|id| histories.record(id)) {
            let (pending, heartbeat) = (record.pending.is_some(), record.heartbeat);
            text += &format!("    leaves the record: pending {pending}, heartbeat {heartbeat}\n");
        }
    }
    text
}
