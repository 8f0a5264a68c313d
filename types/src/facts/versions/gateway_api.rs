//! The versions that the Gateway API serves its kinds under, beside the one that the library has types of.
//!
//! Source: the definitions of Gateway API 1.6.1, where `v1` and `v1beta1` of a kind have one schema in the standard channel
//! (`config/crd/standard`). `v1alpha2` and `v1alpha3` have that of `v1` but for limits; they are deprecated, and the
//! experimental channel alone serves them (`config/crd/experimental`). `TLSRoute` in `v1alpha2` is left out: it may have no
//! `hostnames`, which the type requires.

use super::row::{Limits, Row};

const GROUP: &str = "gateway.networking.k8s.io";

/// What is served in several versions.
pub const SERVED: [Row; 3] = [
    (GROUP, &["Gateway", "GatewayClass", "HTTPRoute", "ReferenceGrant"], "v1", &["v1beta1"]),
    (GROUP, &["TCPRoute", "UDPRoute"], "v1", &["v1alpha2"]),
    (GROUP, &["TLSRoute"], "v1", &["v1alpha3"]),
];

/// The limits of a version that are others than those of the one that the library has types of.
pub const LIMITS: [Limits; 1] =
    [(GROUP, &["TCPRoute", "UDPRoute"], "v1alpha2", &[("/properties/spec/properties/rules/maxItems", 16)])];
