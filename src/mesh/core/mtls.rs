//! Mutual TLS of a namespace in a mesh.

use crate::kube::istio::{self, authorization_policy as authz, peer_authentication as mtls};
use crate::tree::Scope;

/// Whether the pods of a mesh require an identity from callers.
///
/// Source: <https://istio.io/latest/docs/reference/config/security/peer_authentication/>
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mtls {
    /// The proxy of a pod rejects callers without an identity.
    #[default]
    Strict,
    /// The proxy of a pod also accepts callers without an identity, for example while workloads are migrated into the
    /// mesh.
    Permissive,
}

/// Sets the mutual TLS mode of a namespace. If `deny_by_default` is set, also denies callers that no authorization
/// policy allows.
pub(in crate::mesh) fn close(scope: &Scope, mode: Mtls, deny_by_default: bool) {
    let mode = match mode {
        Mtls::Strict => mtls::MtlsMode::Strict,
        Mtls::Permissive => mtls::MtlsMode::Permissive,
    };
    let spec = mtls::Spec::new().mtls(mtls::Mtls::new().mode(mode));
    istio::PeerAuthentication::new().spec(spec).define(scope, "identities", "default");
    if deny_by_default {
        istio::AuthorizationPolicy::new().spec(authz::Spec::new()).define(scope, "deny-requests", "deny-all");
    }
}
