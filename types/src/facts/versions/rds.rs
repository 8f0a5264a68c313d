//! What Amazon RDS takes as PostgreSQL versions.
//!
//! Reduced from the engine versions of cfn-lint 1.58 (2026-10) less the
//! deprecated ones, and from the release calendars. A version that is newer
//! than these lists is never an error.
//!
//! Sources:
//! <https://docs.aws.amazon.com/AmazonRDS/latest/PostgreSQLReleaseNotes/postgresql-release-calendar.html>,
//! <https://docs.aws.amazon.com/AmazonRDS/latest/AuroraPostgreSQLReleaseNotes/aurorapostgresql-release-calendar.html>

/// The version that an instance gets by default.
pub const POSTGRES: &str = "17.11";

/// The version that an Aurora cluster gets by default.
pub const AURORA_POSTGRES: &str = "17.11";

/// A major version of PostgreSQL on RDS.
#[derive(Clone, Copy, Debug)]
pub struct Major {
    /// The number.
    pub number: u32,
    /// The oldest minor version that an instance can be made with.
    pub oldest: u32,
    /// The newest minor version, on the day of [`JUDGED_ON`](crate::facts::literals::JUDGED_ON).
    pub newest: u32,
    /// The oldest minor version that an Aurora cluster can be made with.
    pub oldest_aurora: u32,
    /// Older minor versions that Aurora keeps for long-term support.
    pub aurora_long_term: &'static [u32],
    /// The day on which paid extended support began, where it has.
    pub extended_since: Option<&'static str>,
}

/// The major versions that are offered, the newest first.
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

/// What a version is to RDS.
#[derive(Clone, Copy, Debug)]
pub enum Offer {
    /// It is offered, or a newer minor version than is known here.
    Known(Major),
    /// A major version that is newer than this list.
    Newer,
    /// Its major version is offered, this minor version is not any more.
    MinorEnded(Major),
    /// Its major version is offered, and has no minor version of nearly that number.
    MinorUnknown(Major),
    /// It is not offered, or no version.
    Unknown,
}

/// What a version such as `17`, `17.11` or `12.22-rds.20260514` is to RDS.
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

/// How many minor versions a major one gets in a year: so many may be newer than the list.
const A_YEAR: u32 = 4;

/// The major version of a version, as parameter groups are named after it.
pub fn major(version: &str) -> u32 {
    numbers(version).map_or(MAJORS[1].number, |(major, _)| major)
}

/// The major and the minor version; none for 9.6 and older.
fn numbers(version: &str) -> Option<(u32, Option<u32>)> {
    let plain = version.split('-').next().unwrap_or_default();
    let mut parts = plain.split('.');
    let major = parts.next()?.parse().ok()?;
    let minor = parts.next().map(str::parse).transpose().ok()?;
    (parts.next().is_none() && major >= 10).then_some((major, minor))
}
