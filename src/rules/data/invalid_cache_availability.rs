//! A cache has failover without a replica, or authentication without encryption in transit.
//!
//! # What it reports
//!
//! For a replication group of ElastiCache, the rule reports:
//!
//! - automatic failover without a replica
//! - Multi-AZ without automatic failover
//! - user groups or an auth token without encryption in transit
//! - IAM authentication with Redis before version 7.0
//!
//! Replicas are not counted if a snapshot, a global datastore or node groups determine the nodes. Values that are known
//! only at deployment are not checked.
//!
//! # Why it matters
//!
//! Failover needs a replica that takes over, and Multi-AZ uses this failover. ElastiCache supports users and tokens
//! only with encrypted connections, because passwords must not be sent in plain text. Access with IAM needs Valkey, or
//! Redis 7.0 or newer. ElastiCache rejects other combinations when the cache is created.
//!
//! # Fix
//!
//! Add a node, turn on failover, or turn on `TransitEncryptionEnabled`. `elasticache::ReplicationGroup` sets these
//! properties according to its number of nodes.
//!
//! Source: <https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/AutoFailover.html>

use crate::diag::Diagnostic;
use crate::synth::{Link, Model};
use crate::val::{Bag, Data};

pub(super) fn check(model: &Model, _: &Link, out: &mut Vec<Diagnostic>) {
    for (id, group) in model.of_type("AWS::ElastiCache::ReplicationGroup") {
        let is = |name: &str| group.props.get(name).and_then(Data::as_bool) == Some(true);
        let is_set = |name: &str| group.props.get(name).is_some();
        if is("AutomaticFailoverEnabled") && replicas(&group.props) == Some(0) {
            out.push(
                model
                    .error(id, "MS0308", "automatic failover is on, but the replication group has no replica")
                    .help("use 2 or more nodes, or turn `AutomaticFailoverEnabled` off"),
            );
        }
        if is("MultiAZEnabled")
            && !is("AutomaticFailoverEnabled")
            && !is_deferred(&group.props, "AutomaticFailoverEnabled")
        {
            out.push(
                model
                    .error(id, "MS0308", "Multi-AZ is on, but automatic failover is off")
                    .help("turn `AutomaticFailoverEnabled` on, or `MultiAZEnabled` off"),
            );
        }
        if (is_set("UserGroupIds") || is_set("AuthToken"))
            && !is_set("GlobalReplicationGroupId")
            && !is("TransitEncryptionEnabled")
            && !is_deferred(&group.props, "TransitEncryptionEnabled")
        {
            out.push(
                model
                    .error(id, "MS0308", "user groups and auth tokens require encryption in transit, which is off")
                    .help("turn `TransitEncryptionEnabled` on"),
            );
        }
    }
}

/// Returns the replicas of each shard, or `None` if other properties determine them.
fn replicas(props: &Bag) -> Option<i64> {
    // Global datastores, node groups and snapshots specify their nodes in other properties.
    let elsewhere = ["GlobalReplicationGroupId", "NodeGroupConfiguration", "PrimaryClusterId", "SnapshotName"];
    if elsewhere.iter().any(|name| props.get(name).is_some()) {
        return None;
    }
    match (props.get("ReplicasPerNodeGroup"), props.get("NumCacheClusters")) {
        (Some(replicas), _) => replicas.as_int(),
        (None, Some(nodes)) => nodes.as_int().map(|nodes| nodes - 1),
        (None, None) => Some(0),
    }
}

fn is_deferred(props: &Bag, name: &str) -> bool {
    matches!(props.get(name), Some(Data::Deferred(_)))
}

#[cfg(test)]
mod tests {
    use crate::cfn::elasticache::ReplicationGroup;
    use crate::elasticache::{self, Access, Engine, ReplicationGroupProps};
    use crate::testing::{codes, stack};
    use crate::{App, OnDelete, aws};

    fn raw(app: &App, change: impl FnOnce(ReplicationGroup) -> ReplicationGroup) {
        let group = change(ReplicationGroup::new("a cache"));
        group.define(&stack(app, "data"), "cache").on_delete(OnDelete::Delete);
    }

    fn cache(app: &App, props: ReplicationGroupProps) {
        let data = stack(app, "data");
        let vpc = aws::Vpc::new(&data, "vpc", aws::VpcProps::default());
        elasticache::ReplicationGroup::new(&data, "cache", &vpc, props);
    }

    #[test]
    fn reports_failover_without_a_replica() {
        assert_eq!(codes(|app| raw(app, |it| it.automatic_failover_enabled(true).num_cache_clusters(1))), ["MS0308"]);
        assert_eq!(codes(|app| raw(app, |it| it.automatic_failover_enabled(true))), ["MS0308"]);
    }

    #[test]
    fn reports_multi_az_without_automatic_failover() {
        assert_eq!(codes(|app| raw(app, |it| it.multi_az_enabled(true).num_cache_clusters(2))), ["MS0308"]);
    }

    #[test]
    fn reports_users_without_encryption() {
        assert_eq!(codes(|app| raw(app, |it| it.user_group_ids(["users"]).num_cache_clusters(1))), ["MS0308"]);
    }

    #[test]
    fn reports_iam_authentication_with_an_old_redis_version() {
        let old = |access| ReplicationGroupProps {
            engine: Engine::Redis,
            engine_version: Some("6.2".to_owned()),
            access,
            ..Default::default()
        };
        assert_eq!(codes(|app| cache(app, old(Access::Iam))), ["MS0308"]);
        assert_eq!(codes(|app| cache(app, old(Access::Password))), [""; 0]);
    }

    #[test]
    fn accepts_the_construct_with_one_or_two_nodes() {
        assert_eq!(codes(|app| cache(app, ReplicationGroupProps { cache_clusters: 1, ..Default::default() })), [""; 0]);
        assert_eq!(codes(|app| cache(app, ReplicationGroupProps::default())), [""; 0]);
    }
}
