//! The network interfaces of resource types: their subnets and security groups.

use serde_json::Value;

use super::address::spans;
use super::group_key::group_key;
use super::instances;
use super::interface::{Interface, Public, flag};
use crate::world::{Resource, ResourceId, World};

/// The properties of a type with its security groups, subnets and subnet group.
struct Form {
    type_name: &'static str,
    groups: &'static str,
    subnets: &'static str,
    /// The property that refers to a resource with `SubnetIds`, and the path of the list there.
    subnet_group: Option<(&'static str, &'static str)>,
}

const fn form(type_name: &'static str, groups: &'static str, subnets: &'static str) -> Form {
    Form { type_name, groups, subnets, subnet_group: None }
}

const fn grouped(type_name: &'static str, groups: &'static str, by: &'static str) -> Form {
    Form { type_name, groups, subnets: "", subnet_group: Some((by, "SubnetIds")) }
}

/// Source: the property pages of each type below
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/>.
const FORMS: [Form; 26] = [
    grouped("AWS::RDS::DBInstance", "VPCSecurityGroups", "DBSubnetGroupName"),
    grouped("AWS::RDS::DBCluster", "VpcSecurityGroupIds", "DBSubnetGroupName"),
    grouped("AWS::DocDB::DBCluster", "VpcSecurityGroupIds", "DBSubnetGroupName"),
    grouped("AWS::Neptune::DBCluster", "VpcSecurityGroupIds", "DBSubnetGroupName"),
    grouped("AWS::ElastiCache::ReplicationGroup", "SecurityGroupIds", "CacheSubnetGroupName"),
    grouped("AWS::ElastiCache::CacheCluster", "VpcSecurityGroupIds", "CacheSubnetGroupName"),
    grouped("AWS::MemoryDB::Cluster", "SecurityGroupIds", "SubnetGroupName"),
    grouped("AWS::DAX::Cluster", "SecurityGroupIds", "SubnetGroupName"),
    grouped("AWS::Redshift::Cluster", "VpcSecurityGroupIds", "ClusterSubnetGroupName"),
    form("AWS::RedshiftServerless::Workgroup", "SecurityGroupIds", "SubnetIds"),
    form("AWS::ElastiCache::ServerlessCache", "SecurityGroupIds", "SubnetIds"),
    form("AWS::MSK::Cluster", "BrokerNodeGroupInfo.SecurityGroups", "BrokerNodeGroupInfo.ClientSubnets"),
    form("AWS::MSK::ServerlessCluster", "VpcConfigs.0.SecurityGroups", "VpcConfigs.0.SubnetIds"),
    form("AWS::EKS::Cluster", "ResourcesVpcConfig.SecurityGroupIds", "ResourcesVpcConfig.SubnetIds"),
    form("AWS::ElasticLoadBalancingV2::LoadBalancer", "SecurityGroups", "Subnets"),
    form("AWS::ElasticLoadBalancing::LoadBalancer", "SecurityGroups", "Subnets"),
    form("AWS::EC2::VPCEndpoint", "SecurityGroupIds", "SubnetIds"),
    form("AWS::EC2::NetworkInterface", "GroupSet", "SubnetId"),
    form("AWS::Lambda::Function", "VpcConfig.SecurityGroupIds", "VpcConfig.SubnetIds"),
    form("AWS::EFS::MountTarget", "SecurityGroups", "SubnetId"),
    form("AWS::OpenSearchService::Domain", "VPCOptions.SecurityGroupIds", "VPCOptions.SubnetIds"),
    form("AWS::Elasticsearch::Domain", "VPCOptions.SecurityGroupIds", "VPCOptions.SubnetIds"),
    form("AWS::AmazonMQ::Broker", "SecurityGroups", "SubnetIds"),
    form(
        "AWS::ECS::Service",
        "NetworkConfiguration.AwsvpcConfiguration.SecurityGroups",
        "NetworkConfiguration.AwsvpcConfiguration.Subnets",
    ),
    form("AWS::CodeBuild::Project", "VpcConfig.SecurityGroupIds", "VpcConfig.Subnets"),
    form("AWS::EKS::Nodegroup", "", "Subnets"),
];

/// Returns the interface of a resource, or `None` if it has no interface in a VPC.
pub fn interface(world: &World, id: ResourceId) -> Option<Interface> {
    let resource = world.resource(id);
    // An instance of a database cluster has the security groups of the cluster.
    if let Some(cluster) = world.named_by(resource.property("DBClusterIdentifier"))
        && resource.type_name == "AWS::RDS::DBInstance"
    {
        return interface(world, cluster);
    }
    if resource.type_name == "AWS::EFS::FileSystem" {
        return file_system(world, id);
    }
    if instances::is_made(&resource.type_name) {
        return Some(instances::interface(world, id));
    }
    let form = FORMS.iter().find(|form| form.type_name == resource.type_name)?;
    let mut subnets = match form.subnet_group {
        Some((by, field)) => {
            let group = world.named_by(resource.property(by));
            group.map(|group| world.all_named_by(world.resource(group).property(field))).unwrap_or_default()
        }
        None => world.all_named_by(resource.property(form.subnets)),
    };
    if resource.type_name == "AWS::ElasticLoadBalancingV2::LoadBalancer" {
        let mappings = resource.property("SubnetMappings").as_array().into_iter().flatten();
        subnets.extend(mappings.filter_map(|it| world.named_by(&it["SubnetId"])));
    }
    let mut interface = Interface {
        title: resource.title(),
        at: resource.at.clone(),
        subnets,
        addresses: resource.property("PrivateIpAddress").as_str().and_then(spans).unwrap_or_default(),
        field: form.groups.to_owned(),
        is_public: is_public(world, resource),
        public: public(&resource.type_name),
        ..Interface::default()
    };
    let listed = |value: &Value| -> Vec<String> {
        match value {
            Value::Array(items) => items.iter().filter_map(group_key).collect(),
            one => group_key(one).into_iter().collect(),
        }
    };
    interface.groups = match resource.type_name.as_str() {
        "AWS::EKS::Nodegroup" => node_groups(world, resource, &mut interface.field),
        "AWS::EKS::Cluster" => {
            let mut groups = listed(resource.property(form.groups));
            groups.extend(cluster_group(resource));
            groups
        }
        _ => listed(resource.property(form.groups)),
    };
    let is_gateway =
        resource.type_name == "AWS::EC2::VPCEndpoint" && resource.properties["VpcEndpointType"] != "Interface";
    let is_without = resource.type_name == "AWS::Lambda::Function" && interface.subnets.is_empty();
    if is_gateway || is_without {
        return None;
    }
    if interface.subnets.is_empty() {
        interface.unknown = format!("the subnets of {} are not in the files", interface.title);
    }
    Some(interface)
}

