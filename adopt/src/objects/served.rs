//! Versions that a group serves with the schema of the version that the library has.

/// A group, its kinds, the version of their types, and the others.
type Row = (&'static str, &'static [&'static str], &'static str, &'static [&'static str]);

/// What has one schema in several versions.
///
/// Istio defines these with one schema for all versions (`tests/schemas/crds/istio-1.30.3.yaml`).
const SERVED: [Row; 3] = [
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

fn row(api_version: &str, kind: &str) -> Option<&'static Row> {
    let (group, _) = api_version.split_once('/')?;
    SERVED.iter().find(|(known, kinds, ..)| *known == group && kinds.contains(&kind))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::Types;

    #[test]
    fn other_versions_have_the_schema_of_a_type() {
        let mut types = Types::default();
        for (group, kinds, _, others) in SERVED {
            for (kind, version) in kinds.iter().flat_map(|kind| others.iter().map(move |version| (kind, version))) {
                let own = format!("{group}/{version}");
                assert_eq!(other_version(&own, kind), Some(*version));
                assert!(types.object(&own, kind).is_none(), "{own} {kind} has a type of its own");
                assert!(types.object(&schema(&own, kind), kind).is_some(), "{own} {kind}");
            }
        }
    }

    #[test]
    fn kinds_of_one_version_keep_it() {
        assert_eq!(schema("networking.istio.io/v1alpha3", "EnvoyFilter"), "networking.istio.io/v1alpha3");
        assert_eq!(schema("networking.istio.io/v1", "Gateway"), "networking.istio.io/v1");
        assert_eq!(schema("v1", "Service"), "v1");
        assert_eq!(other_version("networking.istio.io/v1", "Gateway"), None);
        assert_eq!(other_version("networking.istio.io/v1alpha2", "Gateway"), None);
    }
}
