//! The additional versions under which kinds are served. The library has types for one version of each kind.

use super::row::{self, Limits, Row};
use super::{gateway_api, istio};

/// Returns the kinds that are served in several versions.
pub fn rows() -> impl Iterator<Item = &'static Row> {
    istio::SERVED.iter().chain(&gateway_api::SERVED)
}

/// Returns the `apiVersion` for which the library has a type with the fields of an object. It is the version of the
/// object, or another version with the same fields.
///
/// ```
/// use meshsynth_facts::versions::served;
///
/// assert_eq!(served::schema("gateway.networking.k8s.io/v1beta1", "HTTPRoute"), "gateway.networking.k8s.io/v1");
/// assert_eq!(served::schema("v1", "Service"), "v1");
/// ```
pub fn schema(api_version: &str, kind: &str) -> String {
    let known = other_version(api_version, kind).and_then(|_| row::find(rows(), api_version, kind));
    known.map_or_else(|| api_version.to_owned(), |(group, _, version, _)| format!("{group}/{version}"))
}

/// Returns the version of an object, if the library has its kind in another version.
pub fn other_version<'a>(api_version: &'a str, kind: &str) -> Option<&'a str> {
    row::other_version(rows(), api_version, kind)
}

/// Returns the limits of versions that have the fields of another version, but different limits.
pub(crate) fn limits() -> impl Iterator<Item = &'static Limits> {
    gateway_api::LIMITS.iter()
}
