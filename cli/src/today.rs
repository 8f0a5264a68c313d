//! The day on which a command runs, for exceptions end on days.

use std::time::SystemTime;

use anyhow::{Context, Result};
use meshsynth_diff::day::Day;

/// The day of today, in UTC.
pub fn today() -> Result<Day> {
    now().map(Day::from_unix)
}

/// The days since 1970, in UTC.
#[expect(clippy::disallowed_methods, reason = "an exception ends on a day")]
pub fn now() -> Result<u64> {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).context("the clock stands before 1970")?;
    Ok(since.as_secs() / 86_400)
}
