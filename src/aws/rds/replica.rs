//! Read replicas of database instances.

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
    /// The instance class. Default: `db.t4g.medium`.
    pub instance_class: String,
    /// The maximum storage for autoscaling. 0 disables autoscaling. Default: 100 GiB, as for a database.
    pub max_storage: Gib,
    /// Whether the replica has a standby in another zone for failover. Default: no.
    pub multi_az: bool,
    /// The key in the replica's region. Default: a separate key.
    ///
    /// It encrypts the logs, and in another region also the storage. In the region of the database, the database's
    /// key encrypts the storage.
    pub key: Option<Key>,
    /// The maintenance window in UTC, at least 30 minutes. Default: `sun:04:00-sun:05:00`.
    pub maintenance_window: String,
    /// Parameters that differ from the defaults, for example those that the database sets. Default: none.
    pub parameters: Vec<(String, String)>,
    /// The log retention in CloudWatch in days. Default: 30.
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
    /// Defines a read replica in this or another region. RDS can promote it to a standalone database.
    ///
    /// The replica has the version, the database name and the users of this database. Its handle returns the secret of
    /// this database, but a separate address. RDS does not support replicas of a database with a managed password, so
    /// give the database a [`Login::Secret`](super::Login). If the replica is removed from its stack, CloudFormation
    /// deletes it, because the source database contains its data. Disable the deletion protection first.
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
        // A replica in another region identifies its source by ARN, and encrypts its storage with a key in the region
        // of the replica.
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
    fn replica_in_same_region_uses_database_key() {
        let platform = replicate("ap-northeast-1");
        let replica = replica(&platform);
        assert!(replica["SourceDBInstanceIdentifier"]["Fn::ImportValue"].is_string());
        assert!(replica.get("KmsKeyId").is_none() && replica.get("SourceRegion").is_none());
    }

    #[test]
    fn replica_in_other_region_has_own_key_and_source_arn() {
        let platform = replicate("ap-northeast-3");
        let replica = replica(&platform);
        let source = &replica["SourceDBInstanceIdentifier"]["Fn::GetStackOutput"];
        assert!(source["OutputName"].as_str().unwrap().ends_with("DBInstanceArn"), "{source}");
        assert_eq!(replica["SourceRegion"], "ap-northeast-1");
        assert!(replica["KmsKeyId"]["Fn::GetAtt"].is_array());
    }

    #[test]
    fn replica_inherits_users_of_database() {
        let platform = replicate("ap-northeast-3");
        let replica = replica(&platform);
        for property in ["MasterUsername", "MasterUserPassword", "ManageMasterUserPassword", "DBName"] {
            assert!(replica.get(property).is_none(), "{property}");
        }
    }
}
