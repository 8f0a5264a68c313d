//! Two CIDR blocks of subnets or connected networks overlap.
//!
//! # What it reports
//!
//! Two subnets of one VPC overlap, or two VPCs overlap that are connected by a peering, a transit gateway, or peered
//! transit gateways.
//!
//! # Why it matters
//!
//! AWS rejects the second subnet. VPCs with overlapping blocks can be created, but a peering connection between them is
//! rejected. A transit gateway sends the traffic for both to one of them.
//!
//! # Fix
//!
//! Use a free block for one of them. `aws::Vpc` computes subnets that never overlap. Give networks that may be
//! connected later different blocks from the start.
//!
//! Source: <https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html>

use std::collections::{BTreeMap, BTreeSet};

use crate::diag::Diagnostic;
use crate::synth::{Link, Model};
use crate::tree::NodeId;
use crate::units::Cidr;
use crate::val::Data;

pub(super) fn check(model: &Model, _: &Link, out: &mut Vec<Diagnostic>) {
    let mut networks: BTreeMap<String, Vec<(NodeId, Cidr)>> = BTreeMap::new();
    for (id, subnet) in model.of_type("AWS::EC2::Subnet") {
        if let (Some(network), Some(cidr)) = (subnet.props.get("VpcId"), block(subnet.props.get("CidrBlock"))) {
            networks.entry(identity(network)).or_default().push((id, cidr));
        }
    }
    networks.values().for_each(|subnets| overlaps(model, "subnet", subnets, out));
    let connected: BTreeSet<_> = connected(model).into_values().collect();
    for networks in &connected {
        overlaps(model, "network", networks, out);
    }
}

/// Reports each block that overlaps a previous one.
fn overlaps(model: &Model, what: &str, blocks: &[(NodeId, Cidr)], out: &mut Vec<Diagnostic>) {
    for (idx, (id, cidr)) in blocks.iter().enumerate() {
        let Some((other, taken)) = blocks[..idx].iter().find(|(other, taken)| other != id && taken.overlaps(*cidr))
        else {
            continue;
        };
        let prefix = cidr.prefix();
        let help = match cidr.after(*taken) {
            Some(free) => format!("use a /{prefix} block that starts at {} or later", free.first()),
            None => format!("use a /{prefix} block that no other network uses"),
        };
        out.push(
            model
                .error(*id, "MS0107", format!("{what} `{cidr}` overlaps `{taken}`"))
                .note_at(format!("`{}` is defined here", model.path(*other)), model.node(*other).at)
                .help(help),
        );
    }
}

/// Returns the connected networks: both sides of a peering, or all attachments of a transit gateway.
fn connected(model: &Model) -> BTreeMap<String, Vec<(NodeId, Cidr)>> {
    let mut places: BTreeMap<String, Vec<(NodeId, Cidr)>> = BTreeMap::new();
    let network = |data: &Data| {
        let id = data.as_attr()?.node;
        Some((id, block(model.resource(id)?.props.get("CidrBlock"))?))
    };
    for (id, peering) in model.of_type("AWS::EC2::VPCPeeringConnection") {
        let sides = ["VpcId", "PeerVpcId"].into_iter().filter_map(|side| peering.props.get(side));
        places.entry(format!("peering {}", id.idx())).or_default().extend(sides.filter_map(network));
    }
    for type_name in ["AWS::EC2::TransitGatewayAttachment", "AWS::EC2::TransitGatewayVpcAttachment"] {
        for (_, attachment) in model.of_type(type_name) {
            let Some(gateway) = attachment.props.get("TransitGatewayId") else { continue };
            let side = attachment.props.get("VpcId").and_then(network);
            places.entry(identity(gateway)).or_default().extend(side);
        }
    }
    for (_, peering) in model.of_type("AWS::EC2::TransitGatewayPeeringAttachment") {
        let sides = ["TransitGatewayId", "PeerTransitGatewayId"].map(|side| peering.props.get(side).map(identity));
        if let [Some(ours), Some(theirs)] = sides {
            join(&mut places, &ours, &theirs);
        }
    }
    places
}

