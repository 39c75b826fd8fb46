//! What happens to a token server when a whole fleet of clients needs it at once?
//!
//! `cargo run --release --example fleet` simulates browsers that run the shipped decisions (refresh
//! ahead, jitter, `Retry-After`, cool-down, one refresh for all tabs), and beside them the
//! policies that are commonly written by hand, through four bad days. Time is virtual; it takes
//! three minutes for 20,000 browsers. `--clients N` sets the number of browsers; `--svg FILE` draws the outage.

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
    let clients: u32 =
        value("--clients").map_or(20_000, |n| n.parse().expect("--clients takes a number"));
    let began = Instant::now();
    let mut drawn = Vec::new();
    for scenario in scenarios(clients) {
        println!("\n{}\n", scenario.title);
        println!("{}", Report::HEAD);
        for kind in Kind::ALL {
            let report = run(&scenario, kind, clients);
            println!("{}", report.row());
            if scenario.is_drawn {
                drawn.push(report);
            }
        }
    }
    if let Some(file) = value("--svg") {
        std::fs::write(&file, chart::svg(&drawn)).expect("the chart cannot be written");
        println!("\nWritten to {file}");
    }
    println!("\n{clients} browsers; took {} s", began.elapsed().as_secs());
}

fn run(scenario: &Scenario, kind: Kind, clients: u32) -> Report {
    let world = world::World::new(Setting { kind, clients, ..scenario.setting });
    (scenario.prepare)(&world);
    world.run(scenario.lasts);
    Report::of(&world, scenario)
}
