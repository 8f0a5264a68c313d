//! Database instances and clusters that exist already.

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

/// How instances and clusters are named.
const INSTANCE: NameForm = NameForm { what: "DB instance", marks: "-", longest: 63, example: "orders" };
const CLUSTER: NameForm = NameForm { what: "DB cluster", marks: "-", longest: 63, example: "orders" };

/// An instance of RDS that exists already.
#[derive(Clone)]
pub struct ExistingDatabase {
    /// Its identifier.
    pub identifier: Val<String>,
    /// Its host name.
    pub address: Val<String>,
    /// Its security group, to which clients are added.
    pub security_group: SecurityGroup,
    /// The network that it lies in.
    pub vpc: Vpc,
    /// What it runs. Default: PostgreSQL.
    pub engine: Engine,
    /// The port. Default: that of the engine.
    pub port: Option<u16>,
    /// The name of the database. Default: the construct's id with `_` for `-`.
    pub database: Option<String>,
    /// Its resource id, such as `db-ABCDEFGHIJKL`, by which IAM knows it. Default: not known, so nobody logs in with IAM.
    pub resource_id: Option<Val<String>>,
    /// The master user's secret. Default: not known.
    pub secret: Option<Secret>,
    /// The key that encrypts the secret, where the secret does not say. Default: not known.
    pub key: Option<Key>,
}

impl ExistingDatabase {
    /// What must be known of an instance: its identifier, where it is, and who may open it to others.
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

/// An Aurora cluster that exists already.
#[derive(Clone)]
pub struct ExistingCluster {
    /// Its identifier.
    pub identifier: Val<String>,
    /// The host name of the instance that writes.
    pub address: Val<String>,
    /// Its security group, to which clients are added.
    pub security_group: SecurityGroup,
    /// The network that it lies in.
    pub vpc: Vpc,
    /// What it runs. Default: Aurora PostgreSQL.
    pub engine: AuroraEngine,
    /// The host name that spreads over the instances that read. Default: that of the instance that writes.
    pub reader_address: Option<Val<String>>,
    /// The port. Default: that of the engine.
    pub port: Option<u16>,
    /// The name of the database. Default: the construct's id with `_` for `-`.
    pub database: Option<String>,
    /// Its resource id, such as `cluster-ABCDEFGHIJKL`. Default: not known, so nobody logs in with IAM.
    pub resource_id: Option<Val<String>>,
    /// The master user's secret. Default: not known.
    pub secret: Option<Secret>,
    /// The key that encrypts the secret, where the secret does not say. Default: not known.
    pub key: Option<Key>,
}

impl ExistingCluster {
    /// What must be known of a cluster: its identifier, where it is, and who may open it to others.
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
    /// Refers to an instance that exists already; its clients are let in and granted as with one that is defined.
    ///
    /// # Diagnostics
    ///
    /// - `MS0318`: a relation needs the resource id or the secret, which was not given.
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
    /// Refers to an Aurora cluster that exists already.
    ///
    /// # Diagnostics
    ///
    /// - `MS0318`: a relation needs the resource id or the secret, which was not given.
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
    fn an_imported_database_is_not_defined_and_can_be_granted() {
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
    fn what_a_relation_needs_must_be_known() {
        assert_eq!(codes(|app| drop(legacy(app, None).0.secret())), ["MS0318"]);
        let connect = |app: &App| {
            let (db, role) = legacy(app, None);
            db.grant_connect(&role, "reports");
        };
        assert_eq!(codes(connect), ["MS0318"]);
    }
}
