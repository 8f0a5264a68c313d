//! Access to the Kubernetes API.

use crate::cfn;
use crate::cfn::eks::access_entry::{AccessPolicy, AccessScope, Type};
use crate::text;
use crate::tree::Construct;
use crate::val::{IntoVal, Val};

use super::Cluster;

/// The permissions of a principal in a cluster.
///
/// Source: <https://docs.aws.amazon.com/eks/latest/userguide/access-policy-permissions.html>
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Access {
    /// All actions in all namespaces, for the role that deploys the platform.
    ClusterAdmin,
    /// Read access in all namespaces, except to secrets.
    ClusterView,
    /// All actions in the given namespaces.
    Admin(Vec<String>),
    /// Most changes in the given namespaces, except to roles and role bindings.
    Edit(Vec<String>),
    /// Read access to most objects in the given namespaces, except to secrets.
    View(Vec<String>),
}

impl Access {
    /// Returns the access policy and its namespaces. An empty list means all namespaces.
    fn policy(self) -> (&'static str, Vec<String>) {
        match self {
            Access::ClusterAdmin => ("AmazonEKSClusterAdminPolicy", Vec::new()),
            Access::ClusterView => ("AmazonEKSViewPolicy", Vec::new()),
            Access::Admin(namespaces) => ("AmazonEKSAdminPolicy", namespaces),
            Access::Edit(namespaces) => ("AmazonEKSEditPolicy", namespaces),
            Access::View(namespaces) => ("AmazonEKSViewPolicy", namespaces),
        }
    }
}

impl Cluster {
    /// Lets an IAM role or user use the Kubernetes API. `principal` is an ARN, or `role/<name>` or
    /// `user/<name>` in the account of the cluster.
    ///
    /// By default, no principal has access, not even the one that creates the cluster. Give the
    /// deployment role [`Access::ClusterAdmin`].
    #[track_caller]
    pub fn add_access(&self, id: &str, principal: impl IntoVal<String>, access: Access) -> &Self {
        let scope = self.scope().construct(&format!("access-{id}"));
        let principal = match principal.into_val() {
            Val::Known(name) if !name.starts_with("arn:") => {
                text!["arn:", scope.partition(), ":iam::", scope.account(), ":", name]
            }
            arn => arn,
        };
        let (policy, namespaces) = access.policy();
        let reach = match namespaces.is_empty() {
            true => AccessScope::new(Type::Cluster),
            false => AccessScope::new(Type::Namespace).namespaces(namespaces),
        };
        let policy = text!["arn:", scope.partition(), ":eks::aws:cluster-access-policy/", policy];
        cfn::eks::AccessEntry::new(self.reference(), principal)
            .type_("STANDARD")
            .access_policies([AccessPolicy::new(reach, policy)])
            .define(&scope, "resource");
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::{Vpc, VpcProps};
    use crate::eks::ClusterProps;
    use crate::testing::{Platform, stack};

    #[test]
    fn limits_view_access_to_namespaces() {
        let platform = Platform::synth("shop", |app| {
            let run = stack(app, "run");
            let vpc = Vpc::new(&run, "vpc", VpcProps::default());
            let cluster = Cluster::new(&run, "cluster", &vpc, ClusterProps::default());
            cluster.add_access("support", "role/support", Access::View(vec!["shop".to_owned()]));
        });
        let entry = platform.resource("AWS::EKS::AccessEntry").props;
        let policy = &entry["AccessPolicies"][0];
        assert_eq!(
            (&policy["AccessScope"]["Type"], &policy["AccessScope"]["Namespaces"][0]),
            (&"namespace".into(), &"shop".into())
        );
        let text = entry.to_string();
        assert!(text.contains("AmazonEKSViewPolicy") && text.contains(":role/support"), "{text}");
    }
}
