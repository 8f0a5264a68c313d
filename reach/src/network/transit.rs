//! Transit gateways: attachments, route tables, and peered gateways.
//!
//! Source: <https://docs.aws.amazon.com/vpc/latest/tgw/how-transit-gateways-work.html>.

use serde_json::Value;

use super::address::{Cover, cover, spans};
use crate::link::Verdict;
use crate::world::{ResourceId, World};

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
            let Some(table) = self.table(gateway, at) else {
                return unknown(
                    "the attachment uses the default route table of the transit gateway, which is not in the files",
                );
            };
            let title = self.world.resource(gateway).title();
            let Some(next) = self.next(table, block) else {
                return (Verdict::Denied, format!("{title} has no route to the destination"));
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

    /// Returns the attachment to which a table routes a block, with the most specific route.
    fn next(&self, table: ResourceId, block: &[(u128, u128)]) -> Option<ResourceId> {
        let world = self.world;
        let of_table = |value: &Value| world.named_by(value) == Some(table);
        let size = |all: &[(u128, u128)]| all.iter().fold(0_u128, |sum, (from, to)| sum.saturating_add(to - from));
        let mut found: Vec<(u128, ResourceId)> = Vec::new();
        for id in world.of_type("AWS::EC2::TransitGatewayRoute") {
            let properties = &world.resource(*id).properties;
            let destination = properties["DestinationCidrBlock"].as_str().and_then(spans);
            let target = world.named_by(&properties["TransitGatewayAttachmentId"]);
            let is_hole = properties["Blackhole"] == true;
            if let (true, Some(destination), Some(target), false) =
                (of_table(&properties["TransitGatewayRouteTableId"]), destination, target, is_hole)
                && cover(&destination, block) == Cover::All
            {
                found.push((size(&destination), target));
            }
        }
        for id in world.of_type("AWS::EC2::TransitGatewayRouteTablePropagation") {
            let properties = &world.resource(*id).properties;
            let Some(target) = world.named_by(&properties["TransitGatewayAttachmentId"]) else { continue };
            let vpc = world.named_by(&world.resource(target).properties["VpcId"]);
            let destination = vpc.and_then(|it| spans(world.resource(it).property("CidrBlock").as_str()?));
            if let (true, Some(destination)) = (of_table(&properties["TransitGatewayRouteTableId"]), destination)
                && cover(&destination, block) == Cover::All
            {
                found.push((size(&destination), target));
            }
        }
        found.into_iter().min_by_key(|(size, _)| *size).map(|(_, target)| target)
    }
}
