//! The additional versions under which Istio serves its kinds. The library has types for one version of each kind.
//!
//! Source: the definitions of Istio 1.30 (`manifests/charts/base/files/crd-all.gen.yaml`).
//! All versions of a kind have one schema there.

use super::row::{self, Row};

/// Kinds that are served in several versions.
pub const SERVED: [Row; 3] = [
    (
        "networking.istio.io",
        &["DestinationRule", "Gateway", "ServiceEntry", "Sidecar", "VirtualService", "WorkloadEntry", "WorkloadGroup"],
        "v1",
        &["v1alpha3", "v1beta1"],
    ),
    ("security.istio.io", &["AuthorizationPolicy", "PeerAuthentication", "RequestAuthentication"], "v1", &["v1beta1"]),
    ("telemetry.istio.io", &["Telemetry"], "v1", &["v1alpha1"]),
];

/// Returns the version of an Istio object, if the library has its kind in another version.
pub fn other_version<'a>(api_version: &'a str, kind: &str) -> Option<&'a str> {
    row::other_version(SERVED.iter(), api_version, kind)
}

/// Returns the replacement for an `apiVersion` under which Istio does not serve the kind.
pub fn in_place_of(api_version: &str, kind: &str) -> Option<String> {
    let (_, version) = api_version.split_once('/')?;
    let (group, _, now, others) = row::find(SERVED.iter(), api_version, kind)?;
    (version != *now && !others.contains(&version)).then(|| format!("{group}/{now}"))
}
