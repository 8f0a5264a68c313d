//! Database instances: PostgreSQL, MySQL or MariaDB.

use super::engine::Engine;
use super::login::{self, Login};
use super::server::{self, Network, Server};
use crate::Resource;
use crate::aws::connect::{Client, Endpoint};
use crate::aws::data;
use crate::aws::iam::Grantee;
use crate::aws::kms::Key;
use crate::aws::logs::LogGroup;
use crate::aws::vpc::Vpc;
use crate::cfn::rds;
use crate::cfn::rds::db_instance::{DatabaseInsightsMode, MasterUserSecret};
use crate::node::OnDelete;
use crate::tree::{Construct, Scope};
use crate::units::Gib;
use crate::val::Val;

/// Properties of a [`Database`].
#[derive(Clone)]
pub struct DatabaseProps {
    /// The engine and its version. Default: PostgreSQL in a current minor version of 17.
    pub engine: Engine,
    /// The instance class. Default: `db.t4g.medium`.
    pub instance_class: String,
    /// The initial storage, at least 20 GiB. Default: 20 GiB.
    pub storage: Gib,
    /// The maximum storage for autoscaling. A value up to `storage` disables autoscaling. Default: 100 GiB.
    pub max_storage: Gib,
    /// Whether the database has a standby in another zone for failover. Default: yes.
    pub multi_az: bool,
    /// The name of the first database. Default: the construct's id with `_` instead of `-`.
    pub database: Option<String>,
    /// The name of the master user. Default: `postgres`, or `admin` for MySQL and MariaDB.
    pub user: Option<String>,
    /// The source of the master user's password. Default: RDS generates and rotates it.
    pub login: Login,
    /// The key that encrypts storage, backups, logs and the master user's password. Default: a separate key.
    pub key: Option<Key>,
    /// The retention of automated backups in days, from 1 to 35. Default: 7.
    pub backup_retention_days: u8,
    /// The backup window in UTC, at least 30 minutes. Default: `03:00-04:00`.
    pub backup_window: String,
    /// The maintenance window in UTC, at least 30 minutes. Default: `sun:04:00-sun:05:00`.
    pub maintenance_window: String,
    /// Parameters that differ from the defaults, such as `("work_mem", "65536")`. Default: none.
    ///
    /// By default, clients must use TLS, and statements that take more than one second are logged. PostgreSQL also logs
    /// schema changes.
    pub parameters: Vec<(String, String)>,
    /// The log retention in CloudWatch in days. Default: 30.
    pub log_retention_days: u16,
    /// Whether deletion protection is enabled. Default: yes.
    pub deletion_protection: bool,
    /// The deletion policy, which applies when the resource is removed from the stack. Default: a final snapshot is
    /// taken.
    pub on_delete: OnDelete,
}

