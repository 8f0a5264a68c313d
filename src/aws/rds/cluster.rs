//! An Aurora PostgreSQL cluster.

use super::login::{self, Login};
use super::server::{self, PORT, Server};
use crate::Resource;
use crate::aws::connect::{Client, Endpoint};
use crate::aws::data;
use crate::aws::iam::Grantee;
use crate::aws::kms::Key;
use crate::aws::vpc::Vpc;
use crate::cfn::ids::RoleArn;
use crate::cfn::rds;
use crate::cfn::rds::db_cluster::{DatabaseInsightsMode, MasterUserSecret, ServerlessV2ScalingConfiguration};
use crate::facts::versions::rds as versions;
use crate::node::OnDelete;
use crate::text;
use crate::tree::{Construct, Scope};
use crate::val::Val;

/// How large the instances of a [`Cluster`] are.
#[derive(Clone, Debug, PartialEq)]
pub enum Capacity {
    /// Each grows and shrinks between two numbers of Aurora capacity units, each of about 2 GiB of memory.
    Serverless {
        /// The least, 0 to 256 in steps of a half; at 0 it pauses while nobody is connected.
        min: f64,
        /// The most, 1 to 256.
        max: f64,
    },
    /// Each is of this class, such as `db.r8g.large`.
    Class(String),
}

/// Properties of a [`Cluster`].
#[derive(Clone)]
pub struct ClusterProps {
    /// The Aurora PostgreSQL version. Default: a current minor version of 17.
    pub engine_version: String,
    /// How large the instances are. Default: serverless, 0.5 to 4 units.
    pub capacity: Capacity,
    /// The instances: one writes, the others read and take over. Default: 2.
    pub instances: u8,
    /// The name of the first database. Default: the construct's id with `_` for `-`.
    pub database: Option<String>,
    /// The name of the master user. Default: `postgres`.
    pub user: String,
    /// Where the master user's password comes from. Default: Aurora makes and rotates it.
    pub login: Login,
    /// The key that encrypts storage, backups, logs and the master user's password. Default: a key of its own.
    pub key: Option<Key>,
    /// The days that automated backups are kept, 1 to 35. Default: 7.
    pub backup_retention_days: u8,
    /// The half hour or more, in UTC, in which backups begin. Default: `03:00-04:00`.
    pub backup_window: String,
    /// The half hour or more, in UTC, for maintenance. Default: `sun:04:00-sun:05:00`.
    pub maintenance_window: String,
    /// Parameters that differ from the defaults. Default: none.
    pub parameters: Vec<(String, String)>,
    /// The days that logs are kept in CloudWatch. Default: 30.
    pub log_retention_days: u16,
    /// Whether it refuses to be deleted. Default: it does.
    pub deletion_protection: bool,
    /// What happens to it when it leaves the stack. Default: a final snapshot is taken.
    pub on_delete: OnDelete,
}

