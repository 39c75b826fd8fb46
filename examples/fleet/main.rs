//! What happens to a token server when a whole fleet of clients needs it at once?
//!
//! `cargo run --release --example fleet` simulates browsers that run the shipped decisions (refresh
//! ahead, jitter, `Retry-After`, cool-down, one refresh for all tabs), and beside them the
//! policies that are commonly written by hand, through five bad days. Time is virtual. `--clients N`
//! sets the number of browsers (20,000); `--runs N` the number of runs, each with other chances, whose
//! means are printed (4; all of them take seven minutes of one core); `--svg FILE` draws the outage of the
//! first run.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "an example ends by panicking")]
#![allow(missing_docs, unreachable_pub, missing_debug_implementations, reason = "an example")]

#[path = "../../tests/simulator/chance.rs"]
#[allow(dead_code, reason = "the simulator uses all of it")]
mod chance;
mod chart;
#[path = "../../tests/common/clock.rs"]
#[allow(dead_code, reason = "the tests use all of it")]
mod clock;
#[path = "../../tests/driver/mod.rs"]
#[allow(unused_imports, reason = "the tests use all of it")]
mod driver;
mod handwritten;
mod member;
mod report;
mod scenario;
mod servers;
mod world;

use std::thread;
use std::time::Instant;

use report::Report;
use scenario::{Scenario, scenarios};
use world::{Kind, Setting};

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let value = |name: &str| {
        let at = args.iter().position(|arg| arg == name)?;
        Some(args.get(at + 1).unwrap_or_else(|| panic!("{name} needs a value")).clone())
    };
    let number = |name: &str, usually: u32| {
        value(name)
            .map_or(usually, |n| n.parse().unwrap_or_else(|_| panic!("{name} takes a number")))
    };
    let (clients, runs) = (number("--clients", 20_000), number("--runs", 4));
    let began = Instant::now();
    let mut drawn = Vec::new();
    for scenario in scenarios(clients) {
        println!("\n{}\n", scenario.title);
        println!("{}", Report::HEAD);
        for kind in Kind::ALL {
            let mut reports = run_all(&scenario, kind, runs);
            println!("{}", Report::row(&reports));
            if scenario.is_drawn {
                drawn.push(reports.remove(0));
            }
        }
    }
    if let Some(file) = value("--svg") {
        std::fs::write(&file, chart::svg(&drawn)).expect("the chart cannot be written");
        println!("\nWritten to {file}");
    }
    println!("\n{clients} browsers, {runs} runs; took {} s", began.elapsed().as_secs());
}

/// Runs a scenario several times, each in a thread of its own.
fn run_all(scenario: &Scenario, kind: Kind, runs: u32) -> Vec<Report> {
    thread::scope(|scope| {
        let threads: Vec<_> = (1..=u64::from(runs))
            .map(|seed| scope.spawn(move || run(scenario, kind, seed)))
            .collect();
        threads.into_iter().map(|thread| thread.join().expect("a run ends")).collect()
    })
}

fn run(scenario: &Scenario, kind: Kind, seed: u64) -> Report {
    let world = world::World::new(Setting { kind, seed, ..scenario.setting });
    (scenario.prepare)(&world);
    world.run(scenario.lasts);
    Report::of(&world, scenario)
}
