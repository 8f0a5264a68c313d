//! A security group allows traffic from a network to which there is no route.
//!
//! # What it reports
//!
//! A rule `AWS::EC2::SecurityGroupIngress` allows the CIDR block of another VPC of the program. The VPC of the security
//! group has no route to that block, except routes to the internet. Imported VPCs are not checked, because their routes
//! are defined elsewhere.
//!
//! # Why it matters
//!
//! Packets from the other network may arrive, but there is no route for the responses. Every connection times out,
//! although the security group allows it. A peering connection or a transit gateway connects two VPCs, with routes on
//! both sides.
//!
//! # Fix
//!
//! Connect the networks with `aws::vpc::Peering` or `aws::vpc::TransitGateway`, or remove the rule.
//!
//! Source: <https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-routing.html>,
//! <https://istio.io/latest/docs/ops/deployment/deployment-models/#multiple-networks>

use std::collections::BTreeSet;

use crate::diag::Diagnostic;
use crate::node::Resource;
use crate::synth::{Link, Model};
use crate::tree::NodeId;
use crate::units::Cidr;
use crate::val::Data;

/// The targets of routes to the internet.
const OUTWARD: [&str; 4] = ["CarrierGatewayId", "EgressOnlyInternetGatewayId", "GatewayId", "NatGatewayId"];

pub(super) fn check(model: &Model, _: &Link, out: &mut Vec<Diagnostic>) {
    let networks: Vec<(NodeId, Cidr)> =
        model.of_type("AWS::EC2::VPC").filter_map(|(id, vpc)| Some((id, block(vpc, "CidrBlock")?))).collect();
    let routes = routes(model);
    let mut told = BTreeSet::new();
    for (id, rule) in model.of_type("AWS::EC2::SecurityGroupIngress") {
        let Some(from) = block(rule, "CidrIp") else { continue };
        let Some((other, _)) = networks.iter().find(|(_, cidr)| *cidr == from) else { continue };
        let Some(network) = rule.props.get("GroupId").and_then(node).and_then(|group| network_of(model, group)) else {
            continue;
        };
        let leads_back = |(of, to): &(NodeId, Cidr)| *of == network && to.contains(from);
        // Networks without a connection may have the same block.
        let is_own = networks.iter().any(|(id, cidr)| *id == network && cidr.overlaps(from));
        if is_own || routes.iter().any(leads_back) || !told.insert((network, *other)) {
            continue;
        }
        let message = format!("`{}` allows traffic from `{from}`, but its subnets have no route to that block", model.construct(network));
        out.push(
            model
                .error(id, "MS1002", message)
                .note_at(format!("`{}`, which has this CIDR block, is defined here", model.construct(*other)), model.node(*other).at)
                .help("connect the two networks with `aws::vpc::Peering`, or with `aws::vpc::TransitGateway` and routes on both sides"),
        );
    }
}

/// Returns the routes to known blocks, except routes to the internet, with the network of their route table.
fn routes(model: &Model) -> Vec<(NodeId, Cidr)> {
    let inward = |route: &&Resource| OUTWARD.iter().all(|name| route.props.get(name).is_none());
    let routes = model.of_type("AWS::EC2::Route").map(|(_, route)| route).filter(inward);
    let of = |route: &Resource| {
        let table = model.resource(node(route.props.get("RouteTableId")?)?)?;
        Some((node(table.props.get("VpcId")?)?, block(route, "DestinationCidrBlock")?))
    };
    routes.filter_map(of).collect()
}

/// Returns the network of a security group, or of the cluster for which EKS created the group.
fn network_of(model: &Model, group: NodeId) -> Option<NodeId> {
    let resource = model.resource(group)?;
    match resource.type_name.as_ref() {
        "AWS::EC2::SecurityGroup" => node(resource.props.get("VpcId")?),
        "AWS::EKS::Cluster" => {
            let subnet = resource.props.at("ResourcesVpcConfig.SubnetIds")?.items().first().and_then(node)?;
            node(model.resource(subnet)?.props.get("VpcId")?)
        }
        _ => None,
    }
}

fn block(resource: &Resource, name: &str) -> Option<Cidr> {
    Cidr::parse(resource.props.get(name)?.as_str()?).ok()
}

fn node(data: &Data) -> Option<NodeId> {
    Some(data.as_attr()?.node)
}

#[cfg(test)]
mod tests {
    use crate::aws::vpc::{Peering, PeeringProps, TransitGateway};
    use crate::aws::{SecurityGroup, Vpc, VpcProps};
    use crate::testing::{codes, stack};
    use crate::units::Cidr;

    const BLOCKS: [Cidr; 2] = [Cidr::new("10.0.0.0/16"), Cidr::new("10.1.0.0/16")];

    #[derive(PartialEq)]
    enum Link {
        None,
        Peering,
        Hub,
    }

    fn let_in(link: Link, from: Cidr) -> Vec<&'static str> {
        codes(|app| {
            let network = stack(app, "network");
            let [a, b] = [("a", BLOCKS[0]), ("b", BLOCKS[1])]
                .map(|(id, cidr)| Vpc::new(&network, id, VpcProps { cidr, ..Default::default() }));
            match link {
                Link::None => {}
                Link::Peering => {
                    Peering::new(&network, "ours", &a, &b, PeeringProps::default()).accept(&network, "theirs");
                }
                Link::Hub => {
                    let hub = TransitGateway::new(&network, "hub", Default::default());
                    hub.attach(&network, "attach-a", &a).route(Cidr::new("10.0.0.0/8"));
                }
            }
            SecurityGroup::new(&network, "group", &a, "a group").allow_from_cidr(from, 443, "somebody");
        })
    }

    #[test]
    fn reports_a_network_without_a_return_route() {
        assert_eq!(let_in(Link::None, BLOCKS[1]), ["MS1002"]);
    }

    #[test]
    fn accepts_a_peering_and_a_larger_route() {
        assert_eq!(let_in(Link::Peering, BLOCKS[1]), [""; 0]);
        assert_eq!(let_in(Link::Hub, BLOCKS[1]), [""; 0]);
    }

    #[test]
    fn ignores_the_block_of_the_vpc_and_unknown_blocks() {
        let alike = codes(|app| {
            let network = stack(app, "network");
            for id in ["a", "b"] {
                let vpc = Vpc::new(&network, id, VpcProps::default());
                SecurityGroup::new(&network, &format!("of-{id}"), &vpc, "a group").allow_from_cidr(vpc.cidr(), 443, "us");
            }
        });
        assert_eq!(alike, [""; 0]);
        assert_eq!(let_in(Link::None, BLOCKS[0]), [""; 0]);
        assert_eq!(let_in(Link::None, Cidr::new("192.0.2.0/24")), [""; 0]);
    }
}
