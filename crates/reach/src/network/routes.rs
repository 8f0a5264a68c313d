//! Routing of packets to a target, and of responses back.
//!
//! Source: <https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Route_Tables.html>.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use serde_json::{Value, json};

use super::address::{Cover, cover, say_spans, spans};
use super::blocks;
use super::gateway::{Gateway, gateway};
use super::interface::Interface;
use super::ipv6;
use super::prefix_lists;
use super::transit::Transit;
use crate::edit::Edit;
use crate::link::{Layer, Link, Verdict};
use crate::world::{Reference, ResourceId, World};

/// The routes of a platform.
#[derive(Debug)]
pub(super) struct Routes<'a> {
    world: &'a World,
    /// The route table of each subnet with an explicit association.
    of_subnet: HashMap<ResourceId, ResourceId>,
    routes: HashMap<ResourceId, Vec<ResourceId>>,
    /// The tables with routes that the files do not contain, each with the resource that adds them.
    open: HashMap<ResourceId, ResourceId>,
    transit: Transit<'a>,
    /// Cached links between interfaces, by their subnets. Most interfaces share their subnets.
    known: Mutex<HashMap<Subnets, Link>>,
}

/// The subnets at both ends.
type Subnets = (Vec<ResourceId>, Vec<ResourceId>);

/// The properties that specify the target of a route.
const TARGETS: [&str; 10] = [
    "GatewayId",
    "NatGatewayId",
    "TransitGatewayId",
    "VpcPeeringConnectionId",
    "VpcEndpointId",
    "EgressOnlyInternetGatewayId",
    "NetworkInterfaceId",
    "InstanceId",
    "CarrierGatewayId",
    "CoreNetworkArn",
];

impl<'a> Routes<'a> {
    pub(super) fn new(world: &'a World) -> Self {
        let mut of_subnet = HashMap::new();
        for id in world.of_type("AWS::EC2::SubnetRouteTableAssociation") {
            let properties = &world.resource(*id).properties;
            let named = (world.named_by(&properties["SubnetId"]), world.named_by(&properties["RouteTableId"]));
            if let (Some(subnet), Some(table)) = named {
                of_subnet.insert(subnet, table);
            }
        }
        let mut routes: HashMap<ResourceId, Vec<ResourceId>> = HashMap::new();
        let mut open = HashMap::new();
        for id in world.of_type("AWS::EC2::Route") {
            let properties = &world.resource(*id).properties;
            if let Some(table) = world.named_by(&properties["RouteTableId"]) {
                routes.entry(table).or_default().push(*id);
                if destination(world, properties).is_none() {
                    open.insert(table, *id);
                }
            }
        }
        // A virtual private gateway adds the routes of the other network.
        for id in world.of_type("AWS::EC2::VPNGatewayRoutePropagation") {
            for table in world.all_named_by(&world.resource(*id).properties["RouteTableIds"]) {
                open.insert(table, *id);
            }
        }
        Self { world, of_subnet, routes, open, transit: Transit::new(world), known: Mutex::default() }
    }

    /// Returns the link between two interfaces, in both directions. One subnet of each is sufficient.
    pub(super) fn between(&self, from: &Interface, to: &Interface) -> Link {
        if let Some(unknown) = [from, to].into_iter().find(|it| !it.unknown.is_empty()) {
            return Link::new(Layer::Route, Verdict::Unknown, unknown.unknown.clone());
        }
        let key = (from.subnets.clone(), to.subnets.clone());
        let known = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(link) = known().get(&key) {
            return link.clone();
        }
        let link = self.between_subnets(&from.subnets, &to.subnets);
        known().insert(key, link.clone());
        link
    }

