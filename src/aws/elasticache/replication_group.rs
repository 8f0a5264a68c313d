//! Caches with nodes of a selected type.

use super::existing::ExistingCache;
use super::users::{self, Users};
use super::{Access, Engine, PORT};
use crate::aws::connect::{Client, Endpoint};
use crate::aws::data;
use crate::aws::existing;
use crate::aws::iam::Grantee;
use crate::aws::kms::Key;
use crate::aws::security::SecurityGroup;
use crate::aws::vpc::Vpc;
use crate::cfn::elasticache;
use crate::cfn::elasticache::replication_group as shape;
use crate::cfn::ids::SecurityGroupId;
use crate::diag::Diagnostic;
use crate::facts::versions::elasticache as versions;
use crate::node::OnDelete;
use crate::text;
use crate::tree::{Construct, Scope};
use crate::units::Cidr;
use crate::val::{Map, Val};

/// Properties of a [`ReplicationGroup`].
#[derive(Clone)]
pub struct ReplicationGroupProps {
    /// The cache engine. Default: Valkey.
    pub engine: Engine,
    /// The version of the engine. Default: `8.2` for Valkey, `7.1` for Redis.
    pub engine_version: Option<String>,
    /// The type of each node. Default: `cache.t4g.small`.
    pub node_type: String,
    /// The number of nodes, one primary and its replicas, from 1 to 6. Default: 2.
    ///
    /// With two or more nodes, automatic failover promotes a replica in another zone.
    pub cache_clusters: u8,
    /// The authentication of services. Default: IAM.
    pub access: Access,
    /// The key that encrypts data and logs. Default: a separate key.
    pub key: Option<Key>,
    /// Engine parameters that differ from the engine defaults, such as `("maxmemory-policy", "allkeys-lru")`. Default:
    /// none.
    pub parameters: Vec<(String, String)>,
    /// The retention of daily snapshots in days. 0 disables snapshots. Default: 7.
    pub snapshot_retention_days: u8,
    /// The snapshot window in UTC, at least one hour. Default: `03:00-04:00`.
    pub snapshot_window: String,
    /// The maintenance window in UTC, at least one hour. Default: `sun:04:00-sun:05:00`.
    pub maintenance_window: String,
    /// The retention of the slow log in days. Default: 30.
    pub log_retention_days: u16,
    /// The deletion policy, which applies when the resource is removed from the stack. Default: a final snapshot is
    /// taken.
    pub on_delete: OnDelete,
}

impl Default for ReplicationGroupProps {
    fn default() -> Self {
        Self {
            engine: Engine::Valkey,
            engine_version: None,
            node_type: "cache.t4g.small".to_owned(),
            cache_clusters: 2,
            access: Access::Iam,
            key: None,
            parameters: Vec::new(),
            snapshot_retention_days: 7,
            snapshot_window: "03:00-04:00".to_owned(),
            maintenance_window: "sun:04:00-sun:05:00".to_owned(),
            log_retention_days: 30,
            on_delete: OnDelete::Snapshot,
        }
    }
}

/// A replicated cache in the isolated subnets of a VPC.
///
/// Defines the nodes, their subnet, parameter and security groups, the slow log group, and one user. The user may run
/// all commands except those in the category `dangerous`. Data is encrypted at rest and in transit, so clients use TLS.
/// If the VPC has no isolated subnets, the private subnets are used.
///
/// # Diagnostics
///
/// - `MS0307`: a window is malformed, too short, or overlaps the other window.
/// - `MS0308`: IAM access to Redis before 7.0.
/// - `MS0309`: ElastiCache does not support the version.
///
/// # Example
///
/// ```
/// # use meshsynth::{App, Env, Stack, aws, elasticache};
/// # let app = App::new("shop");
/// # let data = Stack::new(&app, "data", Env::region("eu-west-1"));
/// # let vpc = aws::Vpc::new(&data, "vpc", aws::VpcProps::default());
/// let sessions = elasticache::ReplicationGroup::new(&data, "sessions", &vpc, elasticache::ReplicationGroupProps {
///     node_type: "cache.r7g.large".into(),
///     ..Default::default()
/// });
/// let url = sessions.url(); // rediss://<address>:6379
/// ```
///
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-elasticache-replicationgroup.html>
#[derive(Clone)]
pub struct ReplicationGroup {
    pub(super) scope: Scope,
    pub(super) name: Val<String>,
    pub(super) primary_address: Val<String>,
    pub(super) reader_address: Val<String>,
    pub(super) port: u16,
    pub(super) has_tls: bool,
    /// The security group, or `None` for a bare cache whose security group is unknown.
    pub(super) security_group: Option<SecurityGroup>,
    pub(super) cidrs: Vec<Cidr>,
    /// The users, or `None` for a bare cache whose users are unknown.
    pub(super) users: Option<Users>,
    pub(super) engine: Engine,
    pub(super) access: Access,
    /// The number of shards of a bare cache with cluster mode enabled.
    pub(super) shards: Option<u8>,
    /// The number of nodes of each shard.
    pub(super) nodes: u8,
}

