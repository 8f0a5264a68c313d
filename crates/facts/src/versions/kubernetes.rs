//! The removed API versions of Kubernetes.
//!
//! The rows are in `schema/versions/removed.jsonl`, which `cargo xtask facts versions` writes from the table of pluto.

use std::sync::OnceLock;

use super::calendar::text;
use crate::json::Json;

static TEXT: &str = include_str!("../../schema/versions/removed.jsonl");

/// An API version that a minor version of Kubernetes does not serve.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Removed {
    /// The `apiVersion`.
    pub api_version: &'static str,
    /// The kind.
    pub kind: &'static str,
    /// The minor version that removed it.
    pub minor: u32,
    /// The `apiVersion` that replaces it.
    pub now: Option<&'static str>,
}

/// Returns the row of an object, if a minor version of Kubernetes removed its API version.
///
/// ```
/// use meshsynth_facts::versions::kubernetes::removed;
///
/// let row = removed("policy/v1beta1", "PodDisruptionBudget").unwrap();
/// assert_eq!((row.minor, row.now), (25, Some("policy/v1")));
/// assert_eq!(removed("policy/v1", "PodDisruptionBudget"), None);
/// ```
pub fn removed(api_version: &str, kind: &str) -> Option<&'static Removed> {
    // Most objects have a version with a row of no kind, so the version is compared first.
    rows().iter().find(|row| row.api_version == api_version && (row.kind == kind || is_list(row.kind, kind)))
}

/// Returns all rows.
pub fn rows() -> &'static [Removed] {
    static ROWS: OnceLock<Vec<Removed>> = OnceLock::new();
    ROWS.get_or_init(|| TEXT.lines().filter_map(|line| row(&Json::parse(line))).collect())
}

/// Returns the URL and the date of the source.
pub fn source() -> (&'static str, &'static str) {
    static SOURCE: OnceLock<(&'static str, &'static str)> = OnceLock::new();
    *SOURCE.get_or_init(|| {
        let row = Json::parse(TEXT.lines().next().unwrap_or_default());
        (text(&row, "source").unwrap_or_default(), text(&row, "date").unwrap_or_default())
    })
}

/// Whether a kind is the list of another kind.
fn is_list(item: &str, kind: &str) -> bool {
    kind.strip_suffix("List") == Some(item)
}

fn row(row: &Json<'static>) -> Option<Removed> {
    if text(row, "component") != Some("k8s") {
        return None;
    }
    let minor = text(row, "removed")?.strip_prefix("v1.")?.split('.').next()?.parse().ok()?;
    Some(Removed { api_version: text(row, "api")?, kind: text(row, "kind")?, minor, now: text(row, "now") })
}

#[cfg(test)]
mod tests {
    use super::{removed, rows};

    #[test]
    fn reads_all_rows_of_kubernetes() {
        assert!(rows().len() > 80, "{}", rows().len());
    }

    #[test]
    fn follows_the_deprecation_guide() {
        let minor = |version, kind| removed(version, kind).map(|row| row.minor);
        assert_eq!(minor("extensions/v1beta1", "Ingress"), Some(22));
        assert_eq!(minor("extensions/v1beta1", "Deployment"), Some(16));
        assert_eq!(minor("flowcontrol.apiserver.k8s.io/v1beta1", "FlowSchema"), Some(26));
        assert_eq!(minor("flowcontrol.apiserver.k8s.io/v1beta3", "PriorityLevelConfiguration"), Some(32));
        assert_eq!(minor("authorization.k8s.io/v1beta1", "SubjectAccessReview"), Some(22));
        assert_eq!(minor("storage.k8s.io/v1beta1", "VolumeAttributesClass"), None);
    }
}