    fn between_subnets(&self, from: &[ResourceId], to: &[ResourceId]) -> Link {
        let pairs = from.iter().flat_map(|a| to.iter().map(move |b| (*a, *b)));
        let each = pairs.map(|(a, b)| {
            let there = self.subnets(a, b);
            if there.verdict == Verdict::Denied || self.vpc(a) == self.vpc(b) {
                return there;
            }
            let mut back = self.subnets(b, a);
            back.why = format!("the answer: {}", back.why);
            if back.verdict > there.verdict { back } else { there }
        });
        let best = each.reduce(|a, b| if b.verdict < a.verdict { b } else { a });
        best.unwrap_or_else(|| Link::new(Layer::Route, Verdict::Unknown, "the subnets are not in the files"))
    }

    fn vpc(&self, subnet: ResourceId) -> Option<ResourceId> {
        self.world.named_by(&self.world.resource(subnet).properties["VpcId"])
    }

    fn block(&self, id: ResourceId) -> Vec<(u128, u128)> {
        self.world.resource(id).property("CidrBlock").as_str().and_then(spans).unwrap_or_default()
    }

    /// Returns the link between two subnets.
    fn subnets(&self, from: ResourceId, to: ResourceId) -> Link {
        let (a, b) = (self.world.resource(from).property("VpcId"), self.world.resource(to).property("VpcId"));
        let key = |value: &Value| Reference::of(value).map(|it| (it.stack, it.resource));
        if key(a).is_some() && key(a) == key(b) || (key(a).is_none() && a == b && a.is_string()) {
            let vpc = self.vpc(from).map_or_else(|| "one VPC".to_owned(), |it| self.world.resource(it).title());
            return Link::new(Layer::Route, Verdict::Allowed, format!("both are in {vpc}"));
        }
        let block = self.block(to);
        let Some((route, cover)) = self.best(from, &block) else {
            return self.no_route(from, "no route to the destination", &block);
        };
        let resource = self.world.resource(route);
        let link = |verdict, why: String| Link::new(Layer::Route, verdict, why).by(resource.title(), "", &resource.at);
        if cover == Cover::Part {
            return link(Verdict::Unknown, "the route covers only a part of the subnet".to_owned());
        }
        let target = TARGETS.iter().find(|key| !resource.properties[**key].is_null());
        let named = target.and_then(|key| self.world.named_by(&resource.properties[*key]));
        match (target.copied(), named) {
            (Some("VpcPeeringConnectionId"), Some(peering)) => {
                let peering = self.world.resource(peering);
                let ends = [&peering.properties["VpcId"], &peering.properties["PeerVpcId"]];
                match ends.iter().any(|it| key(it) == key(b)) {
                    true => link(Verdict::Allowed, format!("a route over {}", peering.title())),
                    false => link(Verdict::Denied, format!("{} does not route to the destination", peering.title())),
                }
            }
            (Some("TransitGatewayId"), Some(gateway)) => {
                let (verdict, why) = self.transit.leads(gateway, self.vpc(from), self.vpc(to), &block);
                link(verdict, why)
            }
            (Some("GatewayId"), _) => match gateway(self.world, &resource.properties["GatewayId"]) {
                Gateway::Internet | Gateway::EgressOnly => link(
                    Verdict::Denied,
                    "the route points to the internet, which does not route private addresses".to_owned(),
                ),
                Gateway::Local => link(Verdict::Allowed, "the route points to the VPC itself".to_owned()),
                Gateway::Private => link(
                    Verdict::Unknown,
                    "the network behind the virtual private gateway is not in the files".to_owned(),
                ),
                Gateway::Unknown => link(Verdict::Unknown, "the gateway of the route is not in the files".to_owned()),
            },
            (Some("NatGatewayId" | "EgressOnlyInternetGatewayId"), _) => link(
                Verdict::Denied,
                "the route points to the internet, which does not route private addresses".to_owned(),
            ),
            (Some(other), _) => {
                link(Verdict::Unknown, format!("the target `{other}` of the route is not in the files"))
            }
            (None, _) => link(Verdict::Unknown, "the route has no target".to_owned()),
        }
    }