impl ReplicationGroup {
    /// Defines a cache in a VPC.
    #[track_caller]
    pub fn new(scope: &impl Construct, id: &str, vpc: &Vpc, props: ReplicationGroupProps) -> Self {
        Self::define(scope.scope().construct(id), vpc, props, None)
    }

    /// Defines a standalone cache, or a secondary cache of the global datastore `follows`.
    ///
    /// A secondary cache inherits engine, version, node type and encryption from the primary cache. Its template must
    /// not specify them.
    #[track_caller]
    pub(super) fn define(scope: Scope, vpc: &Vpc, props: ReplicationGroupProps, follows: Option<Val<String>>) -> Self {
        let tier = data::tier(vpc);
        let key = data::key_or_own(&scope, props.key.clone());
        let path = scope.path();
        let security_group = SecurityGroup::answering(&scope, "security-group", vpc, &format!("Cache {path}"));
        let subnets = elasticache::SubnetGroup::new(format!("Subnets of {path}"), vpc.subnet_ids(tier));
        let subnets = subnets.define(&scope, "subnets");
        let (users, user_group) = users::define(&scope, props.engine, props.access, &key);
        let logs = data::Logs { retention_days: props.log_retention_days, key: &key, on_delete: props.on_delete };
        let logs = data::log_group(&scope, "logs", Some(data::delivery_name(&scope, "elasticache")), logs);
        let has_replica = props.cache_clusters > 1;
        let group = elasticache::ReplicationGroup::new(format!("Cache {path}"))
            .num_cache_clusters(props.cache_clusters)
            .automatic_failover_enabled(has_replica)
            .multi_az_enabled(has_replica)
            .port(PORT)
            .cache_subnet_group_name(subnets.reference())
            .security_group_ids([security_group.id()])
            .user_group_ids([user_group])
            .kms_key_id(key.arn())
            .auto_minor_version_upgrade(true)
            .preferred_maintenance_window(props.maintenance_window.clone())
            .log_delivery_configurations([slow_log(logs.name())]);
        let group = match follows {
            Some(global) => group.global_replication_group_id(global),
            None => leading(group, &scope, &props),
        };
        let group = match props.snapshot_retention_days {
            0 => group.snapshot_retention_limit(0),
            days => group.snapshot_retention_limit(days).snapshot_window(props.snapshot_window.clone()),
        };
        let group = group.define(&scope, "resource");
        group.on_delete(props.on_delete);
        let nodes = if has_replica { format!(", {} nodes", props.cache_clusters) } else { String::new() };
        data::diagram(&scope, vpc, "cache", format!("{}{nodes}", props.engine.name()));
        let cidrs = vpc.subnet_cidrs(tier);
        Self {
            scope,
            name: group.reference(),
            primary_address: group.primary_end_point_address(),
            reader_address: group.reader_end_point_address(),
            port: PORT,
            has_tls: true,
            security_group: Some(security_group),
            cidrs,
            users: Some(users),
            engine: props.engine,
            access: props.access,
            shards: None,
            nodes: props.cache_clusters,
        }
    }

