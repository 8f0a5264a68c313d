//! The instances of an Aurora cluster.

use super::engine::AuroraEngine;
use crate::Resource;
use crate::cfn::ids::RoleArn;
use crate::cfn::rds;
use crate::node::OnDelete;
use crate::tree::Scope;
use crate::val::Val;

/// The instances of a cluster: one writer, and readers that Aurora can promote to writer.
pub(super) struct Instances<'a> {
    pub number: u8,
    pub identifier: &'a str,
    pub class: String,
    pub engine: &'a AuroraEngine,
    pub subnets: Val<String>,
    pub monitoring_role: Val<RoleArn>,
}

impl Instances<'_> {
    /// Defines the instances of a cluster.
    pub fn define(self, scope: &Scope, cluster: &Resource<rds::DbCluster>) {
        for number in 1..=self.number {
            rds::DbInstance::new()
                .engine(self.engine.word())
                .db_cluster_identifier(cluster.reference())
                .db_instance_identifier(format!("{}-{number}", self.identifier))
                .db_instance_class(self.class.clone())
                .db_subnet_group_name(self.subnets.clone())
                .publicly_accessible(false)
                .auto_minor_version_upgrade(true)
                .ca_certificate_identifier("rds-ca-rsa2048-g1")
                .promotion_tier(1)
                .monitoring_interval(60)
                .monitoring_role_arn(self.monitoring_role.clone())
                .define(scope, &format!("instance-{number}"))
                // The data belongs to the cluster, so an instance can be deleted.
                .on_delete(OnDelete::Delete);
        }
    }
}
