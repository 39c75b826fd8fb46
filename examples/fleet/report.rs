//! The effect of a scenario on the server and on the users.

use tokenflight::millis::Millis;

use super::scenario::Scenario;
use super::servers::BIN;
use super::world::World;

/// One run.
pub struct Report {
    pub name: &'static str,
    /// Refreshes a second, by bin since the beginning.
    pub rates: Vec<f64>,
    /// The most refreshes a second in a bin, from when the server is fine until all are well.
    peak: f64,
    /// The mean of the same time.
    mean: f64,
    well_after: Millis,
    each: f64,
    signed_out: usize,
    failures: u32,
}

impl Report {
    pub const HEAD: &'static str = "policy                   peak /s  mean /s    peak ÷ mean  all well after  refreshes each  failed requests  signed out";

    pub fn of(world: &World, scenario: &Scenario) -> Self {
        let first = (world.setting.lifetime.into_raw() / 1000.0) as u64 / BIN;
        let arrivals = world.servers.arrivals.borrow();
        let rate = |count: &u32| f64::from(*count) / BIN as f64;
        let rates: Vec<f64> = arrivals.iter().skip(first as usize).map(rate).collect();
        let bin =
            |time: Millis| ((time.into_raw() / 1000.0) as usize / BIN as usize).min(rates.len());
        let last_failure = world.since_start(world.seen.last_failure.get());
        let well = last_failure.max(scenario.is_over);
        // Where nobody fails, the trouble is in the minutes after it all the same.
        let until = bin(well.max(scenario.is_over + Millis::from_secs(120)));
        let recovery = &rates[bin(scenario.is_over)..until];
        let sum: f64 = recovery.iter().sum();
        let during: f64 = rates[bin(scenario.begins)..].iter().sum::<f64>() * BIN as f64;
        let signed_out = world.seen.signed_out.borrow().iter().filter(|is_out| **is_out).count();
        Self {
            name: world.setting.kind.name(),
            peak: recovery.iter().copied().fold(0.0, f64::max),
            mean: sum / recovery.len().max(1) as f64,
            well_after: well - scenario.is_over,
            each: during / f64::from(world.setting.clients),
            signed_out,
            failures: world.seen.failures.get(),
            rates,
        }
    }

    /// The means of several runs; beside the ratio, how far they differ (standard deviation).
    pub fn row(runs: &[Self]) -> String {
        let mean = |of: fn(&Self) -> f64| mean(runs.iter().map(of));
        let ratio = mean(Self::ratio);
        let variance = runs.iter().map(|run| (run.ratio() - ratio).powi(2)).sum::<f64>()
            / (runs.len().max(2) - 1) as f64;
        format!(
            "{:<24} {:>7.0}  {:>7.0}  {:>6.2} ± {:.2}  {:>12.0} s  {:>14.1}  {:>15.0}  {:>10.0}",
            runs.first().map_or("", |run| run.name),
            mean(|run| run.peak),
            mean(|run| run.mean),
            ratio,
            variance.sqrt(),
            mean(|run| run.well_after.into_raw() / 1000.0),
            mean(|run| run.each),
            mean(|run| f64::from(run.failures)),
            mean(|run| run.signed_out as f64),
        )
    }

    fn ratio(&self) -> f64 {
        self.peak / self.mean
    }
}

fn mean(values: impl ExactSizeIterator<Item = f64>) -> f64 {
    let count = values.len().max(1) as f64;
    values.sum::<f64>() / count
}
