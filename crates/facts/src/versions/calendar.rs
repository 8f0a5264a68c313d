//! The releases of each product: support dates, and the Kubernetes versions that the vendor tests.
//!
//! The rows are in `schema/versions/calendars.jsonl`, which `cargo xtask facts versions` writes. The row of a product
//! contains its source, licence and date.

use std::sync::OnceLock;

use crate::json::Json;

static TEXT: &str = include_str!("../../schema/versions/calendars.jsonl");

/// The releases of a product.
#[derive(Debug)]
pub struct Calendar {
    /// The product, such as `amazon-eks`.
    pub product: &'static str,
    /// The URL of the source.
    pub source: &'static str,
    /// The date of the source.
    pub date: &'static str,
    /// The releases, newest first.
    pub releases: Vec<Release>,
}

/// A release cycle of a product. Dates are `YYYY-MM-DD`; a date is missing if the vendor has not announced it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Release {
    /// The cycle, such as `1.36` or `17`.
    pub cycle: &'static str,
    /// The first day.
    pub released: Option<&'static str>,
    /// The last day of standard support.
    pub until: Option<&'static str>,
    /// The last day of paid extended support.
    pub extended: Option<&'static str>,
    /// Whether the support has ended on an unknown day.
    pub has_ended: bool,
    /// The newest version of the cycle.
    pub latest: Option<&'static str>,
    /// The first day of the newest version.
    pub latest_released: Option<&'static str>,
    /// The oldest and the newest Kubernetes version that the vendor tests.
    pub kubernetes: Option<(&'static str, Option<&'static str>)>,
}

/// Returns the calendar of a product.
///
/// ```
/// use meshsynth_facts::versions::calendar;
///
/// let eks = calendar::of("amazon-eks").and_then(|it| it.release("1.34")).unwrap();
/// assert_eq!((eks.until, eks.extended), (Some("2026-12-02"), Some("2027-12-02")));
/// ```
pub fn of(product: &str) -> Option<&'static Calendar> {
    all().iter().find(|calendar| calendar.product == product)
}

/// Returns all calendars.
pub fn all() -> &'static [Calendar] {
    static CALENDARS: OnceLock<Vec<Calendar>> = OnceLock::new();
    CALENDARS.get_or_init(|| {
        let mut calendars: Vec<Calendar> = Vec::new();
        for line in TEXT.lines() {
            let row = Json::parse(line);
            match (text(&row, "source"), calendars.last_mut()) {
                (Some(source), _) => calendars.push(Calendar {
                    product: text(&row, "product").unwrap_or_default(),
                    source,
                    date: text(&row, "date").unwrap_or_default(),
                    releases: Vec::new(),
                }),
                (None, Some(calendar)) => calendar.releases.push(release(&row)),
                (None, None) => {}
            }
        }
        calendars
    })
}

impl Calendar {
    /// Returns the release of a version: the longest cycle whose parts are the first parts of the version.
    pub fn release(&self, version: &str) -> Option<&Release> {
        self.position(version).map(|at| &self.releases[at])
    }

    /// Returns the index of the release of a version.
    pub fn position(&self, version: &str) -> Option<usize> {
        let is_of = |release: &Release| {
            let rest = version.strip_prefix(release.cycle);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '-', '_']))
        };
        let of = self.releases.iter().enumerate().filter(|(_, release)| is_of(release));
        of.max_by_key(|(at, release)| (release.cycle.len(), usize::MAX - at)).map(|(at, _)| at)
    }

    /// Returns the release after the release of a version.
    pub fn next(&self, version: &str) -> Option<&Release> {
        self.position(version)?.checked_sub(1).map(|at| &self.releases[at])
    }
}

fn release(row: &Json<'static>) -> Release {
    let range = row.at("kubernetes").items();
    let bound = |at: usize| range.get(at).and_then(borrowed);
    Release {
        cycle: text(row, "cycle").unwrap_or_default(),
        released: text(row, "released"),
        until: text(row, "until"),
        extended: text(row, "extended"),
        has_ended: row.at("ended").is_true(),
        latest: text(row, "latest"),
        latest_released: text(row, "latest_released"),
        kubernetes: bound(0).map(|low| (low, bound(1))),
    }
}

pub(super) fn text(row: &Json<'static>, column: &str) -> Option<&'static str> {
    borrowed(row.at(column))
}

/// Returns a text that the table contains without escapes.
pub(super) fn borrowed(value: &Json<'static>) -> Option<&'static str> {
    match value {
        Json::Text(std::borrow::Cow::Borrowed(text)) => Some(text),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::cmp::Ordering;

    use super::{all, of};
    use crate::versions::order::compare;

    #[test]
    fn each_calendar_has_a_source_and_a_date() {
        for calendar in all() {
            assert!(calendar.source.starts_with("https://"), "{}", calendar.product);
            assert_eq!(calendar.date.len(), 10, "{}", calendar.product);
            assert!(!calendar.releases.is_empty(), "{}", calendar.product);
        }
    }

    #[test]
    fn ranges_are_in_order() {
        for release in all().iter().flat_map(|it| &it.releases) {
            let Some((low, Some(high))) = release.kubernetes else { continue };
            assert_ne!(compare(low, high), Ordering::Greater, "{release:?}");
        }
    }

    #[test]
    fn finds_the_release_of_a_version() {
        let keda = of("keda").unwrap();
        assert_eq!(keda.release("2.20.2").unwrap().kubernetes, Some(("1.33", Some("1.35"))));
        assert_eq!(keda.release("2.2.1").unwrap().cycle, "2.2");
        assert!(keda.release("2.99.0").is_none());
        assert_eq!(of("amazon-eks").unwrap().next("1.34").unwrap().cycle, "1.35");
        assert_eq!(of("amazon-msk").unwrap().release("3.9.x.kraft").unwrap().cycle, "3.9");
    }
}
