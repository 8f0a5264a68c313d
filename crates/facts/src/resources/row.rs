//! The columns of a row.

use super::columns::{
    Access, Arn, Backup, Holds, Identity, Interfaces, Ipv6, KeyUse, Login, Policy, Ports, Public, Retention, Version,
    Zones,
};
use super::limits::{Growth, Guard, InstanceClasses, Quota, Stop, Window};

/// The facts about one resource type. Property paths are dotted; `*` represents the items of a list.
#[derive(Debug, Default)]
pub struct ResourceFacts {
    /// The type, such as `AWS::EC2::Subnet`. It is empty for a type without a row.
    pub type_name: &'static str,
    /// The content that the resource stores.
    pub holds: Option<Holds>,
    /// The property that refers to the parent resource, such as the cluster of a database instance.
    pub member: Option<&'static str>,
    /// The properties that name the source of a copy. A copy needs no backups or deletion protection itself.
    pub replica: Vec<&'static str>,
    /// The properties that name the source of replicated data, or the group of stores that replicate the data to each
    /// other.
    pub follows: Vec<&'static str>,
    /// Whether clients are interrupted while the resource is missing.
    pub is_serving: bool,
    /// Whether its network interfaces accept no connections for the resource itself: they only open connections, or are
    /// endpoints of another service.
    pub is_client: bool,
    /// Whether it runs code of the platform, except pods.
    pub is_compute: bool,
    /// Whether it determines the routes, filters or addresses of a network.
    pub is_network: bool,
    /// Whether its public exposure depends on its own properties.
    pub is_exposable: bool,
    /// The ports on which it listens.
    pub ports: Ports,
    /// The login that clients need on its ports.
    pub login: Option<Login>,
    /// The method of its construct that declares a relation, such as `allow_from`.
    pub relation: Option<&'static str>,
    /// The path of its construct, such as `rds::Database`.
    pub construct: Option<&'static str>,
    /// The properties with its network interfaces.
    pub interfaces: Option<Interfaces>,
    /// The setting that gives its network interfaces IPv6 addresses.
    pub ipv6: Ipv6,
    /// The property with its subnets, which must remain in one VPC.
    pub fixed_vpc: Option<&'static str>,
    /// The effect of a zone failure on the resource.
    pub zones: Zones,
    /// The property that assigns a public address.
    pub public: Option<Public>,
    /// The format of its ARN.
    pub arn: Option<Arn>,
    /// Its representative API actions.
    pub uses: Vec<Access>,
    /// The key that callers of its API must be allowed to use.
    pub key: Option<KeyUse>,
    /// The resource policy that it contains.
    pub policy: Option<Policy>,
    /// Its role in IAM.
    pub identity: Option<Identity>,
    /// Whether CloudFormation needs a capability to create it.
    pub needs_capability: bool,
    /// The properties that limit how long it keeps data.
    pub retention: Vec<Retention>,
    /// The property that enables backups, unless a retention property does.
    pub backup: Option<Backup>,
    /// Whether deletion protection is enabled by default.
    pub is_protected: bool,
    /// Whether CloudFormation takes a snapshot before it deletes a resource without a deletion policy.
    pub has_snapshot: bool,
    /// The version of its engine.
    pub version: Option<Version>,
    /// The attributes that change with each update, such as a version. A name includes all attributes below it.
    pub revision: Vec<&'static str>,
    /// The property that makes AWS reject a deletion.
    pub guard: Option<Guard>,
    /// The property values that stop the resource, so that it no longer handles requests or work.
    pub stops: Vec<Stop>,
    /// Numbers that can only grow.
    pub growth: Vec<Growth>,
    /// The properties that name an instance type.
    pub classes: Vec<InstanceClasses>,
    /// The daily window of its backups.
    pub window: Option<Window>,
    /// The property with a schedule.
    pub schedule: Option<&'static str>,
    /// The property with a time zone.
    pub time_zone: Option<&'static str>,
    /// The default quota.
    pub quota: Option<Quota>,
    /// The unit by which AWS bills it. It is empty for a free resource.
    pub billed: Option<&'static str>,
    /// The columns that a review left empty, although the schema has properties with similar names.
    pub reviewed: Vec<&'static str>,
}

impl ResourceFacts {
    /// Whether deleting the resource deletes data.
    pub fn holds_data(&self) -> bool {
        self.holds.is_some_and(Holds::is_data)
    }

    /// Whether clients read and write data through the resource.
    pub fn is_store(&self) -> bool {
        self.holds.is_some_and(Holds::is_store)
    }

    /// Whether clients reach it by network, on known ports.
    pub fn has_known_ports(&self) -> bool {
        matches!(&self.ports, Ports::ByEngine { .. }) && self.interfaces.is_some()
    }
}
