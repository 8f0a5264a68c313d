//! Karpenter, which creates nodes for pending pods.

mod node_class;
mod node_pool;
mod requirement;

use crate::aws::Grantee;
use crate::diag::Diagnostic;
use crate::eks::{self, Compute, Identity};
use crate::iam::Role;
use crate::tree::{Construct, Scope};
use crate::val::{Bag, Val};

use super::super::{Chart, HelmRelease, HelmReleaseProps, Namespace, NamespaceProps};
use super::{NOT_IN_MESH, resources, service_account};

pub use node_class::{NodeClass, NodeClassProps, NodeImage};
pub use node_pool::{Budget, Consolidation, NodePool, NodePoolProps, PoolLimits};
pub use requirement::{Arch, Lifecycle, Requirement};

const VERSION: &str = "1.14.1";
const NAME: &str = "karpenter";

/// Karpenter, which starts instances for pods without a node, and stops instances that are not needed.
///
/// Defines the Helm release and the role of the controller. The role has the permissions that the Karpenter
/// documentation lists, but only for instances with the tags of the cluster. It also defines a role and an instance
/// profile for the nodes, and the access entry with which nodes join the cluster. A queue with rules receives Spot
/// interruptions, maintenance events and instance state changes.
///
/// The controller cannot run on nodes that it creates, so the cluster needs a managed node group. A [`NodeClass`] and a
/// [`NodePool`] define its nodes.
///
/// # Diagnostics
///
/// - `MS0211`: the cluster uses EKS Auto Mode, which includes Karpenter.
/// - `MS0212`: the cluster has no node group for the controller.
///
/// # Example
///
/// ```
/// # use meshsynth::{testing, mesh, App, Gib};
/// # let app = App::new("shop");
/// # let cluster = testing::cluster(&app);
/// # let run = testing::stack(&app, "platform-nodes");
/// use meshsynth::mesh::addons::{Karpenter, Lifecycle, NodeClass, NodePool, NodePoolProps, PoolLimits};
///
/// cluster.add_node_group("system", Default::default());
/// let karpenter = Karpenter::new(&run, "karpenter", &cluster);
/// let class = NodeClass::new(&karpenter, "default", Default::default());
/// NodePool::new(&karpenter, "general", &class, PoolLimits { cpu: 200, memory: Gib(800) }, NodePoolProps {
///     lifecycles: vec![Lifecycle::Spot, Lifecycle::OnDemand],
///     ..Default::default()
/// });
/// ```
///
/// Source: <https://karpenter.sh/docs/getting-started/>
#[derive(Clone)]
pub struct Karpenter {
    scope: Scope,
    namespace: Namespace,
    release: HelmRelease,
    role: Role,
    node_role: Role,
    profile: Val<String>,
}

impl Karpenter {
    /// Installs the controller in a cluster, in a separate namespace.
    #[track_caller]
    pub fn new(scope: &impl Construct, id: &str, cluster: &eks::Cluster) -> Self {
        let scope = scope.scope().construct(id);
        if cluster.compute() == Compute::AutoMode {
            let message = "Karpenter is installed in a cluster in EKS Auto Mode, which already includes Karpenter";
            let help = "remove the add-on, or use `Compute::NodeGroups`";
            scope.report(Diagnostic::error("MS0211", message).help(help));
        }
        let props = NamespaceProps { deny_by_default: false, ..Default::default() };
        let namespace = Namespace::new(&scope, NAME, cluster, props);
        let maker = cluster.node_maker(&scope, NAME, NAME);
        let annotation = matches!(cluster.identity(), Identity::Irsa).then(|| maker.controller.arn().into());
        let settings =
            Bag::default().with("clusterName", cluster.name().to_owned()).with("interruptionQueue", maker.queue);
        let values = Bag::default()
            .with("settings", settings)
            .with("serviceAccount", service_account(NAME, annotation))
            .with("podLabels", Bag::default().with(NOT_IN_MESH.0, NOT_IN_MESH.1))
            .with("controller", Bag::default().with("resources", resources("500m", "1Gi")))
            .with("replicas", 2);
        let chart = Chart::new("oci://public.ecr.aws/karpenter", NAME, VERSION);
        let props = HelmReleaseProps { namespace: NAME.to_owned(), values };
        let release = HelmRelease::new(&namespace, NAME, cluster, chart, props);
        release.diagram_within(&namespace);
        let (role, node_role, profile) = (maker.controller, maker.node_role, maker.profile);
        Self { scope, namespace, release, role, node_role, profile }
    }

    /// Returns the role of the nodes that it creates.
    pub fn node_role(&self) -> Role {
        self.node_role.clone()
    }

    /// Returns the Helm release, for dependencies and changes to its values.
    pub fn release(&self) -> &HelmRelease {
        &self.release
    }

    /// Returns the cluster of its nodes.
    pub fn cluster(&self) -> &eks::Cluster {
        self.namespace.cluster()
    }

    /// Returns the instance profile of the nodes.
    pub(super) fn profile(&self) -> Val<String> {
        self.profile.clone()
    }
}

impl Construct for Karpenter {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}

impl Grantee for Karpenter {
    fn role(&self) -> Role {
        self.role.clone()
    }
}

#[cfg(test)]
mod tests;
