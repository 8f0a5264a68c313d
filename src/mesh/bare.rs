//! Bare workloads: pods exactly as their object defines them, without additional objects.

use std::rc::Rc;

use crate::Object;
use crate::diagram::DiagramNode;
use crate::kube::{self, apps, batch};
use crate::tree::{Construct, IdRule, Scope};
use crate::val::{Data, Value};

use super::pods::{JOB_TEMPLATE, Paths, TEMPLATE};
use super::{CronJob, DaemonSet, Job, Namespace, Pods, StatefulSet, StatefulSetProps, Workload, WorkloadProps};

impl Workload {
    /// Defines a workload that consists only of its `Deployment`. It has no `Service`, autoscaler, disruption budget or
    /// policies. The program adds each of them with a separate call. The workload supports grants, variables, calls and
    /// connections to data stores like every workload. Relations add rules to the network policies that the program
    /// adds, but do not define a policy. In a mesh, the program also adds the Istio objects. For routes, versions and
    /// limits, use [`Workload::new`].
    ///
    /// # Diagnostics
    ///
    /// - `MS0318`: a relation needs its `Service`, and the program added none.
    /// - `MS1031`: a route or a limit needs objects that `new` defines.
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
    /// Defines a stateful set that consists only of its `StatefulSet` object. See [`Workload::bare`].
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
    /// Defines a daemon set that consists only of its `DaemonSet` object. See [`Workload::bare`].
    #[track_caller]
    pub fn bare(namespace: &Namespace, name: &str, set: apps::DaemonSet) -> Self {
        let (pods, set) = define(namespace, name, ("set", &TEMPLATE), set);
        Self { pods, set }
    }
}

impl Job {
    /// Defines a job that consists only of its `Job` object. See [`Workload::bare`]. Its name contains no hash, so a
    /// changed job needs a new name.
    #[track_caller]
    pub fn bare(namespace: &Namespace, name: &str, job: batch::Job) -> Self {
        let (pods, job) = define(namespace, name, ("job", &TEMPLATE), job);
        Self { pods, job }
    }
}

impl CronJob {
    /// Defines a cron job that consists only of its `CronJob` object. See [`Workload::bare`].
    #[track_caller]
    pub fn bare(namespace: &Namespace, name: &str, job: batch::CronJob) -> Self {
        let (pods, job) = define(namespace, name, ("job", &JOB_TEMPLATE), job);
        Self { pods, job }
    }
}

/// Defines the construct of the pods, and below it the Kubernetes object that creates the pods.
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
