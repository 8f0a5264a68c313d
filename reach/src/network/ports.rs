//! The ports on which a resource listens.

use serde_json::Value;

use crate::ends::Port;
use crate::world::{Resource, ResourceId, World};

/// The types that may listen on any port. Only their security group rules restrict it.
const ANY_PORT: [&str; 3] = ["AWS::AutoScaling::AutoScalingGroup", "AWS::EC2::Instance", "AWS::ECS::Service"];

/// Whether a resource may listen on any port.
pub fn may_listen_on_any(world: &World, id: ResourceId) -> bool {
    ANY_PORT.contains(&world.resource(id).type_name.as_str())
}

/// Returns the ports on which a resource listens, the usual one first.
pub fn default_ports(world: &World, id: ResourceId) -> Vec<Port> {
    let resource = world.resource(id);
    let written = ["Port", "DBPort"].iter().find_map(|key| number(&resource.properties[*key]));
    let engine = resource.properties["Engine"].as_str().unwrap_or_default();
    let usual: &[u16] = match resource.type_name.as_str() {
        "AWS::RDS::DBInstance" | "AWS::RDS::DBCluster" => match engine {
            _ if engine.contains("postgres") => &[5432],
            _ if engine.starts_with("oracle") => &[1521],
            _ if engine.starts_with("sqlserver") => &[1433],
            _ => &[3306],
        },
        "AWS::ElastiCache::ReplicationGroup" | "AWS::ElastiCache::ServerlessCache" | "AWS::MemoryDB::Cluster" => {
            &[6379]
        }
        "AWS::ElastiCache::CacheCluster" if engine == "memcached" => &[11211],
        "AWS::ElastiCache::CacheCluster" => &[6379],
        "AWS::MSK::Cluster" | "AWS::MSK::ServerlessCluster" => &[9098, 9096, 9094, 9092],
        "AWS::DocDB::DBCluster" => &[27017],
        "AWS::Neptune::DBCluster" => &[8182],
        "AWS::DAX::Cluster" => &[8111, 9111],
        "AWS::Redshift::Cluster" | "AWS::RedshiftServerless::Workgroup" => &[5439],
        "AWS::EFS::FileSystem" | "AWS::EFS::MountTarget" => &[2049],
        "AWS::AmazonMQ::Broker" => &[5671, 61617, 8883, 443],
        "AWS::ElasticLoadBalancingV2::LoadBalancer" => return listeners(world, id),
        "AWS::ElasticLoadBalancing::LoadBalancer" => return classic_listeners(resource),
        // They only make outbound connections.
        "AWS::Lambda::Function" | "AWS::CodeBuild::Project" => &[],
        _ => &[443],
    };
    match written {
        Some(port) => vec![Port::tcp(port)],
        None => usual.iter().map(|port| Port::tcp(*port)).collect(),
    }
}

fn listeners(world: &World, balancer: ResourceId) -> Vec<Port> {
    let listeners = world.of_type("AWS::ElasticLoadBalancingV2::Listener").iter().map(|id| world.resource(*id));
    let own = listeners.filter(|it| world.named_by(&it.properties["LoadBalancerArn"]) == Some(balancer));
    own.filter_map(|it| number(&it.properties["Port"])).map(Port::tcp).collect()
}

fn classic_listeners(balancer: &Resource) -> Vec<Port> {
    let listeners = balancer.properties["Listeners"].as_array().into_iter().flatten();
    listeners.filter_map(|it| number(&it["LoadBalancerPort"])).map(Port::tcp).collect()
}

/// Returns a port number, which may be written as text.
pub fn number(value: &Value) -> Option<u16> {
    let number = value.as_i64().or_else(|| value.as_str()?.trim().parse().ok())?;
    u16::try_from(number).ok()
}
