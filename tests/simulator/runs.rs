//! Many schedules on all cores, or one again.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::counts::Counts;
use super::plan;
use super::report;
use super::world::{Violation, World};

/// A longer run tells how far it is after so many.
const PROGRESS: u64 = 100_000;

/// A number from the environment.
pub fn number_from(variable: &str) -> Option<u64> {
    let value = std::env::var(variable).ok()?;
    Some(value.parse().unwrap_or_else(|_| panic!("{variable} is to be a number")))
}

/// The result of one schedule.
pub struct Outcome {
    pub counts: Counts,
    pub longest_call: u64,
    pub violation: Option<Violation>,
    pub trace: Vec<String>,
}

pub fn run_one(seed: u64, is_traced: bool) -> Outcome {
    let world = World::new(seed, is_traced);
    plan::play(&world);
    world.end();
    Outcome {
        counts: world.counts.clone(),
        longest_call: world.longest_call.get(),
        violation: world.violation.take(),
        trace: world.take_trace(),
    }
}

/// Plays one schedule again and tells what happens.
pub fn replay(seed: u64) {
    let outcome = run_one(seed, true);
    outcome.trace.iter().for_each(|line| println!("{line}"));
    if let Some(violation) = outcome.violation {
        panic!("{}", report::failure(seed, &violation));
    }
}

/// Plays schedules from seed 0 on, until one fails.
pub fn run_all(schedules: u64) {
    let began = Instant::now();
    let first = number_from("SIMULATOR_FIRST").unwrap_or(0);
    let goes_on = number_from("SIMULATOR_GO_ON").is_some();
    let (next, has_failed) = (AtomicU64::new(first), AtomicBool::new(false));
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let watch = Watch::over(threads);
    let work = |thread: usize| {
        let (counts, mut longest, mut failed) = (Counts::default(), 0, Vec::new());
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            watch.begin(thread, seed);
            if seed >= first + schedules || (has_failed.load(Ordering::Relaxed) && !goes_on) {
                watch.end(thread);
                return (counts, longest, failed);
            }
            if seed > first && (seed - first).is_multiple_of(PROGRESS) {
                println!("{} of {schedules} schedules", seed - first);
            }
            let outcome = run_one(seed, false);
            counts.take_in(&outcome.counts);
            longest = longest.max(outcome.longest_call);
            if let Some(violation) = outcome.violation {
                has_failed.store(true, Ordering::Relaxed);
                // The list comes at the end of the run, which may be far.
                println!("seed {seed} {violation}");
                failed.push((seed, violation));
            }
        }
    };
    let (counts, longest, mut failed) = on_all(threads, &work, &watch);
    failed.sort_by_key(|(seed, _)| *seed);
    if let Some((seed, violation)) = failed.first() {
        report::failures(&failed);
        let outcome = run_one(*seed, true);
        outcome.trace.iter().for_each(|line| println!("{line}"));
        panic!("{}", report::failure(*seed, violation));
    }
    report::table(schedules, began.elapsed(), longest, &counts);
}

/// The work of each thread: what happened, the longest call, and the seeds that failed.
type Part = (Counts, u64, Vec<(u64, Violation)>);

/// Works on so many threads, and adds up what they found.
fn on_all(threads: usize, work: &(impl Fn(usize) -> Part + Sync), watch: &Watch) -> Part {
    let (counts, mut longest, mut failed) = (Counts::default(), 0, Vec::new());
    std::thread::scope(|scope| {
        let workers: Vec<_> =
            (0..threads).map(|thread| scope.spawn(move || work(thread))).collect();
        scope.spawn(|| watch.keep());
        for worker in workers {
            let (more, long, bad) = worker.join().expect("a schedule panicked");
            counts.take_in(&more);
            longest = longest.max(long);
            failed.extend(bad);
        }
    });
    (counts, longest, failed)
}

/// The schedule that each thread plays. One that loops within a single step would never
/// end, nor be known.
struct Watch(Vec<AtomicU64>);

impl Watch {
    const IDLE: u64 = u64::MAX;

    fn over(threads: usize) -> Self {
        Self((0..threads).map(|_| AtomicU64::new(0)).collect())
    }

    fn begin(&self, thread: usize, seed: u64) {
        self.0[thread].store(seed, Ordering::Relaxed);
    }

    fn end(&self, thread: usize) {
        self.begin(thread, Self::IDLE);
    }

    /// Ends the run when a schedule makes no progress for half a minute. It counts looks, since a clock
    /// goes on while the process is stopped.
    fn keep(&self) {
        let mut seen: Vec<_> = self.0.iter().map(|_| (Self::IDLE, 0)).collect();
        while self.0.iter().any(|seed| seed.load(Ordering::Relaxed) != Self::IDLE) {
            std::thread::sleep(Duration::from_millis(50));
            for (seed, (before, looks)) in self.0.iter().zip(&mut seen) {
                let seed = seed.load(Ordering::Relaxed);
                if seed != *before {
                    (*before, *looks) = (seed, 0);
                    continue;
                }
                *looks += 1;
                if seed != Self::IDLE && *looks > 600 {
                    println!("seed {seed} breaks invariant 3: it loops within one step");
                    std::process::exit(1);
                }
            }
        }
    }
}
