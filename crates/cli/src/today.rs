//! The current date, for the end dates of exceptions.

use std::time::SystemTime;

use anyhow::{Context, Result};
use meshsynth_diff::day::Day;

/// Returns the current date in UTC.
pub fn today() -> Result<Day> {
    now().map(Day::from_unix)
}

/// Returns the days since 1970 in UTC.
#[expect(clippy::disallowed_methods, reason = "an exception ends on a day")]
pub fn now() -> Result<u64> {
    let since =
        SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).context("the clock is set to a time before 1970")?;
    Ok(since.as_secs() / 86_400)
}
