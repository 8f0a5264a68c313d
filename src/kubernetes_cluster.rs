//! A cluster that is there already, wherever it runs.

use crate::node::{Kind, Target};
use crate::tree::{Construct, Scope};
use crate::val::Data;

/// A Kubernetes cluster that exists already and that no stack of the program defines, in AWS or elsewhere.
///
/// Objects are defined in it as they are. There may be more in it than the program says. A cluster of EKS to which workloads with
/// relations go is `eks::Cluster::import`.
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
#[derive(Clone)]
pub struct KubernetesCluster {
    scope: Scope,
}

impl KubernetesCluster {
    /// Refers to a cluster by its name and its Kubernetes version, such as `1.36`.
    #[track_caller]
    pub fn new(scope: &impl Construct, id: &str, name: &str, version: &str) -> Self {
        let scope = scope.scope().construct(id);
        let target = Target { name: Data::from(name), version: version.to_owned(), ..Target::default() };
        let target = scope.define("target", Kind::Target(target));
        scope.on_target(&target);
        scope.settings(|settings| settings.is_open = true);
        Self { scope }
    }
}

impl Construct for KubernetesCluster {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}
