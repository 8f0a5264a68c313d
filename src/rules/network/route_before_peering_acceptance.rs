//! Routes over a transit gateway peering are in the stack that requests the peering.
//!
//! # What it reports
//!
//! A route or route table association refers to a transit gateway peering attachment of the same stack.
//!
//! # Why it matters
//!
//! EC2 accepts these routes only after the other side has accepted the peering, and CloudFormation cannot accept it.
//! The routes fail, the stack rolls back, and the peering request is deleted.
//!
//! # Fix
//!
//! Define the routes of both sides in separate stacks that are deployed after the acceptance.
//!
//! Source: <https://docs.aws.amazon.com/vpc/latest/tgw/tgw-peering-accept-reject.html>

use crate::diag::Diagnostic;
use crate::synth::{Link, Model};
use crate::val::Data;

/// The resource types that need an accepted peering.
const LATER: [&str; 2] = ["AWS::EC2::TransitGatewayRoute", "AWS::EC2::TransitGatewayRouteTableAssociation"];

pub(super) fn check(model: &Model, _: &Link, out: &mut Vec<Diagnostic>) {
    for (peering, _) in model.of_type("AWS::EC2::TransitGatewayPeeringAttachment") {
        let is_ours = |by: Option<&Data>| by.and_then(Data::as_attr).is_some_and(|attr| attr.node == peering);
        let later = LATER.iter().flat_map(|type_name| model.of_type(type_name));
        let early = later
            .filter(|(_, it)| is_ours(it.props.get("TransitGatewayAttachmentId")))
            .find(|(id, _)| model.stack_of(*id) == model.stack_of(peering));
        if let Some((id, _)) = early {
            let message = "a route uses the peering in the stack that requests it, before the other side can accept the peering";
            out.push(
                model
                    .error(id, "MS0609", message)
                    .note_at("the peering is defined here", model.node(peering).at)
                    .help("define the routes in a separate stack"),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::aws::vpc::{TransitGateway, TransitGatewayPeering};
    use crate::testing::{codes, stack};
    use crate::units::Cidr;

    fn peered(routes: &'static str) -> Vec<&'static str> {
        codes(|app| {
            let [a, b] = ["a", "b"].map(|id| TransitGateway::new(&stack(app, id), "hub", Default::default()));
            let link = stack(app, "link");
            let peering = TransitGatewayPeering::new(&link, "peering", &a, &b);
            let there = if routes == "link" { link } else { stack(app, routes) };
            peering.route(&there, "ours", &a, &[Cidr::new("10.1.0.0/16")]);
            peering.route(&there, "theirs", &b, &[Cidr::new("10.0.0.0/16")]);
        })
    }

    #[test]
    fn reports_routes_in_the_stack_of_the_peering() {
        assert_eq!(peered("link"), ["MS0609"]);
    }

    #[test]
    fn accepts_routes_in_a_separate_stack() {
        assert_eq!(peered("routes"), [""; 0]);
    }
}