impl Default for ClusterProps {
    fn default() -> Self {
        Self {
            engine_version: versions::AURORA_POSTGRES.to_owned(),
            capacity: Capacity::Serverless { min: 0.5, max: 4.0 },
            instances: 2,
            database: None,
            user: "postgres".to_owned(),
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

/// An Aurora PostgreSQL cluster in the isolated subnets of a VPC.
///
/// Defines the cluster and its instances, and beside them what a
/// [`Database`](super::Database) has: groups, logs, key, managed password.
///
/// # Diagnostics
///
/// - `MS0304`, `MS0305`: Aurora does not offer the version, or only for the price of extended support.
/// - `MS0307`: a window is malformed, too short, or overlaps the other.
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
/// ```
///
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-rds-dbcluster.html>
#[derive(Clone)]
pub struct Cluster {
    server: Server,
    pub(super) cluster: Resource<rds::DbCluster>,
    database: String,
    secret: crate::Secret,
}

/// What a cluster is to a global cluster.
pub(super) enum Role<'a> {
    /// It stands alone.
    Alone,
    /// It takes the writes of a global cluster.
    Primary(Val<String>),
    /// It follows the primary cluster, which lies in the region.
    Secondary(Val<String>, &'a Cluster),
}

/// What Aurora sends to CloudWatch.
const LOGS: [&str; 1] = ["postgresql"];

impl Cluster {
    /// Defines a cluster in a VPC.
    #[track_caller]
    pub fn new(scope: &impl Construct, id: &str, vpc: &Vpc, props: ClusterProps) -> Self {
        Self::define(scope.scope().construct(id), vpc, props, Role::Alone)
    }

    /// Defines a cluster that stands alone or belongs to a global cluster.
    #[track_caller]
    pub(super) fn define(scope: Scope, vpc: &Vpc, props: ClusterProps, role: Role<'_>) -> Self {
        let server = Server::new(scope.clone(), vpc, props.key.clone());
        let identifier = data::physical_name(&scope, 52);
        let database = match &role {
            Role::Secondary(_, primary) => primary.database.clone(),
            _ => props.database.clone().unwrap_or_else(|| server::database_name(&scope)),
        };
        let subnets = server.subnet_group(vpc);
        let monitoring_role = server::monitoring_role(&scope);
        let mut cluster = basics(&props)
            .db_cluster_identifier(identifier.clone())
            .db_subnet_group_name(subnets.clone())
            .db_cluster_parameter_group_name(parameter_group(&scope, &props))
            .vpc_security_group_ids([server.security_group.id()])
            .kms_key_id(server.key.arn())
            .performance_insights_kms_key_id(server.key.arn())
            .monitoring_role_arn(monitoring_role.clone());
        cluster = match &role {
            Role::Alone => login(cluster, &props, &server).database_name(database.clone()),
            Role::Primary(global) => {
                login(cluster, &props, &server).database_name(database.clone()).global_cluster_identifier(global)
            }
            Role::Secondary(global, primary) => {
                cluster.global_cluster_identifier(global).source_region(primary.scope().region())
            }
        };
        if let Capacity::Serverless { min, max } = props.capacity {
            let range = ServerlessV2ScalingConfiguration::new().min_capacity(min).max_capacity(max);
            cluster = cluster.serverless_v2_scaling_configuration(range);
        }
        let logs =
            data::Logs { retention_days: props.log_retention_days, key: &server.key, on_delete: props.on_delete };
        let groups = LOGS.map(|log| {
            let name = format!("/aws/rds/cluster/{identifier}/{log}");
            data::log_group(&scope, &format!("logs-{log}"), Some(name), logs)
        });
        let cluster = cluster.define(&scope, "resource");
        cluster.on_delete(props.on_delete);
        for group in groups {
            cluster.depends_on(group.resource());
        }
        data::diagram(&scope, vpc, "database", format!("Aurora PostgreSQL {}", props.engine_version));
        define_instances(&scope, &cluster, &identifier, (subnets, monitoring_role), &props);
        let secret = match (&role, &props.login) {
            (Role::Secondary(_, primary), _) => primary.secret.clone(),
            (_, Login::Secret(secret)) => secret.secret(),
            (_, Login::Managed) => {
                crate::Secret::new(cluster.master_user_secret_secret_arn()).encrypted_with(server.key.arn())
            }
        };
        Self { server, cluster, database, secret }
    }

    /// The identifier of the cluster.
    pub fn identifier(&self) -> Val<String> {
        self.cluster.reference()
    }

    /// The ARN of the cluster.
    pub fn arn(&self) -> Val<String> {
        self.cluster.db_cluster_arn()
    }

    /// The host name of the instance that writes.
    pub fn address(&self) -> Val<String> {
        self.cluster.endpoint_address()
    }

    /// The host name that spreads over the instances that read.
    pub fn reader_address(&self) -> Val<String> {
        self.cluster.read_endpoint_address()
    }

    /// The port of the database: 5432.
    pub fn port(&self) -> u16 {
        PORT
    }

    /// The name of the first database.
    pub fn database(&self) -> &str {
        &self.database
    }

    /// Where the database is, without a user or a password.
    pub fn url(&self) -> Val<String> {
        text!["postgresql://", self.address(), format!(":{PORT}/{}?sslmode=require", self.database)]
    }

    /// The name and password of the master user: the fields `username` and `password`.
    pub fn secret(&self) -> crate::Secret {
        self.secret.clone()
    }

    /// What listens.
    pub fn endpoint(&self) -> Endpoint {
        self.server.endpoint()
    }

    /// Lets a client connect.
    #[track_caller]
    pub fn allow_from(&self, client: &impl Client) {
        self.endpoint().allow_from(client);
    }

    /// Lets the grantee log in as the database's user `user` with a token of IAM.
    #[track_caller]
    pub fn grant_connect(&self, grantee: &impl Grantee, user: &str) {
        self.server.grant_connect(grantee, self.cluster.db_cluster_resource_id(), user);
    }

    /// Lets the grantee read the master user's name and password.
    #[track_caller]
    pub fn grant_read_secret(&self, grantee: &impl Grantee) {
        self.server.grant_read_secret(grantee, &self.secret);
    }
}

impl Construct for Cluster {
    fn scope(&self) -> &Scope {
        &self.server.scope
    }
}

/// The properties that depend on the props alone.
fn basics(props: &ClusterProps) -> rds::DbCluster {
    rds::DbCluster::new()
        .engine("aurora-postgresql")
        .engine_version(props.engine_version.clone())
        .storage_encrypted(true)
        .port(PORT)
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
        .enable_cloudwatch_logs_exports(LOGS)
}

/// Says who the master user is, and where its password comes from.
fn login(cluster: rds::DbCluster, props: &ClusterProps, server: &Server) -> rds::DbCluster {
    match &props.login {
        Login::Managed => cluster
            .master_username(props.user.clone())
            .manage_master_user_password(true)
            .master_user_secret(MasterUserSecret::new().kms_key_id(server.key.arn())),
        Login::Secret(secret) => cluster
            .raw("MasterUsername", login::field(secret, "username"))
            .raw("MasterUserPassword", login::field(secret, "password")),
    }
}

fn define_instances(
    scope: &Scope,
    cluster: &Resource<rds::DbCluster>,
    identifier: &str,
    (subnets, monitoring_role): (Val<String>, Val<RoleArn>),
    props: &ClusterProps,
) {
    let class = match &props.capacity {
        Capacity::Serverless { .. } => "db.serverless".to_owned(),
        Capacity::Class(class) => class.clone(),
    };
    for number in 1..=props.instances {
        rds::DbInstance::new()
            .engine("aurora-postgresql")
            .db_cluster_identifier(cluster.reference())
            .db_instance_identifier(format!("{identifier}-{number}"))
            .db_instance_class(class.clone())
            .db_subnet_group_name(subnets.clone())
            .publicly_accessible(false)
            .auto_minor_version_upgrade(true)
            .ca_certificate_identifier("rds-ca-rsa2048-g1")
            .promotion_tier(1)
            .monitoring_interval(60)
            .monitoring_role_arn(monitoring_role.clone())
            .define(scope, &format!("instance-{number}"))
            // The data is the cluster's: an instance may go.
            .on_delete(OnDelete::Delete);
    }
}

fn parameter_group(scope: &Scope, props: &ClusterProps) -> Val<String> {
    let family = format!("aurora-postgresql{}", versions::major(&props.engine_version));
    rds::DbClusterParameterGroup::new(
        format!("Parameters of {}", scope.path()),
        family,
        server::parameters(props.parameters.clone()),
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
    fn aurora_manages_its_password_scales_and_leaves_a_snapshot() {
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
}
