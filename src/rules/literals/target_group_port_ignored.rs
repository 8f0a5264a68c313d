//! A target group and the service that is bound to it have different ports.
//!
//! # What it reports
//!
//! The port of a `TargetGroupBinding` differs from the port of the target group that the program defines. The finding
//! is a warning.
//!
//! # Why it matters
//!
//! The AWS Load Balancer Controller registers pods with the port of the service, so the port of the target group has no
//! effect. It misleads readers and security group rules that use it.
//!
//! # Fix
//!
//! Use the port of the workload for the target group: `balancer.add_target_group("orders", orders.port(), ..)`.
//!
//! Source: <https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/targetgroupbinding/targetgroupbinding/>

use crate::diag::Diagnostic;
use crate::rules::index::references::source_of;
use crate::synth::{Link, Model};
use crate::val::Data;

pub(super) fn check(model: &Model, _: &Link, out: &mut Vec<Diagnostic>) {
    for (id, binding) in model.of_kind("TargetGroupBinding") {
        let Some(spec) = binding.body.get("spec").and_then(Data::as_map) else { continue };
        let Some(port) = spec.at("serviceRef.port").and_then(Data::as_int) else { continue };
        let Some((group, resource)) = source_of(model, spec, "targetGroupARN") else { continue };
        let Some(theirs) = resource.props.get("Port").and_then(Data::as_int).filter(|theirs| *theirs != port) else {
            continue;
        };
        out.push(
            model
                .warning(id, "MS0140", format!("the target group has port {theirs}, but the service that is bound to it has port {port}"))
                .note_at("the target group is defined here", model.node(group).at)
                .help(format!("define the target group with port {port}")),
        );
    }
}

#[cfg(test)]
mod tests {
    use crate::elbv2::NetworkLoadBalancer;
    use crate::mesh::TargetGroupBinding;
    use crate::testing::{codes, stack, workload};

    fn bound_to(port: u16) -> Vec<&'static str> {
        codes(|app| {
            let orders = workload(app);
            let vpc = orders.namespace().cluster().vpc();
            let balancer = NetworkLoadBalancer::new(&stack(app, "edge"), "entry", vpc, Default::default());
            let group = balancer.add_tcp(443, "orders", port, Default::default());
            TargetGroupBinding::new(&orders, "entry", &group);
        })
    }

    #[test]
    fn warns_about_another_port() {
        assert!(bound_to(9999).contains(&"MS0140"));
    }

    #[test]
    fn accepts_the_port_of_the_workload() {
        assert!(!bound_to(8080).contains(&"MS0140"));
    }
}
