//! The day on which a command runs, for exceptions end on days.

use std::time::SystemTime;

use anyhow::{Context, Result};
use meshsynth_diff::day::Day;

/// The day of today, in UTC.
#[expect(clippy::disallowed_methods, reason = "an exception ends on a day")]
pub fn today() -> Result<Day> {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).context("the clock stands before 1970")?;
    Ok(Day::from_unix(since.as_secs() / 86_400))
}
