//! The network interfaces of resource types: their subnets and security groups.

use meshsynth_facts as facts;
use meshsynth_facts::resources::{Interfaces, Public as PublicFact, Source};
use serde_json::Value;

use super::address::spans;
use super::gateway::{Gateway, gateway};
use super::group_key::group_key;
use super::instances;
use super::interface::{Interface, Public, flag};
use super::ipv6;
use crate::eks;
use crate::world::{Resource, ResourceId, World, is_unknown, values};

/// Returns the interface of a resource, or `None` if it has no interface in a VPC.
pub fn interface(world: &World, id: ResourceId) -> Option<Interface> {
    let resource = world.resource(id);
    let facts = facts::resource(&resource.type_name);
    let form = facts.interfaces?;
    // A member of a database cluster has the security groups of the cluster.
    let cluster = facts.member.and_then(|it| world.named_by(resource.property(it)));
    let is_cluster = |id: &ResourceId| facts::resource(&world.resource(*id).type_name).member.is_none();
    if let Some(cluster) = cluster.filter(is_cluster) {
        return interface(world, cluster);
    }
    if instances::is_made(&resource.type_name) {
        return Some(instances::interface(world, id, &|it| interface(world, it)));
    }
    match form {
        Interfaces::Own { subnets, groups, mappings, is_optional } => {
            let mut found = named(world, resource, subnets);
            found.extend(all_named(world, resource, mappings));
            let is_absent = |path| values(&resource.properties, path).iter().all(|it| it.is_null());
            if is_optional && matches!(subnets, Source::Path(path) if is_absent(path)) {
                return None;
            }
            let has_open_subnets = !found.is_empty() && count(world, resource, subnets) > found.len();
            let interface = own(world, id, found, groups);
            interface.map(|it| Interface { has_open_subnets, ..it })
        }
        Interfaces::Through { type_name, by } => through(world, id, type_name, by),
        Interfaces::OfMember => Some(unmodelled(resource, "its cluster is not in the files")),
        Interfaces::Unmodelled { why, when } => {
            let is_set = |path: &str| values(&resource.properties, path).iter().any(|it| !it.is_null());
            when.iter().any(|path| is_set(path)).then(|| unmodelled(resource, why))
        }
    }
}

/// Returns an interface without known subnets and groups.
fn unmodelled(resource: &Resource, why: &str) -> Interface {
    let title = resource.title();
    Interface {
        unknown: format!("the network interfaces of {title} are not modelled: {why}"),
        title,
        at: resource.at.clone(),
        ..Interface::default()
    }
}

/// Returns the subnets of a resource, directly or through its subnet group.
fn named(world: &World, resource: &Resource, subnets: Source) -> Vec<ResourceId> {
    match subnets {
        Source::Path(path) => all_named(world, resource, path),
        Source::Group(by) => {
            let group = world.named_by(resource.property(by));
            group.map(|group| world.all_named_by(world.resource(group).property("SubnetIds"))).unwrap_or_default()
        }
    }
}

/// Returns the number of subnets that a resource lists, including those outside of the files.
fn count(world: &World, resource: &Resource, subnets: Source) -> usize {
    let size = |value: &Value| value.as_array().map_or(1, Vec::len);
    match subnets {
        Source::Path(path) => values(&resource.properties, path).into_iter().filter(|it| !it.is_null()).map(size).sum(),
        Source::Group(by) => {
            world.named_by(resource.property(by)).map_or(0, |it| size(world.resource(it).property("SubnetIds")))
        }
    }
}

fn all_named(world: &World, resource: &Resource, path: &str) -> Vec<ResourceId> {
    values(&resource.properties, path).into_iter().flat_map(|it| world.all_named_by(it)).collect()
}

/// Returns the interface that the properties of a resource specify.
fn own(world: &World, id: ResourceId, subnets: Vec<ResourceId>, groups: &'static str) -> Option<Interface> {
    let resource = world.resource(id);
    let public = facts::resource(&resource.type_name).public;
    let mut interface = Interface {
        title: resource.title(),
        at: resource.at.clone(),
        subnets,
        addresses: resource.property("PrivateIpAddress").as_str().and_then(spans).unwrap_or_default(),
        field: groups.replace('*', "0"),
        is_public: is_public(world, resource, public),
        has_no_groups: is_without_groups(resource),
        public: public.map(edited),
        ..Interface::default()
    };
    let listed = |value: &Value| -> Vec<String> {
        match value {
            Value::Array(items) => items.iter().filter_map(group_key).collect(),
            one => group_key(one).into_iter().collect(),
        }
    };
    let written = || values(&resource.properties, groups).into_iter().flat_map(listed);
    interface.groups = match resource.type_name.as_str() {
        "AWS::EKS::Nodegroup" => node_groups(world, id, &mut interface.field),
        "AWS::EKS::Cluster" => written().chain(cluster_group(resource)).collect(),
        _ => written().collect(),
    };
    interface.v6 = ipv6::of_resource(world, resource, &[&resource.properties], &interface.subnets);
    let is_gateway =
        resource.type_name == "AWS::EC2::VPCEndpoint" && resource.properties["VpcEndpointType"] != "Interface";
    if is_gateway {
        return None;
    }
    if interface.subnets.is_empty() {
        interface.unknown = format!("the subnets of {} are not in the files", interface.title);
    }
    Some(interface)
}

