//! Transit gateways: attachments, route tables, and peered gateways.
//!
//! Source: <https://docs.aws.amazon.com/vpc/latest/tgw/how-transit-gateways-work.html>.

use serde_json::Value;

use super::address::{Cover, cover, spans};
use super::blocks;
use super::interface::{flag, is_value};
use crate::link::Verdict;
use crate::world::{ResourceId, World, is_unknown};

/// The transit gateways of a platform.
#[derive(Debug)]
pub(super) struct Transit<'a> {
    world: &'a World,
}

const VPC_ATTACHMENTS: [&str; 2] = ["AWS::EC2::TransitGatewayAttachment", "AWS::EC2::TransitGatewayVpcAttachment"];
const PEERINGS: &str = "AWS::EC2::TransitGatewayPeeringAttachment";
/// The maximum number of gateways on a path.
const MOST_HOPS: usize = 8;

impl<'a> Transit<'a> {
    pub(super) fn new(world: &'a World) -> Self {
        Self { world }
    }

    /// Returns whether a gateway routes from one VPC to a block of another.
    pub(super) fn leads(
        &self,
        gateway: ResourceId,
        from: Option<ResourceId>,
        to: Option<ResourceId>,
        block: &[(u128, u128)],
    ) -> (Verdict, String) {
        let unknown = |why: &str| (Verdict::Unknown, why.to_owned());
        let Some(mut at) = from.and_then(|vpc| self.attachment(gateway, vpc)) else {
            return unknown("the transit gateway attachment of the VPC is not in the files");
        };
        let mut gateway = gateway;
        for _ in 0..MOST_HOPS {
            let title = self.world.resource(gateway).title();
            let table = match self.table(gateway, at) {
                Some(table) => table,
                None if !self.has_default_table(gateway) => {
                    return unknown("the route table of the attachment is not in the files");
                }
                // Templates refer to the default table by an attribute of the gateway.
                None => gateway,
            };
            let next = match self.next(table, gateway, block) {
                Next::Attachment(next) => next,
                Next::Nothing if table == gateway => {
                    return unknown("no known block of an attachment contains the addresses");
                }
                Next::Nothing => return (Verdict::Denied, format!("no route of {title} leads there")),
                Next::Blackhole => return (Verdict::Denied, format!("a blackhole route of {title} drops the packets")),
                Next::Unknown(why) => return (Verdict::Unknown, format!("{title}: {why}")),
            };
            let attachment = self.world.resource(next);
            if attachment.type_name != PEERINGS {
                let leads = to.is_some() && self.world.named_by(&attachment.properties["VpcId"]) == to;
                let verdict = if leads { Verdict::Allowed } else { Verdict::Denied };
                return (verdict, format!("{title} routes it to {}", attachment.title()));
            }
            let ends = ["TransitGatewayId", "PeerTransitGatewayId"];
            let ends = ends.iter().filter_map(|key| self.world.named_by(&attachment.properties[*key]));
            let Some(other) = ends.into_iter().find(|it| *it != gateway) else {
                return unknown("the gateway on the other side is not in the files");
            };
            (gateway, at) = (other, next);
        }
        unknown("the routes of the transit gateways form a loop")
    }

    /// Whether each attachment of a gateway is associated with its default table, and propagates the blocks of its VPC
    /// to this table. Both are the defaults.
    ///
    /// Source: <https://docs.aws.amazon.com/vpc/latest/tgw/tgw-transit-gateways.html>.
    fn has_default_table(&self, gateway: ResourceId) -> bool {
        let resource = self.world.resource(gateway);
        let is_default = |key: &str| {
            resource.properties[key].is_null() || is_value(&resource.properties[key], &["enable"]) == Some(true)
        };
        resource.type_name == "AWS::EC2::TransitGateway"
            && is_default("DefaultRouteTableAssociation")
            && is_default("DefaultRouteTablePropagation")
            && resource.properties["AssociationDefaultRouteTableId"].is_null()
            && resource.properties["PropagationDefaultRouteTableId"].is_null()
    }