/// Returns the interface of a file system, which consists of its mount targets.
fn file_system(world: &World, id: ResourceId) -> Option<Interface> {
    let targets = world.of_type("AWS::EFS::MountTarget").iter().copied();
    let own = targets.filter(|it| world.named_by(world.resource(*it).property("FileSystemId")) == Some(id));
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
fn node_groups(world: &World, nodes: &Resource, field: &mut String) -> Vec<String> {
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
            let cluster = world.named_by(nodes.property("ClusterName")).or_else(|| {
                let is_it =
                    |id: &&ResourceId| world.resource(**id).properties["Name"] == nodes.properties["ClusterName"];
                world.of_type("AWS::EKS::Cluster").iter().find(is_it).copied()
            });
            cluster.and_then(|it| cluster_group(world.resource(it))).into_iter().collect()
        }
    }
}

/// Returns the property of a type that assigns a public address.
fn public(type_name: &str) -> Option<Public> {
    let (field, open, closed): (_, Value, Value) = match type_name {
        "AWS::ElasticLoadBalancingV2::LoadBalancer" | "AWS::ElasticLoadBalancing::LoadBalancer" => {
            ("Scheme", "internet-facing".into(), "internal".into())
        }
        "AWS::RDS::DBInstance"
        | "AWS::RDS::DBCluster"
        | "AWS::Redshift::Cluster"
        | "AWS::AmazonMQ::Broker"
        | "AWS::RedshiftServerless::Workgroup" => ("PubliclyAccessible", true.into(), false.into()),
        "AWS::ECS::Service" => {
            let field = "NetworkConfiguration.AwsvpcConfiguration.AssignPublicIp";
            (field, "ENABLED".into(), "DISABLED".into())
        }
        "AWS::MSK::Cluster" => {
            let field = "BrokerNodeGroupInfo.ConnectivityInfo.PublicAccess.Type";
            (field, "SERVICE_PROVIDED_EIPS".into(), "DISABLED".into())
        }
        _ => return None,
    };
    Some(Public { field, open, closed })
}

/// Returns whether it has a public address.
fn is_public(world: &World, resource: &Resource) -> Option<bool> {
    match resource.type_name.as_str() {
        // Both are internet-facing by default.
        "AWS::ElasticLoadBalancingV2::LoadBalancer" | "AWS::ElasticLoadBalancing::LoadBalancer" => {
            Some(resource.properties["Scheme"] != "internal")
        }
        "AWS::RDS::DBInstance"
        | "AWS::RDS::DBCluster"
        | "AWS::Redshift::Cluster"
        | "AWS::AmazonMQ::Broker"
        | "AWS::RedshiftServerless::Workgroup" => match &resource.properties["PubliclyAccessible"] {
            Value::Null => Some(false),
            value => flag(value),
        },
        "AWS::EKS::Nodegroup" => {
            let subnets = world.all_named_by(resource.property("Subnets"));
            Some(subnets.iter().any(|it| flag(world.resource(*it).property("MapPublicIpOnLaunch")) == Some(true)))
        }
        "AWS::ECS::Service" => {
            Some(resource.property("NetworkConfiguration.AwsvpcConfiguration.AssignPublicIp") == "ENABLED")
        }
        "AWS::MSK::Cluster" => {
            let access = resource.property("BrokerNodeGroupInfo.ConnectivityInfo.PublicAccess.Type");
            Some(access == "SERVICE_PROVIDED_EIPS")
        }
        _ => Some(false),
    }
}

/// Whether a subnet has a route to an internet gateway, according to the files.
pub fn is_facing_internet(world: &World, subnet: ResourceId) -> bool {
    let associations = world.of_type("AWS::EC2::SubnetRouteTableAssociation").iter().map(|id| world.resource(*id));
    let own = associations.filter(|it| world.named_by(&it.properties["SubnetId"]) == Some(subnet));
    let tables: Vec<ResourceId> = own.filter_map(|it| world.named_by(&it.properties["RouteTableId"])).collect();
    world.of_type("AWS::EC2::Route").iter().map(|id| world.resource(*id)).any(|route| {
        let table = world.named_by(&route.properties["RouteTableId"]);
        let gateway = world.named_by(&route.properties["GatewayId"]);
        table.is_some_and(|it| tables.contains(&it))
            && gateway.is_some_and(|it| world.resource(it).type_name == "AWS::EC2::InternetGateway")
    })
}
