//! Imports of existing database instances and clusters.

use super::cluster::Cluster;
use super::database::Database;
use super::engine::{AuroraEngine, Engine};
use super::server::{Network, Server};
use crate::aws::data;
use crate::aws::existing::{NameForm, check_host};
use crate::aws::kms::Key;
use crate::aws::policy::own_arn;
use crate::aws::secrets::Secret;
use crate::aws::security::SecurityGroup;
use crate::aws::vpc::Vpc;
use crate::text;
use crate::tree::Construct;
use crate::val::{IntoVal, Val};

/// The formats of instance and cluster identifiers.
const INSTANCE: NameForm = NameForm { what: "DB instance", marks: "-", longest: 63, example: "orders" };
const CLUSTER: NameForm = NameForm { what: "DB cluster", marks: "-", longest: 63, example: "orders" };

/// An existing RDS instance.
#[derive(Clone)]
pub struct ExistingDatabase {
    /// Its identifier.
    pub identifier: Val<String>,
    /// Its host name.
    pub address: Val<String>,
    /// Its security group, in which clients are allowed.
    pub security_group: SecurityGroup,
    /// The VPC of the instance.
    pub vpc: Vpc,
    /// The engine. Default: PostgreSQL.
    pub engine: Engine,
    /// The port. Default: the port of the engine.
    pub port: Option<u16>,
    /// The name of the database. Default: the construct's id with `_` instead of `-`.
    pub database: Option<String>,
    /// Its resource ID, such as `db-ABCDEFGHIJKL`, which IAM policies use. Default: unknown, so IAM logins are not
    /// available.
    pub resource_id: Option<Val<String>>,
    /// The master user's secret. Default: unknown.
    pub secret: Option<Secret>,
    /// The key that encrypts the secret, if the secret does not specify it. Default: unknown.
    pub key: Option<Key>,
}

impl ExistingDatabase {
    /// Refers to an instance by its identifier, its host name, its security group and its VPC.
    pub fn new(
        identifier: impl IntoVal<String>,
        address: impl IntoVal<String>,
        security_group: &SecurityGroup,
        vpc: &Vpc,
    ) -> Self {
        Self {
            identifier: identifier.into_val(),
            address: address.into_val(),
            security_group: security_group.clone(),
            vpc: vpc.clone(),
            engine: Engine::postgres(),
            port: None,
            database: None,
            resource_id: None,
            secret: None,
            key: None,
        }
    }
}

/// An existing Aurora cluster.
#[derive(Clone)]
pub struct ExistingCluster {
    /// Its identifier.
    pub identifier: Val<String>,
    /// The host name of the writer.
    pub address: Val<String>,
    /// Its security group, in which clients are allowed.
    pub security_group: SecurityGroup,
    /// The VPC of the cluster.
    pub vpc: Vpc,
    /// The engine. Default: Aurora PostgreSQL.
    pub engine: AuroraEngine,
    /// The reader endpoint. Default: the host name of the writer.
    pub reader_address: Option<Val<String>>,
    /// The port. Default: the port of the engine.
    pub port: Option<u16>,
    /// The name of the database. Default: the construct's id with `_` instead of `-`.
    pub database: Option<String>,
    /// Its resource ID, such as `cluster-ABCDEFGHIJKL`. Default: unknown, so IAM logins are not available.
    pub resource_id: Option<Val<String>>,
    /// The master user's secret. Default: unknown.
    pub secret: Option<Secret>,
    /// The key that encrypts the secret, if the secret does not specify it. Default: unknown.
    pub key: Option<Key>,
}

impl ExistingCluster {
    /// Refers to a cluster by its identifier, its host name, its security group and its VPC.
    pub fn new(
        identifier: impl IntoVal<String>,
        address: impl IntoVal<String>,
        security_group: &SecurityGroup,
        vpc: &Vpc,
    ) -> Self {
        Self {
            identifier: identifier.into_val(),
            address: address.into_val(),
            security_group: security_group.clone(),
            vpc: vpc.clone(),
            engine: AuroraEngine::postgres(),
            reader_address: None,
            port: None,
            database: None,
            resource_id: None,
            secret: None,
            key: None,
        }
    }
}

