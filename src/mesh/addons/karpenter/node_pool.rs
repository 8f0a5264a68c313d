//! The nodes of a pool: their properties, limits and disruption.

use crate::Object;
use crate::kube::karpenter::{self, node_pool as l1};
use crate::tree::{Construct, Scope};
use crate::units::{Duration, Gib};

use super::super::super::{Toleration, TolerationEffect};
use super::requirement::{Arch, Lifecycle, Requirement};
use super::{Karpenter, NodeClass};

/// The limits for all nodes of a [`NodePool`] together. Without limits, a program error that creates pods in a
/// loop would also create nodes in a loop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolLimits {
    /// Virtual CPUs.
    pub cpu: u32,
    /// Memory.
    pub memory: Gib,
}

/// The nodes that Karpenter removes before they expire.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Consolidation {
    /// Nodes without pods, and nodes whose pods fit on other nodes or on a cheaper node.
    #[default]
    WhenEmptyOrUnderutilized,
    /// Nodes without pods.
    WhenEmpty,
}

/// The number of nodes of a pool that may be disrupted at the same time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Budget {
    /// A number, or a share such as `10%`. `0` prevents disruption.
    pub nodes: String,
    /// The period of the budget: a schedule of five fields in UTC, and a duration. Default: always.
    pub during: Option<(String, Duration)>,
}

impl Budget {
    /// Always allows this many nodes at the same time.
    pub fn always(nodes: impl Into<String>) -> Self {
        Self { nodes: nodes.into(), during: None }
    }

    /// Allows no disruption during a period.
    pub fn none_during(schedule: impl Into<String>, how_long: Duration) -> Self {
        Self { nodes: "0".to_owned(), during: Some((schedule.into(), how_long)) }
    }

    fn to_l1(&self) -> l1::DisruptionBudget {
        let budget = l1::DisruptionBudget::new().nodes(self.nodes.clone());
        match &self.during {
            Some((schedule, how_long)) => budget.schedule(schedule.clone()).duration(text(*how_long)),
            None => budget,
        }
    }
}

/// Properties of a [`NodePool`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodePoolProps {
    /// The capacity types. Default: on demand.
    pub lifecycles: Vec<Lifecycle>,
    /// The CPU architectures. Default: Intel and AMD.
    pub architectures: Vec<Arch>,
    /// The categories of instance types. Default: `c`, `m` and `r`.
    pub categories: Vec<String>,
    /// The lowest generation of instance types. Default: 5.
    pub generation: u32,
    /// Additional requirements for instances. Default: none.
    pub requirements: Vec<Requirement>,
    /// Labels of the nodes. Default: none.
    pub labels: Vec<(String, String)>,
    /// Taints of the nodes. Pods that do not tolerate the taints are not scheduled on these nodes. Default: none.
    pub taints: Vec<Toleration>,
    /// The priority of the pool, from 1 to 100. Pools with a higher number are tried first. Default: 0, the lowest.
    pub weight: u32,
    /// The nodes that are removed before they expire. Default: nodes without pods, and nodes whose pods fit on other
    /// nodes.
    pub consolidation: Consolidation,
    /// How long a node must meet the condition of `consolidation` before it is removed. Default: 1 minute.
    pub consolidate_after: Duration,
    /// The age at which a node is replaced, regardless of its pods. Default: 30 days.
    pub expire_after: Option<Duration>,
    /// How long pods may delay the removal of a node. Default: 1 day.
    pub grace: Option<Duration>,
    /// The number of nodes that may be disrupted at the same time. Default: 10 %.
    pub budgets: Vec<Budget>,
}

impl Default for NodePoolProps {
    fn default() -> Self {
        Self {
            lifecycles: vec![Lifecycle::OnDemand],
            architectures: vec![Arch::Amd64],
            categories: ["c", "m", "r"].map(str::to_owned).to_vec(),
            generation: 5,
            requirements: Vec::new(),
            labels: Vec::new(),
            taints: Vec::new(),
            weight: 0,
            consolidation: Consolidation::default(),
            consolidate_after: Duration::minutes(1),
            expire_after: Some(Duration::days(30)),
            grace: Some(Duration::days(1)),
            budgets: vec![Budget::always("10%")],
        }
    }
}

/// The nodes of [`Karpenter`]: their properties, limits and disruption.
///
/// # Units
///
/// `PoolLimits` counts virtual CPUs and GiB over all nodes of the pool.
///
/// # Diagnostics
///
/// - `MS0213`: its budgets never allow the disruption of a node.
/// - `MS0214`: it has no limits. Only a custom object can omit them.
/// - `MS0216`: no instance can meet its requirements.
/// - `MS0217`: another pool creates the same nodes, and both have the same priority.
/// - `MS0218`: pods that must not be disrupted block the removal of its nodes forever.
/// - `MS0219`: it refers to a class that is not defined.
///
/// # Example
///
/// ```
/// # use meshsynth::{testing, mesh, App, Gib, Duration};
/// # let app = App::new("shop");
/// # let cluster = testing::cluster(&app);
/// # let run = testing::stack(&app, "platform-nodes");
/// use meshsynth::mesh::addons::{Budget, Karpenter, NodeClass, NodePool, NodePoolProps, PoolLimits, Requirement};
/// use meshsynth::mesh::{Toleration, TolerationEffect};
///
/// cluster.add_node_group("system", Default::default());
/// let karpenter = Karpenter::new(&run, "karpenter", &cluster);
/// let class = NodeClass::new(&karpenter, "default", Default::default());
/// NodePool::new(&karpenter, "gpu", &class, PoolLimits { cpu: 64, memory: Gib(512) }, NodePoolProps {
///     categories: vec!["g".to_owned()],
///     requirements: vec![Requirement::is_above("karpenter.k8s.aws/instance-gpu-count", 0)],
///     taints: vec![Toleration { key: "nvidia.com/gpu".to_owned(), value: "true".to_owned(), effect: TolerationEffect::NoSchedule }],
///     budgets: vec![Budget::always("10%"), Budget::none_during("0 8 * * mon-fri", Duration::hours(10))],
///     ..Default::default()
/// });
/// ```
///
/// Source: <https://karpenter.sh/docs/concepts/nodepools/>
#[derive(Clone)]
pub struct NodePool {
    scope: Scope,
    name: String,
    pool: Object<karpenter::NodePool>,
}