    /// Returns the most specific route of a subnet for a block.
    fn best(&self, subnet: ResourceId, block: &[(u128, u128)]) -> Option<(ResourceId, Cover)> {
        let table = self.of_subnet.get(&subnet)?;
        let routes = self.routes.get(table)?.iter();
        let fitting = routes.filter_map(|id| {
            let properties = &self.world.resource(*id).properties;
            let destination = destination(self.world, properties)?;
            let cover = cover(&destination, block);
            let size: u128 = destination.iter().fold(0, |sum, (from, to)| sum.saturating_add(to - from));
            (cover != Cover::None).then_some((size, *id, cover))
        });
        fitting.min_by_key(|(size, id, _)| (*size, *id)).map(|(_, id, cover)| (id, cover))
    }

    fn no_route(&self, subnet: ResourceId, why: &str, block: &[(u128, u128)]) -> Link {
        match self.of_subnet.get(&subnet) {
            Some(table) if self.open.contains_key(table) && !blocks::are_the_internet(block) => {
                let adding = self.world.resource(self.open[table]);
                let why = format!("{why}, but the destinations of {} are not in the files", adding.title());
                Link::new(Layer::Route, Verdict::Unknown, why).by(adding.title(), "", &adding.at)
            }
            Some(table) => {
                let table = self.world.resource(*table);
                let link = Link::new(Layer::Route, Verdict::Denied, why).by(table.title(), "", &table.at);
                let [span] = block else { return link };
                let key = if blocks::are_v6(block) { "DestinationIpv6CidrBlock" } else { "DestinationCidrBlock" };
                // The target gateway of the new route is unknown.
                let value = json!({ "Type": "AWS::EC2::Route", "Properties": { key: say_spans(&[*span]) } });
                link.edited(vec![Edit::define(table.title(), &table.at, value)])
            }
            None => {
                let subnet = self.world.resource(subnet);
                let why = "the subnet uses the main route table of its VPC, whose routes are not in the files";
                Link::new(Layer::Route, Verdict::Unknown, why).by(subnet.title(), "", &subnet.at)
            }
        }
    }

    /// Returns the link from an interface to addresses.
    pub(super) fn towards(&self, from: &Interface, block: &[(u128, u128)]) -> Link {
        if !from.unknown.is_empty() {
            return Link::new(Layer::Route, Verdict::Unknown, from.unknown.clone());
        }
        let each = from.subnets.iter().map(|subnet| self.leaves(*subnet, from, block));
        let best = each.reduce(|a, b| if b.verdict < a.verdict { b } else { a });
        best.unwrap_or_else(|| Link::new(Layer::Route, Verdict::Unknown, "the subnets are not in the files"))
    }

