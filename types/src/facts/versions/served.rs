//! The versions that a kind is served under, beside the one that the library has types of.

use super::{gateway_api, istio};

/// A group, its kinds, the version of their types, and the others that are served with the same schema.
pub(super) type Row = (&'static str, &'static [&'static str], &'static str, &'static [&'static str]);

/// What is served in several versions.
pub fn rows() -> impl Iterator<Item = &'static Row> {
    istio::SERVED.iter().chain(&gateway_api::SERVED)
}

/// The `apiVersion` whose type has the fields of an object, which is its own or that of the same schema.
///
/// ```
/// use meshsynth_types::facts::versions::served;
///
/// assert_eq!(served::schema("gateway.networking.k8s.io/v1beta1", "HTTPRoute"), "gateway.networking.k8s.io/v1");
/// assert_eq!(served::schema("v1", "Service"), "v1");
/// ```
pub fn schema(api_version: &str, kind: &str) -> String {
    let known = other_version(api_version, kind).and_then(|_| row(rows(), api_version, kind));
    known.map_or_else(|| api_version.to_owned(), |(group, _, version, _)| format!("{group}/{version}"))
}

/// The version of an object, where the library has its kind in another.
pub fn other_version<'a>(api_version: &'a str, kind: &str) -> Option<&'a str> {
    other_version_in(rows(), api_version, kind)
}

/// The same, of some rows.
pub(super) fn other_version_in<'a>(
    rows: impl Iterator<Item = &'static Row>,
    api_version: &'a str,
    kind: &str,
) -> Option<&'a str> {
    let (_, version) = api_version.split_once('/')?;
    let (_, _, _, others) = row(rows, api_version, kind)?;
    others.contains(&version).then_some(version)
}

/// The row of a kind.
pub(super) fn row(rows: impl Iterator<Item = &'static Row>, api_version: &str, kind: &str) -> Option<&'static Row> {
    let (group, _) = api_version.split_once('/')?;
    rows.into_iter().find(|(known, kinds, ..)| *known == group && kinds.contains(&kind))
}