impl NodePool {
    /// Defines nodes of a class. The object's name is the construct's id.
    #[track_caller]
    pub fn new(karpenter: &Karpenter, name: &str, class: &NodeClass, limits: PoolLimits, props: NodePoolProps) -> Self {
        let scope = karpenter.scope().construct(&format!("pool-{name}"));
        scope.on_target(&karpenter.cluster().target());
        let spec = spec(class, limits, &props);
        let pool = karpenter::NodePool::new(spec).define(&scope, "pool", name);
        Self { scope, name: name.to_owned(), pool }
    }

    /// Returns its name, which is the value of its nodes' label `karpenter.sh/nodepool`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the `NodePool`, for example to set a field for which the props have no property.
    pub fn object(&self) -> &Object<karpenter::NodePool> {
        &self.pool
    }
}

fn spec(class: &NodeClass, limits: PoolLimits, props: &NodePoolProps) -> l1::Spec {
    let mut wanted = vec![
        Requirement::architectures(&props.architectures),
        Requirement::lifecycles(&props.lifecycles),
        Requirement::is_one_of("kubernetes.io/os", ["linux"]),
    ];
    if !props.categories.is_empty() {
        wanted.push(Requirement::is_one_of("karpenter.k8s.aws/instance-category", props.categories.clone()));
    }
    if props.generation > 1 {
        wanted.push(Requirement::is_above("karpenter.k8s.aws/instance-generation", props.generation - 1));
    }
    let wanted: Vec<_> = wanted.iter().chain(&props.requirements).map(Requirement::to_l1).collect();
    let reference = l1::NodeClassRef::new("karpenter.k8s.aws", "EC2NodeClass", class.name());
    let mut of_nodes = l1::TemplateSpec::new(reference, wanted);
    of_nodes = of_nodes.expire_after(props.expire_after.map_or_else(|| "Never".to_owned(), text));
    if let Some(grace) = props.grace {
        of_nodes = of_nodes.termination_grace_period(text(grace));
    }
    if !props.taints.is_empty() {
        let taint = |it: &Toleration| {
            let taint = l1::StartupTaint::new(effect(&it.effect), it.key.clone());
            if it.value.is_empty() { taint } else { taint.value(it.value.clone()) }
        };
        of_nodes = of_nodes.taints(props.taints.iter().map(taint).collect::<Vec<_>>());
    }
    let mut template = l1::Template::new(of_nodes);
    if !props.labels.is_empty() {
        template = template.metadata(l1::TemplateMetadata::new().labels(props.labels.clone()));
    }
    let policy = match props.consolidation {
        Consolidation::WhenEmptyOrUnderutilized => l1::ConsolidationPolicy::WhenEmptyOrUnderutilized,
        Consolidation::WhenEmpty => l1::ConsolidationPolicy::WhenEmpty,
    };
    let mut disruption = l1::Disruption::new(text(props.consolidate_after)).consolidation_policy(policy);
    if !props.budgets.is_empty() {
        disruption = disruption.budgets(props.budgets.iter().map(Budget::to_l1).collect::<Vec<_>>());
    }
    let mut spec = l1::Spec::new(template)
        .limits([("cpu", limits.cpu.to_string()), ("memory", format!("{}Gi", limits.memory.0))])
        .disruption(disruption);
    if props.weight > 0 {
        spec = spec.weight(props.weight);
    }
    spec
}

fn effect(effect: &TolerationEffect) -> l1::StartupTaintEffect {
    match effect {
        TolerationEffect::NoSchedule => l1::StartupTaintEffect::NoSchedule,
        TolerationEffect::PreferNoSchedule => l1::StartupTaintEffect::PreferNoSchedule,
        TolerationEffect::NoExecute => l1::StartupTaintEffect::NoExecute,
        TolerationEffect::Other(other) => l1::StartupTaintEffect::Other(other.clone()),
        _ => l1::StartupTaintEffect::NoSchedule,
    }
}

/// Formats a duration in Karpenter's notation, with hours, minutes and seconds.
fn text(duration: Duration) -> String {
    let seconds = duration.as_seconds();
    match seconds {
        0 => "0s".to_owned(),
        _ if seconds.is_multiple_of(3600) => format!("{}h", seconds / 3600),
        _ if seconds.is_multiple_of(60) => format!("{}m", seconds / 60),
        _ => format!("{seconds}s"),
    }
}

impl Construct for NodePool {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}
