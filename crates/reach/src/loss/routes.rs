//! The effects of a lost zone on routes to NAT gateways and on interface endpoints.
//!
//! Source: <https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-basics.html>.

use crate::world::ResourceId;

use super::outcome::{Cause, Finding, Judgement, Kind, Outcome, Stage, Step};
use super::places;
use super::site::Site;

/// Returns the effects on the outbound routes of remaining zones.
pub fn judge(site: &Site<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    if site.event.zones.is_empty() {
        return found;
    }
    for route in site.world.of_type("AWS::EC2::Route") {
        found.extend(of_route(site, *route));
    }
    for id in site.world.of_type("AWS::EC2::VPCEndpoint") {
        let resource = site.resource(*id);
        let (hit, field) = site.hit_resource(*id);
        if hit.is_whole() && !site.is_away(*id) {
            let why =
                "all its subnets are in the lost zone, so pods in other zones cannot reach the service through it";
            let cause = Cause::field(resource, field, why);
            found.push(Finding::new(Kind::Network, resource.name(), Judgement::new(Outcome::Lost, cause)));
        }
    }
    found
}

/// Returns the effects on a route from remaining subnets to a lost NAT gateway.
fn of_route(site: &Site<'_>, id: ResourceId) -> Option<Finding> {
    let world = site.world;
    let route = site.resource(id);
    let nat = world.named_by(route.property("NatGatewayId"))?;
    let gateway = site.resource(nat);
    let zone = places::zone(world, gateway.property("SubnetId"))?;
    if !site.is_zone_lost(&zone) || gateway.property("AvailabilityMode") == "regional" {
        return None;
    }
    let table = world.named_by(route.property("RouteTableId"))?;
    let all = world.of_type("AWS::EC2::SubnetRouteTableAssociation").iter();
    let subnets = all.filter(|it| world.named_by(site.resource(**it).property("RouteTableId")) == Some(table));
    let zones: Vec<String> =
        subnets.filter_map(|it| places::zone(world, site.resource(*it).property("SubnetId"))).collect();
    let left: Vec<&str> = zones.iter().filter(|it| !site.is_zone_lost(it)).map(String::as_str).collect();
    if left.is_empty() {
        return None;
    }
    let to = route.property("DestinationCidrBlock").as_str().unwrap_or("0.0.0.0/0");
    let others = world.of_type("AWS::EC2::NatGateway").iter().copied().find(|it| {
        let of = places::zone(world, site.resource(*it).property("SubnetId"));
        of.is_some_and(|of| !site.is_zone_lost(&of)) && world.place(*it).region == world.place(nat).region
    });
    let why = format!("subnets in {} send {to} to {}, which is in {zone}", left.join(", "), gateway.name());
    let cause = Cause::field(route, "NatGatewayId", why);
    let (outcome, text, gateway) = match others {
        Some(other) => (
            Outcome::ByHand,
            format!("route {to} of {} to {}", site.resource(table).name(), site.resource(other).name()),
            format!("<NatGatewayId of {}>", site.resource(other).name()),
        ),
        None => (
            Outcome::Lost,
            format!(
                "create a NAT gateway in a remaining zone, and route {to} of {} to it",
                site.resource(table).name()
            ),
            "<new NatGatewayId>".to_owned(),
        ),
    };
    let step = Step::new(
        Stage::Capacity,
        text,
        format!(
            "aws ec2 replace-route --route-table-id <RouteTableId of {}> --destination-cidr-block {to} --nat-gateway-id {gateway}",
            site.resource(table).name()
        ),
    );
    Some(Finding::new(
        Kind::Network,
        format!("way out of {}", site.resource(table).name()),
        Judgement::new(outcome, cause).step(step),
    ))
}