/// Returns the interface of a resource that consists of other resources, such as the mount targets of a file system.
fn through(world: &World, id: ResourceId, type_name: &str, by: &str) -> Option<Interface> {
    let targets = world.of_type(type_name).iter().copied();
    let own = targets.filter(|it| world.named_by(world.resource(*it).property(by)) == Some(id));
    let mut all = own.filter_map(|it| interface(world, it));
    let first = all.next()?;
    Some(all.fold(first, |mut all, it| {
        all.subnets.extend(it.subnets);
        all.addresses.extend(it.addresses);
        all.groups.extend(it.groups);
        all.groups.sort_unstable();
        all.groups.dedup();
        all
    }))
}

/// Returns the key of the security group that EKS creates for a cluster.
fn cluster_group(cluster: &Resource) -> Option<String> {
    group_key(&format!("${{{}/{}.ClusterSecurityGroupId}}", cluster.stack_id, cluster.logical).into())
}

/// Returns the security groups of nodes: those of the launch template, or the cluster security
/// group.
fn node_groups(world: &World, id: ResourceId, field: &mut String) -> Vec<String> {
    let nodes = world.resource(id);
    let template = world.named_by(nodes.property("LaunchTemplate.Id"));
    let template = template.or_else(|| world.named_by(nodes.property("LaunchTemplate.Name")));
    let groups = template.map(|it| {
        let data = world.resource(it).property("LaunchTemplateData");
        let listed = data["SecurityGroupIds"].as_array().cloned().unwrap_or_default();
        let interface = data["NetworkInterfaces"][0]["Groups"].as_array().cloned().unwrap_or_default();
        listed.iter().chain(&interface).filter_map(group_key).collect::<Vec<_>>()
    });
    match groups.filter(|it| !it.is_empty()) {
        Some(groups) => {
            "LaunchTemplate.LaunchTemplateData.SecurityGroupIds".clone_into(field);
            groups
        }
        None => {
            "ClusterName".clone_into(field);
            let cluster = eks::named(world, nodes.property("ClusterName"), id);
            cluster.and_then(|it| cluster_group(world.resource(it))).into_iter().collect()
        }
    }
}

/// Returns the property that assigns a public address, with its values.
fn edited(public: PublicFact) -> Public {
    let value = |text: Option<&str>, other: bool| text.map_or(other.into(), Value::from);
    Public { field: public.property, open: value(public.open, true), closed: value(public.closed, false) }
}

/// Whether a load balancer has no security group. Only Network and Gateway Load Balancers can be created without one.
///
/// Source: <https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-security-groups.html>.
fn is_without_groups(resource: &Resource) -> bool {
    let is_network = matches!(resource.properties["Type"].as_str(), Some("network" | "gateway"));
    let groups = &resource.properties["SecurityGroups"];
    let has_none = groups.is_null() || groups.as_array().is_some_and(Vec::is_empty);
    resource.type_name == "AWS::ElasticLoadBalancingV2::LoadBalancer" && is_network && has_none
}

/// Returns whether a resource has a public address, or `None` if only the deployment determines it.
fn is_public(world: &World, resource: &Resource, public: Option<PublicFact>) -> Option<bool> {
    match resource.type_name.as_str() {
        "AWS::EKS::Nodegroup" => {
            let subnets = world.all_named_by(resource.property("Subnets"));
            let values = || subnets.iter().map(|it| world.resource(*it).property("MapPublicIpOnLaunch"));
            let is_public = values().any(|it| flag(it) == Some(true));
            return (is_public || !values().any(is_unknown)).then_some(is_public);
        }
        // An interface has a public address if an Elastic IP address is associated with it.
        "AWS::EC2::NetworkInterface" => {
            let is_it =
                |value: &Value| world.named_by(value).is_some_and(|it| std::ptr::eq(world.resource(it), resource));
            let addresses = ["AWS::EC2::EIPAssociation", "AWS::EC2::EIP"].into_iter().flat_map(|it| world.of_type(it));
            return Some(addresses.map(|it| world.resource(*it)).any(|it| is_it(it.property("NetworkInterfaceId"))));
        }
        "AWS::ElasticLoadBalancingV2::LoadBalancer"
            if resource.properties["IpAddressType"] == "dualstack-without-public-ipv4" =>
        {
            return Some(false);
        }
        _ => {}
    }
    let Some(public) = public else { return Some(false) };
    match (resource.property(public.property), public.open) {
        (Value::Null, _) => Some(public.is_default),
        (Value::String(text), Some(open)) if text == open => Some(true),
        (Value::String(text), Some(_)) => (Some(text.as_str()) == public.closed).then_some(false),
        (value, _) => flag(value),
    }
}

/// Whether a subnet has a route to an internet gateway, according to the files.
pub fn is_facing_internet(world: &World, subnet: ResourceId) -> bool {
    let associations = world.of_type("AWS::EC2::SubnetRouteTableAssociation").iter().map(|id| world.resource(*id));
    let own = associations.filter(|it| world.named_by(&it.properties["SubnetId"]) == Some(subnet));
    let tables: Vec<ResourceId> = own.filter_map(|it| world.named_by(&it.properties["RouteTableId"])).collect();
    world.of_type("AWS::EC2::Route").iter().map(|id| world.resource(*id)).any(|route| {
        let table = world.named_by(&route.properties["RouteTableId"]);
        let is_internet = gateway(world, &route.properties["GatewayId"]) == Gateway::Internet;
        table.is_some_and(|it| tables.contains(&it)) && is_internet
    })
}
