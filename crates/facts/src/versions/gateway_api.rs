//! The additional versions under which the Gateway API serves its kinds. The library has types for one version of each
//! kind.
//!
//! Source: the definitions of Gateway API 1.6.1, where `v1` and `v1beta1` of a kind have one schema in the standard
//! channel (`config/crd/standard`). `v1alpha2` and `v1alpha3` have the schema of `v1` with other limits. They are
//! deprecated, and only the experimental channel serves them (`config/crd/experimental`). `TLSRoute` in `v1alpha2` is
//! omitted: its `hostnames` are optional, but the type requires them.

use super::row::{Limits, Row};

const GROUP: &str = "gateway.networking.k8s.io";

/// Kinds that are served in several versions.
pub const SERVED: [Row; 3] = [
    (GROUP, &["Gateway", "GatewayClass", "HTTPRoute", "ReferenceGrant"], "v1", &["v1beta1"]),
    (GROUP, &["TCPRoute", "UDPRoute"], "v1", &["v1alpha2"]),
    (GROUP, &["TLSRoute"], "v1", &["v1alpha3"]),
];

/// The limits of a version that differ from the limits of the version for which the library has types.
pub const LIMITS: [Limits; 1] =
    [(GROUP, &["TCPRoute", "UDPRoute"], "v1alpha2", &[("/properties/spec/properties/rules/maxItems", 16)])];