    /// Refers to an existing cache with cluster mode disabled.
    #[track_caller]
    pub fn import(scope: &impl Construct, id: &str, existing: ExistingCache) -> Self {
        let scope = scope.scope().construct(id);
        data::diagram(&scope, &existing.vpc, "cache", existing.engine.name().to_owned());
        existing.check(&scope);
        let access = if existing.secret.is_some() { Access::Password } else { Access::Iam };
        let users = users::imported(&scope, existing.user, existing.secret);
        let primary_address = scope.read_here(existing.address);
        let reader_address = existing.reader_address.map_or_else(|| primary_address.clone(), |it| scope.read_here(it));
        let security_group = SecurityGroup::import(&scope, "security-group", existing.security_group);
        let cidrs = existing.vpc.subnet_cidrs(data::tier(&existing.vpc));
        Self {
            name: scope.read_here(existing.name),
            scope,
            primary_address,
            reader_address,
            port: PORT,
            has_tls: true,
            security_group: Some(security_group),
            cidrs,
            users: Some(users),
            engine: existing.engine,
            access,
            shards: None,
            nodes: existing.nodes,
        }
    }

    /// Returns the name of the cache. Clients sign IAM tokens for this name.
    pub fn name(&self) -> Val<String> {
        self.name.clone()
    }

    /// Returns the names of the nodes, which identify them in metrics.
    pub fn node_names(&self) -> Vec<Val<String>> {
        let of_shard = |shard: String| {
            (1..=self.nodes).map(move |number| crate::text![self.name(), format!("{shard}-{number:03}")])
        };
        match self.shards {
            None => of_shard(String::new()).collect(),
            Some(shards) => (1..=shards).flat_map(|shard| of_shard(format!("-{shard:04}"))).collect(),
        }
    }

    /// Returns the host name of the primary node.
    pub fn primary_address(&self) -> Val<String> {
        self.primary_address.clone()
    }

    /// Returns the reader endpoint, which distributes connections over the replicas.
    pub fn reader_address(&self) -> Val<String> {
        self.reader_address.clone()
    }

    /// Returns the port of the cache. It is 6379 unless the resource of a bare cache sets another port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Returns the URL of the cache, without a user or a password. The URL uses TLS, unless the resource of a bare
    /// cache does not enable encryption in transit.
    pub fn url(&self) -> Val<String> {
        let scheme = if self.has_tls { "rediss://" } else { "redis://" };
        text![scheme, self.primary_address(), format!(":{}", self.port)]
    }

    /// Returns the user name with which services log in.
    pub fn user(&self) -> &str {
        self.users.as_ref().map_or("default", |users| &users.name)
    }

    /// Returns the secret with the fields `username` and `password`, or `None` with IAM access.
    pub fn secret(&self) -> Option<crate::Secret> {
        self.users.as_ref()?.secret.as_ref().map(crate::secrets::Secret::secret)
    }

    /// Returns the network endpoint of the cache.
    #[track_caller]
    pub fn endpoint(&self) -> Endpoint {
        let security_group = match &self.security_group {
            Some(group) => group.id(),
            None => {
                existing::incomplete(&self.scope, "network");
                SecurityGroupId::new("sg-00000000").into()
            }
        };
        Endpoint { owner: self.scope.clone(), security_group, port: self.port, cidrs: self.cidrs.clone() }
    }

    /// Lets a client connect.
    #[track_caller]
    pub fn allow_from(&self, client: &impl Client) {
        let endpoint = self.endpoint();
        if self.security_group.is_some() {
            endpoint.allow_from(client);
        }
    }

    /// Lets the grantee log in, either with its role or by reading the password.
    #[track_caller]
    pub fn grant_connect(&self, grantee: &impl Grantee) {
        let Some(users) = &self.users else { return existing::incomplete(&self.scope, "user") };
        match &users.secret {
            Some(secret) => secret.grant_read(grantee),
            None => users::grant_connect(&self.scope, users, ("replicationgroup", self.name()), grantee),
        }
    }
}

impl Construct for ReplicationGroup {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}

