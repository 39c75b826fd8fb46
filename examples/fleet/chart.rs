//! Draws the refreshes a second of each policy, as an SVG.

use std::fmt::Write as _;

use super::report::Report;
use super::servers::BIN;

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 300.0;
/// The place of the plot: left, top, right, bottom.
const PLOT: [f64; 4] = [56.0, 16.0, 704.0, 250.0];
/// The time that is shown, in seconds.
const UNTIL: f64 = 960.0;
const COLOURS: [&str; 4] = ["#0a7d4f", "#c2410c", "#7c3aed", "#64748b"];

pub fn svg(reports: &[Report]) -> String {
    let highest = reports.iter().flat_map(|report| &report.rates).fold(1.0, |a: f64, b| a.max(*b));
    let [left, top, right, bottom] = PLOT;
    let x = |seconds: f64| left + (right - left) * seconds / UNTIL;
    let y = |rate: f64| bottom - (bottom - top) * rate / highest;
    let mut out = head();
    for minutes in (0..=16).step_by(2) {
        let at = x(f64::from(minutes) * 60.0);
        write!(
            out,
            "<text x=\"{at:.0}\" y=\"{:.0}\" text-anchor=\"middle\">{minutes} min</text>",
            bottom + 18.0
        )
        .ok();
    }
    for part in 0..=4 {
        let rate = highest * f64::from(part) / 4.0;
        let at = y(rate);
        write!(out, "<path class=\"grid\" d=\"M{left} {at:.1}H{right}\"/>").ok();
        write!(
            out,
            "<text x=\"{:.0}\" y=\"{:.1}\" text-anchor=\"end\">{rate:.0}</text>",
            left - 6.0,
            at + 4.0
        )
        .ok();
    }
    for (n, report) in reports.iter().enumerate() {
        let shown = report.rates.iter().take((UNTIL / BIN as f64) as usize).enumerate();
        let points = shown.fold(String::new(), |mut points, (bin, rate)| {
            write!(points, "{:.1},{:.1} ", x((bin as u64 * BIN) as f64), y(*rate)).ok();
            points
        });
        let (colour, at) = (COLOURS[n % COLOURS.len()], left + n as f64 * 166.0);
        write!(out, "<polyline stroke=\"{colour}\" points=\"{}\"/>", points.trim_end()).ok();
        write!(out, "<path stroke=\"{colour}\" d=\"M{at} {0}h18\"/>", HEIGHT - 12.0).ok();
        write!(
            out,
            "<text x=\"{:.0}\" y=\"{:.0}\">{}</text>",
            at + 24.0,
            HEIGHT - 8.0,
            report.name
        )
        .ok();
    }
    out.push_str("</svg>\n");
    out
}

fn head() -> String {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" \
         aria-label=\"Refreshes a second while the token server is down from minute 1 to minute 11, by policy\">\
         <style>text{{font:12px system-ui,sans-serif;fill:#475569}}path,polyline{{fill:none;stroke-width:2}}\
         .grid{{stroke:#94a3b8;stroke-width:.5}}@media(prefers-color-scheme:dark){{text{{fill:#cbd5e1}}}}</style>"
    )
}
