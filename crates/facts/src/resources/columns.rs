//! The types of the column values.

/// The content that a resource stores.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// Rows, items or documents of a database.
    Database,
    /// Entries of a cache.
    Cache,
    /// Messages of a queue or a broker.
    Queue,
    /// Messages that are delivered immediately, without storage.
    Topic,
    /// Records of a stream.
    Stream,
    /// Objects of a bucket.
    Bucket,
    /// Files.
    Files,
    /// A search index.
    Search,
    /// A secret.
    Secret,
    /// A parameter, whose value is in the template.
    Parameter,
    /// Key material.
    Key,
    /// A certificate, which AWS can reissue.
    Certificate,
    /// Images or packages.
    Registry,
    /// User accounts.
    Users,
    /// The schedule and the targets of backups.
    Plan,
    /// Backups, snapshots or archives.
    Backups,
    /// Log events.
    Logs,
    /// Blocks of a volume.
    Volume,
    /// Records of a DNS zone.
    Zone,
    /// Other stores that belong to it, such as the clusters of a global cluster.
    Container,
    /// The data of another resource. This resource is only an endpoint of the other resource.
    Endpoint,
    /// Other data.
    Records,
}

impl Holds {
    /// Whether deleting the resource deletes data.
    pub fn is_data(self) -> bool {
        !matches!(self, Holds::Topic | Holds::Parameter | Holds::Certificate | Holds::Plan | Holds::Endpoint)
    }

    /// Whether clients read and write data through the resource.
    pub fn is_store(self) -> bool {
        matches!(
            self,
            Holds::Database
                | Holds::Cache
                | Holds::Queue
                | Holds::Topic
                | Holds::Stream
                | Holds::Bucket
                | Holds::Files
                | Holds::Search
                | Holds::Endpoint
        )
    }

    /// Whether the content gives access to other data.
    pub fn is_access(self) -> bool {
        matches!(self, Holds::Secret | Holds::Parameter | Holds::Key)
    }

    /// Whether workloads need the content in order to start or to read other data.
    pub fn is_support(self) -> bool {
        self.is_access() || matches!(self, Holds::Certificate | Holds::Registry | Holds::Users | Holds::Plan)
    }
}

/// The ports on which a resource listens.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Ports {
    /// The facts do not specify the ports.
    #[default]
    Unknown,
    /// Only the security groups restrict the ports.
    Any,
    /// Other resources or properties specify the ports.
    Listeners,
    /// The ports of each engine, the usual port first. The list is empty for a resource that only opens connections.
    ByEngine {
        /// The property that names the engine.
        property: &'static str,
        /// Pairs of a name prefix of engines and their ports. If the prefix begins with `*`, the rest of it can occur
        /// anywhere in the name. The last pair has an empty prefix and applies to all other engines.
        rows: Vec<(&'static str, Vec<u16>)>,
    },
}

impl Ports {
    /// Returns the ports of an engine, or `None` if they are unknown.
    pub fn of(&self, engine: &str) -> Option<&[u16]> {
        let Ports::ByEngine { rows, .. } = self else { return None };
        rows.iter().find(|(text, _)| fits(text, engine)).map(|(_, ports)| ports.as_slice())
    }
}

/// Whether a row is for an engine.
fn fits(text: &str, engine: &str) -> bool {
    match text.strip_prefix('*') {
        Some(part) => engine.contains(part),
        None => engine.starts_with(text),
    }
}

/// The authentication that clients need on the ports of a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Login {
    /// A user of a database, by IAM or with a password.
    Database,
    /// A client of Kafka brokers.
    Brokers,
    /// A user of a cache.
    Cache,
    /// A client of a file system.
    Files,
    /// A caller of a search domain.
    Search,
    /// A password that the platform does not contain.
    Password,
}

/// The network interfaces of a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interfaces {
    /// Interfaces that properties of the resource specify.
    Own {
        /// The paths and the owner of its subnets.
        subnets: Source,
        /// The path of its security groups. It is empty if no property specifies them.
        groups: &'static str,
        /// The path of additional subnets. It is empty if there are none.
        mappings: &'static str,
        /// Whether the resource has no interface if the subnets are not set.
        is_optional: bool,
    },
    /// The interfaces of the parent resource, such as the cluster of a database instance.
    OfMember,
    /// Interfaces of another resource type, which refers to this resource.
    Through {
        /// The other type.
        type_name: &'static str,
        /// The property of the other type that names this resource.
        by: &'static str,
    },
    /// Interfaces that the tool does not model.
    Unmodelled {
        /// The reason.
        why: &'static str,
        /// The paths of the properties that create interfaces. The resource has interfaces if one of them is set.
        when: &'static [&'static str],
    },
}

