//! Quantities with units, and CIDR blocks that are checked at compile time.

mod cidr;

pub use cidr::Cidr;

use crate::val::{Data, Value};

/// Gibibytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Gib(pub u32);

/// Mebibytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mib(pub u32);

/// Thousandths of a CPU core.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Millicores(pub u32);

/// Percent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Percent(pub u8);

/// A time span with millisecond precision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Duration(u64);

impl Duration {
    /// Creates a duration from milliseconds.
    pub const fn millis(millis: u64) -> Self {
        Self(millis)
    }

    /// Creates a duration from seconds.
    pub const fn seconds(seconds: u64) -> Self {
        Self(seconds.saturating_mul(1_000))
    }

    /// Creates a duration from minutes.
    pub const fn minutes(minutes: u64) -> Self {
        Self::seconds(minutes.saturating_mul(60))
    }

    /// Creates a duration from hours.
    pub const fn hours(hours: u64) -> Self {
        Self::seconds(hours.saturating_mul(3_600))
    }

    /// Creates a duration from days of 24 hours.
    pub const fn days(days: u64) -> Self {
        Self::seconds(days.saturating_mul(86_400))
    }

    /// Returns the duration in milliseconds.
    pub const fn as_millis(self) -> u64 {
        self.0
    }

    /// Returns the duration in seconds, rounded up.
    pub const fn as_seconds(self) -> u64 {
        self.0.div_ceil(1_000)
    }

    /// Returns the duration in days, rounded up.
    pub const fn as_days(self) -> u64 {
        self.as_seconds().div_ceil(86_400)
    }

    /// Returns the duration in hours, rounded up.
    pub const fn as_hours(self) -> u64 {
        self.as_seconds().div_ceil(3_600)
    }
}

/// Writes a quantity in Kubernetes notation.
impl Value for Gib {
    fn into_data(self) -> Data {
        Data::from(format!("{}Gi", self.0))
    }
}

impl Value for Mib {
    fn into_data(self) -> Data {
        Data::from(format!("{}Mi", self.0))
    }
}

impl Value for Millicores {
    fn into_data(self) -> Data {
        match self.0 % 1000 {
            0 => Data::from((self.0 / 1000).to_string()),
            _ => Data::from(format!("{}m", self.0)),
        }
    }
}

/// Writes a duration in the notation of Kubernetes and Istio: `250ms`, `30s`, `5m`, `24h`.
impl Value for Duration {
    fn into_data(self) -> Data {
        Data::from(match self.as_seconds() {
            0 => "0s".to_owned(),
            _ if !self.0.is_multiple_of(1_000) => format!("{}ms", self.0),
            s if s % 3_600 == 0 => format!("{}h", s / 3_600),
            s if s % 60 == 0 => format!("{}m", s / 60),
            s => format!("{s}s"),
        })
    }
}

macro_rules! as_text {
    ($($unit:ty),+) => {$(
        impl From<$unit> for crate::Val<String> {
            fn from(value: $unit) -> Self {
                crate::Val::Known(value.into_data().to_text())
            }
        }
    )+};
}
as_text!(Gib, Mib, Millicores, Duration, Cidr);
