//! The list of subnets of a resource is empty.
//!
//! # What it reports
//!
//! A property such as `SubnetIds` or `Subnets` of a resource is an empty list. EKS clusters are reported as `MS0205`
//! instead.
//!
//! # Why it matters
//!
//! The network has no subnets of the tier that the resource uses. Usually, an imported VPC does not list its subnets,
//! or a VPC does not have the tier. The stack fails when the resource is created.
//!
//! # Fix
//!
//! List subnets of the tier in `ExistingVpc::subnets`, or add the tier to the VPC: `VpcProps::tiers`. Databases, caches
//! and brokers use the isolated tier, or the private tier if there is none. Clusters use the private tier, and
//! internet-facing load balancers the public tier.
//!
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-rds-dbsubnetgroup.html>

use crate::diag::Diagnostic;
use crate::synth::{Link, Model};
use crate::val::{Bag, Data};

pub(super) fn check(model: &Model, _: &Link, out: &mut Vec<Diagnostic>) {
    for (id, _, resource) in model.resources() {
        if let Some(name) = empty_list(&resource.props) {
            // A separate rule counts the zones of EKS clusters.
            if resource.type_name == "AWS::EKS::Cluster" {
                continue;
            }
            let message = format!("`{name}` is empty: the network has no subnets of the required tier");
            let help = "list subnets of the tier in `ExistingVpc::subnets`, or add the tier to the VPC with `VpcProps::tiers`";
            out.push(model.error(id, "MS0617", message).field(name).help(help));
        }
    }
}

/// Returns the first empty list of subnets at any depth.
fn empty_list(props: &Bag) -> Option<&str> {
    props.iter().find_map(|(key, value)| match value {
        Data::List(items) if items.is_empty() && OF_SUBNETS.contains(&key) => Some(key),
        Data::Map(inner) => empty_list(inner),
        _ => None,
    })
}

/// The properties with lists of subnets.
const OF_SUBNETS: [&str; 6] =
    ["ClientSubnets", "SubnetIds", "SubnetMappings", "Subnets", "VPCZoneIdentifier", "VpcSubnetIds"];

#[cfg(test)]
mod tests {
    use crate::aws::vpc::{ExistingVpc, Tier, Vpc, VpcProps};
    use crate::testing::{codes, stack};
    use crate::units::Cidr;
    use crate::{App, elasticache, msk, rds};

    fn stores(app: &App, vpc: impl FnOnce(&crate::Stack) -> Vpc) {
        let data = stack(app, "data");
        let vpc = vpc(&data);
        rds::Database::new(&data, "db", &vpc, Default::default());
        elasticache::ReplicationGroup::new(&data, "cache", &vpc, Default::default());
    }

    #[test]
    fn reports_a_store_in_a_network_without_subnets() {
        let existing = || ExistingVpc::new("vpc-0a1b2c3d4e5f60718", Cidr::new("10.0.0.0/16"), []);
        assert_eq!(codes(|app| stores(app, |data| Vpc::import(data, "vpc", existing()))), ["MS0617", "MS0617"]);
        let found = codes(|app| {
            let data = stack(app, "data");
            let vpc = Vpc::import(&data, "vpc", existing());
            msk::Cluster::new(&data, "events", &vpc, Default::default());
        });
        assert!(found.contains(&"MS0617"), "{found:?}");
    }

    #[test]
    fn uses_private_subnets_if_isolated_subnets_do_not_exist() {
        let tiers = vec![Tier::Private, Tier::Public];
        let props = VpcProps { tiers, ..Default::default() };
        assert_eq!(codes(|app| stores(app, |data| Vpc::new(data, "vpc", props))), [""; 0]);
    }
}