    fn leaves(&self, subnet: ResourceId, from: &Interface, block: &[(u128, u128)]) -> Link {
        if let Some(vpc) = self.vpc(subnet)
            && blocks::of_vpc(self.world, vpc).iter().any(|it| cover(it, block) == Cover::All)
        {
            let why = format!("the address is in {}", self.world.resource(vpc).title());
            return Link::new(Layer::Route, Verdict::Allowed, why);
        }
        let Some((route, cover)) = self.best(subnet, block) else {
            return self.no_route(subnet, "no route to the internet", block);
        };
        let resource = self.world.resource(route);
        let target = TARGETS.iter().find(|key| !resource.properties[**key].is_null()).copied();
        let (is_v6, is_private) = (blocks::are_v6(block), blocks::are_private(block));
        let kind = match target {
            Some("GatewayId") => Some(gateway(self.world, &resource.properties["GatewayId"])),
            Some("EgressOnlyInternetGatewayId") => Some(Gateway::EgressOnly),
            _ => None,
        };
        let is_out = matches!(kind, Some(Gateway::Internet | Gateway::EgressOnly)) || target == Some("NatGatewayId");
        let (verdict, why) = match (target, kind) {
            _ if cover == Cover::Part => (Verdict::Unknown, "the route covers only some of the addresses"),
            _ if is_private && is_out => {
                (Verdict::Denied, "the route points to the internet, which does not route private addresses")
            }
            (_, Some(Gateway::Internet | Gateway::EgressOnly)) if is_v6 => {
                match ipv6::can_send(self.world, from, subnet) {
                    Some(true) => (Verdict::Allowed, "out through the internet gateway"),
                    Some(false) => (Verdict::Denied, "the subnet has no IPv6 addresses"),
                    None => (Verdict::Unknown, "the files do not specify whether it has an IPv6 address"),
                }
            }
            (Some("NatGatewayId"), _) if is_v6 => {
                (Verdict::Denied, "a NAT gateway accepts IPv6 packets only for NAT64")
            }
            (_, Some(Gateway::EgressOnly)) => {
                (Verdict::Denied, "an egress-only internet gateway accepts only IPv6 packets")
            }
            (_, Some(Gateway::Internet)) => match from.is_public {
                Some(true) => (Verdict::Allowed, "out through the internet gateway"),
                Some(false) => (Verdict::Denied, "the internet gateway requires a public address"),
                None => (Verdict::Unknown, "its public address is known only at deployment"),
            },
            (Some("NatGatewayId"), _) => (Verdict::Allowed, "out through the NAT gateway"),
            (_, Some(Gateway::Private)) => {
                (Verdict::Unknown, "the network behind the virtual private gateway is not in the files")
            }
            _ => (Verdict::Unknown, "the target of the route is not in the files"),
        };
        Link::new(Layer::Route, verdict, why).by(resource.title(), target.unwrap_or_default(), &resource.at)
    }

    /// Returns the link from public addresses to an interface, which requires a public address and a route to an
    /// internet gateway.
    pub(super) fn for_internet(&self, to: &Interface, block: &[(u128, u128)]) -> Link {
        let public = to.public.as_ref();
        let link = |verdict, why: &str| {
            let link = Link::new(Layer::Route, verdict, why).by(to.title.clone(), "", &to.at);
            let edit = public.map(|it| Edit::set(to.title.clone(), it.field, &to.at, it.open.clone()));
            link.edited(edit.filter(|_| verdict == Verdict::Denied).into_iter().collect())
        };
        let closed: Vec<Edit> =
            public.map(|it| Edit::set(to.title.clone(), it.field, &to.at, it.closed.clone())).into_iter().collect();
        let is_v6 = blocks::are_v6(block);
        match to.is_public {
            // IPv6 addresses are public.
            _ if is_v6 && to.v6 == Some(false) => return link(Verdict::Denied, "it has no address of IPv6"),
            _ if is_v6 => {}
            Some(false) => return link(Verdict::Denied, "it has no public address"),
            None => return link(Verdict::Unknown, "its public address is known only at deployment"),
            Some(true) => {}
        }
        let each = to.subnets.iter().map(|subnet| {
            let Some((route, _)) = self.best(*subnet, block) else {
                return self.no_route(*subnet, "its subnet has no route to an internet gateway", block);
            };
            let resource = self.world.resource(route);
            let target = &resource.properties["GatewayId"];
            let (verdict, why) = match gateway(self.world, target) {
                // An edge route table can send packets from the internet through a firewall.
                _ if self.leads_to_appliance(route) => {
                    (Verdict::Unknown, "the route leads through an appliance, whose rules are not in the files")
                }
                _ if target.is_null() => (Verdict::Denied, "its subnet has no route to an internet gateway"),
                Gateway::Internet if self.blocks_public_access(*subnet) => {
                    (Verdict::Unknown, "a setting of the account blocks the internet gateways, with exclusions")
                }
                Gateway::Internet if is_v6 && to.v6.is_none() => {
                    (Verdict::Unknown, "the files do not specify whether it has a public IPv6 address")
                }
                Gateway::Internet => (Verdict::Allowed, "a public address, and a route of the internet gateway"),
                Gateway::EgressOnly | Gateway::Private | Gateway::Local => {
                    (Verdict::Denied, "its subnet has no route to an internet gateway")
                }
                Gateway::Unknown => (Verdict::Unknown, "the gateway of the route is not in the files"),
            };
            let link = Link::new(Layer::Route, verdict, why).by(resource.title(), "GatewayId", &resource.at);
            if verdict == Verdict::Allowed && !is_v6 { link.edited(closed.clone()) } else { link }
        });
        let best = each.reduce(|a, b| if b.verdict < a.verdict { b } else { a });
        best.unwrap_or_else(|| link(Verdict::Unknown, "the subnets are not in the files"))
    }

