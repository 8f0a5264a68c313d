//! The Kubernetes versions of Amazon EKS and how long each is supported.
//!
//! Sources: <https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions.html>,
//! compared with <https://endoflife.date/amazon-eks>.

/// The default version of a cluster. It is in standard support until August 2027.
pub const DEFAULT: &str = "1.36";

/// The date of the support check. It changes with library releases, not with the clock, so that a
/// program always gives the same result.
pub const JUDGED_ON: &str = "2026-11-30";

/// Version, last day of standard support, and last day of paid extended support; newest first.
pub const CALENDAR: [(&str, &str, &str); 9] = [
    ("1.36", "2027-08-02", "2028-08-02"),
    ("1.35", "2027-03-27", "2028-03-27"),
    ("1.34", "2026-12-02", "2027-12-02"),
    ("1.33", "2026-07-29", "2027-07-29"),
    ("1.32", "2026-03-23", "2027-03-23"),
    ("1.31", "2025-11-26", "2026-11-26"),
    ("1.30", "2025-07-23", "2026-07-23"),
    ("1.29", "2025-03-23", "2026-03-23"),
    ("1.28", "2024-11-26", "2025-11-26"),
];

/// The support status of a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Support {
    /// In standard support until this day.
    Standard(&'static str),
    /// In extended support until this day, at an additional hourly price.
    Extended(&'static str),
    /// No longer offered.
    Ended,
    /// Newer than this table.
    Newer,
    /// Not a Kubernetes version, such as `latest` or `1.36.2`.
    Malformed,
}

/// Returns the support status of a version on the day [`JUDGED_ON`].
pub fn support(version: &str) -> Support {
    let Some(minor) = minor(version) else { return Support::Malformed };
    // The text order of these dates is their chronological order.
    match CALENDAR.iter().find(|(known, ..)| *known == version) {
        Some((_, standard, _)) if JUDGED_ON <= *standard => Support::Standard(standard),
        Some((_, _, extended)) if JUDGED_ON <= *extended => Support::Extended(extended),
        Some(_) => Support::Ended,
        None if self::minor(CALENDAR[0].0).is_some_and(|newest| minor > newest) => Support::Newer,
        None => Support::Ended,
    }
}

/// Returns the versions in standard support, newest first.
pub fn in_standard_support() -> Vec<&'static str> {
    let is_standard = |version: &&str| matches!(support(version), Support::Standard(_));
    CALENDAR.iter().map(|(version, ..)| *version).filter(is_standard).collect()
}

/// Returns the minor version: 36 for `1.36`.
fn minor(version: &str) -> Option<u32> {
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
