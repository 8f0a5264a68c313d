//! Mutual TLS of a namespace in a mesh.

use crate::kube::istio::{self, authorization_policy as authz, peer_authentication as mtls};
use crate::tree::Scope;

/// Whether the pods of a mesh require an identity from callers.
///
/// Source: <https://istio.io/latest/docs/reference/config/security/peer_authentication/>
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mtls {
    /// Callers without an identity are rejected.
    #[default]
    Strict,
    /// Callers without an identity are accepted, for example during a migration into the mesh.
    Permissive,
}

/// Closes a namespace of the mesh: requires identities, and denies callers that no policy allows.
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
