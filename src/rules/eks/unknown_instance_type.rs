//! The family of an instance type is not known.
//!
//! It is mostly a misspelling, such as `m7.large` for `m7i.large`. EKS refuses
//! the node group.
//!
//! Correct the name. It is a warning, since new families come every few
//! months; whether a region sells a type at all is not looked at.
//!
//! Source: <https://aws.amazon.com/ec2/instance-types/>

use crate::facts::instance_types::is_known;
use crate::diag::Diagnostic;
use crate::synth::{Link, Model};
use crate::val::Data;

pub(super) fn check(model: &Model, _: &Link, out: &mut Vec<Diagnostic>) {
    for (id, group) in model.of_type("AWS::EKS::Nodegroup") {
        let types = group.props.get("InstanceTypes").map(Data::items).into_iter().flatten();
        for unknown in types.filter_map(Data::as_str).filter(|it| !is_known(it)) {
            out.push(
                model
                    .warning(id, "MS0206", format!("instance type `{unknown}` is not of a known family"))
                    .help("use family and size, such as `m7i.large`"),
            );
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
    fn a_misspelt_family_is_a_warning() {
        assert_eq!(with("m7.large"), ["MS0206"]);
    }

    #[test]
    fn a_known_family_is_fine() {
        assert_eq!(with("t4g.large"), [""; 0]);
    }
}