impl Database {
    /// Refers to an existing instance. It supports the same connections and grants as an instance that the program
    /// defines.
    ///
    /// # Diagnostics
    ///
    /// - `MS0318`: a relation requires the resource ID or the secret, but it is missing.
    ///
    /// # Example
    ///
    /// ```
    /// # use meshsynth::{App, Env, Stack, aws, rds};
    /// # use meshsynth::aws::security::{ExistingSecurityGroup, SecurityGroup};
    /// # let app = App::new("shop");
    /// # let data = Stack::new(&app, "data", Env::region("eu-west-1"));
    /// # let vpc = aws::Vpc::new(&data, "vpc", aws::VpcProps::default());
    /// let group = SecurityGroup::import(&data, "group", ExistingSecurityGroup::id("sg-0a1b2c3d4e5f60718"));
    /// let host = "legacy.abc123.eu-west-1.rds.amazonaws.com";
    /// let legacy = rds::Database::import(&data, "legacy", rds::ExistingDatabase {
    ///     engine: rds::Engine::mysql(),
    ///     resource_id: Some("db-ABCDEFGHIJKL".into()),
    ///     ..rds::ExistingDatabase::new("legacy", host, &group, &vpc)
    /// });
    /// ```
    #[track_caller]
    pub fn import(scope: &impl Construct, id: &str, existing: ExistingDatabase) -> Self {
        let scope = scope.scope().construct(id);
        INSTANCE.check(&scope, &existing.identifier);
        check_host(&scope, &existing.address);
        let (engine, vpc) = (existing.engine, existing.vpc);
        data::diagram(&scope, &vpc, "database", format!("{}, exists already", engine.dialect().title()));
        let server = Server {
            arn: own_arn(&scope, "rds", text!["db:", scope.read_here(existing.identifier.clone())]),
            identifier: scope.read_here(existing.identifier),
            address: scope.read_here(existing.address),
            resource_id: existing.resource_id.map(|id| scope.read_here(id)),
            dialect: engine.dialect(),
            port: existing.port.unwrap_or(engine.port()),
            database: existing.database.unwrap_or_else(|| super::server::database_name(&scope)),
            secret: secret(existing.secret, existing.key),
            network: network(&existing.security_group, &vpc),
            scope,
        };
        Self { server, engine }
    }
}

impl Cluster {
    /// Refers to an existing Aurora cluster.
    ///
    /// # Diagnostics
    ///
    /// - `MS0318`: a relation requires the resource ID or the secret, but it is missing.
    ///
    /// # Example
    ///
    /// ```
    /// # use meshsynth::{App, Env, Stack, aws, rds};
    /// # use meshsynth::aws::security::{ExistingSecurityGroup, SecurityGroup};
    /// # let app = App::new("shop");
    /// # let data = Stack::new(&app, "data", Env::region("eu-west-1"));
    /// # let vpc = aws::Vpc::new(&data, "vpc", aws::VpcProps::default());
    /// let group = SecurityGroup::import(&data, "group", ExistingSecurityGroup::id("sg-0a1b2c3d4e5f60718"));
    /// let host = "carts.cluster-abc123.eu-west-1.rds.amazonaws.com";
    /// let carts = rds::Cluster::import(&data, "carts", rds::ExistingCluster {
    ///     resource_id: Some("cluster-ABCDEFGHIJKL".into()),
    ///     ..rds::ExistingCluster::new("carts", host, &group, &vpc)
    /// });
    /// ```
    #[track_caller]
    pub fn import(scope: &impl Construct, id: &str, existing: ExistingCluster) -> Self {
        let scope = scope.scope().construct(id);
        CLUSTER.check(&scope, &existing.identifier);
        [Some(&existing.address), existing.reader_address.as_ref()]
            .into_iter()
            .flatten()
            .for_each(|host| check_host(&scope, host));
        let (engine, vpc) = (existing.engine, existing.vpc);
        data::diagram(&scope, &vpc, "database", format!("Aurora {}, exists already", engine.dialect().title()));
        let reader_address = scope.read_here(existing.reader_address.unwrap_or_else(|| existing.address.clone()));
        let server = Server {
            arn: own_arn(&scope, "rds", text!["cluster:", scope.read_here(existing.identifier.clone())]),
            identifier: scope.read_here(existing.identifier),
            address: scope.read_here(existing.address),
            resource_id: existing.resource_id.map(|id| scope.read_here(id)),
            dialect: engine.dialect(),
            port: existing.port.unwrap_or(engine.port()),
            database: existing.database.unwrap_or_else(|| super::server::database_name(&scope)),
            secret: secret(existing.secret, existing.key),
            network: network(&existing.security_group, &vpc),
            scope,
        };
        Self { server, reader_address, engine }
    }
}

