//! A node group has instance types of two CPU architectures, or an AMI type of another architecture.
//!
//! # What it reports
//!
//! The `InstanceTypes` of a node group contain both ARM and x86 types, or `AmiType` is for another architecture than
//! the instance types. Custom AMIs are not checked.
//!
//! # Why it matters
//!
//! A node group uses one machine image. EKS rejects instance types that cannot run it.
//!
//! # Fix
//!
//! Define a node group for each architecture. Pods select an architecture with the label `kubernetes.io/arch`.
//!
//! Source: <https://docs.aws.amazon.com/eks/latest/userguide/managed-node-groups.html>

use crate::facts::instance_types::{Architecture, architecture};
use crate::diag::Diagnostic;
use crate::synth::{Link, Model};
use crate::val::Data;

pub(super) fn check(model: &Model, _: &Link, out: &mut Vec<Diagnostic>) {
    for (id, group) in model.of_type("AWS::EKS::Nodegroup") {
        let types: Vec<&str> =
            group.props.get("InstanceTypes").map(Data::items).into_iter().flatten().filter_map(Data::as_str).collect();
        let Some(first) = types.first() else { continue };
        let wanted = architecture(first);
        if let Some(other) = types.iter().find(|it| architecture(it) != wanted) {
            let (a, b) = (wanted.word(), architecture(other).word());
            let message = format!("the node group mixes the architectures of instance types `{first}` ({a}) and `{other}` ({b})");
            out.push(model.error(id, "MS0204", message).help("define a separate node group for each architecture"));
            continue;
        }
        let image = group.props.get("AmiType").and_then(Data::as_str).and_then(image_architecture);
        if let Some(image) = image.filter(|image| *image != wanted) {
            let message = format!("instance type `{first}` has architecture {}, but the AMI type is for {}", wanted.word(), image.word());
            out.push(model.error(id, "MS0204", message).help("change the AMI type or the instance types"));
        }
    }
}

/// Returns the CPU architecture of an AMI type, or `None` for a custom image.
fn image_architecture(ami_type: &str) -> Option<Architecture> {
    match ami_type {
        it if it.contains("ARM_64") => Some(Architecture::Arm),
        it if it.contains("x86_64") => Some(Architecture::X86),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::aws::{Vpc, VpcProps};
    use crate::eks::{Cluster, ClusterProps, NodeGroup, NodeGroupProps};
    use crate::testing::{codes, stack};

    fn with(types: &[&str], change: impl FnOnce(&NodeGroup)) -> Vec<&'static str> {
        codes(|app| {
            let run = stack(app, "run");
            let vpc = Vpc::new(&run, "vpc", VpcProps::default());
            let cluster = Cluster::new(&run, "main", &vpc, ClusterProps::default());
            let instance_types = types.iter().map(|it| (*it).to_owned()).collect();
            change(&cluster.add_node_group("main", NodeGroupProps { instance_types, ..NodeGroupProps::default() }));
        })
    }

    #[test]
    fn reports_two_architectures_in_one_group() {
        assert_eq!(with(&["m7i.large", "m7g.large"], |_| ()), ["MS0204"]);
    }

    #[test]
    fn reports_an_image_for_the_other_architecture() {
        let patched = with(&["m7g.large"], |group| {
            group.resource().patch("AmiType", "AL2023_x86_64_STANDARD");
        });
        assert_eq!(patched, ["MS0204"]);
    }

    #[test]
    fn accepts_one_architecture() {
        assert_eq!(with(&["m7g.large", "c8gn.large"], |_| ()), [""; 0]);
    }
}