/// Merges the networks of two peered transit gateways.
fn join(places: &mut BTreeMap<String, Vec<(NodeId, Cidr)>>, ours: &str, theirs: &str) {
    let mut all = places.remove(ours).unwrap_or_default();
    all.extend(places.remove(theirs).unwrap_or_default());
    all.sort();
    all.dedup();
    places.insert(ours.to_owned(), all.clone());
    // A third gateway may be peered with either of them.
    places.insert(theirs.to_owned(), all);
}

/// Returns a text that identifies a resource, for any of its attributes.
fn identity(data: &Data) -> String {
    match data.as_attr() {
        Some(attr) => format!("#{}", attr.node.idx()),
        None => data.to_text(),
    }
}

fn block(data: Option<&Data>) -> Option<Cidr> {
    Cidr::parse(data?.as_str()?).ok()
}

#[cfg(test)]
mod tests {
    use crate::aws::vpc::{Peering, PeeringProps, TransitGateway, TransitGatewayProps};
    use crate::aws::{Vpc, VpcProps};
    use crate::cfn::ec2;
    use crate::testing::{codes, stack};
    use crate::units::Cidr;

    #[test]
    fn reports_a_subnet_that_overlaps_another_one() {
        assert_eq!(
            codes(|app| {
                let network = stack(app, "network");
                let vpc = Vpc::new(&network, "vpc", VpcProps::default());
                ec2::Subnet::new(vpc.id()).cidr_block("10.0.16.0/20").define(&network, "extra");
            }),
            ["MS0107"]
        );
    }

    #[test]
    fn accepts_a_subnet_in_a_free_block() {
        assert_eq!(
            codes(|app| {
                let network = stack(app, "network");
                let vpc = Vpc::new(&network, "vpc", VpcProps::default());
                ec2::Subnet::new(vpc.id()).cidr_block("10.0.240.0/20").define(&network, "extra");
            }),
            [""; 0]
        );
    }

    fn peered(second: &'static str) -> Vec<&'static str> {
        codes(|app| {
            let network = stack(app, "network");
            let a = Vpc::new(&network, "a", VpcProps::default());
            let b = Vpc::new(&network, "b", VpcProps { cidr: Cidr::new(second), ..VpcProps::default() });
            Peering::new(&network, "peering", &a, &b, PeeringProps::default()).accept(&network, "accepted");
        })
    }

    #[test]
    fn reports_peered_networks_with_the_same_block() {
        assert_eq!(peered("10.0.0.0/18"), ["MS0107"]);
    }

    #[test]
    fn accepts_peered_networks_with_separate_blocks() {
        assert_eq!(peered("10.1.0.0/16"), [""; 0]);
    }

    #[test]
    fn treats_networks_behind_peered_transit_gateways_as_connected() {
        let found = codes(|app| {
            let place = |id, region| crate::Stack::new(app, id, crate::Env::new("111122223333", region));
            let (tokyo, osaka) = (place("tokyo", "ap-northeast-1"), place("osaka", "ap-northeast-3"));
            let hub = |stack: &crate::Stack| {
                let hub = TransitGateway::new(stack, "hub", TransitGatewayProps::default());
                hub.attach(stack, "attachment", &Vpc::new(stack, "vpc", VpcProps::default()));
                hub
            };
            let (a, b) = (hub(&tokyo), hub(&osaka));
            let props = crate::val::Bag::default()
                .with("TransitGatewayId", a.gateway_id())
                .with("PeerTransitGatewayId", b.gateway_id())
                .with("PeerAccountId", "111122223333")
                .with("PeerRegion", "ap-northeast-3");
            crate::Resource::<crate::cfn::Raw>::define(&tokyo, "peering", "AWS::EC2::TransitGatewayPeeringAttachment", props);
        });
        assert!(found.contains(&"MS0107"), "{found:?}");
    }
}
