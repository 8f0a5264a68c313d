//! Which nodes are made, how many, and when they go.

use crate::Object;
use crate::kube::karpenter::{self, node_pool as l1};
use crate::tree::{Construct, Scope};
use crate::units::{Duration, Gib};

use super::super::super::{Toleration, TolerationEffect};
use super::requirement::{Arch, Lifecycle, Requirement};
use super::{Karpenter, NodeClass};

/// The most that the nodes of a [`NodePool`] have together. Without a limit a loop that makes pods makes nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolLimits {
    /// Virtual processors.
    pub cpu: u32,
    /// Memory.
    pub memory: Gib,
}

/// Which nodes are taken away before they are old.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Consolidation {
    /// Those without pods, and those whose pods fit elsewhere or on a cheaper node.
    #[default]
    WhenEmptyOrUnderutilized,
    /// Those without pods.
    WhenEmpty,
}

/// How many nodes of a pool may go at once, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Budget {
    /// A number, or a share such as `10%`; `0` for none.
    pub nodes: String,
    /// When it holds: a schedule of five fields in UTC, and for how long. Default: always.
    pub during: Option<(String, Duration)>,
}

impl Budget {
    /// So many at once, always.
    pub fn always(nodes: impl Into<String>) -> Self {
        Self { nodes: nodes.into(), during: None }
    }

    /// None during a time.
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
    /// How instances are bought. Default: on demand.
    pub lifecycles: Vec<Lifecycle>,
    /// Architectures of processors. Default: Intel and AMD.
    pub architectures: Vec<Arch>,
    /// Categories of instance types. Default: `c`, `m` and `r`.
    pub categories: Vec<String>,
    /// The lowest generation of instance types. Default: 5.
    pub generation: u32,
    /// What else an instance must be. Default: nothing.
    pub requirements: Vec<Requirement>,
    /// Labels of the nodes. Default: none.
    pub labels: Vec<(String, String)>,
    /// Taints of the nodes, which keep pods away that do not tolerate them. Default: none.
    pub taints: Vec<Toleration>,
    /// Pools with a higher number are tried first, from 1 to 100. Default: 0, which is last.
    pub weight: u32,
    /// Which nodes are taken away before they are old. Default: those without pods, and those whose pods fit elsewhere.
    pub consolidation: Consolidation,
    /// How long a node must be so before it goes. Default: 1 minute.
    pub consolidate_after: Duration,
    /// When a node is replaced whatever runs on it. Default: 30 days.
    pub expire_after: Option<Duration>,
    /// How long pods may hold up a node that goes. Default: 1 day.
    pub grace: Option<Duration>,
    /// How many nodes may go at once. Default: 10 %.
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

/// Which nodes [`Karpenter`] makes, how many, and when they go.
///
/// # Units
///
/// `PoolLimits` counts virtual processors and GiB over all nodes of the pool.
///
/// # Diagnostics
///
/// - `MS0213`: its budgets let no node go, ever.
/// - `MS0214`: it has no limits. Only an object of one's own can lack them.
/// - `MS0216`: nothing can be what its requirements want.
/// - `MS0217`: another pool makes the same nodes, and neither comes first.
/// - `MS0218`: pods that may not be disrupted hold up its nodes for ever.
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
    /// Defines nodes that are made of a class. The object's name is the construct's id.
    #[track_caller]
    pub fn new(karpenter: &Karpenter, name: &str, class: &NodeClass, limits: PoolLimits, props: NodePoolProps) -> Self {
        let scope = karpenter.scope().construct(&format!("pool-{name}"));
        scope.on_target(&karpenter.cluster().target());
        let spec = spec(class, limits, &props);
        let pool = karpenter::NodePool::new(spec).define(&scope, "pool", name);
        Self { scope, name: name.to_owned(), pool }
    }

    /// Its name, which its nodes have as the label `karpenter.sh/nodepool`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The `NodePool` itself, for what the typed properties do not cover.
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

/// A duration, as Karpenter takes it: in hours, minutes and seconds.
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
