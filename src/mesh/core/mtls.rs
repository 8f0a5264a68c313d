//! Mutual TLS of a namespace in a mesh.

use crate::kube::istio::{self, authorization_policy as authz, peer_authentication as mtls};
use crate::tree::Scope;

/// How strictly the pods of a mesh ask callers for an identity.
///
/// Source: <https://istio.io/latest/docs/reference/config/security/peer_authentication/>
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mtls {
    /// Who has none is refused.
    #[default]
    Strict,
    /// Who has none is let in, while callers are moved into the mesh.
    Permissive,
}

/// Closes a namespace of the mesh: identities are checked, and who is not named is refused.
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
