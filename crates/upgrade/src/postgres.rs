//! The major upgrades of PostgreSQL that RDS accepts.
//!
//! The PostgreSQL project releases the minor versions of all majors on one day. RDS accepts a target whose minor version
//! is from the same day or from a later one: 16.8 can become 17.4 or newer, but not 17.2.
//!
//! Source: <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_UpgradeDBInstance.PostgreSQL.MajorVersion.html>

use meshsynth_diff::day::Day;
use meshsynth_facts::versions::{calendar, rds};

use crate::version::numbers;

/// Commits of one release can be made on two days.
const DAYS_OF_A_RELEASE: i64 = 2;

/// Returns the lowest minor version of a major version that RDS accepts as a target, or `None` without data.
pub fn lowest_target(version: &str, major: u32) -> Option<u32> {
    let [old_major, old_minor] = numbers(version)[..] else { return None };
    let (old_newest, old_day) = newest(u32::try_from(old_major).ok()?)?;
    let (new_newest, new_day) = newest(major)?;
    if old_day.days_to(new_day).abs() > DAYS_OF_A_RELEASE {
        return None;
    }
    let n_releases_ago = old_newest.checked_sub(u32::try_from(old_minor).ok()?)?;
    Some(new_newest.saturating_sub(n_releases_ago))
}

/// Returns the newest minor version of a major version in RDS that is a valid target.
pub fn newest_target(version: &str, major: u32) -> Option<String> {
    let lowest = lowest_target(version, major)?;
    let offered = rds::MAJORS.iter().find(|it| it.number == major)?;
    (offered.newest >= lowest).then(|| format!("{major}.{}", offered.newest))
}

/// Returns the newest minor version of the PostgreSQL project, and its day.
fn newest(major: u32) -> Option<(u32, Day)> {
    let release = calendar::of("postgresql")?.release(&major.to_string())?;
    let [_, minor] = numbers(release.latest?)[..] else { return None };
    Some((u32::try_from(minor).ok()?, Day::parse(release.latest_released?)?))
}

#[cfg(test)]
mod tests {
    use super::{lowest_target, newest_target};

    #[test]
    fn follows_the_published_targets() {
        assert_eq!(lowest_target("16.9", 17), Some(5));
        assert_eq!(lowest_target("16.8", 17), Some(4));
        assert_eq!(lowest_target("16.7", 17), Some(3));
        assert_eq!(newest_target("14.15", 17).as_deref(), Some("17.11"));
    }

    #[test]
    fn reports_no_target_without_data() {
        assert_eq!(lowest_target("13.23", 17), None);
        assert_eq!(lowest_target("16.9", 99), None);
        assert_eq!(lowest_target("16.99", 17), None);
    }
}
