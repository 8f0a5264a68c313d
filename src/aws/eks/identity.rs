//! Identities: the IAM role of a Kubernetes service account.

use crate::cfn;
use crate::iam::{Api, Role, RoleProps, Statement, Trust};
use crate::tree::{At, Construct, Scope};
use crate::val::{Bag, Val};

use super::{Cluster, Identity};
use crate::aws::iam::{web_identity_or_role_trust, web_identity_trust};

impl Cluster {
    /// Defines, in `scope`, a role for one service account of this cluster.
    ///
    /// With [`Identity::Irsa`], the service account needs the annotation `eks.amazonaws.com/role-arn`. With
    /// [`Identity::PodIdentity`], the association is defined with the role, and the service account needs no
    /// annotation.
    ///
    /// Source: <https://docs.aws.amazon.com/eks/latest/userguide/service-accounts.html>
    #[track_caller]
    pub fn service_account_role(
        &self,
        scope: &impl Construct,
        id: &str,
        namespace: &str,
        service_account: &str,
    ) -> Role {
        let role = self.identity_role(scope.scope(), id, namespace, service_account, RoleProps::default());
        if self.identity() == Identity::PodIdentity {
            self.check_pod_identity();
            cfn::eks::PodIdentityAssociation::new(self.reference(), namespace, role.arn(), service_account)
                .define(&role, "association");
        }
        role
    }

    /// Defines the role of a service account. Another role of the same account may also assume this role. The service
    /// account uses IRSA in every cluster.
    #[track_caller]
    pub(crate) fn lent_role(&self, scope: &Scope, id: &str, namespace: &str, service_account: &str, to: &Role) -> Role {
        let subject = format!("system:serviceaccount:{namespace}:{service_account}");
        let trust = web_identity_or_role_trust(self.provider_arn(), self.issuer(), &subject, Some(to.arn()));
        let description = format!("Service account {namespace}/{service_account} of {}.", self.name());
        let role = Role::new(scope, id, Trust::Document(trust), RoleProps { description, ..Default::default() });
        self.open_ways_of(&role);
        role
    }

    /// Defines only the role, without its association with the service account.
    #[track_caller]
    pub(super) fn identity_role(
        &self,
        scope: &Scope,
        id: &str,
        namespace: &str,
        service_account: &str,
        props: RoleProps,
    ) -> Role {
        let trust = match self.identity() {
            Identity::Irsa => {
                let subject = format!("system:serviceaccount:{namespace}:{service_account}");
                web_identity_trust(self.provider_arn(), self.issuer(), &subject)
            }
            Identity::PodIdentity => Val::from(self.pod_trust(scope, namespace, service_account)),
        };
        let description = match props.description.is_empty() {
            true => format!("Service account {namespace}/{service_account} of {}.", self.name()),
            false => props.description,
        };
        let role = Role::new(scope, id, Trust::Document(trust), RoleProps { description, ..props });
        self.open_ways_of(&role);
        role
    }

    /// Opens the network path of pods to the service that provides credentials, and to the services that the
    /// role may use.
    #[track_caller]
    fn open_ways_of(&self, role: &Role) {
        if !self.is_in_aws() {
            return;
        }
        let (vpc, at) = (self.vpc().clone(), role.scope().user_line(At::caller()));
        let credentials = match self.identity() {
            Identity::Irsa => Api::sts(),
            Identity::PodIdentity => Api::eks_auth(),
        };
        vpc.way_to(credentials, &vpc.scope().region(), at);
        vpc.open_ways_of(role);
    }

    /// Returns a trust policy for pods of one service account in this cluster. Its conditions use the
    /// session tags that the agent sets.
    ///
    /// Source: <https://docs.aws.amazon.com/eks/latest/userguide/pod-id-role.html>
    fn pod_trust(&self, scope: &Scope, namespace: &str, service_account: &str) -> Bag {
        let statement = Statement::allow(["sts:AssumeRole", "sts:TagSession"])
            .when("StringEquals", "aws:SourceAccount", scope.account())
            .when("StringEquals", "aws:RequestTag/eks-cluster-name", self.name().to_owned())
            .when("StringEquals", "aws:RequestTag/kubernetes-namespace", namespace.to_owned())
            .when("StringEquals", "aws:RequestTag/kubernetes-service-account", service_account.to_owned())
            .into_data(Some(Bag::default().with("Service", "pods.eks.amazonaws.com")));
        Bag::default().with("Version", "2012-10-17").with("Statement", vec![statement])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::{Vpc, VpcProps};
    use crate::eks::ClusterProps;
    use crate::testing::{Platform, stack};

    fn role(identity: Identity) -> Platform {
        Platform::synth("shop", |app| {
            let run = stack(app, "run");
            let vpc = Vpc::new(&run, "vpc", VpcProps::default());
            let cluster = Cluster::new(&run, "cluster", &vpc, ClusterProps { identity, ..Default::default() });
            cluster.service_account_role(&run, "orders", "shop", "orders");
        })
    }

    fn trust(platform: &Platform) -> String {
        let roles = platform.resources("AWS::IAM::Role");
        let ours = roles.iter().find(|it| it.logical_id.starts_with("Orders")).expect("the role");
        ours.props["AssumeRolePolicyDocument"].to_string()
    }

    #[test]
    fn limits_role_trust_to_one_service_account_and_audience() {
        let trust = trust(&role(Identity::Irsa));
        assert!(trust.contains("system:serviceaccount:shop:orders") && trust.contains("sts.amazonaws.com"), "{trust}");
    }

    #[test]
    fn binds_role_with_pod_identity_association() {
        let platform = role(Identity::PodIdentity);
        assert!(trust(&platform).contains("pods.eks.amazonaws.com"));
        let associations = platform.resources("AWS::EKS::PodIdentityAssociation");
        let ours = associations.iter().find(|it| it.props["ServiceAccount"] == "orders").expect("it is bound");
        assert_eq!(ours.props["Namespace"], "shop");
    }
}
