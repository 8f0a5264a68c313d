//! Internet gateways and NAT gateways.

use crate::Resource;
use crate::cfn::ec2;
use crate::val::Val;

use super::{Tier, Vpc, display_name, subnets::LETTERS};

/// The NAT gateways through which the private tier reaches the internet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Nat {
    /// One NAT gateway per zone. If a zone fails, the other zones stay connected.
    #[default]
    PerZone,
    /// One NAT gateway for all zones, in the first zone. It is cheaper, but a failure of this zone
    /// disconnects all zones.
    Single,
    /// No NAT gateway: only services with endpoints are reachable. Nodes then also need endpoints
    /// for EC2 and EKS.
    None,
}

/// Defines the internet gateway and the NAT gateways. A VPC without a public tier has neither.
pub(super) fn define(vpc: &Vpc, nat: Nat) {
    let Some(table) = vpc.route_tables(Tier::Public).first() else { return };
    let gateway = ec2::InternetGateway::new()
        .tags([ec2::internet_gateway::Tag::new("Name", format!("{}/internet", display_name(&vpc.scope)))])
        .define(&vpc.scope, "internet");
    let attachment = ec2::VpcGatewayAttachment::new(vpc.id())
        .internet_gateway_id(gateway.internet_gateway_id())
        .define(&vpc.scope, "internet-attachment");
    ec2::Route::new(table)
        .destination_cidr_block("0.0.0.0/0")
        .gateway_id(gateway.internet_gateway_id())
        .define(&vpc.scope, "public-to-internet")
        .depends_on(&attachment);
    let n_gateways = match nat {
        Nat::PerZone => vpc.n_zones,
        Nat::Single => 1,
        Nat::None => 0,
    };
    let gateways: Vec<Val<String>> = (0..n_gateways).map(|idx| gateway_in(vpc, idx, &attachment)).collect();
    for (idx, table) in vpc.route_tables(Tier::Private).iter().enumerate() {
        let Some(gateway) = gateways.get(idx).or(gateways.first()) else { break };
        ec2::Route::new(table)
            .destination_cidr_block("0.0.0.0/0")
            .nat_gateway_id(gateway)
            .define(&vpc.scope, &format!("private-{}-to-internet", LETTERS[idx]));
    }
}

/// Defines a NAT gateway in the public subnet of a zone, with an Elastic IP address.
fn gateway_in(vpc: &Vpc, idx: usize, attachment: &Resource<ec2::VpcGatewayAttachment>) -> Val<String> {
    let scope = vpc.scope.construct(&format!("nat-{}", LETTERS[idx]));
    let name = display_name(&scope);
    let address =
        ec2::Eip::new().domain("vpc").tags([ec2::eip::Tag::new("Name", name.clone())]).define(&scope, "address");
    address.depends_on(attachment);
    ec2::NatGateway::new()
        .allocation_id(address.allocation_id())
        .subnet_id(vpc.subnets(Tier::Public)[idx].id.clone())
        .tags([ec2::nat_gateway::Tag::new("Name", name)])
        .define(&scope, "resource")
        .nat_gateway_id()
}
