//! The type of an EC2 instance is not known.
//!
//! # What it reports
//!
//! The rule checks instances, launch templates and node groups. A type is an error if a similar type exists. It is a
//! warning if there is no similar type, or if it differs only in a number, because new families appear every few
//! months. The rule does not check whether a region offers the type.
//!
//! # Why it matters
//!
//! The name is usually misspelled, such as `m7.large` for `m7i.large`. EKS rejects the node group, and EC2 rejects the
//! instance.
//!
//! # Fix
//!
//! Correct the name. For a new family, check that EC2 offers it, and update meshsynth.
//!
//! Source: <https://aws.amazon.com/ec2/instance-types/>

use crate::diag::Diagnostic;
use crate::facts::literals::Instances;
use crate::rules::index::literals::{judged, texts_at};
use crate::synth::{Link, Model};

/// The resource types and their properties with instance types.
const TYPES: [(&str, &str); 3] = [
    ("AWS::EC2::Instance", "InstanceType"),
    ("AWS::EC2::LaunchTemplate", "LaunchTemplateData.InstanceType"),
    ("AWS::EKS::Nodegroup", "InstanceTypes"),
];

pub(super) fn check(model: &Model, _: &Link, out: &mut Vec<Diagnostic>) {
    for (type_name, path) in TYPES {
        for (id, resource) in model.of_type(type_name) {
            for text in texts_at(&resource.props, path) {
                out.extend(judged(model, id, "MS0206", "instance type", text, Instances::Ec2.judge(text)));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::aws::{Vpc, VpcProps};
    use crate::eks::{Cluster, ClusterProps, NodeGroupProps};
    use crate::testing::{codes, stack};

    fn with(instance_type: &str) -> Vec<&'static str> {
        codes(|app| {
            let run = stack(app, "run");
            let vpc = Vpc::new(&run, "vpc", VpcProps::default());
            let cluster = Cluster::new(&run, "main", &vpc, ClusterProps::default());
            let instance_types = vec![instance_type.to_owned()];
            cluster.add_node_group("main", NodeGroupProps { instance_types, ..NodeGroupProps::default() });
        })
    }

    #[test]
    fn reports_a_misspelled_type() {
        assert_eq!(with("m7.large"), ["MS0206"]);
        assert_eq!(with("c6i.xlrge"), ["MS0206"]);
    }

    #[test]
    fn accepts_a_known_family() {
        assert_eq!(with("t4g.large"), [""; 0]);
    }
}
