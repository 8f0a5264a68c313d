//! RDS cannot manage the master password of this database.
//!
//! # What it reports
//!
//! `ManageMasterUserPassword` is true for a cluster of a global cluster, or for the source of a read replica.
//!
//! # Why it matters
//!
//! RDS generates and rotates the password of the master user only for a standalone database. It rejects managed
//! passwords for clusters of a global cluster, and creates no read replica of an instance or cluster with a managed
//! password.
//!
//! # Fix
//!
//! Use your own secret for the database: `login: rds::Login::Secret(secret)`, with the fields `username` and
//! `password`. `rds::GlobalCluster` uses such a secret.
//!
//! Sources:
//! <https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/rds-secrets-manager.html>,
//! <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-secrets-manager.html>

use crate::diag::Diagnostic;
use crate::synth::{Link, Model};
use crate::val::{Bag, Data};
use crate::rules::index::references::source_of;

pub(super) fn check(model: &Model, _: &Link, out: &mut Vec<Diagnostic>) {
    let help = "use your own secret: `login: rds::Login::Secret(secret)`";
    for (id, cluster) in model.of_type("AWS::RDS::DBCluster") {
        if cluster.props.get("GlobalClusterIdentifier").is_some() && is_managed(&cluster.props) {
            let message = "RDS cannot manage the master password of a cluster in a global cluster";
            out.push(model.error(id, "MS0313", message).help(help));
        }
    }
    let replicas =
        [("AWS::RDS::DBInstance", "SourceDBInstanceIdentifier"), ("AWS::RDS::DBCluster", "ReplicationSourceIdentifier")];
    for (type_name, property) in replicas {
        for (id, replica) in model.of_type(type_name) {
            let Some((of, source)) = source_of(model, &replica.props, property) else { continue };
            if is_managed(&source.props) {
                let message = format!("`{}` cannot have a read replica, because RDS manages its master password", model.path(of));
                out.push(
                    model
                        .error(id, "MS0313", message)
                        .note_at("the source is defined here", model.node(of).at)
                        .help(help),
                );
            }
        }
    }
}

fn is_managed(props: &Bag) -> bool {
    props.get("ManageMasterUserPassword").and_then(Data::as_bool) == Some(true)
}

#[cfg(test)]
mod tests {
    use crate::cfn::rds::DbCluster;
    use crate::rds::{Database, DatabaseProps, Login, ReplicaProps};
    use crate::secrets::{Secret, SecretProps};
    use crate::testing::{codes, stack};
    use crate::{OnDelete, aws};

    fn replicate(is_managed: bool) -> Vec<&'static str> {
        codes(|app| {
            let data = stack(app, "data");
            let vpc = aws::Vpc::new(&data, "vpc", aws::VpcProps::default());
            let login = match is_managed {
                true => Login::Managed,
                false => Login::Secret(Secret::new(&data, "login", SecretProps::default())),
            };
            let db = Database::new(&data, "db", &vpc, DatabaseProps { login, ..Default::default() });
            db.add_replica(&data, "db-replica", &vpc, ReplicaProps::default());
        })
    }

    #[test]
    fn reports_a_replica_with_a_managed_password() {
        assert_eq!(replicate(true), ["MS0313"]);
    }

    #[test]
    fn accepts_replicas_with_a_custom_secret() {
        assert_eq!(replicate(false), [""; 0]);
    }

    #[test]
    fn reports_a_raw_member_of_a_global_cluster() {
        let codes = codes(|app| {
            DbCluster::new()
                .engine("aurora-postgresql")
                .global_cluster_identifier("orders")
                .manage_master_user_password(true)
                .master_username("postgres")
                .define(&stack(app, "data"), "orders")
                .on_delete(OnDelete::Snapshot);
        });
        assert_eq!(codes, ["MS0313"]);
    }
}
