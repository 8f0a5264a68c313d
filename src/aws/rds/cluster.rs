//! Aurora clusters: PostgreSQL or MySQL.

use super::engine::AuroraEngine;
use super::instances::Instances;
use super::login::{self, Login};
use super::server::{self, Network, Server};
use crate::aws::connect::{Client, Endpoint};
use crate::aws::data;
use crate::aws::iam::Grantee;
use crate::aws::kms::Key;
use crate::aws::vpc::Vpc;
use crate::cfn::rds;
use crate::cfn::rds::db_cluster::{DatabaseInsightsMode, MasterUserSecret, ServerlessV2ScalingConfiguration};
use crate::node::OnDelete;
use crate::tree::{Construct, Scope};
use crate::val::Val;

/// The size of the instances of a [`Cluster`].
#[derive(Clone, Debug, PartialEq)]
pub enum Capacity {
    /// Serverless instances, which scale between two numbers of Aurora capacity units (ACUs). One ACU has about 2
    /// GiB of memory.
    Serverless {
        /// The minimum, from 0 to 256 in steps of 0.5. At 0, the instance pauses while it has no connections.
        min: f64,
        /// The maximum, from 1 to 256.
        max: f64,
    },
    /// Provisioned instances of this class, such as `db.r8g.large`.
    Class(String),
}

/// Properties of a [`Cluster`].
#[derive(Clone)]
pub struct ClusterProps {
    /// The engine and its version. Default: Aurora PostgreSQL in a current minor version of 17.
    pub engine: AuroraEngine,
    /// The size of the instances. Default: serverless, 0.5 to 4 ACUs.
    pub capacity: Capacity,
    /// The number of instances: one writer, and readers that Aurora can promote to writer. Default: 2.
    pub instances: u8,
    /// The name of the first database. Default: the construct's id with `_` instead of `-`.
    pub database: Option<String>,
    /// The name of the master user. Default: `postgres`, or `admin` for MySQL.
    pub user: Option<String>,
    /// The source of the master user's password. Default: Aurora generates and rotates it.
    pub login: Login,
    /// The key that encrypts storage, backups, logs and the master user's password. Default: a separate key.
    pub key: Option<Key>,
    /// The retention of automated backups in days, from 1 to 35. Default: 7.
    pub backup_retention_days: u8,
    /// The backup window in UTC, at least 30 minutes. Default: `03:00-04:00`.
    pub backup_window: String,
    /// The maintenance window in UTC, at least 30 minutes. Default: `sun:04:00-sun:05:00`.
    pub maintenance_window: String,
    /// Parameters that differ from the defaults. Default: none.
    pub parameters: Vec<(String, String)>,
    /// The log retention in CloudWatch in days. Default: 30.
    pub log_retention_days: u16,
    /// Whether deletion protection is enabled. Default: yes.
    pub deletion_protection: bool,
    /// The deletion policy, which applies when the resource is removed from the stack. Default: a final snapshot is
    /// taken.
    pub on_delete: OnDelete,
}

impl Default for ClusterProps {
    fn default() -> Self {
        Self {
            engine: AuroraEngine::postgres(),
            capacity: Capacity::Serverless { min: 0.5, max: 4.0 },
            instances: 2,
            database: None,
            user: None,
            login: Login::Managed,
            key: None,
            backup_retention_days: 7,
            backup_window: "03:00-04:00".to_owned(),
            maintenance_window: "sun:04:00-sun:05:00".to_owned(),
            parameters: Vec::new(),
            log_retention_days: 30,
            deletion_protection: true,
            on_delete: OnDelete::Snapshot,
        }
    }
}

/// An Aurora cluster, PostgreSQL or MySQL, in the isolated subnets of a VPC.
///
/// Defines the cluster, its instances, and the resources that a [`Database`](super::Database) has: groups, logs, a
/// key and a managed password.
///
/// # Diagnostics
///
/// - `MS0304`, `MS0305`: Aurora does not support the PostgreSQL version, or only with paid extended support.
/// - `MS0316`, `MS0317`: Aurora does not support the MySQL version, or only with paid extended support.
/// - `MS0307`: a window is malformed, too short, or overlaps the other window.
///
/// # Example
///
/// ```
/// # use meshsynth::{App, Env, Stack, aws, rds};
/// # let app = App::new("shop");
/// # let data = Stack::new(&app, "data", Env::region("eu-west-1"));
/// # let vpc = aws::Vpc::new(&data, "vpc", aws::VpcProps::default());
/// let db = rds::Cluster::new(&data, "orders-db", &vpc, rds::ClusterProps {
///     capacity: rds::Capacity::Serverless { min: 1.0, max: 16.0 },
///     ..Default::default()
/// });
/// let carts = rds::Cluster::new(&data, "carts-db", &vpc, rds::ClusterProps {
///     engine: rds::AuroraEngine::mysql(),
///     ..Default::default()
/// });
/// let url = carts.url(); // mysql://<address>:3306/carts_db?ssl-mode=REQUIRED
/// ```
///
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-rds-dbcluster.html>
#[derive(Clone)]
pub struct Cluster {
    pub(super) server: Server,
    pub(super) reader_address: Val<String>,
    pub(super) engine: AuroraEngine,
}