    fn attachment(&self, gateway: ResourceId, vpc: ResourceId) -> Option<ResourceId> {
        let all = VPC_ATTACHMENTS.iter().flat_map(|it| self.world.of_type(it)).copied();
        let mut own = all.filter(|id| {
            let properties = &self.world.resource(*id).properties;
            self.world.named_by(&properties["TransitGatewayId"]) == Some(gateway)
                && self.world.named_by(&properties["VpcId"]) == Some(vpc)
        });
        own.next()
    }

    /// Returns the route table of a gateway that an attachment is associated with.
    fn table(&self, gateway: ResourceId, attachment: ResourceId) -> Option<ResourceId> {
        let all = self.world.of_type("AWS::EC2::TransitGatewayRouteTableAssociation").iter();
        let mut own = all.filter_map(|id| {
            let properties = &self.world.resource(*id).properties;
            let is_it = self.world.named_by(&properties["TransitGatewayAttachmentId"]) == Some(attachment);
            let table = self.world.named_by(&properties["TransitGatewayRouteTableId"])?;
            let of = self.world.named_by(&self.world.resource(table).properties["TransitGatewayId"]);
            (is_it && of == Some(gateway)).then_some(table)
        });
        own.next()
    }

    /// Returns the target to which a table routes a block, with the most specific route. A static route is preferred to
    /// a propagated one.
    fn next(&self, table: ResourceId, gateway: ResourceId, block: &[(u128, u128)]) -> Next {
        let world = self.world;
        let of_table = |value: &Value| world.named_by(value) == Some(table);
        let size = |all: &[(u128, u128)]| all.iter().fold(0_u128, |sum, (from, to)| sum.saturating_add(to - from));
        let mut found: Vec<(u128, Next)> = Vec::new();
        let mut add = |destination: &[(u128, u128)], next: Next| match cover(destination, block) {
            Cover::All => found.push((size(destination), next)),
            Cover::Part => {
                found.push((size(destination), Next::Unknown("the route covers only some of the addresses")))
            }
            Cover::None => {}
        };
        for id in world.of_type("AWS::EC2::TransitGatewayRoute") {
            let properties = &world.resource(*id).properties;
            if !of_table(&properties["TransitGatewayRouteTableId"]) {
                continue;
            }
            let Some(destination) = properties["DestinationCidrBlock"].as_str().and_then(spans) else {
                add(block, Next::Unknown("the destination of a route is not in the files"));
                continue;
            };
            let next = match (flag(&properties["Blackhole"]), world.named_by(&properties["TransitGatewayAttachmentId"]))
            {
                (Some(true), _) => Next::Blackhole,
                _ if is_unknown(&properties["Blackhole"]) => {
                    Next::Unknown("the files do not specify whether a route is a blackhole")
                }
                (_, Some(target)) => Next::Attachment(target),
                (_, None) => Next::Unknown("the attachment of a route is not in the files"),
            };
            add(&destination, next);
        }
        for id in world.of_type("AWS::EC2::TransitGatewayRouteTablePropagation") {
            let properties = &world.resource(*id).properties;
            if of_table(&properties["TransitGatewayRouteTableId"]) {
                let attachment = world.named_by(&properties["TransitGatewayAttachmentId"]);
                attachment.into_iter().for_each(|it| self.propagated(it, &mut add));
            }
        }
        if self.has_default_table(gateway) && table == gateway {
            for id in VPC_ATTACHMENTS.iter().flat_map(|it| self.world.of_type(it)) {
                if world.named_by(&world.resource(*id).properties["TransitGatewayId"]) == Some(gateway) {
                    self.propagated(*id, &mut add);
                }
            }
        }
        // `min_by_key` returns the first of equal routes.
        found.into_iter().min_by_key(|(size, _)| *size).map_or(Next::Nothing, |it| it.1)
    }

    /// Adds the routes that an attachment propagates: the blocks of its VPC.
    fn propagated(&self, target: ResourceId, add: &mut impl FnMut(&[(u128, u128)], Next)) {
        let Some(vpc) = self.world.named_by(&self.world.resource(target).properties["VpcId"]) else { return };
        for block in blocks::of_vpc(self.world, vpc) {
            add(&block, Next::Attachment(target));
        }
    }
}

/// The target of a transit gateway route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    /// An attachment.
    Attachment(ResourceId),
    /// A route that drops all packets.
    Blackhole,
    /// No route matches.
    Nothing,
    /// The files do not determine the route, with the reason.
    Unknown(&'static str),
}
