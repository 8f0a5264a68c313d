//! A security group rule refers to a security group of another region.
//!
//! # What it reports
//!
//! An ingress or egress rule resource refers to a security group whose stack is in another region.
//!
//! # Why it matters
//!
//! A security group exists only in its own region. EC2 rejects the rule, however the networks are connected.
//!
//! # Fix
//!
//! Over a peering or transit gateways, allow the addresses of the other network: `Endpoint::allow_from_network`, in a
//! stack in the region of the endpoint. Open the side of the workload with `Workload::allow_to`.
//!
//! Source: <https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-security-groups.html>

use crate::diag::Diagnostic;
use crate::synth::{Link, Model};
use crate::rules::index::references::{region, source_of};

/// The types of separate rules, and their properties with security groups.
const RULES: [(&str, [&str; 2]); 2] = [
    ("AWS::EC2::SecurityGroupIngress", ["GroupId", "SourceSecurityGroupId"]),
    ("AWS::EC2::SecurityGroupEgress", ["GroupId", "DestinationSecurityGroupId"]),
];

pub(super) fn check(model: &Model, _: &Link, out: &mut Vec<Diagnostic>) {
    for (type_name, groups) in RULES {
        for (id, rule) in model.of_type(type_name) {
            let Some(here) = region(model, id) else { continue };
            let far = groups.iter().find_map(|property| {
                let (group, _) = source_of(model, &rule.props, property)?;
                let there = region(model, group)?;
                (there != here).then_some((group, there))
            });
            let Some((group, there)) = far else { continue };
            let path = model.path(group).trim_end_matches("/resource");
            out.push(
                model
                    .error(id, "MS0610", format!("a rule in `{here}` refers to the security group `{path}` of `{there}`"))
                    .note_at("the group is defined here", model.node(group).at)
                    .help("allow the CIDR block of the other network: `endpoint.allow_from_network(..)` in the region of the endpoint"),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::aws::{Vpc, VpcProps};
    use crate::mesh::{Workload, WorkloadProps};
    use crate::rds::{Database, DatabaseProps};
    use crate::testing::{codes, namespace};
    use crate::{App, Env, Stack};

    fn osaka(app: &App, id: &str) -> Stack {
        Stack::new(app, id, Env::new("111122223333", "ap-northeast-3"))
    }

    fn connected(by_group: bool) -> Vec<&'static str> {
        codes(|app| {
            let there = osaka(app, "data");
            let vpc = Vpc::new(&there, "vpc", VpcProps::default());
            let database = Database::new(&there, "db", &vpc, DatabaseProps::default());
            let shop = namespace(app);
            let orders = Workload::new(&shop, "orders", "registry.example/orders:1.4.0", WorkloadProps::default());
            match by_group {
                true => database.allow_from(&orders),
                false => database.endpoint().allow_from_network(&osaka(app, "reach"), shop.cluster().vpc()),
            }
        })
    }

    #[test]
    fn reports_a_group_of_another_region() {
        assert_eq!(connected(true), ["MS0610"]);
    }

    #[test]
    fn accepts_an_address_block_of_another_network() {
        assert_eq!(connected(false), [""; 0]);
    }
}
