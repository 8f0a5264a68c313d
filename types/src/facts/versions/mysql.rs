//! What Amazon RDS takes as versions of MySQL, MariaDB and Aurora MySQL.
//!
//! Reduced from the engine versions of cfn-lint (2026-10), as
//! `types/schema/literals/engine-versions.txt` has them, and from the release calendars, as they were on 2026-11-23. A version that is newer than these
//! lists is never an error.
//!
//! Sources:
//! <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/MySQL.Concepts.VersionMgmt.html>,
//! <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/MariaDB.Concepts.VersionMgmt.html>,
//! <https://docs.aws.amazon.com/AmazonRDS/latest/AuroraMySQLReleaseNotes/AuroraMySQL.release-calendars.html>

use crate::facts::literals::versions;

/// The MySQL version that an instance gets by default.
pub const MYSQL: &str = "8.4.9";

/// The MariaDB version that an instance gets by default.
pub const MARIADB: &str = "11.8.6";

/// The Aurora MySQL version that a cluster gets by default: one with long-term support.
pub const AURORA_MYSQL: &str = "8.0.mysql_aurora.3.10.4";

/// A major version of MySQL, MariaDB or Aurora MySQL.
#[derive(Clone, Copy, Debug)]
pub struct Major {
    /// The engine in the terms of RDS.
    pub engine: &'static str,
    /// The two numbers of MySQL or MariaDB.
    pub number: (u32, u32),
    /// The oldest minor version that a server can be made with; for Aurora the middle number of its own version.
    pub oldest: u32,
    /// The day on which paid extended support began, where it has.
    pub extended_since: Option<&'static str>,
}

const fn major(engine: &'static str, number: (u32, u32), oldest: u32, extended_since: Option<&'static str>) -> Major {
    Major { engine, number, oldest, extended_since }
}

/// The major versions that are offered, the newest of each engine first.
pub const MAJORS: [Major; 10] = [
    major("mysql", (8, 4), 5, None),
    major("mysql", (8, 0), 42, Some("2026-08-01")),
    major("mysql", (5, 7), 44, Some("2024-03-01")),
    major("mariadb", (12, 3), 2, None),
    major("mariadb", (11, 8), 3, None),
    major("mariadb", (11, 4), 3, None),
    major("mariadb", (10, 11), 4, None),
    major("aurora-mysql", (8, 4), 4, None),
    major("aurora-mysql", (8, 0), 4, None),
    major("aurora-mysql", (5, 7), 11, Some("2024-12-01")),
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
    /// Its major version is offered, and has no minor version of nearly that number; the newest one.
    MinorUnknown(&'static str),
    /// It is not offered, or no version.
    Unknown,
}

/// What a version such as `8.4.9`, `5.7.44-rds.20260212` or `8.0.mysql_aurora.3.10.4` is to an engine of RDS.
pub fn offer(engine: &str, version: &str) -> Offer {
    let Some((number, minor)) = numbers(engine, version) else { return Offer::Unknown };
    let mut majors = MAJORS.into_iter().filter(|major| major.engine == engine);
    let Some(newest) = majors.clone().next() else { return Offer::Unknown };
    if number > newest.number {
        return Offer::Newer;
    }
    match (majors.find(|major| major.number == number), minor) {
        (None, _) => Offer::Unknown,
        (Some(major), Some(minor)) if minor < major.oldest => Offer::MinorEnded(major),
        (Some(major), Some(minor)) => match newest_minor(engine, major.number) {
            Some((newest, known)) if minor > newest + A_YEAR => Offer::MinorUnknown(known),
            _ => Offer::Known(major),
        },
        (Some(major), None) => Offer::Known(major),
    }
}

/// How many minor versions a major one gets in a year: so many may be newer than the list.
const A_YEAR: u32 = 4;

/// The newest minor version of a major one, as a number and as it is written.
fn newest_minor(engine: &str, major: (u32, u32)) -> Option<(u32, &'static str)> {
    let of_major = |version: &'static str| match numbers(engine, version)? {
        (number, Some(minor)) if number == major => Some((minor, version)),
        _ => None,
    };
    versions(engine).filter_map(of_major).last()
}

/// The family of parameter groups that a version belongs to, such as `mysql8.4` or `aurora-mysql8.0`.
pub fn family(engine: &str, version: &str) -> String {
    let mut numbers = version.split('.');
    let (major, minor) = (numbers.next().unwrap_or_default(), numbers.next().unwrap_or("0"));
    format!("{engine}{major}.{minor}")
}

/// The major version and what decides how old it is.
fn numbers(engine: &str, version: &str) -> Option<((u32, u32), Option<u32>)> {
    let plain = version.split('-').next().unwrap_or_default();
    let (plain, aurora) = match plain.split_once(".mysql_aurora.") {
        Some((mysql, aurora)) => (mysql, Some(aurora)),
        None => (plain, None),
    };
    let numbers: Vec<u32> = plain.split('.').map(str::parse).collect::<Result<_, _>>().ok()?;
    let (number, minor) = match (numbers.as_slice(), engine == "aurora-mysql") {
        ([major, minor], _) => ((*major, *minor), None),
        ([major, minor, patch], false) => ((*major, *minor), Some(*patch)),
        _ => return None,
    };
    match aurora {
        None => Some((number, minor)),
        Some(_) if engine != "aurora-mysql" => None,
        Some(aurora) => {
            let middle = aurora.split('.').nth(1)?.parse().ok()?;
            Some((number, Some(middle)))
        }
    }
}
