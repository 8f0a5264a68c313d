//! The IAM role of a service account, defined by its first grant.

use crate::Object;
use crate::eks::Identity;
use crate::iam::Role;
use crate::kube::core;
use crate::tree::Scope;

use super::{Namespace, network, ways};

/// Returns the role of a service account, which the first grant defines. The role `lent_to` may also assume the
/// returned role.
pub(in crate::mesh) fn role(
    scope: &Scope,
    namespace: &Namespace,
    name: &str,
    account: &Object<core::ServiceAccount>,
    policy: &Scope,
    lent_to: Option<&Role>,
) -> Role {
    if let Some(role) = scope.child("role").and_then(Role::at) {
        return role;
    }
    let cluster = namespace.cluster();
    let role = match lent_to {
        Some(other) => cluster.lent_role(scope, "role", namespace.name(), name, other),
        None => cluster.service_account_role(scope, "role", namespace.name(), name),
    };
    match cluster.identity() {
        Identity::Irsa => {
            account.annotate("eks.amazonaws.com/role-arn", role.arn());
        }
        Identity::PodIdentity => network::allow_to_cidrs(policy, &[network::POD_IDENTITY_AGENT], 80),
    }
    ways::open(&role, namespace, scope, policy);
    role
}
