//! Bare databases, each defined from a typed resource.

use super::cluster::Cluster;
use super::database::Database;
use super::engine::{AuroraEngine, Dialect, Engine};
use super::server::{Network, Server};
use crate::Resource;
use crate::aws::data;
use crate::aws::secrets::Secret;
use crate::aws::security::SecurityGroup;
use crate::aws::vpc::Vpc;
use crate::cfn::rds;
use crate::diagram::DiagramNode;
use crate::tree::{Construct, Scope};
use crate::val::{Data, Val, Value};

impl Database {
    /// Defines an instance that is what its resource says, and nothing beside it: neither groups, nor logs, nor a key.
    ///
    /// `engine` is what it runs as constructs know it: what clients speak, and the port where the resource says none. Who
    /// connects is said by [`Database::with_network`], and what the master user logs in with by [`Database::with_secret`], unless
    /// RDS manages the password.
    ///
    /// # Diagnostics
    ///
    /// - `MS0318`: a relation needs the network or the secret, which was not given.
    ///
    /// # Example
    ///
    /// ```
    /// # use meshsynth::{App, aws, cfn, rds, testing};
    /// # use meshsynth::tree::Construct;
    /// # let app = App::new("shop");
    /// # let reports = testing::workload(&app);
    /// # let data = reports.scope().stack();
    /// # let vpc = reports.namespace().cluster().vpc();
    /// let group = aws::SecurityGroup::new(&data, "orders-group", vpc, "The database of orders");
    /// let orders = cfn::rds::DbInstance::new().engine("mysql").vpc_security_groups([group.id()]);
    /// let orders = rds::Database::bare(&data, "orders", rds::Engine::mysql(), orders).with_network(vpc, &group);
    /// orders.resource().logical_id("OrdersDatabase").retain();
    /// orders.allow_from(&reports);
    /// orders.grant_connect(&reports, "reports");
    /// # app.synth().expect("it synthesizes");
    /// ```
    #[track_caller]
    pub fn bare(scope: &impl Construct, id: &str, engine: Engine, instance: rds::DbInstance) -> Self {
        let scope = scope.scope().construct(id);
        let said = instance.clone().into_data();
        let instance = instance.define(&scope, "resource");
        let server = Server {
            identifier: instance.reference(),
            arn: instance.db_instance_arn(),
            address: instance.endpoint_address(),
            resource_id: Some(instance.dbi_resource_id()),
            ..server(scope, &said, engine.dialect(), "DBName", instance.master_user_secret_secret_arn())
        };
        Self { server, engine }
    }

    /// Returns the resource of the instance, to keep its logical ID or to set properties that have no method.
    #[track_caller]
    pub fn resource(&self) -> Resource<rds::DbInstance> {
        Resource::of(self, "resource")
    }

    /// Says which network a bare instance lies in, and which security group clients are added to.
    #[must_use]
    pub fn with_network(mut self, vpc: &Vpc, security_group: &SecurityGroup) -> Self {
        self.server.lies_in(vpc, security_group);
        self
    }

    /// Says which secret has the name and the password of the master user of a bare instance.
    #[must_use]
    pub fn with_secret(mut self, secret: &Secret) -> Self {
        self.server.secret = Some(secret.secret());
        self
    }
}

impl Cluster {
    /// Defines a cluster that is what its resource says, and nothing beside it: instances are added one by one.
    ///
    /// `engine` is what it runs as constructs know it: what clients speak, and the port where the resource says none. Who
    /// connects is said by [`Cluster::with_network`], and what the master user logs in with by [`Cluster::with_secret`], unless
    /// Aurora manages the password.
    ///
    /// # Diagnostics
    ///
    /// - `MS0318`: a relation needs the network or the secret, which was not given.
    ///
    /// # Example
    ///
    /// ```
    /// # use meshsynth::{App, Env, Stack, cfn, rds};
    /// # let app = App::new("shop");
    /// # let data = Stack::new(&app, "data", Env::region("eu-west-1"));
    /// let carts = cfn::rds::DbCluster::new().engine("aurora-mysql").manage_master_user_password(true);
    /// let carts = rds::Cluster::bare(&data, "carts", rds::AuroraEngine::mysql(), carts);
    /// carts.resource().logical_id("Carts").retain();
    /// let writer = cfn::rds::DbInstance::new().engine("aurora-mysql").db_instance_class("db.r8g.large");
    /// carts.add_instance("writer", writer.db_cluster_identifier(carts.identifier())).logical_id("CartsWriter");
    /// let password = carts.secret().field("password");
    /// # app.synth().expect("it synthesizes");
    /// ```
    #[track_caller]
    pub fn bare(scope: &impl Construct, id: &str, engine: AuroraEngine, cluster: rds::DbCluster) -> Self {
        let scope = scope.scope().construct(id);
        let said = cluster.clone().into_data();
        let cluster = cluster.define(&scope, "resource");
        let server = Server {
            identifier: cluster.reference(),
            arn: cluster.db_cluster_arn(),
            address: cluster.endpoint_address(),
            resource_id: Some(cluster.db_cluster_resource_id()),
            ..server(scope, &said, engine.dialect(), "DatabaseName", cluster.master_user_secret_secret_arn())
        };
        Self { server, reader_address: cluster.read_endpoint_address(), engine }
    }

