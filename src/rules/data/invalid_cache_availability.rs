//! A cache has failover without a replica, or authentication without encryption in transit.
//!
//! A replica can only take over where there is one; Multi-AZ is built on that
//! failover; and ElastiCache gives users and tokens only to caches that encrypt
//! traffic, since a password must not be sent in plain text. Access by IAM needs Valkey,
//! or Redis 7.0 and newer. All of these are refused when the cache is created.
//!
//! Add a node, turn failover on, or turn `TransitEncryptionEnabled` on.
//! `elasticache::ReplicationGroup` sets all of this by the number of its nodes.
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
                    .error(id, "MS0308", "automatic failover is on without a replica")
                    .help("use 2 nodes or more, or turn `AutomaticFailoverEnabled` off"),
            );
        }
        if is("MultiAZEnabled")
            && !is("AutomaticFailoverEnabled")
            && !is_deferred(&group.props, "AutomaticFailoverEnabled")
        {
            out.push(
                model
                    .error(id, "MS0308", "Multi-AZ without automatic failover")
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
                    .error(id, "MS0308", "user groups or an auth token need encryption in transit, which is off")
                    .help("turn `TransitEncryptionEnabled` on"),
            );
        }
    }
}

/// The replicas of each shard, where they can be told.
fn replicas(props: &Bag) -> Option<i64> {
    // A global cache, shards of their own and cluster mode bring their nodes in other ways.
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
    fn failover_without_a_replica_is_an_error() {
        assert_eq!(codes(|app| raw(app, |it| it.automatic_failover_enabled(true).num_cache_clusters(1))), ["MS0308"]);
        assert_eq!(codes(|app| raw(app, |it| it.automatic_failover_enabled(true))), ["MS0308"]);
    }

    #[test]
    fn several_zones_without_failover_are_an_error() {
        assert_eq!(codes(|app| raw(app, |it| it.multi_az_enabled(true).num_cache_clusters(2))), ["MS0308"]);
    }

    #[test]
    fn users_without_encryption_are_an_error() {
        assert_eq!(codes(|app| raw(app, |it| it.user_group_ids(["users"]).num_cache_clusters(1))), ["MS0308"]);
    }

    #[test]
    fn iam_with_an_old_redis_is_an_error() {
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
    fn one_node_and_two_nodes_of_the_construct_are_fine() {
        assert_eq!(codes(|app| cache(app, ReplicationGroupProps { cache_clusters: 1, ..Default::default() })), [""; 0]);
        assert_eq!(codes(|app| cache(app, ReplicationGroupProps::default())), [""; 0]);
    }
}
