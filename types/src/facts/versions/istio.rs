//! The versions that Istio serves its kinds under, beside the one that the library has types of.
//!
//! Source: the definitions of Istio 1.30 (`manifests/charts/base/files/crd-all.gen.yaml`), where all versions of a kind have one schema.

/// A group, its kinds, the version of their types, and the others that are served.
type Row = (&'static str, &'static [&'static str], &'static str, &'static [&'static str]);

/// What is served in several versions.
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

/// The `apiVersion` whose type has the fields of an object, which is its own or that of the same schema.
pub fn schema(api_version: &str, kind: &str) -> String {
    let known = other_version(api_version, kind).and_then(|_| row(api_version, kind));
    known.map_or_else(|| api_version.to_owned(), |(group, _, version, _)| format!("{group}/{version}"))
}

/// The version of an object, where the library has its kind in another.
pub fn other_version<'a>(api_version: &'a str, kind: &str) -> Option<&'a str> {
    let (_, version) = api_version.split_once('/')?;
    let (_, _, _, others) = row(api_version, kind)?;
    others.contains(&version).then_some(version)
}

/// The `apiVersion` to write in place of one that a kind of Istio is not served under.
pub fn in_place_of(api_version: &str, kind: &str) -> Option<String> {
    let (_, version) = api_version.split_once('/')?;
    let (group, _, now, others) = row(api_version, kind)?;
    (version != *now && !others.contains(&version)).then(|| format!("{group}/{now}"))
}

fn row(api_version: &str, kind: &str) -> Option<&'static Row> {
    let (group, _) = api_version.split_once('/')?;
    SERVED.iter().find(|(known, kinds, ..)| *known == group && kinds.contains(&kind))
}