impl Default for DatabaseProps {
    fn default() -> Self {
        Self {
            engine: Engine::postgres(),
            instance_class: "db.t4g.medium".to_owned(),
            storage: Gib(20),
            max_storage: Gib(100),
            multi_az: true,
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

/// An Amazon RDS database in the isolated subnets of a VPC: PostgreSQL, MySQL or MariaDB.
///
/// Defines the instance, its subnet group, parameter group, security group and log groups, and its key unless one is
/// given. RDS generates and rotates the password of the master user in Secrets Manager, unless `login` overrides this.
/// Services log in with IAM ([`Database::grant_connect`]). If the VPC has no isolated subnets, the private subnets are
/// used.
///
/// # Diagnostics
///
/// - `MS0304`, `MS0305`: RDS does not support the PostgreSQL version, or only with paid extended support.
/// - `MS0316`, `MS0317`: RDS does not support the MySQL or MariaDB version, or only with paid extended support.
/// - `MS0306`: the storage is too small, or greater than its maximum.
/// - `MS0307`: a window is malformed, too short, or overlaps the other window.
/// - `MS0313`: a database with a managed password has a replica.
///
/// # Example
///
/// ```
/// # use meshsynth::{App, Env, Gib, Stack, aws, rds};
/// # let app = App::new("shop");
/// # let data = Stack::new(&app, "data", Env::region("eu-west-1"));
/// # let vpc = aws::Vpc::new(&data, "vpc", aws::VpcProps::default());
/// let db = rds::Database::new(&data, "orders-db", &vpc, rds::DatabaseProps {
///     max_storage: Gib(200),
///     ..Default::default()
/// });
/// let url = db.url(); // postgresql://<address>:5432/orders_db?sslmode=require
/// let catalog = rds::Database::new(&data, "catalog", &vpc, rds::DatabaseProps {
///     engine: rds::Engine::MySql("8.4.9".into()),
///     ..Default::default()
/// });
/// assert_eq!(catalog.port(), 3306);
/// ```
///
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-rds-dbinstance.html>
#[derive(Clone)]
pub struct Database {
    pub(super) server: Server,
    pub(super) engine: Engine,
}

impl Database {
    /// Defines a database in a VPC.
    #[track_caller]
    pub fn new(scope: &impl Construct, id: &str, vpc: &Vpc, props: DatabaseProps) -> Self {
        let scope = scope.scope().construct(id);
        let key = data::key_or_own(&scope, props.key.clone());
        let network = Network::new(&scope, vpc);
        let identifier = data::physical_name(&scope, 63);
        let database = props.database.clone().unwrap_or_else(|| server::database_name(&scope));
        let mut instance = basics(&props)
            .db_instance_identifier(identifier.clone())
            .db_name(database.clone())
            .db_subnet_group_name(server::subnet_group(&scope, vpc))
            .db_parameter_group_name(parameter_group(&scope, &props.engine, props.parameters.clone()))
            .vpc_security_groups([network.security_group.clone()])
            .kms_key_id(key.arn())
            .performance_insights_kms_key_id(key.arn())
            .monitoring_role_arn(server::monitoring_role(&scope));
        let user = || props.user.clone().unwrap_or_else(|| props.engine.dialect().user().to_owned());
        instance = match &props.login {
            Login::Managed => instance
                .master_username(user())
                .manage_master_user_password(true)
                .master_user_secret(MasterUserSecret::new().kms_key_id(key.arn())),
            Login::Secret(secret) => instance
                .raw("MasterUsername", login::field(secret, "username"))
                .raw("MasterUserPassword", login::field(secret, "password")),
        };
        if props.max_storage > props.storage {
            instance = instance.max_allocated_storage(props.max_storage.0);
        }
        let logs = data::Logs { retention_days: props.log_retention_days, key: &key, on_delete: props.on_delete };
        let groups = log_groups(&scope, &identifier, &props.engine, logs);
        let instance = instance.define(&scope, "resource");
        instance.on_delete(props.on_delete);
        for group in groups {
            group.before(&instance);
        }
        let standby = if props.multi_az { ", two zones" } else { "" };
        data::diagram(&scope, vpc, "database", format!("{}{standby}", props.engine.title()));
        let secret = match props.login {
            Login::Managed => crate::Secret::new(instance.master_user_secret_secret_arn()).encrypted_with(key.arn()),
            Login::Secret(secret) => secret.secret(),
        };
        Self::of(scope, &instance, props.engine, database, Some(secret), network)
    }

    /// Creates the handle of an instance that the program defines.
    pub(super) fn of(
        scope: Scope,
        instance: &Resource<rds::DbInstance>,
        engine: Engine,
        database: String,
        secret: Option<crate::Secret>,
        network: Network,
    ) -> Self {
        let server = Server {
            scope,
            identifier: instance.reference(),
            arn: instance.db_instance_arn(),
            address: instance.endpoint_address(),
            resource_id: Some(instance.dbi_resource_id()),
            dialect: engine.dialect(),
            port: engine.port(),
            database,
            secret,
            network: Some(network),
        };
        Self { server, engine }
    }

    /// Returns the identifier of the instance.
    pub fn identifier(&self) -> Val<String> {
        self.server.identifier.clone()
    }

    /// Returns the ARN of the instance.
    pub fn arn(&self) -> Val<String> {
        self.server.arn.clone()
    }

    /// Returns the host name of the database.
    pub fn address(&self) -> Val<String> {
        self.server.address.clone()
    }

    /// Returns the port of the database: 5432, or 3306 for MySQL and MariaDB.
    pub fn port(&self) -> u16 {
        self.server.port
    }

    /// Returns the engine and its version.
    pub fn engine(&self) -> &Engine {
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

    /// Returns the network endpoint of the database.
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
    ///
    /// The user must exist. In PostgreSQL, it needs the role `rds_iam`. In MySQL and MariaDB, it must be identified
    /// with `AWSAuthenticationPlugin`.
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

impl Construct for Database {
    fn scope(&self) -> &Scope {
        &self.server.scope
    }
}

/// Returns the properties that depend only on the props.
fn basics(props: &DatabaseProps) -> rds::DbInstance {
    rds::DbInstance::new()
        .engine(props.engine.word())
        .engine_version(props.engine.version())
        .db_instance_class(props.instance_class.clone())
        .allocated_storage(props.storage.0.to_string())
        .storage_type("gp3")
        .storage_encrypted(true)
        .multi_az(props.multi_az)
        .port(props.engine.port().to_string())
        .publicly_accessible(false)
        .enable_iam_database_authentication(true)
        .backup_retention_period(props.backup_retention_days)
        .preferred_backup_window(props.backup_window.clone())
        .preferred_maintenance_window(props.maintenance_window.clone())
        .copy_tags_to_snapshot(true)
        .delete_automated_backups(false)
        .deletion_protection(props.deletion_protection)
        .auto_minor_version_upgrade(true)
        .ca_certificate_identifier("rds-ca-rsa2048-g1")
        .database_insights_mode(DatabaseInsightsMode::Standard)
        .enable_performance_insights(true)
        .performance_insights_retention_period(7)
        .monitoring_interval(60)
        .enable_cloudwatch_logs_exports(props.engine.logs())
}

/// Returns the log groups of an instance, with the names that RDS uses.
pub(super) fn log_groups(scope: &Scope, identifier: &str, engine: &Engine, logs: data::Logs<'_>) -> [LogGroup; 2] {
    engine.logs().map(|log| {
        let name = format!("/aws/rds/instance/{identifier}/{log}");
        data::log_group(scope, &format!("logs-{log}"), Some(name), logs)
    })
}

pub(super) fn parameter_group(scope: &Scope, engine: &Engine, extra: Vec<(String, String)>) -> Val<String> {
    rds::DbParameterGroup::new(format!("Parameters of {}", scope.path()), engine.family())
        .parameters(engine.parameters(extra))
        .define(scope, "parameters")
        .reference()
}

#[cfg(test)]
mod tests {
    use super::{Database, DatabaseProps, Engine};
    use crate::iam::{Role, RoleProps, Trust};
    use crate::testing::{Platform, stack};
    use crate::{App, aws};

    fn database(app: &App) -> Database {
        let data = stack(app, "data");
        let vpc = aws::Vpc::new(&data, "vpc", aws::VpcProps::default());
        Database::new(&data, "orders-db", &vpc, DatabaseProps::default())
    }

    #[test]
    fn database_depends_on_its_log_groups() {
        let platform = Platform::synth("shop", |app| drop(database(app)));
        let entry = platform.resource("AWS::RDS::DBInstance").entry;
        let groups = platform.resources("AWS::Logs::LogGroup");
        for name in ["postgresql", "upgrade"] {
            let name = format!("/aws/rds/instance/shop-data-orders-db/{name}");
            let group = groups.iter().find(|group| group.props["LogGroupName"] == name.as_str()).unwrap();
            assert!(entry["DependsOn"].as_array().unwrap().contains(&group.logical_id.into()));
        }
    }

    #[test]
    fn mysql_and_mariadb_require_tls_and_export_logs() {
        for (engine, family) in [(Engine::mysql(), "mysql8.4"), (Engine::mariadb(), "mariadb11.8")] {
            let platform = Platform::synth("shop", |app| {
                let data = stack(app, "data");
                let vpc = aws::Vpc::new(&data, "vpc", aws::VpcProps::default());
                Database::new(&data, "catalog", &vpc, DatabaseProps { engine: engine.clone(), ..Default::default() });
            });
            let instance = platform.resource("AWS::RDS::DBInstance").props;
            assert_eq!((&instance["Port"], &instance["MasterUsername"]), (&"3306".into(), &"admin".into()));
            assert_eq!(instance["EnableCloudwatchLogsExports"], serde_json::json!(["error", "slowquery"]));
            assert_eq!(instance["EnableIAMDatabaseAuthentication"], true);
            let group = platform.resource("AWS::RDS::DBParameterGroup").props;
            assert_eq!(
                (&group["Family"], &group["Parameters"]["require_secure_transport"]),
                (&family.into(), &"1".into())
            );
        }
    }

    #[test]
    fn grants_login_as_one_user_of_one_database() {
        let platform = Platform::synth("shop", |app| {
            let db = database(app);
            let role = Role::new(
                &stack(app, "services"),
                "orders",
                Trust::Service("lambda.amazonaws.com"),
                RoleProps::default(),
            );
            db.grant_connect(&role, "orders_app");
        });
        let policies = platform.resources("AWS::IAM::RolePolicy");
        let policy = policies.iter().find(|it| it.logical_id.starts_with("Orders")).unwrap();
        let statement = &policy.props["PolicyDocument"]["Statement"][0];
        assert_eq!(statement["Action"][0], "rds-db:connect");
        let arn = statement["Resource"][0].to_string();
        assert!(arn.contains(":rds-db:ap-northeast-1:111122223333:dbuser:") && arn.contains("/orders_app"), "{arn}");
    }
}
