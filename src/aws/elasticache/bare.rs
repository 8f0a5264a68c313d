//! Bare caches, each defined from a typed resource.

use super::replication_group::ReplicationGroup;
use super::users;
use super::{Access, Engine, PORT};
use crate::Resource;
use crate::aws::data;
use crate::aws::secrets::Secret;
use crate::aws::security::SecurityGroup;
use crate::aws::vpc::Vpc;
use crate::cfn::elasticache;
use crate::diagram::DiagramNode;
use crate::tree::Construct;
use crate::val::{Data, Value};

impl ReplicationGroup {
    /// Defines a bare cache, without a subnet group, a security group, users or logs.
    ///
    /// [`ReplicationGroup::with_network`] sets the VPC. [`ReplicationGroup::with_user`] or
    /// [`ReplicationGroup::with_secret`] sets the login of services.
    ///
    /// # Diagnostics
    ///
    /// - `MS0318`: a relation requires the VPC or the user, but it is missing.
    ///
    /// # Example
    ///
    /// ```
    /// # use meshsynth::{App, Env, Stack, aws, cfn, elasticache};
    /// # let app = App::new("shop");
    /// # let data = Stack::new(&app, "data", Env::region("eu-west-1"));
    /// # let vpc = aws::Vpc::new(&data, "vpc", aws::VpcProps::default());
    /// let group = aws::SecurityGroup::new(&data, "sessions-group", &vpc, "The cache of sessions");
    /// let sessions = cfn::elasticache::ReplicationGroup::new("Sessions").num_cache_clusters(2);
    /// let sessions = elasticache::ReplicationGroup::bare(&data, "sessions", elasticache::Engine::Redis, sessions)
    ///     .with_network(&vpc, &group);
    /// sessions.resource().logical_id("Sessions");
    /// let url = sessions.url(); // redis://<address>:6379
    /// assert_eq!((sessions.port(), sessions.node_names().len()), (6379, 2));
    /// # app.synth().expect("it synthesizes");
    /// ```
    #[track_caller]
    pub fn bare(
        scope: &impl Construct,
        id: &str,
        engine: Engine,
        replication_group: elasticache::ReplicationGroup,
    ) -> Self {
        let scope = scope.scope().construct(id);
        let said = replication_group.clone().into_data();
        let number = |key: &str| said.at(key).and_then(Data::as_int).and_then(|number| u8::try_from(number).ok());
        let shards = number("NumNodeGroups").unwrap_or(1);
        let has_shards = shards > 1 || said.at("ClusterMode").and_then(Data::as_str) == Some("enabled");
        let replicas = number("ReplicasPerNodeGroup").map(|replicas| replicas.saturating_add(1));
        let port = said.at("Port").and_then(Data::as_int).and_then(|port| u16::try_from(port).ok());
        let group = replication_group.define(&scope, "resource");
        scope.diagram(DiagramNode::new("cache").detail(engine.name()));
        // With shards, clients use the configuration endpoint to find the shard of a key.
        let (primary_address, reader_address) = match has_shards {
            true => (group.configuration_end_point_address(), group.configuration_end_point_address()),
            false => (group.primary_end_point_address(), group.reader_end_point_address()),
        };
        Self {
            scope,
            name: group.reference(),
            primary_address,
            reader_address,
            port: port.unwrap_or(PORT),
            has_tls: said.at("TransitEncryptionEnabled") == Some(&Data::Bool(true)),
            security_group: None,
            cidrs: Vec::new(),
            users: None,
            engine,
            access: Access::Iam,
            shards: has_shards.then_some(shards),
            nodes: number("NumCacheClusters").or(replicas).unwrap_or(1),
        }
    }

    /// Returns the resource of the replication group, for example to keep its logical ID, or to set a property for
    /// which the construct has no method.
    #[track_caller]
    pub fn resource(&self) -> Resource<elasticache::ReplicationGroup> {
        Resource::of(self, "resource")
    }

    /// Sets the VPC of a bare cache, and the security group that accepts its clients.
    #[must_use]
    pub fn with_network(self, vpc: &Vpc, security_group: &SecurityGroup) -> Self {
        data::diagram(self.scope(), vpc, "cache", self.engine.name().to_owned());
        Self { security_group: Some(security_group.clone()), cidrs: data::blocks(vpc), ..self }
    }

    /// Sets the ElastiCache user for IAM logins to a bare cache.
    #[must_use]
    pub fn with_user(self, name: &str) -> Self {
        let users = users::imported(self.scope(), name.to_owned(), None);
        Self { users: Some(users), access: Access::Iam, ..self }
    }

    /// Sets the secret with the password of the default user, with which services log in to a bare cache.
    #[must_use]
    pub fn with_secret(self, secret: &Secret) -> Self {
        let users = users::imported(self.scope(), "default".to_owned(), Some(secret.clone()));
        Self { users: Some(users), access: Access::Password, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::iam::{Role, RoleProps, Trust};
    use crate::testing::{codes, stack};
    use crate::{App, cfn};

    fn sessions(app: &App) -> (ReplicationGroup, Role) {
        let data = stack(app, "data");
        let group = cfn::elasticache::ReplicationGroup::new("Sessions").num_node_groups(2).replicas_per_node_group(1);
        let role = Role::new(&data, "shop", Trust::Service("lambda.amazonaws.com"), RoleProps::default());
        (ReplicationGroup::bare(&data, "sessions", Engine::Valkey, group.port(6380)), role)
    }

    /// Counts the missing inputs. The rules for the resource itself have their own tests.
    fn n_missing(build: impl Fn(&App)) -> usize {
        codes(build).iter().filter(|code| **code == "MS0318").count()
    }

    #[test]
    fn lists_node_names_of_all_shards() {
        let n_missing = n_missing(|app| {
            let (sessions, role) = sessions(app);
            assert_eq!((sessions.node_names().len(), sessions.port()), (4, 6380));
            sessions.with_user("shop").grant_connect(&role);
        });
        assert_eq!(n_missing, 0);
    }

    #[test]
    fn reports_missing_network_and_user() {
        assert_eq!(n_missing(|app| drop(sessions(app).0.endpoint())), 1);
        let connect = |app: &App| {
            let (sessions, role) = sessions(app);
            sessions.grant_connect(&role);
        };
        assert_eq!(n_missing(connect), 1);
    }
}
