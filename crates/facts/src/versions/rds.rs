//! The PostgreSQL versions in Amazon RDS.
//!
//! Derived from the engine versions of cfn-lint 1.58 (2026-10), without deprecated versions, and from the release
//! calendars. A version that is newer than these lists is not reported as an error.
//!
//! Sources:
//! <https://docs.aws.amazon.com/AmazonRDS/latest/PostgreSQLReleaseNotes/postgresql-release-calendar.html>,
//! <https://docs.aws.amazon.com/AmazonRDS/latest/AuroraPostgreSQLReleaseNotes/aurorapostgresql-release-calendar.html>

/// The default version of an instance.
pub const POSTGRES: &str = "17.11";

/// The default version of an Aurora cluster.
pub const AURORA_POSTGRES: &str = "17.11";

/// A major version of PostgreSQL on RDS.
#[derive(Clone, Copy, Debug)]
pub struct Major {
    /// The major version number.
    pub number: u32,
    /// The oldest minor version available for new instances.
    pub oldest: u32,
    /// The newest minor version, on the day of [`JUDGED_ON`](crate::literals::JUDGED_ON).
    pub newest: u32,
    /// The oldest minor version available for new Aurora clusters.
    pub oldest_aurora: u32,
    /// Older minor versions with long-term support in Aurora.
    pub aurora_long_term: &'static [u32],
    /// The start date of paid extended support, if it has started.
    pub extended_since: Option<&'static str>,
}

/// The available major versions, newest first.
pub const MAJORS: [Major; 8] = [
    Major { number: 18, oldest: 1, newest: 6, oldest_aurora: 3, aurora_long_term: &[], extended_since: None },
    Major { number: 17, oldest: 5, newest: 11, oldest_aurora: 4, aurora_long_term: &[], extended_since: None },
    Major { number: 16, oldest: 9, newest: 15, oldest_aurora: 8, aurora_long_term: &[], extended_since: None },
    Major { number: 15, oldest: 13, newest: 19, oldest_aurora: 10, aurora_long_term: &[], extended_since: None },
    Major { number: 14, oldest: 18, newest: 24, oldest_aurora: 17, aurora_long_term: &[6], extended_since: None },
    Major {
        number: 13,
        oldest: 23,
        newest: 23,
        oldest_aurora: 23,
        aurora_long_term: &[9],
        extended_since: Some("2026-03-01"),
    },
    Major {
        number: 12,
        oldest: 22,
        newest: 22,
        oldest_aurora: 22,
        aurora_long_term: &[9],
        extended_since: Some("2025-03-01"),
    },
    Major {
        number: 11,
        oldest: 22,
        newest: 22,
        oldest_aurora: 21,
        aurora_long_term: &[9],
        extended_since: Some("2024-04-01"),
    },
];

/// The support status of a version in RDS.
#[derive(Clone, Copy, Debug)]
pub enum Offer {
    /// Available, or a minor version that is newer than this list.
    Known(Major),
    /// A major version that is newer than this list.
    Newer,
    /// The major version is available, but this minor version no longer is.
    MinorEnded(Major),
    /// The major version is available, but no minor version has a similar number.
    MinorUnknown(Major),
    /// Not available, or not a version.
    Unknown,
}

/// Returns the support status of a version such as `17`, `17.11` or `12.22-rds.20260514`.
pub fn offer(version: &str, is_aurora: bool) -> Offer {
    let Some((number, minor)) = numbers(version) else { return Offer::Unknown };
    if number > MAJORS[0].number {
        return Offer::Newer;
    }
    let Some(major) = MAJORS.into_iter().find(|major| major.number == number) else { return Offer::Unknown };
    let oldest = if is_aurora { major.oldest_aurora } else { major.oldest };
    match minor {
        Some(minor) if minor < oldest && !(is_aurora && major.aurora_long_term.contains(&minor)) => {
            Offer::MinorEnded(major)
        }
        Some(minor) if minor > major.newest + A_YEAR => Offer::MinorUnknown(major),
        _ => Offer::Known(major),
    }
}

/// The number of minor versions per year, which limits how many can be newer than the list.
const A_YEAR: u32 = 4;

/// Returns the major version, which is part of the parameter group family.
pub fn major(version: &str) -> u32 {
    numbers(version).map_or(MAJORS[1].number, |(major, _)| major)
}

/// Returns the major and the minor version, or `None` for 9.6 and older.
fn numbers(version: &str) -> Option<(u32, Option<u32>)> {
    let plain = version.split('-').next().unwrap_or_default();
    let mut parts = plain.split('.');
    let major = parts.next()?.parse().ok()?;
    let minor = parts.next().map(str::parse).transpose().ok()?;
    (parts.next().is_none() && major >= 10).then_some((major, minor))
}
