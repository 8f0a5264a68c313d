//! Karpenter: nodes that are made for the pods that wait for them.

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

/// Karpenter, which starts instances for pods that find no node, and takes those away that are not needed.
///
/// Defines its release, the role of its controller with the statements that its documentation lists (instances with
/// the tags of the cluster, and those alone), a role and an instance profile for its nodes, the access entry that lets
/// them join, and the queue with the rules by which it hears of Spot interruptions, maintenance and instances that stop.
///
/// The controller cannot run on nodes of its own making: the cluster needs a managed node group for it. What nodes it makes
/// is said by a [`NodeClass`] and a [`NodePool`].
///
/// # Diagnostics
///
/// - `MS0211`: the cluster is in EKS Auto Mode, which has a Karpenter of its own.
/// - `MS0212`: the cluster has no node group on which the controller could run.
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
    /// Installs the controller in a cluster, in a namespace of its own.
    #[track_caller]
    pub fn new(scope: &impl Construct, id: &str, cluster: &eks::Cluster) -> Self {
        let scope = scope.scope().construct(id);
        if cluster.compute() == Compute::AutoMode {
            let message =
                "Karpenter is installed in a cluster in EKS Auto Mode, which makes nodes by a Karpenter of its own";
            let help = "remove it, or use `Compute::NodeGroups`";
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

    /// The role of the nodes that it makes.
    pub fn node_role(&self) -> Role {
        self.node_role.clone()
    }

    /// Its release, for what must wait for it or change its values.
    pub fn release(&self) -> &HelmRelease {
        &self.release
    }

    /// The cluster that it makes nodes for.
    pub fn cluster(&self) -> &eks::Cluster {
        self.namespace.cluster()
    }

    /// The instance profile of the nodes.
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