/// The setting that gives network interfaces IPv6 addresses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ipv6 {
    /// A property with the address family. If there is no such property, all addresses are IPv4.
    #[default]
    Family,
    /// The properties of the interface or of its subnet.
    Assigned,
    /// A setting of the AWS account, for interfaces in subnets with IPv6 addresses.
    Account,
}

/// The location of subnets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The path of the subnets.
    Path(&'static str),
    /// The path of the property that names a subnet group. The subnet group contains `SubnetIds`.
    Group(&'static str),
}

/// The effect of a zone failure on a resource with several subnets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Zones {
    /// The facts do not specify the effect.
    #[default]
    Unknown,
    /// The resource runs in each of its subnets, and continues to run in the remaining subnets.
    Spread,
    /// Like `Spread`. In addition, AWS rejects the resource if all of its subnets are in one zone.
    Distinct,
}

impl Zones {
    /// Whether the resource runs in each of its subnets.
    pub fn is_spread(self) -> bool {
        self != Zones::Unknown
    }
}

/// The property that assigns a public address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Public {
    /// The property.
    pub property: &'static str,
    /// The text of the value that assigns a public address. `None` means `true`.
    pub open: Option<&'static str>,
    /// The text of the value that assigns no public address. `None` means `false`.
    pub closed: Option<&'static str>,
    /// Whether the default value assigns a public address.
    pub is_default: bool,
}

/// The format of an ARN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arn {
    /// The service.
    pub service: &'static str,
    /// The text before the name.
    pub before: &'static str,
    /// The property that contains the name. It is empty if AWS generates the name.
    pub name: &'static str,
    /// The text after the name. In it, `{}` represents an id that AWS generates.
    pub after: &'static str,
    /// Whether `Ref` returns the ARN.
    pub is_ref: bool,
}

/// A representative API action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Access {
    /// One word for the kind of access, such as `read`.
    pub word: &'static str,
    /// The action, such as `s3:GetObject`.
    pub action: &'static str,
    /// The target of the action.
    pub on: AccessTarget,
}

/// The target of an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccessTarget {
    /// The resource itself.
    Itself,
    /// An object below its ARN, such as an object of a bucket.
    Below,
    /// A topic of a broker cluster.
    Topic,
    /// A database user.
    User,
}

/// The key that callers of an API must be allowed to use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyUse {
    /// The property that names the key.
    pub property: &'static str,
    /// The service that uses the key for the caller.
    pub service: &'static str,
}

/// A resource policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// The property that names the target of the policy. It is empty if the policy applies to the resource itself.
    pub of: &'static str,
    /// The property with the document. `Statement` is a single statement.
    pub document: &'static str,
}

/// The role of a type in IAM.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Identity {
    /// A role, a user or a group.
    Principal,
    /// A policy of roles, users and groups.
    Policy,
}

/// A property that limits how long a resource keeps data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// The property.
    pub property: &'static str,
    /// The value if the property is not set. `None` means unlimited.
    pub unset: Option<i64>,
    /// The data that expires.
    pub of: Retained,
}

/// Data that expires.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retained {
    /// Automated backups.
    Backups,
    /// Automated snapshots.
    Snapshots,
    /// Snapshots that a user takes.
    ManualSnapshots,
    /// Records of a stream or a table.
    Records,
    /// Log events.
    LogEvents,
    /// Messages.
    Messages,
    /// Archived events.
    Events,
    /// Metric samples.
    Samples,
    /// Points in time that can be restored.
    PointsInTime,
}

/// The property that enables backups.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backup {
    /// The property.
    pub property: &'static str,
    /// The text of the value that enables backups. `None` means `true`.
    pub on: Option<&'static str>,
}

/// The version of an engine that cannot be downgraded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// The property.
    pub property: &'static str,
    /// The property that names the engine. It is empty if the type has only one engine.
    pub engine: &'static str,
    /// The number of major version components by engine, in the notation of [`Ports::ByEngine`].
    pub major: Vec<(&'static str, usize)>,
    /// Whether a separate property must allow a major upgrade.
    pub needs_permission: bool,
    /// The vendor's page.
    pub page: &'static str,
}

impl Version {
    /// Returns how many components the major versions of an engine have.
    pub fn major_of(&self, engine: &str) -> usize {
        self.major.iter().find(|(text, _)| fits(text, engine)).map_or(1, |(_, n)| *n)
    }
}
