//! The versions that a kind is served under, beside the one that the library has types of.

use super::row::{self, Limits, Row};
use super::{gateway_api, istio};

/// What is served in several versions.
pub fn rows() -> impl Iterator<Item = &'static Row> {
    istio::SERVED.iter().chain(&gateway_api::SERVED)
}

/// The `apiVersion` whose type has the fields of an object, which is its own or another one of the same fields.
///
/// ```
/// use meshsynth_types::facts::versions::served;
///
/// assert_eq!(served::schema("gateway.networking.k8s.io/v1beta1", "HTTPRoute"), "gateway.networking.k8s.io/v1");
/// assert_eq!(served::schema("v1", "Service"), "v1");
/// ```
pub fn schema(api_version: &str, kind: &str) -> String {
    let known = other_version(api_version, kind).and_then(|_| row::find(rows(), api_version, kind));
    known.map_or_else(|| api_version.to_owned(), |(group, _, version, _)| format!("{group}/{version}"))
}

/// The version of an object, where the library has its kind in another.
pub fn other_version<'a>(api_version: &'a str, kind: &str) -> Option<&'a str> {
    row::other_version(rows(), api_version, kind)
}

/// The limits that a version has of its own, where it is served with the fields of another one.
pub(crate) fn limits() -> impl Iterator<Item = &'static Limits> {
    gateway_api::LIMITS.iter()
}
