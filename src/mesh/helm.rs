//! Releases of Helm charts.

use super::Namespace;
use crate::diagram::DiagramNode;
use crate::eks;
use crate::node::{self, Kind};
use crate::tree::{Construct, Scope};
use crate::val::{Bag, IntoVal, Key, Value};

/// An exact version of a chart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chart {
    repository: String,
    name: String,
    version: String,
}

impl Chart {
    /// Refers to a chart of a repository (an https or oci URL), in an exact version.
    pub fn new(repository: &str, name: &str, version: &str) -> Self {
        Self { repository: repository.to_owned(), name: name.to_owned(), version: version.to_owned() }
    }
}

/// Properties of a [`HelmRelease`].
#[derive(Clone, Debug, PartialEq)]
pub struct HelmReleaseProps {
    /// The namespace of the release. Default: `kube-system`.
    pub namespace: String,
    /// Values that override the default values of the chart. Default: none.
    pub values: Bag,
}

impl Default for HelmReleaseProps {
    fn default() -> Self {
        Self { namespace: "kube-system".to_owned(), values: Bag::default() }
    }
}

/// A Helm release: a chart in a cluster.
///
/// Its values are written to `helm/<cluster>/<release>.values.yaml`. A placeholder replaces each value that is known
/// only after deployment to AWS.
///
/// # Example
///
/// ```
/// # use meshsynth::{App, Env, Stack, aws, eks, mesh};
/// # use meshsynth::val::Bag;
/// # let app = App::new("shop");
/// # let stack = Stack::new(&app, "run", Env::region("eu-west-1"));
/// # let vpc = aws::Vpc::new(&stack, "vpc", aws::VpcProps::default());
/// # let cluster = eks::Cluster::new(&stack, "cluster", &vpc, eks::ClusterProps::default());
/// let chart = mesh::Chart::new("https://kedacore.github.io/charts", "keda", "2.20.2");
/// mesh::HelmRelease::new(&stack, "keda", &cluster, chart, mesh::HelmReleaseProps {
///     values: Bag::default().with("logging", Bag::default().with("operator", Bag::default().with("level", "info"))),
///     ..Default::default()
/// });
/// ```
///
/// Source: <https://helm.sh/docs/helm/helm_upgrade/>
#[derive(Clone)]
pub struct HelmRelease {
    scope: Scope,
}

impl HelmRelease {
    /// Installs a chart in a cluster. The release's name is the construct's id.
    #[track_caller]
    pub fn new(
        scope: &impl Construct,
        id: &str,
        cluster: &eks::Cluster,
        chart: Chart,
        props: HelmReleaseProps,
    ) -> Self {
        let diagram = DiagramNode::new("release").detail(match chart.name == id {
            true => format!("chart {}", chart.version),
            false => format!("chart {} {}", chart.name, chart.version),
        });
        let release = node::Release {
            name: id.to_owned(),
            namespace: props.namespace,
            repository: chart.repository,
            chart: chart.name,
            version: chart.version,
            values: props.values,
            depends_on: Vec::new(),
        };
        let scope = scope.scope().define(id, Kind::Release(Box::new(release)));
        scope.on_target(&cluster.target());
        scope.diagram(diagram.within(cluster));
        Self { scope }
    }

    /// Shows the release in the diagram, inside a namespace that the program defines.
    pub(super) fn diagram_within(&self, namespace: &Namespace) {
        let within = Some(namespace.scope().node());
        self.scope.change(|node| node.diagram.iter_mut().for_each(|diagram| diagram.within = within));
    }

    /// Sets a key of a map in the values. A dotted path identifies the map.
    #[track_caller]
    pub fn value<T: Value>(&self, path: &'static str, key: impl Into<Key>, value: impl IntoVal<T>) -> &Self {
        self.scope.put(path, key, value.into_val());
        self
    }

    /// Installs the release after another release is ready.
    pub fn depends_on(&self, other: &HelmRelease) -> &Self {
        self.waits_for(other)
    }

    /// Installs the release after another construct is ready, such as a release or an object that its pods need at
    /// startup.
    pub fn waits_for(&self, other: &impl Construct) -> &Self {
        let other = other.scope().node();
        self.scope.change(|node| {
            if let Kind::Release(release) = &mut node.kind {
                release.depends_on.push(other);
            }
        });
        self
    }
}

impl Construct for HelmRelease {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}
