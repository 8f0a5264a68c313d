//! The definition of a workload: its objects, its autoscaler, its release and its place in a mesh.

use std::rc::Rc;

use crate::diagram::DiagramNode;
use crate::kube::core;
use crate::tree::{Construct, IdRule};
use crate::val::IntoVal;

use super::super::core::labels::{self, NAME, VERSION_OF};
use super::super::core::{Namespace, network};
use super::super::{Scale, traffic};
use super::{Workload, WorkloadProps, objects};

impl Workload {
    /// Defines a service that runs `image`. Its name in Kubernetes is the construct's id.
    #[track_caller]
    pub fn new(namespace: &Namespace, name: &str, image: impl IntoVal<String>, props: WorkloadProps) -> Self {
        let scope = namespace.scope().construct_as(name, IdRule::SERVICE);
        let name = &*scope.id();
        scope.diagram(DiagramNode::new("workload").detail(props.scale.words()).within(namespace));
        let service_account = core::ServiceAccount::new().automount_service_account_token(false);
        let service_account = service_account.define(&scope, "identity", name);
        let deployment = objects::deployment(&scope, name, image.into_val(), &props);
        let service = objects::service(&scope, name, &props);
        let budget = objects::budget(&scope, name);
        let label_of_pods = namespace.mesh().map_or(NAME, |_| VERSION_OF);
        let policy = network::define(&scope, label_of_pods, name);
        let mut objects = vec![
            service_account.scope().clone(),
            deployment.scope().clone(),
            service.scope().clone(),
            budget.scope().clone(),
            policy.scope().clone(),
        ];
        if let Scale::Auto(autoscale) = &props.scale {
            objects.push(autoscale.define(&scope, name, props.release.target()));
        }
        objects.iter().for_each(|object| labels::add(object, name));
        if let Some(version) = &props.version {
            deployment.label(labels::VERSION, version);
            deployment.scope().put("spec.template.metadata.labels", labels::VERSION, version.clone());
        }
        let (namespace, name, props) = (namespace.clone(), name.to_owned(), Rc::new(props));
        let workload = Self { scope, namespace, name, props, deployment, service, service_account, policy };
        if let Scale::Events(events) = &workload.props.scale {
            workload.lend_role(events);
        }
        if let Some(mesh) = workload.namespace.mesh() {
            traffic::label_own_pods(&workload.deployment, &workload.name);
            traffic::join(&workload, mesh);
        }
        workload.props.release.define(&workload);
        if let Scale::Events(events) = &workload.props.scale {
            let target = workload.props.release.target();
            labels::add(
                &events.define(&workload.scope, &workload.name, &workload.namespace, &workload, target),
                &workload.name,
            );
        }
        workload
    }
}
