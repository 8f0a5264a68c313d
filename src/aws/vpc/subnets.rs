//! Subnets and their route tables.

use crate::cfn::ec2;
use crate::cfn::ec2::subnet::Tag;
use crate::units::Cidr;
use crate::val::{AttrName, Val};

use super::{Subnet, Tier, TierSubnets, Vpc, display_name};

/// The letters that identify zones in construct ids.
pub(super) const LETTERS: [char; 6] = ['a', 'b', 'c', 'd', 'e', 'f'];

/// Defines the subnets of a tier, one per zone.
pub(super) fn define(vpc: &Vpc, tier: Tier) -> TierSubnets {
    let (mut subnets, mut route_tables) = (Vec::new(), Vec::new());
    for (idx, letter) in LETTERS.into_iter().take(vpc.n_zones).enumerate() {
        // The CIDR block of the VPC is validated, so the allocation cannot fail.
        let Some(cidr) = block(vpc.cidr, tier, idx as u64) else { continue };
        let zone: Val<String> = vpc.scope.stack().attr(AttrName::Zone(idx));
        let scope = vpc.scope.construct(&format!("{}-{letter}", tier.word()));
        let mut tags = vec![Tag::new("Name", display_name(&scope))];
        // Source: https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/deploy/subnet_discovery/
        match tier {
            Tier::Public => tags.push(Tag::new("kubernetes.io/role/elb", "1")),
            Tier::Private => tags.push(Tag::new("kubernetes.io/role/internal-elb", "1")),
            Tier::Isolated => {}
        }
        let subnet = ec2::Subnet::new(vpc.id())
            .cidr_block(cidr)
            .availability_zone(zone.clone())
            .map_public_ip_on_launch(false)
            .tags(tags)
            .define(&scope, "resource");
        // Each private zone has its own NAT gateway, and thus its own route table. The other tiers share
        // one route table.
        if tier == Tier::Private || route_tables.is_empty() {
            let table_scope = if tier == Tier::Private { &scope } else { &vpc.scope };
            let id = if tier == Tier::Private { "routes".to_owned() } else { format!("{}-routes", tier.word()) };
            let name = format!("{}/{id}", display_name(table_scope));
            let table = ec2::RouteTable::new(vpc.id())
                .tags([ec2::route_table::Tag::new("Name", name)])
                .define(table_scope, &id);
            route_tables.push(table.route_table_id());
        }
        let table = route_tables[route_tables.len() - 1].clone();
        ec2::SubnetRouteTableAssociation::new(table, subnet.subnet_id()).define(&scope, "route-table");
        subnets.push(Subnet { id: subnet.subnet_id(), cidr, zone });
    }
    TierSubnets { tier, subnets, route_tables }
}

/// Returns the CIDR block of a tier in a zone. The private subnet of each zone has one eighth of the VPC block. The
/// seventh eighth contains the isolated subnets of all zones, and the last eighth contains the public subnets. The
/// remaining addresses are free.
fn block(network: Cidr, tier: Tier, zone: u64) -> Option<Cidr> {
    let (size, prefix) = (network.size(), network.prefix());
    match tier {
        Tier::Private => network.carve(zone * size / 8, prefix + 3),
        Tier::Isolated => network.carve(6 * size / 8 + zone * size / 64, prefix + 6),
        Tier::Public => network.carve(7 * size / 8 + zone * size / 256, prefix + 8),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn six_zones_of_three_tiers_do_not_overlap() {
        for network in ["10.0.0.0/16", "172.16.16.0/20"].map(Cidr::new) {
            let tiers = [Tier::Public, Tier::Private, Tier::Isolated];
            let blocks: Vec<Cidr> = tiers
                .into_iter()
                .flat_map(|tier| (0..6).map(move |zone| block(network, tier, zone).expect("it fits")))
                .collect();
            for (idx, a) in blocks.iter().enumerate() {
                assert!(network.contains(*a));
                assert!(blocks[..idx].iter().all(|b| !a.overlaps(*b)), "{a} overlaps");
            }
        }
        assert_eq!(block(Cidr::new("10.0.0.0/16"), Tier::Private, 1), Some(Cidr::new("10.0.32.0/19")));
    }
}
