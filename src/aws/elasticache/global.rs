//! Caches in several regions.

use super::replication_group::{ReplicationGroup, ReplicationGroupProps};
use crate::Resource;
use crate::aws::data;
use crate::aws::kms::Key;
use crate::aws::vpc::Vpc;
use crate::cfn::elasticache;
use crate::cfn::elasticache::global_replication_group::{GlobalReplicationGroupMember, Role};
use crate::node::OnDelete;
use crate::tree::{Construct, Scope};
use crate::val::Val;

/// Properties of a secondary cache of a [`GlobalDatastore`].
#[derive(Clone)]
pub struct FollowerProps {
    /// The number of nodes, from 1 to 6. Default: 2.
    ///
    /// With two or more nodes, automatic failover promotes a replica in another zone.
    pub cache_clusters: u8,
    /// The key in the region of the secondary cache. Default: a separate key.
    pub key: Option<Key>,
    /// The maintenance window in UTC, at least one hour. Default: `sun:05:00-sun:06:00`.
    pub maintenance_window: String,
    /// The retention of the slow log in days. Default: 30.
    pub log_retention_days: u16,
}

impl Default for FollowerProps {
    fn default() -> Self {
        Self {
            cache_clusters: 2,
            key: None,
            maintenance_window: "sun:05:00-sun:06:00".to_owned(),
            log_retention_days: 30,
        }
    }
}

/// A global datastore: a primary cache that accepts writes, and secondary caches in other regions.
///
/// To make another region primary, use an ElastiCache command. A template change cannot do this. Nodes must be
/// memory-optimized or general-purpose types from `large` up. Burstable types are not supported.
///
/// # Diagnostics
///
/// - `MS0314`: the node type of the primary cache does not support global datastores.
///
/// # Example
///
/// ```
/// # use meshsynth::{App, Env, Stack, aws, elasticache};
/// # let app = App::new("shop");
/// # let tokyo = Stack::new(&app, "data-tokyo", Env::region("ap-northeast-1"));
/// # let osaka = Stack::new(&app, "data-osaka", Env::region("ap-northeast-3"));
/// # let tokyo_vpc = aws::Vpc::new(&tokyo, "vpc", aws::VpcProps::default());
/// # let osaka_vpc = aws::Vpc::new(&osaka, "vpc", aws::VpcProps::default());
/// let sessions = elasticache::ReplicationGroup::new(&tokyo, "sessions", &tokyo_vpc, elasticache::ReplicationGroupProps {
///     node_type: "cache.r7g.large".into(),
///     ..Default::default()
/// });
/// let global = elasticache::GlobalDatastore::new(&tokyo, "sessions-global", &sessions);
/// let copy = global.add_follower(&osaka, "sessions", &osaka_vpc, Default::default());
/// let reads = copy.reader_address();
/// ```
///
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-elasticache-globalreplicationgroup.html>
#[derive(Clone)]
pub struct GlobalDatastore {
    scope: Scope,
    global: Resource<elasticache::GlobalReplicationGroup>,
    primary: ReplicationGroup,
}

impl GlobalDatastore {
    /// Makes a cache the primary cache of a global datastore.
    #[track_caller]
    pub fn new(scope: &impl Construct, id: &str, primary: &ReplicationGroup) -> Self {
        let scope = scope.scope().construct(id);
        let member = GlobalReplicationGroupMember::new()
            .replication_group_id(primary.name())
            .replication_group_region(primary.scope().region())
            .role(Role::Primary);
        let global = elasticache::GlobalReplicationGroup::new([member])
            .automatic_failover_enabled(true)
            .global_replication_group_description(format!("Cache {} over several regions", scope.path()))
            .global_replication_group_id_suffix(data::physical_name(&scope, 40))
            .define(&scope, "resource");
        // The data belongs to the member caches, which are kept when the global datastore is deleted.
        global.on_delete(OnDelete::Delete);
        Self { scope, global, primary: primary.clone() }
    }

    /// Returns the primary cache, which accepts the writes.
    pub fn primary(&self) -> &ReplicationGroup {
        &self.primary
    }

    /// Returns the ID of the global datastore.
    pub fn id(&self) -> Val<String> {
        self.global.global_replication_group_id()
    }

    /// Defines a secondary cache in another region, which replicates the primary cache and serves reads.
    ///
    /// The secondary cache has the engine, the version and the node type of the primary cache. Its users are separate,
    /// because ElastiCache users are regional. With password access, each cache has its own password.
    #[track_caller]
    pub fn add_follower(&self, scope: &impl Construct, id: &str, vpc: &Vpc, props: FollowerProps) -> ReplicationGroup {
        let props = ReplicationGroupProps {
            engine: self.primary.engine,
            access: self.primary.access,
            cache_clusters: props.cache_clusters,
            key: props.key,
            maintenance_window: props.maintenance_window,
            log_retention_days: props.log_retention_days,
            // Snapshots are taken only from the primary cache.
            snapshot_retention_days: 0,
            on_delete: OnDelete::Delete,
            ..ReplicationGroupProps::default()
        };
        let scope = scope.scope().construct(id);
        self.primary.scope().replicates_to(&scope);
        ReplicationGroup::define(scope, vpc, props, Some(self.id()))
    }
}

impl Construct for GlobalDatastore {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}

#[cfg(test)]
mod tests {
    use super::{FollowerProps, GlobalDatastore};
    use crate::elasticache::{ReplicationGroup, ReplicationGroupProps};
    use crate::testing::{Platform, stack};
    use crate::{Env, Stack, aws};

    #[test]
    fn secondary_cache_inherits_engine_and_node_type() {
        let platform = Platform::synth("shop", |app| {
            let tokyo = stack(app, "tokyo");
            let vpc = aws::Vpc::new(&tokyo, "vpc", aws::VpcProps::default());
            let props = ReplicationGroupProps { node_type: "cache.r7g.large".to_owned(), ..Default::default() };
            let global = GlobalDatastore::new(&tokyo, "global", &ReplicationGroup::new(&tokyo, "cache", &vpc, props));
            let osaka = Stack::new(app, "osaka", Env::new("111122223333", "ap-northeast-3"));
            let vpc = aws::Vpc::new(&osaka, "vpc", aws::VpcProps::default());
            global.add_follower(&osaka, "cache", &vpc, FollowerProps::default());
        });
        let groups = platform.resources("AWS::ElastiCache::ReplicationGroup");
        let follower = groups.iter().find(|it| it.template.starts_with("osaka")).unwrap().props;
        for property in
            ["Engine", "EngineVersion", "CacheNodeType", "CacheParameterGroupName", "AtRestEncryptionEnabled"]
        {
            assert!(follower.get(property).is_none(), "{property}");
        }
        assert_eq!(follower["GlobalReplicationGroupId"]["Fn::GetStackOutput"]["Region"], "ap-northeast-1");
        assert!(follower["KmsKeyId"]["Fn::GetAtt"].is_array() && follower["UserGroupIds"].is_array());
        let member = &platform.resource("AWS::ElastiCache::GlobalReplicationGroup").props["Members"][0];
        assert_eq!((&member["Role"], &member["ReplicationGroupRegion"]), (&"PRIMARY".into(), &"ap-northeast-1".into()));
    }
}
