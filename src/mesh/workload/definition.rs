//! The definition of a workload: its objects, autoscaler, release and mesh configuration.

use std::rc::Rc;

use crate::diagram::DiagramNode;
use crate::tree::{Construct, IdRule};
use crate::val::IntoVal;

use super::super::core::{Namespace, labels};
use super::super::pods::TEMPLATE;
use super::super::{Pods, Port, Scale, traffic};
use super::{Workload, WorkloadProps, objects};

impl Workload {
    /// Defines a service that runs `image`. Its name in Kubernetes is the construct's id.
    #[track_caller]
    pub fn new(namespace: &Namespace, name: &str, image: impl IntoVal<String>, props: WorkloadProps) -> Self {
        let scope = namespace.scope().construct_as(name, IdRule::SERVICE);
        let name = &*scope.id();
        scope.diagram(DiagramNode::new("workload").detail(props.scale.words()).within(namespace));
        let pods = Pods::define(&scope, namespace, name, vec![Port::main(props.port, props.protocol)], &props.pod);
        let deployment = objects::deployment(&scope, (name, name), image.into_val(), &props, pods.digests());
        let service = objects::service(&scope, name, &props);
        let budget = objects::budget(&scope, name);
        let mut objects = vec![service.scope().clone(), budget.scope().clone()];
        if let Scale::Auto(autoscale) = &props.scale {
            objects.push(autoscale.define(&scope, name, props.release.target()));
        }
        objects.iter().for_each(|object| labels::add(object, name));
        pods.made_by(deployment.scope(), &TEMPLATE);
        pods.served_by(service.scope());
        if let Some(version) = &props.version {
            deployment.label(labels::VERSION, version);
            deployment.scope().put("spec.template.metadata.labels", labels::VERSION, version.clone());
        }
        let workload = Self { pods, props: Rc::new(props), deployment, service };
        if let Scale::Events(events) = &workload.props.scale {
            workload.lend_role(events);
        }
        if let Some(mesh) = workload.namespace().mesh() {
            traffic::join(&workload, mesh, true);
        }
        workload.props.release.define(&workload);
        if let Scale::Events(events) = &workload.props.scale {
            let target = workload.props.release.target();
            labels::add(
                &events.define(workload.scope(), workload.name(), workload.namespace(), &workload, target),
                workload.name(),
            );
        }
        workload
    }
}
