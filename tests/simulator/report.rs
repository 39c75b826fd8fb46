//! The printed report.

use std::time::Duration;

use super::agenda::SECOND;
use super::counts::{Counts, KINDS};
use super::world::Violation;

/// Describes the failure of a seed, with the command that replays it.
pub fn failure(seed: u64, violation: &Violation) -> String {
    format!(
        "seed {seed} {violation}\n\
         SIMULATOR_SEED={seed} cargo test --test simulator -- --nocapture"
    )
}

/// All failures by invariant, each with its world, where the run went on.
pub fn failures(failed: &[(u64, Violation)]) {
    for invariant in 1..=9 {
        let of_it: Vec<_> = failed.iter().filter(|(_, it)| it.invariant == invariant).collect();
        if !of_it.is_empty() {
            println!("invariant {invariant}: {} schedules", of_it.len());
        }
        for (seed, violation) in of_it {
            println!("    seed {seed}: {}", violation.what);
        }
    }
}

/// Prints how often each kind of event happened. Every kind has to happen.
pub fn table(schedules: u64, took: Duration, longest: u64, counts: &Counts) {
    println!("{schedules} schedules in {:.1} s", took.as_secs_f64());
    println!("the longest call took {} s of virtual time", longest / SECOND);
    for (kind, name) in KINDS {
        println!("{:>12}  {name}", counts.of(*kind));
    }
    let missing: Vec<_> = KINDS.iter().filter(|(kind, _)| counts.of(*kind) == 0).collect();
    assert!(schedules < 10_000 || missing.is_empty(), "it never happened: {missing:?}");
}