/// The role of a cluster in a global cluster.
pub(super) enum Role<'a> {
    /// A standalone cluster.
    Alone,
    /// The primary cluster of a global cluster, which accepts the writes.
    Primary(Val<String>),
    /// A secondary cluster, which replicates the primary cluster of another region.
    Secondary(Val<String>, &'a Cluster),
}

impl Cluster {
    /// Defines a cluster in a VPC.
    #[track_caller]
    pub fn new(scope: &impl Construct, id: &str, vpc: &Vpc, props: ClusterProps) -> Self {
        Self::define(scope.scope().construct(id), vpc, props, Role::Alone)
    }

    /// Defines a standalone cluster, or a member of a global cluster.
    #[track_caller]
    pub(super) fn define(scope: Scope, vpc: &Vpc, props: ClusterProps, role: Role<'_>) -> Self {
        let key = data::key_or_own(&scope, props.key.clone());
        let network = Network::new(&scope, vpc);
        let identifier = data::physical_name(&scope, 52);
        let database = match &role {
            Role::Secondary(_, primary) => primary.server.database.clone(),
            _ => props.database.clone().unwrap_or_else(|| server::database_name(&scope)),
        };
        let subnets = server::subnet_group(&scope, vpc);
        let monitoring_role = server::monitoring_role(&scope);
        let mut cluster = basics(&props)
            .db_cluster_identifier(identifier.clone())
            .db_subnet_group_name(subnets.clone())
            .db_cluster_parameter_group_name(parameter_group(&scope, &props))
            .vpc_security_group_ids([network.security_group.clone()])
            .kms_key_id(key.arn())
            .performance_insights_kms_key_id(key.arn())
            .monitoring_role_arn(monitoring_role.clone());
        cluster = match &role {
            Role::Alone => login(cluster, &props, &key).database_name(database.clone()),
            Role::Primary(global) => {
                login(cluster, &props, &key).database_name(database.clone()).global_cluster_identifier(global)
            }
            Role::Secondary(global, primary) => {
                cluster.global_cluster_identifier(global).source_region(primary.scope().region())
            }
        };
        if let Capacity::Serverless { min, max } = props.capacity {
            let range = ServerlessV2ScalingConfiguration::new().min_capacity(min).max_capacity(max);
            cluster = cluster.serverless_v2_scaling_configuration(range);
        }
        let logs = data::Logs { retention_days: props.log_retention_days, key: &key, on_delete: props.on_delete };
        let group = |log: &&str| {
            let name = format!("/aws/rds/cluster/{identifier}/{log}");
            data::log_group(&scope, &format!("logs-{log}"), Some(name), logs)
        };
        let groups: Vec<_> = props.engine.logs().iter().map(group).collect();
        let cluster = cluster.define(&scope, "resource");
        cluster.on_delete(props.on_delete);
        for group in groups {
            group.before(&cluster);
        }
        data::diagram(&scope, vpc, "database", props.engine.title());
        let class = match &props.capacity {
            Capacity::Serverless { .. } => "db.serverless".to_owned(),
            Capacity::Class(class) => class.clone(),
        };
        let (identifier, engine) = (&*identifier, &props.engine);
        Instances { number: props.instances, identifier, class, engine, subnets, monitoring_role }
            .define(&scope, &cluster);
        let secret = match (&role, &props.login) {
            (Role::Secondary(_, primary), _) => primary.server.secret.clone(),
            (_, Login::Secret(secret)) => Some(secret.secret()),
            (_, Login::Managed) => {
                Some(crate::Secret::new(cluster.master_user_secret_secret_arn()).encrypted_with(key.arn()))
            }
        };
        let server = Server {
            scope,
            identifier: cluster.reference(),
            arn: cluster.db_cluster_arn(),
            address: cluster.endpoint_address(),
            resource_id: Some(cluster.db_cluster_resource_id()),
            dialect: props.engine.dialect(),
            port: props.engine.port(),
            database,
            secret,
            network: Some(network),
        };
        Self { server, reader_address: cluster.read_endpoint_address(), engine: props.engine }
    }

    /// Returns the identifier of the cluster.
    pub fn identifier(&self) -> Val<String> {
        self.server.identifier.clone()
    }

    /// Returns the ARN of the cluster.
    pub fn arn(&self) -> Val<String> {
        self.server.arn.clone()
    }

    /// Returns the host name of the writer.
    pub fn address(&self) -> Val<String> {
        self.server.address.clone()
    }

    /// Returns the reader endpoint, which distributes connections over the readers.
    pub fn reader_address(&self) -> Val<String> {
        self.reader_address.clone()
    }

    /// Returns the port of the database: 5432, or 3306 for MySQL.
    pub fn port(&self) -> u16 {
        self.server.port
    }

    /// Returns the engine and its version.
    pub fn engine(&self) -> &AuroraEngine {
        &self.engine
    }

    /// Returns the name of the first database.
    pub fn database(&self) -> &str {
        &self.server.database
    }

    /// Returns the URL of the database, without a user or a password.
    pub fn url(&self) -> Val<String> {
        self.server.url()
    }

