//! What a search has found, for a person.

use super::histories::Histories;
use super::search::Found;
use super::setting::Setting;
use super::world::{Step, World};

/// One line of the table.
pub fn line(setting: &Setting, found: &Found) {
    println!(
        "{setting}: {:.3e} schedules, {} worlds, {} steps, {} histories, {:.1?}",
        found.schedules, found.worlds, found.steps, found.histories, found.time
    );
}

/// A bad schedule, step by step.
pub fn schedule(setting: &Setting, steps: &[Step]) {
    let mut histories = Histories::of(setting);
    let mut world = World::new(setting.tabs);
    for step in steps {
        let (Step::Reply(tab, ..) | Step::Arrive(tab)) = *step;
        let question = histories.get(world.tabs[tab].history).question;
        match step {
            Step::Reply(_, reply, _) => println!("tab {tab}: {question:?}: {reply:?}"),
            Step::Arrive(_) => println!("tab {tab}: {question:?} reaches the token server"),
        }
        match world.after(*step, setting, &mut histories) {
            Ok(next) => world = next,
            Err(_) => return,
        }
        let history = histories.get(world.tabs[tab].history);
        history.writes.iter().for_each(|write| println!("    writes {write:?}"));
        if let Some(record) = history.record.and_then(|id| histories.record(id)) {
            let (pending, heartbeat) = (record.pending.is_some(), record.heartbeat);
            println!("    leaves the record: pending {pending}, heartbeat {heartbeat}");
        }
    }
}