    /// Whether a route leads to a firewall endpoint, or to an appliance behind an edge route table.
    fn leads_to_appliance(&self, route: ResourceId) -> bool {
        let properties = &self.world.resource(route).properties;
        let has = |key: &&str| !properties[*key].is_null();
        let has_edge_table = || !self.world.of_type("AWS::EC2::GatewayRouteTableAssociation").is_empty();
        has(&"VpcEndpointId") || (["NetworkInterfaceId", "InstanceId"].iter().any(has) && has_edge_table())
    }

    /// Whether the account of a subnet blocks connections from the internet in its region.
    ///
    /// Source: <https://docs.aws.amazon.com/vpc/latest/userguide/security-vpc-bpa.html>.
    fn blocks_public_access(&self, subnet: ResourceId) -> bool {
        let place = |id: ResourceId| {
            let stack = &self.world.stacks[self.world.resource(id).stack];
            (&stack.account, &stack.region)
        };
        self.world.of_type("AWS::EC2::VPCBlockPublicAccessOptions").iter().any(|id| {
            let mode = &self.world.resource(*id).properties["InternetGatewayBlockMode"];
            *mode != "off" && place(*id) == place(subnet)
        })
    }

    /// Returns the link from addresses to an interface. The addresses are on the internet or in a connected network.
    pub(super) fn for_addresses(&self, block: &[(u128, u128)], text: &str, to: &Interface) -> Link {
        let holds = |vpc: ResourceId| blocks::of_vpc(self.world, vpc).iter().any(|it| cover(it, block) == Cover::All);
        let is_within = |id: &ResourceId| self.vpc(*id).is_some_and(holds);
        if to.subnets.iter().any(is_within) {
            return Link::new(Layer::Route, Verdict::Allowed, format!("{text} is in the VPC"));
        }
        if !blocks::are_private(block) {
            return self.for_internet(to, block);
        }
        let back = to.subnets.iter().filter_map(|it| self.best(*it, block)).next();
        match back {
            Some((route, _)) => {
                let resource = self.world.resource(route);
                let target = &resource.properties["GatewayId"];
                let is_internet = !target.is_null() && gateway(self.world, target) == Gateway::Internet;
                let is_out = is_internet
                    || ["NatGatewayId", "EgressOnlyInternetGatewayId"]
                        .iter()
                        .any(|it| !resource.properties[*it].is_null());
                let (verdict, why) = match is_out {
                    true => (Verdict::Denied, "no return route to these private addresses"),
                    false => (Verdict::Unknown, "the return route points to a network that is not in the files"),
                };
                Link::new(Layer::Route, verdict, why).by(resource.title(), "", &resource.at)
            }
            None => match to.subnets.first() {
                Some(subnet) => self.no_route(*subnet, "no return route to these addresses", block),
                None => Link::new(Layer::Route, Verdict::Unknown, "the subnets are not in the files"),
            },
        }
    }
}

/// Returns the destination of a route, or `None` if the files do not specify it.
fn destination(world: &World, route: &Value) -> Option<Vec<(u128, u128)>> {
    let block = ["DestinationCidrBlock", "DestinationIpv6CidrBlock"].iter().find_map(|key| route[*key].as_str());
    match block {
        Some(block) => spans(block),
        None => prefix_lists::blocks(world, &route["DestinationPrefixListId"]),
    }
}
