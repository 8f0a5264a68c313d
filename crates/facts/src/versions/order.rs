//! The order of versions, by their numbers.

use std::cmp::Ordering;

/// Compares two versions by their numbers: `1.9` is older than `1.10`. Text around the numbers is ignored.
pub fn compare(one: &str, other: &str) -> Ordering {
    numbers(one).cmp(&numbers(other))
}

/// Returns the numbers of a version: 2 and 11 for `OpenSearch_2.11`.
pub fn numbers(version: &str) -> Vec<u64> {
    let parts = version.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty());
    parts.filter_map(|part| part.parse().ok()).collect()
}

/// Returns the version as its calendar writes it: without `v` and without the name of the engine.
pub fn plain(version: &str) -> &str {
    let start = version.find(|c: char| c.is_ascii_digit()).unwrap_or(0);
    &version[start..]
}

/// Whether a version is inside of an inclusive range. A range without an end is open.
pub fn is_inside(version: &str, (low, high): (&str, Option<&str>)) -> bool {
    compare(version, low) != Ordering::Less && high.is_none_or(|high| compare(version, high) != Ordering::Greater)
}

#[cfg(test)]
mod tests {
    use super::{compare, is_inside, plain};
    use std::cmp::Ordering;

    #[test]
    fn compares_numbers() {
        assert_eq!(compare("1.9", "1.10"), Ordering::Less);
        assert_eq!(compare("v1.21.1", "1.21.1"), Ordering::Equal);
        assert_eq!(plain("OpenSearch_2.11"), "2.11");
        assert!(is_inside("1.34", ("1.32", Some("1.36"))) && !is_inside("1.37", ("1.32", Some("1.36"))));
        assert!(is_inside("1.99", ("1.17", None)));
    }
}