fn network(security_group: &SecurityGroup, vpc: &Vpc) -> Option<Network> {
    Some(Network { security_group: security_group.id(), cidrs: vpc.subnet_cidrs(data::tier(vpc)) })
}

fn secret(secret: Option<Secret>, key: Option<Key>) -> Option<crate::Secret> {
    let secret = secret?.secret();
    match (secret.key_arn(), key) {
        (None, Some(key)) => Some(secret.encrypted_with(key.arn())),
        _ => Some(secret),
    }
}

#[cfg(test)]
mod tests {
    use super::{ExistingDatabase, Val};
    use crate::aws::security::{ExistingSecurityGroup, SecurityGroup};
    use crate::iam::{Role, RoleProps, Trust};
    use crate::rds::{Database, Engine};
    use crate::testing::{Platform, codes, stack};
    use crate::{App, aws};

    fn legacy(app: &App, resource_id: Option<Val<String>>) -> (Database, Role) {
        let data = stack(app, "data");
        let vpc = aws::Vpc::new(&data, "vpc", aws::VpcProps::default());
        let group = SecurityGroup::import(&data, "group", ExistingSecurityGroup::id("sg-0a1b2c3d4e5f60718"));
        let address = "legacy.abc123.ap-northeast-1.rds.amazonaws.com";
        let existing = ExistingDatabase {
            engine: Engine::mysql(),
            resource_id,
            ..ExistingDatabase::new("legacy", address, &group, &vpc)
        };
        let role = Role::new(&data, "reports", Trust::Service("lambda.amazonaws.com"), RoleProps::default());
        (Database::import(&data, "legacy", existing), role)
    }

    #[test]
    fn grants_connection_to_imported_database() {
        let platform = Platform::synth("shop", |app| {
            let (db, role) = legacy(app, Some("db-ABC".into()));
            db.grant_connect(&role, "reports");
            let url = "mysql://legacy.abc123.ap-northeast-1.rds.amazonaws.com:3306/legacy?ssl-mode=REQUIRED";
            assert_eq!(db.url(), Val::from(url));
        });
        assert!(platform.resources("AWS::RDS::DBInstance").is_empty());
        let policies = platform.resources("AWS::IAM::RolePolicy");
        assert!(policies.iter().any(|it| it.props.to_string().contains("dbuser:db-ABC/reports")));
    }

    #[test]
    fn reports_missing_secret_and_resource_id() {
        assert_eq!(codes(|app| drop(legacy(app, None).0.secret())), ["MS0318"]);
        let connect = |app: &App| {
            let (db, role) = legacy(app, None);
            db.grant_connect(&role, "reports");
        };
        assert_eq!(codes(connect), ["MS0318"]);
    }
}
