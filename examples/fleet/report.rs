//! The effect of a scenario on the server and on the users.

use tokenflight::millis::Millis;

use super::scenario::Scenario;
use super::servers::BIN;
use super::world::World;

pub struct Report {
    pub name: &'static str,
    /// Refreshes a second, by bin since the beginning.
    pub rates: Vec<f64>,
    peak: f64,
    mean: f64,
    well_after: Millis,
    each: f64,
    signed_out: usize,
    failures: u32,
}

impl Report {
    pub const HEAD: &'static str = "policy                   peak /s  mean /s  peak ÷ mean  all well after  refreshes each  failed requests  signed out";

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

    pub fn row(&self) -> String {
        format!(
            "{:<24} {:>7.0}  {:>7.0}  {:>11.2}  {:>12.0} s  {:>14.1}  {:>15}  {:>10}",
            self.name,
            self.peak,
            self.mean,
            self.peak / self.mean,
            self.well_after.into_raw() / 1000.0,
            self.each,
            self.failures,
            self.signed_out,
        )
    }
}
