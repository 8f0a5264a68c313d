//! An existing cluster, in AWS or elsewhere.

use crate::eks;
use crate::kube::core;
use crate::tree::{Construct, Scope};

use super::core::{ExistingNamespace, Namespace};

/// An existing Kubernetes cluster, in AWS or elsewhere, that the program does not define.
///
/// Objects and [`bare`](crate::mesh::Workload::bare) workloads can be defined in it. The cluster may also contain
/// objects that the program does not define. If a relation needs AWS data of the cluster, such as its network or
/// identity provider, use `eks::Cluster::import`.
///
/// # Diagnostics
///
/// - `MS0132`: a relation needs AWS data of the cluster.
///
/// # Example
///
/// ```
/// use meshsynth::kube::core::ConfigMap;
/// use meshsynth::{App, KubernetesCluster};
///
/// let app = App::new("shop");
/// let cluster = KubernetesCluster::new(&app, "production", "production", "1.36");
/// ConfigMap::new().data([("LEVEL", "info")]).define(&cluster, "settings", "settings").in_namespace("shop");
///
/// let assembly = app.synth()?;
/// assert!(assembly.files.contains_key("k8s/production/30-configuration/shop/configmap-settings.yaml"));
/// # Ok::<(), meshsynth::Failure>(())
/// ```
///
/// Source: <https://kubernetes.io/docs/concepts/overview/components/>
#[derive(Clone)]
pub struct KubernetesCluster {
    cluster: eks::Cluster,
}

/// The namespaces that the program refers to.
#[derive(Default)]
struct Namespaces(Vec<Namespace>);

impl KubernetesCluster {
    /// Refers to a cluster by its name and its Kubernetes version, such as `1.36`.
    #[track_caller]
    pub fn new(scope: &impl Construct, id: &str, name: &str, version: &str) -> Self {
        let scope = scope.scope().construct(id);
        scope.settings(|settings| settings.is_open = true);
        Self { cluster: eks::Cluster::of_kubernetes(scope, name, version) }
    }

    /// Returns a namespace by its name: a namespace that [`add_namespace`](Self::add_namespace) added, or otherwise an
    /// existing one.
    ///
    /// # Example
    ///
    /// ```
    /// use meshsynth::kube::{apps, core, meta};
    /// use meshsynth::{App, KubernetesCluster, mesh};
    ///
    /// let app = App::new("shop");
    /// let cluster = KubernetesCluster::new(&app, "production", "production", "1.36");
    /// let shop = cluster.namespace("shop");
    /// # let container = core::Container::new("web").image("registry.example/web:1.0.0");
    /// # let template = core::PodTemplateSpec::new().metadata(meta::ObjectMeta::new().labels([("app", "web")]));
    /// # let template = template.spec(core::PodSpec::new([container]));
    /// # let spec = apps::DeploymentSpec::new(meta::LabelSelector::new().match_labels([("app", "web")]), template);
    /// mesh::Workload::bare(&shop, "web", apps::Deployment::new().spec(spec));
    /// ```
    #[track_caller]
    pub fn namespace(&self, name: &str) -> Namespace {
        let known = self.scope().keep(|it: &mut Namespaces| it.0.iter().find(|it| it.name() == name).cloned());
        known.unwrap_or_else(|| self.keep(Namespace::import(self, name, ExistingNamespace::named(name, &self.cluster))))
    }

    /// Defines a namespace that consists only of its object.
    #[track_caller]
    pub fn add_namespace(&self, name: &str, object: core::Namespace) -> Namespace {
        self.keep(Namespace::bare(&self.namespaces(), name, &self.cluster, object))
    }

    /// Returns the scope of the namespaces. It is separate, so that other objects of the cluster can use the name of a
    /// namespace as their id.
    #[track_caller]
    fn namespaces(&self) -> Scope {
        self.scope().singleton("namespaces", || self.scope().construct("namespaces"))
    }

    fn keep(&self, namespace: Namespace) -> Namespace {
        self.scope().keep(|it: &mut Namespaces| it.0.push(namespace.clone()));
        namespace
    }
}

impl Construct for KubernetesCluster {
    fn scope(&self) -> &Scope {
        self.cluster.scope()
    }
}
