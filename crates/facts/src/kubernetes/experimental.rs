//! The fields of the experimental channel of the Gateway API, which the facts about the standard channel do not
//! contain.

/// The group of the Gateway API.
const GROUP: &str = "gateway.networking.k8s.io";

/// The kinds, each with the paths that exist only in the experimental channel.
///
/// Source: <https://github.com/kubernetes-sigs/gateway-api/tree/4564255a/config/crd>
const FIELDS: &[(&str, &[&str])] = &[
    ("Gateway", &["spec.defaultScope"]),
    ("GRPCRoute", &["spec.rules.sessionPersistence", "spec.useDefaultGateways"]),
    (
        "HTTPRoute",
        &[
            "spec.rules.backendRefs.filters.externalAuth",
            "spec.rules.filters.externalAuth",
            "spec.rules.retry",
            "spec.rules.sessionPersistence",
            "spec.useDefaultGateways",
        ],
    ),
    ("TCPRoute", &["spec.useDefaultGateways"]),
    ("TLSRoute", &["spec.useDefaultGateways"]),
    ("UDPRoute", &["spec.useDefaultGateways"]),
];

/// The field values that exist only in the experimental channel: kind, path and value.
const VALUES: &[(&str, &str, &str)] = &[
    ("HTTPRoute", "spec.rules.backendRefs.filters.type", "ExternalAuth"),
    ("HTTPRoute", "spec.rules.filters.type", "ExternalAuth"),
];

/// Whether the experimental channel of the Gateway API has a field or, for a text field, accepts a value.
///
/// The path may contain item indices.
///
/// ```
/// use meshsynth_facts::is_experimental;
///
/// let is = |path, value| is_experimental("gateway.networking.k8s.io/v1", "HTTPRoute", path, value);
/// assert!(is("spec.rules[0].retry", None));
/// assert!(is("spec.rules[0].filters[1].type", Some("ExternalAuth")));
/// assert!(!is("spec.rules[0].filters[1].type", Some("Mirror")));
/// assert!(!is("spec.rules[0].retries", None));
/// ```
pub fn is_experimental(api_version: &str, kind: &str, path: &str, value: Option<&str>) -> bool {
    if api_version.split('/').next() != Some(GROUP) {
        return false;
    }
    let steps = path.split('.').map(|step| step.split('[').next().unwrap_or_default());
    let path = steps.collect::<Vec<_>>().join(".");
    let fields = FIELDS.iter().filter(|(of, _)| *of == kind).flat_map(|(_, fields)| *fields);
    let is_value = |(of, at, known): &(&str, &str, &str)| *of == kind && *at == path && Some(*known) == value;
    fields.into_iter().any(|field| *field == path) || VALUES.iter().any(is_value)
}
