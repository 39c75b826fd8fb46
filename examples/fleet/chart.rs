//! Draws the refreshes a second of each policy.

use super::report::Report;

pub fn svg(_reports: &[Report]) -> String {
    String::new()
}