    /// Returns the resource of the cluster, to keep its logical ID or to set properties that have no method.
    #[track_caller]
    pub fn resource(&self) -> Resource<rds::DbCluster> {
        Resource::of(self, "resource")
    }

    /// Adds an instance to a bare cluster, as its resource says.
    #[track_caller]
    pub fn add_instance(&self, id: &str, instance: rds::DbInstance) -> Resource<rds::DbInstance> {
        instance.define(self, id)
    }

    /// Says which network a bare cluster lies in, and which security group clients are added to.
    #[must_use]
    pub fn with_network(mut self, vpc: &Vpc, security_group: &SecurityGroup) -> Self {
        self.server.lies_in(vpc, security_group);
        self
    }

    /// Says which secret has the name and the password of the master user of a bare cluster.
    #[must_use]
    pub fn with_secret(mut self, secret: &Secret) -> Self {
        self.server.secret = Some(secret.secret());
        self
    }
}

impl Server {
    fn lies_in(&mut self, vpc: &Vpc, security_group: &SecurityGroup) {
        self.network = Some(Network { security_group: security_group.id(), cidrs: data::blocks(vpc) });
        data::diagram(&self.scope, vpc, "database", self.dialect.title().to_owned());
    }
}

/// What a resource says of its server; what only its attributes say is filled in by the caller.
fn server(scope: Scope, said: &Data, dialect: Dialect, database: &str, managed: Val<String>) -> Server {
    scope.diagram(DiagramNode::new("database").detail(dialect.title()));
    let port = match said.at("Port") {
        Some(Data::Text(port)) => port.parse().ok(),
        Some(Data::Int(port)) => u16::try_from(*port).ok(),
        _ => None,
    };
    let is_managed = said.at("ManageMasterUserPassword") == Some(&Data::Bool(true));
    Server {
        scope,
        identifier: Val::Known(String::new()),
        arn: Val::Known(String::new()),
        address: Val::Known(String::new()),
        resource_id: None,
        dialect,
        port: port.unwrap_or(dialect.port()),
        // Without one, clients connect to that of their user.
        database: said.at(database).and_then(Data::as_str).unwrap_or_default().to_owned(),
        secret: is_managed.then(|| crate::Secret::new(managed)),
        network: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::iam::{Role, RoleProps, Trust};
    use crate::testing::{codes, stack};
    use crate::{App, cfn};

    fn orders(app: &App) -> (Database, Role) {
        let data = stack(app, "data");
        let instance = cfn::rds::DbInstance::new().engine("mariadb").port("3307").db_name("orders");
        let role = Role::new(&data, "reports", Trust::Service("lambda.amazonaws.com"), RoleProps::default());
        (Database::bare(&data, "orders", Engine::mariadb(), instance), role)
    }

    /// How often something was missing; what the rules find in the resource itself is for them to test.
    fn n_missing(build: impl Fn(&App)) -> usize {
        codes(build).iter().filter(|code| **code == "MS0318").count()
    }

    #[test]
    fn a_bare_database_listens_where_its_resource_says() {
        let n_missing = n_missing(|app| {
            let (orders, role) = orders(app);
            assert_eq!((orders.port(), orders.database()), (3307, "orders"));
            orders.grant_connect(&role, "reports");
        });
        assert_eq!(n_missing, 0);
    }

    #[test]
    fn what_a_relation_needs_must_be_said() {
        assert_eq!(n_missing(|app| drop(orders(app).0.endpoint())), 1);
        let read = |app: &App| {
            let (orders, role) = orders(app);
            orders.grant_read_secret(&role);
        };
        assert_eq!(n_missing(read), 1);
    }
}
