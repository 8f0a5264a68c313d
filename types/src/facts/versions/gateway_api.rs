//! The versions that the Gateway API serves its kinds under, beside the one that the library has types of.
//!
//! Source: the definitions of Gateway API 1.6.1, standard channel (`config/crd/standard`), where `v1` and `v1beta1` of a kind have one schema.

use super::row::Row;

/// What is served in several versions.
pub const SERVED: [Row; 1] =
    [("gateway.networking.k8s.io", &["Gateway", "GatewayClass", "HTTPRoute", "ReferenceGrant"], "v1", &["v1beta1"])];
