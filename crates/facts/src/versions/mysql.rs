//! The versions of MySQL, MariaDB and Aurora MySQL in Amazon RDS.
//!
//! Derived from the cfn-lint engine versions (2026-10) in `crates/facts/schema/literals/engine-versions.txt`, and from the
//! release calendars as of 2026-11-23. A version that is newer than the lists is not reported as an error.
//!
//! Sources:
//! <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/MySQL.Concepts.VersionMgmt.html>,
//! <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/MariaDB.Concepts.VersionMgmt.html>,
//! <https://docs.aws.amazon.com/AmazonRDS/latest/AuroraMySQLReleaseNotes/AuroraMySQL.release-calendars.html>

use crate::literals::versions;

/// The default MySQL version of an instance.
pub const MYSQL: &str = "8.4.9";

/// The default MariaDB version of an instance.
pub const MARIADB: &str = "11.8.6";

/// The default Aurora MySQL version of a cluster, which has long-term support.
pub const AURORA_MYSQL: &str = "8.0.mysql_aurora.3.10.4";

/// A major version of MySQL, MariaDB or Aurora MySQL.
#[derive(Clone, Copy, Debug)]
pub struct Major {
    /// The RDS name of the engine.
    pub engine: &'static str,
    /// The two version numbers of MySQL or MariaDB.
    pub number: (u32, u32),
    /// The oldest minor version that is available for new servers. For Aurora, it is the middle number of the Aurora
    /// version.
    pub oldest: u32,
    /// The start date of paid extended support, if it has started.
    pub extended_since: Option<&'static str>,
}

const fn major(engine: &'static str, number: (u32, u32), oldest: u32, extended_since: Option<&'static str>) -> Major {
    Major { engine, number, oldest, extended_since }
}

/// The available major versions. For each engine, the newest version is first.
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

/// The support status of a version in RDS.
#[derive(Clone, Copy, Debug)]
pub enum Offer {
    /// Available, or a minor version that is newer than this list.
    Known(Major),
    /// A major version that is newer than this list.
    Newer,
    /// The major version is available, but this minor version no longer is.
    MinorEnded(Major),
    /// The major version is available, but no minor version has a similar number. The text is the newest minor version.
    MinorUnknown(&'static str),
    /// Not available, or not a version.
    Unknown,
}

/// Returns the support status of a version such as `8.4.9`, `5.7.44-rds.20260212` or `8.0.mysql_aurora.3.10.4`.
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

/// The number of minor versions per year, which limits how many can be newer than the list.
const A_YEAR: u32 = 4;

/// Returns the newest minor version of a major version, as a number and as text.
fn newest_minor(engine: &str, major: (u32, u32)) -> Option<(u32, &'static str)> {
    let of_major = |version: &'static str| match numbers(engine, version)? {
        (number, Some(minor)) if number == major => Some((minor, version)),
        _ => None,
    };
    versions(engine).filter_map(of_major).last()
}

/// Returns the parameter group family of a version, such as `mysql8.4` or `aurora-mysql8.0`.
pub fn family(engine: &str, version: &str) -> String {
    let mut numbers = version.split('.');
    let (major, minor) = (numbers.next().unwrap_or_default(), numbers.next().unwrap_or("0"));
    format!("{engine}{major}.{minor}")
}

/// Returns the major version, and the number that determines the age of the minor version.
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
