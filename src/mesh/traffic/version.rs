//! Versions: additional pods behind the same service, distinguished by a label.

use crate::Object;
use crate::diag::Diagnostic;
use crate::diagram::DiagramNode;
use crate::kube::apps;
use crate::kube::istio::destination_rule as l1;
use crate::tree::{Construct, IdRule, NodeId, Scope};
use crate::val::{Bag, Data, IntoVal};

use super::super::pods::{STABLE, TEMPLATE};
use super::super::workload::objects;
use super::super::{Release, Resources, Scale, Workload, labels};
use super::{VERSION_LABEL, VERSION_OF};

/// Properties of a [`Version`].
#[derive(Clone)]
pub struct VersionProps {
    /// The number of pods. Default: 2.
    pub scale: Scale,
    /// The resources of its container. Default: the resources of the workload.
    pub resources: Option<Resources>,
    /// Arguments of the container. Default: the arguments of the workload.
    pub args: Option<Vec<String>>,
}

impl Default for VersionProps {
    fn default() -> Self {
        Self { scale: Scale::Fixed(2), resources: None, args: None }
    }
}

/// Another version of a workload: separate pods behind the same `Service`, with the same identity.
///
/// Its `Deployment` is named `<workload>-<version>`, and has a separate autoscaler and disruption budget. The version
/// shares the configuration, the secrets, the service account and the network policy of the workload. Its pods are a
/// subset of the `DestinationRule`, and receive no requests until a [`Route`](super::Route) sends requests to them. The
/// workload's own pods are the subset `v1`.
///
/// # Diagnostics
///
/// - `MS1031`: the workload is not in a mesh, so requests cannot be routed by version.
/// - `MS0960`: a trigger uses the workload's role, which is already defined.
/// - `MS1035`: its name is `v1`, which is reserved for the workload's own pods.
///
/// # Example
///
/// ```
/// # use meshsynth::{testing, mesh, App, Percent};
/// # let app = App::new("shop");
/// # let orders = testing::mesh_workload(&app);
/// let v2 = orders.version("v2", "registry.example/orders:2.0.0", mesh::VersionProps::default());
/// orders.canary(&v2, Percent(2));
/// ```
///
/// Source: <https://istio.io/latest/docs/reference/config/networking/destination-rule/#Subset>
#[derive(Clone)]
pub struct Version {
    scope: Scope,
    workload: Workload,
    name: String,
    deployment: Object<apps::Deployment>,
}

/// A destination of a route: a workload's own pods, or one of its versions.
pub trait Target {
    /// Returns the workload of the pods.
    fn workload(&self) -> &Workload;

    /// Returns the version, or `None` for the workload's own pods.
    fn version(&self) -> Option<String>;
}

impl Target for Workload {
    fn workload(&self) -> &Workload {
        self
    }

    fn version(&self) -> Option<String> {
        None
    }
}

impl Target for Version {
    fn workload(&self) -> &Workload {
        &self.workload
    }

    fn version(&self) -> Option<String> {
        Some(self.name.clone())
    }
}

/// The deployments of a workload's versions.
#[derive(Default)]
struct Versions(Vec<NodeId>);

impl Workload {
    /// Implements [`Workload::version`].
    #[track_caller]
    pub(in crate::mesh) fn define_version(
        &self,
        name: &str,
        image: impl IntoVal<String>,
        props: VersionProps,
    ) -> Version {
        self.wants_mesh("a version", crate::tree::At::caller());
        let scope = self.scope().construct_as(name, IdRule::SERVICE.after(self.name().len() + 1));
        let name = &*scope.id();
        if name == STABLE {
            scope.report(
                Diagnostic::error(
                    "MS1035",
                    format!("the version name `{name}` is reserved for the pods of `{}` itself", self.name()),
                )
                .at(crate::tree::At::caller())
                .help("give the version another name, such as `v2`"),
            );
        }
        let full_name = format!("{}-{name}", self.name());
        let detail = props.scale.words();
        scope.diagram(DiagramNode::quiet("workload").label(full_name.clone()).detail(detail).within(self.namespace()));
        let mut of_workload = self.props().clone();
        of_workload.scale = props.scale;
        of_workload.release = Release::Rolling;
        of_workload.resources = props.resources.unwrap_or(of_workload.resources);
        of_workload.args = props.args.unwrap_or(of_workload.args);
        let names = (&*full_name, self.name());
        let deployment = objects::deployment(&scope, names, image.into_val(), &of_workload, &[]);
        self.share_with(&deployment);
        self.also_made_by(deployment.scope(), &TEMPLATE);
        let mut parts = vec![deployment.scope().clone(), objects::budget(&scope, &full_name).scope().clone()];
        if let Scale::Auto(autoscale) = &of_workload.scale {
            parts.push(autoscale.define(&scope, &full_name, Release::Rolling.target()));
        }
        if let Scale::Events(events) = &of_workload.scale {
            self.lend_role(events);
            parts.push(events.define(&scope, &full_name, self.namespace(), self, Release::Rolling.target()));
        }
        parts.iter().for_each(|part| labels::add(part, &full_name));
        label_pods(&deployment, self.name(), name);
        self.scope().keep(|versions: &mut Versions| versions.0.push(deployment.scope().node()));
        let rule = self.destination_rule();
        let subset = |name: &str| l1::Subset::new(name).labels([(VERSION_LABEL, name)]);
        rule.add("spec.subsets", subset(STABLE));
        rule.add("spec.subsets", subset(name));
        // The service now selects pods of several versions, whose name labels differ.
        set(self.service().scope(), "spec.selector", Bag::default().with(VERSION_OF, self.name().to_owned()));
        self.keep_routes(|_| ());
        Version { scope, workload: self.clone(), name: name.to_owned(), deployment }
    }

    /// Whether the workload has versions in addition to its own pods.
    pub(super) fn has_versions(&self) -> bool {
        self.scope().keep(|versions: &mut Versions| !versions.0.is_empty())
    }

    /// Copies the settings of the workload's pods to the pods of a version: identity, configuration, secrets and
    /// agents.
    fn share_with(&self, version: &Object<apps::Deployment>) {
        let (additions, annotations) = self.scope().read(|tree| {
            let node = &tree.nodes[self.deployment().scope().node()];
            let annotations = node.kind.body().and_then(|body| body.at("spec.template.metadata.annotations")).cloned();
            (node.additions.clone(), annotations)
        });
        version.scope().change(|node| node.additions.extend(additions));
        if let Some(annotations) = annotations {
            set(version.scope(), "spec.template.metadata.annotations", annotations);
        }
        set(version.scope(), "spec.template.spec.containers.0.name", self.name().to_owned());
    }
}

/// Labels pods with their workload and version.
pub(in crate::mesh) fn label_pods(deployment: &Object<apps::Deployment>, workload: &str, version: &str) {
    let labels = "spec.template.metadata.labels";
    deployment.scope().put(labels, VERSION_OF, workload.to_owned());
    deployment.scope().put(labels, VERSION_LABEL, version.to_owned());
}

/// Replaces a field.
pub(super) fn set(object: &Scope, path: &str, value: impl Into<Data>) {
    let value = value.into();
    object.change(|node| {
        if let Some(body) = node.kind.body_mut() {
            *body.place(path) = value;
        }
    });
}

impl Version {
    /// Returns the name of the version and of its subset.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the version's `Deployment`, for example to set a field for which the props have no property.
    pub fn deployment(&self) -> &Object<apps::Deployment> {
        &self.deployment
    }
}

impl Construct for Version {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}