    /// Returns the master user's secret, with the fields `username` and `password`.
    #[track_caller]
    pub fn secret(&self) -> crate::Secret {
        self.server.secret()
    }

    /// Returns the network endpoint of the cluster.
    #[track_caller]
    pub fn endpoint(&self) -> Endpoint {
        self.server.endpoint()
    }

    /// Lets a client connect.
    #[track_caller]
    pub fn allow_from(&self, client: &impl Client) {
        self.server.allow_from(client);
    }

    /// Lets the grantee log in as the database user `user` with an IAM token.
    #[track_caller]
    pub fn grant_connect(&self, grantee: &impl Grantee, user: &str) {
        self.server.grant_connect(grantee, user);
    }

    /// Lets the grantee read the master user's name and password.
    #[track_caller]
    pub fn grant_read_secret(&self, grantee: &impl Grantee) {
        self.server.grant_read_secret(grantee);
    }
}

impl Construct for Cluster {
    fn scope(&self) -> &Scope {
        &self.server.scope
    }
}

/// Returns the properties that depend only on the props.
fn basics(props: &ClusterProps) -> rds::DbCluster {
    rds::DbCluster::new()
        .engine(props.engine.word())
        .engine_version(props.engine.version())
        .storage_encrypted(true)
        .port(props.engine.port())
        .enable_iam_database_authentication(true)
        .backup_retention_period(props.backup_retention_days)
        .preferred_backup_window(props.backup_window.clone())
        .preferred_maintenance_window(props.maintenance_window.clone())
        .copy_tags_to_snapshot(true)
        .delete_automated_backups(false)
        .deletion_protection(props.deletion_protection)
        .database_insights_mode(DatabaseInsightsMode::Standard)
        .performance_insights_enabled(true)
        .performance_insights_retention_period(7)
        .monitoring_interval(60)
        .enable_cloudwatch_logs_exports(props.engine.logs())
}

/// Sets the master user and the source of its password.
fn login(cluster: rds::DbCluster, props: &ClusterProps, key: &Key) -> rds::DbCluster {
    match &props.login {
        Login::Managed => cluster
            .master_username(user(props))
            .manage_master_user_password(true)
            .master_user_secret(MasterUserSecret::new().kms_key_id(key.arn())),
        Login::Secret(secret) => cluster
            .raw("MasterUsername", login::field(secret, "username"))
            .raw("MasterUserPassword", login::field(secret, "password")),
    }
}

/// Returns the name of the master user.
pub(super) fn user(props: &ClusterProps) -> String {
    props.user.clone().unwrap_or_else(|| props.engine.dialect().user().to_owned())
}

fn parameter_group(scope: &Scope, props: &ClusterProps) -> Val<String> {
    rds::DbClusterParameterGroup::new(
        format!("Parameters of {}", scope.path()),
        props.engine.family(),
        props.engine.parameters(props.parameters.clone()),
    )
    .define(scope, "parameters")
    .reference()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::VpcProps;
    use crate::testing::{Platform, stack};

    #[test]
    fn aurora_cluster_has_secure_defaults_and_final_snapshot() {
        let platform = Platform::synth("shop", |app| {
            let data = stack(app, "data");
            let vpc = Vpc::new(&data, "vpc", VpcProps::default());
            let capacity = Capacity::Serverless { min: 0.5, max: 8.0 };
            Cluster::new(&data, "orders", &vpc, ClusterProps { capacity, instances: 2, ..Default::default() });
        });
        let cluster = platform.resource("AWS::RDS::DBCluster");
        assert_eq!(cluster.props["ManageMasterUserPassword"], true);
        assert_eq!(cluster.props["ServerlessV2ScalingConfiguration"]["MaxCapacity"], 8.0);
        assert_eq!(
            (&cluster.props["StorageEncrypted"], &cluster.props["EnableIAMDatabaseAuthentication"]),
            (&true.into(), &true.into())
        );
        assert_eq!(cluster.entry["DeletionPolicy"], "Snapshot");
        assert_eq!(platform.resources("AWS::RDS::DBInstance").len(), 2);
    }
    #[test]
    fn aurora_mysql_requires_tls_and_logs_audits() {
        let platform = Platform::synth("shop", |app| {
            let data = stack(app, "data");
            let vpc = Vpc::new(&data, "vpc", VpcProps::default());
            Cluster::new(&data, "carts", &vpc, ClusterProps { engine: AuroraEngine::mysql(), ..Default::default() });
        });
        let cluster = platform.resource("AWS::RDS::DBCluster").props;
        assert_eq!((&cluster["Engine"], &cluster["Port"]), (&"aurora-mysql".into(), &3306.into()));
        assert_eq!(cluster["EnableCloudwatchLogsExports"], serde_json::json!(["audit", "error", "slowquery"]));
        let group = platform.resource("AWS::RDS::DBClusterParameterGroup").props;
        assert_eq!(group["Family"], "aurora-mysql8.0");
        assert_eq!(group["Parameters"]["require_secure_transport"], "ON");
        assert_eq!(group["Parameters"]["server_audit_logging"], "1");
    }
}
