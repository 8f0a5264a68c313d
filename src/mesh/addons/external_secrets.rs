//! The External Secrets Operator, which copies secrets from AWS Secrets Manager to Kubernetes.

use crate::eks;
use crate::tree::{Construct, Scope};
use crate::val::Bag;

use super::super::{Chart, HelmRelease, HelmReleaseProps, Namespace, NamespaceProps};
use super::resources;

const VERSION: &str = "2.9.0";
const NAME: &str = "external-secrets";
/// The port of the operator's webhook.
const WEBHOOK: u16 = 10_250;

/// The External Secrets Operator.
///
/// [`Workload::env_secret`](crate::mesh::Workload::env_secret) requires the operator. The operator itself has no AWS
/// permissions. It reads each secret with the identity of the namespace that uses the secret.
///
/// Allows the control plane to connect to the webhook port on the nodes.
///
/// # Example
///
/// ```
/// # use meshsynth::{App, Env, Stack, aws, eks, mesh};
/// # let app = App::new("shop");
/// # let stack = Stack::new(&app, "run", Env::region("eu-west-1"));
/// # let vpc = aws::Vpc::new(&stack, "vpc", aws::VpcProps::default());
/// # let cluster = eks::Cluster::new(&stack, "cluster", &vpc, eks::ClusterProps::default());
/// mesh::addons::ExternalSecrets::new(&stack, "external-secrets", &cluster);
/// ```
///
/// Source: <https://github.com/external-secrets/external-secrets/tree/v2.9.0/deploy/charts/external-secrets>
#[derive(Clone)]
pub struct ExternalSecrets {
    scope: Scope,
    release: HelmRelease,
}

impl ExternalSecrets {
    /// Installs the operator in a cluster, in a separate namespace.
    #[track_caller]
    pub fn new(scope: &impl Construct, id: &str, cluster: &eks::Cluster) -> Self {
        let scope = scope.scope().construct(id);
        let namespace = NamespaceProps { deny_by_default: false, ..Default::default() };
        let namespace = Namespace::new(&scope, NAME, cluster, namespace);
        let values = Bag::default()
            .with("replicaCount", 2)
            .with("leaderElect", true)
            .with("resources", resources("50m", "128Mi"))
            .with("podDisruptionBudget", Bag::default().with("enabled", true).with("minAvailable", 1))
            .with("webhook", Bag::default().with("replicaCount", 2).with("resources", resources("50m", "64Mi")))
            .with("certController", Bag::default().with("resources", resources("50m", "128Mi")))
            .with("processClusterStore", false)
            .with("processClusterExternalSecret", false)
            .with("processClusterPushSecret", false)
            .with("processPushSecret", false);
        let chart = Chart::new("https://charts.external-secrets.io", NAME, VERSION);
        let props = HelmReleaseProps { namespace: namespace.name().to_owned(), values };
        let release = HelmRelease::new(&namespace, NAME, cluster, chart, props);
        release.diagram_within(&namespace);
        cluster.open_node_port(WEBHOOK, "webhook of external-secrets");
        Self { scope, release }
    }

    /// Allows the operator to write secrets to AWS, according to the `PushSecret` objects of namespaces.
    pub fn allow_push(&self) -> &Self {
        self.release.scope().change(|node| {
            if let Some(values) = node.kind.body_mut() {
                values.set("processPushSecret", true);
            }
        });
        self
    }

    /// Returns the Helm release, for dependencies and changes to its values.
    pub fn release(&self) -> &HelmRelease {
        &self.release
    }
}

impl Construct for ExternalSecrets {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}
