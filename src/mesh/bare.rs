//! What runs in pods and is what its object says, with nothing beside it.

use std::rc::Rc;

use crate::Object;
use crate::diagram::DiagramNode;
use crate::kube::{self, apps, batch};
use crate::tree::{Construct, IdRule, Scope};
use crate::val::{Data, Value};

use super::pods::{JOB_TEMPLATE, Paths, TEMPLATE};
use super::{CronJob, DaemonSet, Job, Namespace, Pods, StatefulSet, StatefulSetProps, Workload, WorkloadProps};

impl Workload {
    /// Defines a workload that is what its `Deployment` says, and nothing beside it: neither a `Service`, nor an autoscaler, a
    /// budget or policies. They are added one by one.
    ///
    /// Grants, variables, calls and the ways to data stores work as on every workload. A network policy is opened where one was
    /// added, and none is made. What a mesh is told of it are the objects of Istio that are added: routes, versions and limits
    /// of the library need [`Workload::new`].
    ///
    /// # Diagnostics
    ///
    /// - `MS0318`: its `Service` is asked for, and none was added.
    /// - `MS1031`: a route or a limit needs what `new` defines.
    ///
    /// # Example
    ///
    /// ```
    /// use meshsynth::kube::{apps, core, meta};
    /// # use meshsynth::{App, KubernetesCluster, mesh};
    /// # let app = App::new("shop");
    /// # let cluster = KubernetesCluster::new(&app, "production", "production", "1.36");
    /// let container = core::Container::new("web").image("registry.example/web:1.0.0");
    /// let template = core::PodTemplateSpec::new()
    ///     .metadata(meta::ObjectMeta::new().labels([("app", "web")]))
    ///     .spec(core::PodSpec::new([container]));
    /// let spec = apps::DeploymentSpec::new(meta::LabelSelector::new().match_labels([("app", "web")]), template);
    /// let web = mesh::Workload::bare(&cluster.namespace("shop"), "web", apps::Deployment::new().spec(spec));
    /// let port = core::ServicePort::new(80).name("http").target_port(8080);
    /// web.add_service("frontend", core::Service::new().spec(core::ServiceSpec::new().selector([("app", "web")]).ports([port])));
    /// assert_eq!(web.url(), "http://frontend.shop.svc.cluster.local:80");
    /// web.env("LEVEL", "info");
    /// # app.synth().expect("it synthesizes");
    /// ```
    #[track_caller]
    pub fn bare(namespace: &Namespace, name: &str, deployment: apps::Deployment) -> Self {
        let (pods, deployment) = define(namespace, name, ("deployment", &TEMPLATE), deployment);
        let service = Object::at(pods.scope().clone());
        Self { pods, props: Rc::new(WorkloadProps::default()), deployment, service }
    }
}

impl StatefulSet {
    /// Defines pods that are what their `StatefulSet` says, and nothing beside them, as [`Workload::bare`] does.
    #[track_caller]
    pub fn bare(namespace: &Namespace, name: &str, set: apps::StatefulSet) -> Self {
        let says = set.clone().into_data();
        let replicas = says.at("spec.replicas").and_then(Data::as_int).and_then(|it| u32::try_from(it).ok());
        let of_pods = says.at("spec.serviceName").and_then(Data::as_str).unwrap_or(name).to_owned();
        let props = StatefulSetProps { replicas: replicas.unwrap_or(1), ..StatefulSetProps::default() };
        let (pods, set) = define(namespace, name, ("set", &TEMPLATE), set);
        let service = Object::at(pods.scope().clone());
        Self { pods, props: Rc::new(props), set, service, of_pods }
    }
}

impl DaemonSet {
    /// Defines pods that are what their `DaemonSet` says, and nothing beside them, as [`Workload::bare`] does.
    #[track_caller]
    pub fn bare(namespace: &Namespace, name: &str, set: apps::DaemonSet) -> Self {
        let (pods, set) = define(namespace, name, ("set", &TEMPLATE), set);
        Self { pods, set }
    }
}

impl Job {
    /// Defines work that is what its `Job` says, and nothing beside it, as [`Workload::bare`] does. Its name stays as it is:
    /// what changes it needs another name.
    #[track_caller]
    pub fn bare(namespace: &Namespace, name: &str, job: batch::Job) -> Self {
        let (pods, job) = define(namespace, name, ("job", &TEMPLATE), job);
        Self { pods, job }
    }
}

impl CronJob {
    /// Defines work that is what its `CronJob` says, and nothing beside it, as [`Workload::bare`] does.
    #[track_caller]
    pub fn bare(namespace: &Namespace, name: &str, job: batch::CronJob) -> Self {
        let (pods, job) = define(namespace, name, ("job", &JOB_TEMPLATE), job);
        Self { pods, job }
    }
}

/// The pods of an object, and the object itself with an id below theirs.
#[track_caller]
fn define<T: kube::Kind + Value>(
    namespace: &Namespace,
    name: &str,
    (id, paths): (&str, &'static Paths),
    object: T,
) -> (Pods, Object<T>) {
    let scope: Scope = namespace.scope().construct_as(name, IdRule::PLAIN);
    let name = &*scope.id();
    scope.diagram(DiagramNode::new("workload").detail(T::KIND).within(namespace));
    let object = object.into_data();
    let pods = Pods::bare(&scope, namespace, name, (&object, paths));
    let Data::Map(body) = object else { unreachable!("a kind is a map") };
    let object = Object::<T>::define(&scope, id, name, body);
    pods.also_made_by(object.scope(), paths);
    (pods, object)
}

#[cfg(test)]
mod tests;
