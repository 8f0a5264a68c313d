//! The Argo Rollouts controller.

use crate::eks;
use crate::tree::{Construct, Scope};
use crate::val::Bag;

use super::super::{Chart, HelmRelease, HelmReleaseProps, Namespace, NamespaceProps};
use super::resources;

const VERSION: &str = "2.41.1";
const NAME: &str = "argo-rollouts";

/// Argo Rollouts 1.9.1: blue/green and canary releases with analysis.
///
/// The Helm release owns its custom resource definitions. Helm keeps them when the release is uninstalled, because
/// `Rollout` objects run the pods of services. The controller has no webhook and no aggregated API, so the control
/// plane does not need to connect to it. The dashboard is disabled, because every user of the dashboard could change
/// every rollout.
///
/// # Example
///
/// ```
/// # use meshsynth::{App, mesh, testing};
/// # let app = App::new("shop");
/// # let cluster = testing::cluster(&app);
/// mesh::addons::ArgoRollouts::new(&cluster, "argo-rollouts", &cluster);
/// ```
///
/// Source: <https://github.com/argoproj/argo-helm/tree/argo-rollouts-2.41.1/charts/argo-rollouts>
#[derive(Clone)]
pub struct ArgoRollouts {
    scope: Scope,
    release: HelmRelease,
}

impl ArgoRollouts {
    /// Installs the controller in a cluster, in a separate namespace.
    #[track_caller]
    pub fn new(scope: &impl Construct, id: &str, cluster: &eks::Cluster) -> Self {
        let scope = scope.scope().construct(id);
        let namespace = NamespaceProps { deny_by_default: false, ..Default::default() };
        let namespace = Namespace::new(&scope, NAME, cluster, namespace);
        let controller = Bag::default()
            .with("replicas", 2)
            .with("pdb", Bag::default().with("enabled", true).with("maxUnavailable", 1))
            .with("logging", Bag::default().with("format", "json"))
            .with("resources", resources("100m", "256Mi"));
        let values = Bag::default()
            .with("installCRDs", true)
            .with("keepCRDs", true)
            .with("controller", controller)
            .with("dashboard", Bag::default().with("enabled", false));
        let chart = Chart::new("https://argoproj.github.io/argo-helm", NAME, VERSION);
        let props = HelmReleaseProps { namespace: namespace.name().to_owned(), values };
        let release = HelmRelease::new(&namespace, NAME, cluster, chart, props);
        release.diagram_within(&namespace);
        Self { scope, release }
    }

    /// Returns the Helm release, for dependencies and changes to its values.
    pub fn release(&self) -> &HelmRelease {
        &self.release
    }
}

impl Construct for ArgoRollouts {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}

#[cfg(test)]
mod tests {
    use super::ArgoRollouts;
    use crate::testing::{Platform, cluster};

    #[test]
    fn adds_no_node_port_rule_and_disables_dashboard() {
        let ports = |install: bool| {
            let platform = Platform::synth("shop", |app| {
                let cluster = cluster(app);
                if install {
                    ArgoRollouts::new(&cluster, "argo-rollouts", &cluster);
                }
            });
            (platform.resources("AWS::EC2::SecurityGroupIngress").len(), platform)
        };
        let ((before, _), (after, platform)) = (ports(false), ports(true));
        assert_eq!(before, after);
        let values = &platform.assembly.files["helm/platform-cluster/argo-rollouts.values.yaml"];
        assert!(values.contains("dashboard:\n  enabled: false\n") && values.contains("keepCRDs: true"), "{values}");
    }
}
