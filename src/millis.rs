//! Time as JavaScript has it: a number of milliseconds.
//!
//! `std::time::Duration` is wider than anything here needs, and its arithmetic weighs 2 kB of a
//! download.

use std::ops::{Add, AddAssign, Div, Mul, Sub, SubAssign};

/// A span of time, or a moment counted from a fixed one, in milliseconds. It is never negative.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
pub struct Millis(f64);

impl Millis {
    /// No time at all.
    pub const ZERO: Self = Self(0.0);

    /// So many milliseconds.
    pub const fn new(milliseconds: u32) -> Self {
        Self(milliseconds as f64)
    }

    /// So many seconds.
    pub const fn from_secs(seconds: u32) -> Self {
        Self(seconds as f64 * 1000.0)
    }

    /// Reads a number of JavaScript's. A negative one, and one that is no number, is zero.
    pub fn from_raw(milliseconds: f64) -> Self {
        Self(if milliseconds > 0.0 { milliseconds } else { 0.0 })
    }

    /// The milliseconds, with their fraction.
    pub const fn into_raw(self) -> f64 {
        self.0
    }

    /// Tells if it is zero.
    pub fn is_zero(self) -> bool {
        self.0 == 0.0
    }

    /// The time from `earlier` to this moment; zero where that is later.
    pub fn saturating_sub(self, earlier: Self) -> Self {
        Self::from_raw(self.0 - earlier.0)
    }

    /// The shorter of the two.
    pub fn min(self, other: Self) -> Self {
        Self(self.0.min(other.0))
    }

    /// The longer of the two.
    pub fn max(self, other: Self) -> Self {
        Self(self.0.max(other.0))
    }
}

impl Add for Millis {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl AddAssign for Millis {
    fn add_assign(&mut self, other: Self) {
        self.0 += other.0;
    }
}

impl Sub for Millis {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        self.saturating_sub(other)
    }
}

impl SubAssign for Millis {
    fn sub_assign(&mut self, other: Self) {
        *self = *self - other;
    }
}

impl Mul<f64> for Millis {
    type Output = Self;

    fn mul(self, factor: f64) -> Self {
        Self(self.0 * factor)
    }
}

impl Div<f64> for Millis {
    type Output = Self;

    fn div(self, divisor: f64) -> Self {
        Self(self.0 / divisor)
    }
}
