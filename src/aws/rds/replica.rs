//! A read replica of a database instance.

use super::database::{self, Database};
use super::server::{self, Network, Server};
use crate::aws::data;
use crate::aws::kms::Key;
use crate::aws::vpc::Vpc;
use crate::cfn::rds;
use crate::cfn::rds::db_instance::DatabaseInsightsMode;
use crate::node::OnDelete;
use crate::tree::Construct;
use crate::units::Gib;

/// Properties of a replica of a [`Database`].
#[derive(Clone)]
pub struct ReplicaProps {
    /// The class of the instance. Default: `db.t4g.medium`.
    pub instance_class: String,
    /// The storage up to which it grows by itself; 0 means that it does not. Default: 100 GiB, as that of a database.
    pub max_storage: Gib,
    /// Whether a standby in another zone takes over. Default: no.
    pub multi_az: bool,
    /// The key of the replica's region. Default: a key of its own.
    ///
    /// It encrypts logs, and in another region the storage too; in the region
    /// of the database the storage has the database's key.
    pub key: Option<Key>,
    /// The half hour or more, in UTC, for maintenance. Default: `sun:04:00-sun:05:00`.
    pub maintenance_window: String,
    /// Parameters that differ from the defaults: those that the database sets. Default: none.
    pub parameters: Vec<(String, String)>,
    /// The days that logs are kept in CloudWatch. Default: 30.
    pub log_retention_days: u16,
    /// Whether deletion protection is enabled. Default: yes.
    pub deletion_protection: bool,
}

impl Default for ReplicaProps {
    fn default() -> Self {
        Self {
            instance_class: "db.t4g.medium".to_owned(),
            max_storage: Gib(100),
            multi_az: false,
            key: None,
            maintenance_window: "sun:04:00-sun:05:00".to_owned(),
            parameters: Vec::new(),
            log_retention_days: 30,
            deletion_protection: true,
        }
    }
}

impl Database {
    /// Defines a replica that answers reads, in this region or in another, and that can be promoted.
    ///
    /// Version, database and users are those of this database: the handle of
    /// the replica gives the same secret and its own address. RDS makes no
    /// replica of a database whose password it manages: give the database a
    /// [`Login::Secret`](super::Login). The data is the database's: a replica
    /// that leaves its stack is deleted, once its protection is off.
    ///
    /// # Diagnostics
    ///
    /// - `MS0313`: RDS manages the password of this database.
    ///
    /// Source: <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ReadRepl.html>
    #[track_caller]
    pub fn add_replica(&self, scope: &impl Construct, id: &str, vpc: &Vpc, props: ReplicaProps) -> Database {
        let scope = scope.scope().construct(id);
        let key = data::key_or_own(&scope, props.key);
        let network = Network::new(&scope, vpc);
        let identifier = data::physical_name(&scope, 63);
        let home = self.scope();
        let mut replica = rds::DbInstance::new()
            .db_instance_identifier(identifier.clone())
            .db_instance_class(props.instance_class)
            .storage_type("gp3")
            .multi_az(props.multi_az)
            .port(self.port().to_string())
            .publicly_accessible(false)
            .enable_iam_database_authentication(true)
            .preferred_maintenance_window(props.maintenance_window)
            .copy_tags_to_snapshot(true)
            .deletion_protection(props.deletion_protection)
            .auto_minor_version_upgrade(true)
            .ca_certificate_identifier("rds-ca-rsa2048-g1")
            .database_insights_mode(DatabaseInsightsMode::Standard)
            .enable_performance_insights(true)
            .performance_insights_retention_period(7)
            .performance_insights_kms_key_id(key.arn())
            .monitoring_interval(60)
            .monitoring_role_arn(server::monitoring_role(&scope))
            .enable_cloudwatch_logs_exports(self.engine.logs())
            .db_subnet_group_name(server::subnet_group(&scope, vpc))
            .db_parameter_group_name(database::parameter_group(&scope, &self.engine, props.parameters))
            .vpc_security_groups([network.security_group.clone()]);
        if props.max_storage > Gib(0) {
            replica = replica.max_allocated_storage(props.max_storage.0);
        }
        // Across regions the source is named by ARN, and the storage gets a key of its own region.
        replica = match home.region() == scope.region() {
            true => replica.source_db_instance_identifier(self.identifier()),
            false => {
                replica.source_db_instance_identifier(self.arn()).source_region(home.region()).kms_key_id(key.arn())
            }
        };
        let logs = data::Logs { retention_days: props.log_retention_days, key: &key, on_delete: OnDelete::Retain };
        let groups = database::log_groups(&scope, &identifier, &self.engine, logs);
        let instance = replica.define(&scope, "resource");
        instance.on_delete(OnDelete::Delete);
        for group in groups {
            group.before(&instance);
        }
        data::diagram(&scope, vpc, "database", format!("{}, read replica", self.engine.title()));
        home.replicates_to(&scope);
        let Server { database, secret, .. } = self.server.clone();
        Database::of(scope, &instance, self.engine.clone(), database, secret, network)
    }
}

#[cfg(test)]
mod tests {
    use super::ReplicaProps;
    use crate::rds::{Database, DatabaseProps, Login};
    use crate::secrets::{Secret, SecretProps};
    use crate::testing::{Platform, stack};
    use crate::{Env, Stack, aws};

    fn replicate(region: &str) -> Platform {
        Platform::synth("shop", |app| {
            let data = stack(app, "data");
            let vpc = aws::Vpc::new(&data, "vpc", aws::VpcProps::default());
            let login = Login::Secret(Secret::new(&data, "login", SecretProps::default()));
            let db = Database::new(&data, "orders-db", &vpc, DatabaseProps { login, ..Default::default() });
            let reports = Stack::new(app, "reports", Env::new("111122223333", region));
            let vpc = match region {
                "ap-northeast-1" => vpc,
                _ => aws::Vpc::new(&reports, "vpc", aws::VpcProps::default()),
            };
            db.add_replica(&reports, "orders-replica", &vpc, ReplicaProps::default());
        })
    }

    fn replica(platform: &Platform) -> &serde_json::Value {
        let instances = platform.resources("AWS::RDS::DBInstance");
        instances.into_iter().find(|it| it.template.starts_with("reports")).unwrap().props
    }

    #[test]
    fn in_its_region_a_replica_has_the_key_of_the_database() {
        let platform = replicate("ap-northeast-1");
        let replica = replica(&platform);
        assert!(replica["SourceDBInstanceIdentifier"]["Fn::ImportValue"].is_string());
        assert!(replica.get("KmsKeyId").is_none() && replica.get("SourceRegion").is_none());
    }

    #[test]
    fn in_another_region_a_replica_has_a_key_of_its_own_and_names_its_source_by_arn() {
        let platform = replicate("ap-northeast-3");
        let replica = replica(&platform);
        let source = &replica["SourceDBInstanceIdentifier"]["Fn::GetStackOutput"];
        assert!(source["OutputName"].as_str().unwrap().ends_with("DBInstanceArn"), "{source}");
        assert_eq!(replica["SourceRegion"], "ap-northeast-1");
        assert!(replica["KmsKeyId"]["Fn::GetAtt"].is_array());
    }

    #[test]
    fn a_replica_takes_the_users_of_its_database() {
        let platform = replicate("ap-northeast-3");
        let replica = replica(&platform);
        for property in ["MasterUsername", "MasterUserPassword", "ManageMasterUserPassword", "DBName"] {
            assert!(replica.get(property).is_none(), "{property}");
        }
    }
}