/// Sets the properties that only a primary or a standalone cache specifies. A secondary cache inherits them.
fn leading(
    group: elasticache::ReplicationGroup,
    scope: &Scope,
    props: &ReplicationGroupProps,
) -> elasticache::ReplicationGroup {
    let version = version(scope, props);
    group
        .engine(props.engine.word())
        .engine_version(version.clone())
        .cache_node_type(props.node_type.clone())
        .cache_parameter_group_name(parameter_group(scope, props, &version))
        .at_rest_encryption_enabled(true)
        .transit_encryption_enabled(true)
        .transit_encryption_mode("required")
}

/// Returns the engine version, and reports a version without IAM support. The version and the access type are in
/// different resources, so a rule for the model cannot check them.
fn version(scope: &Scope, props: &ReplicationGroupProps) -> String {
    let version = props.engine_version.clone().unwrap_or_else(|| match props.engine {
        Engine::Valkey => versions::VALKEY.to_owned(),
        Engine::Redis => versions::REDIS.to_owned(),
    });
    let is_too_old = versions::major_minor(&version).is_some_and(|it| it < (7, 0));
    if props.access == Access::Iam && is_too_old {
        scope.report(
            Diagnostic::error("MS0308", format!("IAM authentication requires version 7.0, but `{version}` is older"))
                .help("use version 7.0 or later, or `Access::Password`"),
        );
    }
    version
}

fn parameter_group(scope: &Scope, props: &ReplicationGroupProps, version: &str) -> Val<String> {
    let family = versions::family(props.engine.word(), version);
    let group = elasticache::ParameterGroup::new(family, format!("Parameters of {}", scope.path()));
    let group = match props.parameters.is_empty() {
        true => group,
        false => group.properties(Val::Known(props.parameters.iter().cloned().collect::<Map<String>>())),
    };
    group.define(scope, "parameters").reference()
}

fn slow_log(group: Val<String>) -> shape::LogDeliveryConfigurationRequest {
    let details = shape::CloudWatchLogsDestinationDetails::new(group);
    let details = shape::DestinationDetails::new().cloud_watch_logs_details(details);
    shape::LogDeliveryConfigurationRequest::new(details, "cloudwatch-logs", "json", "slow-log")
}

#[cfg(test)]
mod tests {
    use super::{ReplicationGroup, ReplicationGroupProps};
    use crate::aws;
    use crate::elasticache::{Access, Engine};
    use crate::testing::{Platform, stack};

    fn cache(props: ReplicationGroupProps) -> Platform {
        Platform::synth("shop", |app| {
            let data = stack(app, "data");
            let vpc = aws::Vpc::new(&data, "vpc", aws::VpcProps::default());
            ReplicationGroup::new(&data, "sessions", &vpc, props);
        })
    }

    #[test]
    fn enables_failover_with_two_nodes() {
        for (cache_clusters, takes_over) in [(1, false), (2, true)] {
            let platform = cache(ReplicationGroupProps { cache_clusters, ..Default::default() });
            let props = platform.resource("AWS::ElastiCache::ReplicationGroup").props;
            assert_eq!(props["AutomaticFailoverEnabled"], takes_over);
            assert_eq!(props["MultiAZEnabled"], takes_over);
        }
    }

    #[test]
    fn iam_access_defines_no_password() {
        let platform = cache(ReplicationGroupProps::default());
        let user = platform.resource("AWS::ElastiCache::User").props;
        assert_eq!(user["UserId"], user["UserName"]);
        assert_eq!(user["AuthenticationMode"]["Type"], "iam");
        assert!(platform.resources("AWS::SecretsManager::Secret").is_empty());
    }

    #[test]
    fn disables_default_redis_user_and_keeps_password_reference() {
        let platform =
            cache(ReplicationGroupProps { engine: Engine::Redis, access: Access::Password, ..Default::default() });
        let users = platform.resources("AWS::ElastiCache::User");
        let (default, other): (Vec<_>, Vec<_>) = users.iter().partition(|user| user.props["UserName"] == "default");
        assert_eq!(default[0].props["AccessString"], "off -@all");
        assert!(other[0].props["AuthenticationMode"].to_string().contains("{{resolve:secretsmanager:"));
    }
}
