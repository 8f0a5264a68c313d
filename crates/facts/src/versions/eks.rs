//! The Kubernetes versions of Amazon EKS, and the end dates of their support.
//!
//! The dates are in `schema/versions/calendars.jsonl`.
//!
//! Source: <https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions.html>

use super::calendar::{self, Calendar};

/// The default version of a cluster. It is in standard support until August 2027.
pub const DEFAULT: &str = "1.36";

/// The date for which the support status is determined. It changes only with library releases, not with the clock, so
/// that a program always produces the same output.
pub const JUDGED_ON: &str = "2026-11-30";

/// The support status of a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Support {
    /// In standard support until this day.
    Standard(&'static str),
    /// In extended support until this day, at an additional hourly price.
    Extended(&'static str),
    /// No longer offered.
    Ended,
    /// Newer than the versions in this table.
    Newer,
    /// Not a Kubernetes version, such as `latest` or `1.36.2`.
    Malformed,
}

/// Returns the support status of a version on the day [`JUDGED_ON`].
pub fn support(version: &str) -> Support {
    let Some(minor) = minor(version) else { return Support::Malformed };
    let releases = calendar().releases.as_slice();
    let Some(release) = releases.iter().find(|release| release.cycle == version) else {
        let is_newer = releases.first().and_then(|it| self::minor(it.cycle)).is_some_and(|newest| minor > newest);
        return if is_newer { Support::Newer } else { Support::Ended };
    };
    // The text order of these dates is their chronological order.
    match (release.until, release.extended) {
        (Some(standard), _) if JUDGED_ON <= standard => Support::Standard(standard),
        (_, Some(extended)) if JUDGED_ON <= extended => Support::Extended(extended),
        _ => Support::Ended,
    }
}

/// Returns the versions in standard support, newest first.
pub fn in_standard_support() -> Vec<&'static str> {
    let is_standard = |version: &&str| matches!(support(version), Support::Standard(_));
    calendar().releases.iter().map(|release| release.cycle).filter(is_standard).collect()
}

/// Returns the calendar of EKS.
///
/// # Panics
///
/// Panics if the table has no row of EKS. A test reads it.
pub fn calendar() -> &'static Calendar {
    calendar::of("amazon-eks").expect("a test reads the calendar of EKS")
}

/// Returns the minor version: 36 for `1.36`.
pub fn minor(version: &str) -> Option<u32> {
    let minor = version.strip_prefix("1.")?;
    minor.bytes().all(|byte| byte.is_ascii_digit()).then(|| minor.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn default_version_is_in_standard_support() {
        assert!(matches!(support(DEFAULT), Support::Standard(_)));
        assert_eq!(support("1.33"), Support::Extended("2027-07-29"));
        assert_eq!(support("1.23"), Support::Ended);
        assert_eq!(support("1.99"), Support::Newer);
        assert_eq!(support("latest"), Support::Malformed);
        assert_eq!(in_standard_support(), ["1.36", "1.35", "1.34"]);
    }
}
