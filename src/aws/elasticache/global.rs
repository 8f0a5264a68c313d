//! A cache over several regions.

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

/// Properties of a cache that follows the primary cache of a [`GlobalDatastore`].
#[derive(Clone)]
pub struct FollowerProps {
    /// The nodes, 1 to 6. Default: 2.
    ///
    /// With two or more, a replica in another zone takes over by itself.
    pub cache_clusters: u8,
    /// The key of the follower's region. Default: a key of its own.
    pub key: Option<Key>,
    /// The hour or more, in UTC, for maintenance. Default: `sun:05:00-sun:06:00`.
    pub maintenance_window: String,
    /// The days that slow commands are kept in CloudWatch. Default: 30.
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

/// A global datastore: a primary cache that takes writes, and caches in other regions that follow it.
///
/// A region takes over when it is promoted, which is a command of ElastiCache
/// and not a change of a template. Its nodes are of memory- or general-purpose
/// types from `large` on; nodes of the burstable types cannot be members.
///
/// # Diagnostics
///
/// - `MS0314`: the type of the primary cache's nodes cannot be in a global datastore.
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
    /// Makes a cache the primary one of a global datastore.
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
        // What it holds is the caches': they stay when it goes.
        global.on_delete(OnDelete::Delete);
        Self { scope, global, primary: primary.clone() }
    }

    /// Returns the cache that takes the writes.
    pub fn primary(&self) -> &ReplicationGroup {
        &self.primary
    }

    /// Returns the id of the global datastore.
    pub fn id(&self) -> Val<String> {
        self.global.global_replication_group_id()
    }

    /// Defines a cache in another region that follows the primary cache and answers reads.
    ///
    /// Its engine, version and node type are those of the primary cache. Its
    /// users are its own, since ElastiCache keeps users by region: with a
    /// password, the follower has another one.
    #[track_caller]
    pub fn add_follower(&self, scope: &impl Construct, id: &str, vpc: &Vpc, props: FollowerProps) -> ReplicationGroup {
        let props = ReplicationGroupProps {
            engine: self.primary.engine,
            access: self.primary.access,
            cache_clusters: props.cache_clusters,
            key: props.key,
            maintenance_window: props.maintenance_window,
            log_retention_days: props.log_retention_days,
            // The primary cache takes the snapshots.
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
    fn a_follower_takes_from_its_primary_what_must_be_the_same() {
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
