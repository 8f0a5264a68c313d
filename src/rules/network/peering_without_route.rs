//! Two networks or transit gateways are peered, but one side has no route to the other.
//!
//! # What it reports
//!
//! A peering connection or a transit gateway peering of the program has no route in a route table of one side. If one
//! of its routes is in a route table that the program does not define, the peering is not checked.
//!
//! # Why it matters
//!
//! Packets arrive, but responses do not return. Every connection times out, although the peering is active and security
//! groups allow it.
//!
//! # Fix
//!
//! Add routes on both sides. `aws::vpc::Peering::accept` defines the routes of the other side.
//! `aws::vpc::TransitGatewayPeering::route` defines those of either side.
//!
//! Source: <https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-routing.html>

use crate::diag::Diagnostic;
use crate::node::Resource;
use crate::synth::{Link, Model};
use crate::tree::NodeId;
use crate::val::Data;

/// The resource types and properties of a kind of peering.
struct Kind {
    peering: &'static str,
    sides: [&'static str; 2],
    /// The type of routes, and their properties for the peering and the route table.
    route: (&'static str, &'static str, &'static str),
    /// The property of a route table that refers to its network or gateway.
    owner: &'static str,
}

const KINDS: [Kind; 2] = [
    Kind {
        peering: "AWS::EC2::VPCPeeringConnection",
        sides: ["VpcId", "PeerVpcId"],
        route: ("AWS::EC2::Route", "VpcPeeringConnectionId", "RouteTableId"),
        owner: "VpcId",
    },
    Kind {
        peering: "AWS::EC2::TransitGatewayPeeringAttachment",
        sides: ["TransitGatewayId", "PeerTransitGatewayId"],
        route: ("AWS::EC2::TransitGatewayRoute", "TransitGatewayAttachmentId", "TransitGatewayRouteTableId"),
        owner: "TransitGatewayId",
    },
];

pub(super) fn check(model: &Model, _: &Link, out: &mut Vec<Diagnostic>) {
    for kind in &KINDS {
        for (id, peering) in model.of_type(kind.peering) {
            let routed: Vec<Option<NodeId>> = routes(model, kind, id).collect();
            // A route table of another program may belong to either side.
            if routed.contains(&None) {
                continue;
            }
            let sides = kind.sides.map(|side| peering.props.get(side).and_then(node));
            for (side, other) in [(sides[0], sides[1]), (sides[1], sides[0])] {
                let Some(side) = side.filter(|side| !routed.contains(&Some(*side))) else { continue };
                let other = other.map_or_else(|| "the other side".to_owned(), |other| format!("`{}`", owner(model, other)));
                let message = format!("`{}` has no route to {other}", owner(model, side));
                out.push(
                    model
                        .error(id, "MS0604", message)
                        .note_at(format!("`{}` is defined here", owner(model, side)), model.node(side).at)
                        .help("define routes on both sides"),
                );
            }
        }
    }
}

/// Returns the networks whose route tables contain routes over a peering. Unknown networks are `None`.
fn routes<'a>(model: &'a Model, kind: &'a Kind, peering: NodeId) -> impl Iterator<Item = Option<NodeId>> + 'a {
    let (type_name, by, table) = kind.route;
    let over = move |route: &&Resource| route.props.get(by).and_then(node) == Some(peering);
    model.of_type(type_name).map(|(_, route)| route).filter(over).map(move |route| {
        let table = model.resource(node(route.props.get(table)?)?)?;
        node(table.props.get(kind.owner)?)
    })
}

fn node(data: &Data) -> Option<NodeId> {
    Some(data.as_attr()?.node)
}

/// Returns the path of the construct of a resource.
fn owner(model: &Model, id: NodeId) -> String {
    model.path(id).trim_end_matches("/resource").to_owned()
}

#[cfg(test)]
mod tests {
    use crate::aws::vpc::{Peering, PeeringProps, TransitGateway, TransitGatewayPeering};
    use crate::aws::{Vpc, VpcProps};
    use crate::testing::{codes, stack};
    use crate::units::Cidr;

    const BLOCKS: [Cidr; 2] = [Cidr::new("10.0.0.0/16"), Cidr::new("10.1.0.0/16")];

    fn peered(is_accepted: bool) -> Vec<&'static str> {
        codes(|app| {
            let [a, b] = [("a", BLOCKS[0]), ("b", BLOCKS[1])]
                .map(|(id, cidr)| Vpc::new(&stack(app, id), "vpc", VpcProps { cidr, ..Default::default() }));
            let link = stack(app, "link");
            let peering = Peering::new(&link, "ours", &a, &b, PeeringProps::default());
            if is_accepted {
                peering.accept(&link, "theirs");
            }
        })
    }

    #[test]
    fn reports_a_peering_with_routes_on_one_side() {
        assert_eq!(peered(false), ["MS0604"]);
        assert_eq!(peered(true), [""; 0]);
    }

    fn hubs(both: bool) -> Vec<&'static str> {
        codes(|app| {
            let [a, b] = ["a", "b"].map(|id| TransitGateway::new(&stack(app, id), "hub", Default::default()));
            let peering = TransitGatewayPeering::new(&stack(app, "link"), "peering", &a, &b);
            let routes = stack(app, "routes");
            peering.route(&routes, "ours", &a, &BLOCKS[1..]);
            if both {
                peering.route(&routes, "theirs", &b, &BLOCKS[..1]);
            }
        })
    }

    #[test]
    fn reports_gateways_with_routes_on_one_side() {
        assert_eq!(hubs(false), ["MS0604"]);
        assert_eq!(hubs(true), [""; 0]);
    }
}
