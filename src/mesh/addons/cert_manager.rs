//! The controller that issues certificates, and renews them before they expire.

use crate::eks::{self, Identity};
use crate::iam::Statement;
use crate::route53::HostedZone;
use crate::tree::{Construct, Scope};
use crate::val::{Bag, Val};

use super::super::{Chart, HelmRelease, HelmReleaseProps, Namespace, NamespaceProps};
use super::{resources, service_account};

const VERSION: &str = "v1.21.1";
const NAME: &str = "cert-manager";
/// The port of its webhook.
const WEBHOOK: u16 = 10_250;

/// cert-manager: issues TLS certificates into Kubernetes secrets, and renews them.
///
/// The release owns its custom resource definitions, and keeps them when it is
/// taken away, so that no certificate is lost with it. It may answer challenges
/// by DNS only in the zones that [`CertManager::answer_for`] names.
///
/// Opens the port of its webhook on the nodes to the control plane.
///
/// # Example
///
/// ```
/// # use meshsynth::{App, mesh, testing};
/// # let app = App::new("shop");
/// # let cluster = testing::cluster(&app);
/// let certificates = mesh::addons::CertManager::new(&cluster, "cert-manager", &cluster);
/// ```
///
/// Source: <https://github.com/cert-manager/cert-manager/tree/v1.21.1/deploy/charts/cert-manager>
#[derive(Clone)]
pub struct CertManager {
    scope: Scope,
    cluster: eks::Cluster,
    release: HelmRelease,
}

impl CertManager {
    /// Installs it in a cluster, in a namespace of its own.
    #[track_caller]
    pub fn new(scope: &impl Construct, id: &str, cluster: &eks::Cluster) -> Self {
        let scope = scope.scope().construct(id);
        let namespace = NamespaceProps { deny_by_default: false, ..Default::default() };
        let namespace = Namespace::new(&scope, NAME, cluster, namespace);
        let budget = || Bag::default().with("enabled", true).with("maxUnavailable", 1);
        let part = || Bag::default().with("replicaCount", 2).with("podDisruptionBudget", budget());
        let leader = Bag::default().with("namespace", NAME);
        let values = part()
            .with("crds", Bag::default().with("enabled", true).with("keep", true))
            .with("global", Bag::default().with("leaderElection", leader))
            .with("serviceAccount", service_account(NAME, None))
            .with("resources", resources("50m", "128Mi"))
            .with("webhook", part().with("resources", resources("50m", "64Mi")))
            .with("cainjector", part().with("resources", resources("50m", "256Mi")))
            .with("startupapicheck", Bag::default().with("resources", resources("50m", "64Mi")));
        let chart = Chart::new("https://charts.jetstack.io", NAME, VERSION);
        let props = HelmReleaseProps { namespace: namespace.name().to_owned(), values };
        let release = HelmRelease::new(&namespace, NAME, cluster, chart, props);
        release.depict_within(&namespace);
        cluster.open_node_port(WEBHOOK, "webhook of cert-manager");
        Self { scope, cluster: cluster.clone(), release }
    }

    /// Lets it prove to an authority that a domain is ours, by records of its zone.
    ///
    /// Source: <https://cert-manager.io/docs/configuration/acme/dns01/route53/>
    #[track_caller]
    pub fn answer_for(&self, zone: &HostedZone) -> &Self {
        let role = self.scope.singleton("role", || {
            let role = self.cluster.service_account_role(&self.scope, "role", NAME, NAME);
            if self.cluster.identity() == Identity::Irsa {
                self.release.value::<String>(
                    "serviceAccount.annotations",
                    "eks.amazonaws.com/role-arn",
                    Val::<String>::from(role.arn()),
                );
            }
            role.scope().clone()
        });
        let Some(role) = crate::iam::Role::at(role) else { return self };
        let changes = ["route53:ChangeResourceRecordSets", "route53:ListResourceRecordSets"];
        role.allow(Statement::allow(changes).on(zone.arn()).when(
            "ForAllValues:StringEquals",
            "route53:ChangeResourceRecordSetsRecordTypes",
            vec!["TXT"],
        ));
        let partition = self.scope.partition();
        role.allow(Statement::allow(["route53:GetChange"]).on(crate::text!["arn:", partition, ":route53:::change/*"]));
        self
    }

    /// Its release, for what must wait for it or change its values.
    pub fn release(&self) -> &HelmRelease {
        &self.release
    }
}

impl Construct for CertManager {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}

#[cfg(test)]
mod tests {
    use super::CertManager;
    use crate::route53::HostedZone;
    use crate::testing::{Platform, cluster, stack};

    #[test]
    fn it_answers_by_text_records_of_its_zone_alone() {
        let platform = Platform::synth("shop", |app| {
            let zone = HostedZone::public(&stack(app, "edge"), "zone", "shop.example.com", Default::default());
            let cluster = cluster(app);
            CertManager::new(&cluster, "cert-manager", &cluster).answer_for(&zone);
        });
        let policies = platform.resources("AWS::IAM::RolePolicy");
        let policy = policies.iter().find(|it| it.logical_id.contains("CertManager")).expect("its policy");
        let text = policy.props.to_string();
        assert!(text.contains("\"TXT\"") && !text.contains("\"Resource\":[\"*\"]"), "{text}");
        let values = &platform.assembly.files["helm/platform-cluster/cert-manager.values.yaml"];
        assert!(values.contains("role-arn: ${platform/cluster/cert-manager/role.Arn}"), "{values}");
    }

    #[test]
    fn the_release_owns_the_definitions_and_keeps_them() {
        let platform = Platform::synth("shop", |app| {
            let cluster = cluster(app);
            CertManager::new(&cluster, "cert-manager", &cluster);
        });
        let values = &platform.assembly.files["helm/platform-cluster/cert-manager.values.yaml"];
        assert!(values.contains("crds:\n  enabled: true\n  keep: true\n"), "{values}");
        assert!(!platform.resources("AWS::IAM::Role").iter().any(|it| it.logical_id.contains("CertManager")));
    }
}
