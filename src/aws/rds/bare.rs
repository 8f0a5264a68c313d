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
    /// Defines a bare instance, without a subnet group, a security group, logs or a key.
    ///
    /// `engine` determines the client protocol, and the port if the resource does not specify one.
    /// [`Database::with_network`] sets the VPC. [`Database::with_secret`] sets the login of the master user, unless RDS
    /// manages the password.
    ///
    /// # Diagnostics
    ///
    /// - `MS0318`: a relation requires the VPC or the secret, but it is missing.
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

    /// Returns the resource of the instance, for example to keep its logical ID, or to set a property for which the
    /// construct has no method.
    #[track_caller]
    pub fn resource(&self) -> Resource<rds::DbInstance> {
        Resource::of(self, "resource")
    }

    /// Sets the VPC of a bare instance, and the security group that accepts its clients.
    #[must_use]
    pub fn with_network(mut self, vpc: &Vpc, security_group: &SecurityGroup) -> Self {
        self.server.lies_in(vpc, security_group);
        self
    }

    /// Sets the secret with the name and the password of a bare instance's master user.
    #[must_use]
    pub fn with_secret(mut self, secret: &Secret) -> Self {
        self.server.secret = Some(secret.secret());
        self
    }
}

impl Cluster {
    /// Defines a bare cluster. [`Cluster::add_instance`] adds each instance.
    ///
    /// `engine` determines the client protocol, and the port if the resource does not specify one.
    /// [`Cluster::with_network`] sets the VPC. [`Cluster::with_secret`] sets the login of the master user, unless
    /// Aurora manages the password.
    ///
    /// # Diagnostics
    ///
    /// - `MS0318`: a relation requires the VPC or the secret, but it is missing.
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

    /// Returns the resource of the cluster, for example to keep its logical ID, or to set a property for which the
    /// construct has no method.
    #[track_caller]
    pub fn resource(&self) -> Resource<rds::DbCluster> {
        Resource::of(self, "resource")
    }

    /// Adds a bare instance to a bare cluster.
    #[track_caller]
    pub fn add_instance(&self, id: &str, instance: rds::DbInstance) -> Resource<rds::DbInstance> {
        instance.define(self, id)
    }

    /// Sets the VPC of a bare cluster, and the security group that accepts its clients.
    #[must_use]
    pub fn with_network(mut self, vpc: &Vpc, security_group: &SecurityGroup) -> Self {
        self.server.lies_in(vpc, security_group);
        self
    }

    /// Sets the secret with the name and the password of a bare cluster's master user.
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

/// Returns the server that a resource describes. The caller fills in the fields that depend on resource attributes.
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
        // If the resource specifies no database name, clients connect to the database with their user name.
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

    /// Counts the missing inputs. The rules for the resource itself have their own tests.
    fn n_missing(build: impl Fn(&App)) -> usize {
        codes(build).iter().filter(|code| **code == "MS0318").count()
    }

    #[test]
    fn reads_port_and_database_from_resource() {
        let n_missing = n_missing(|app| {
            let (orders, role) = orders(app);
            assert_eq!((orders.port(), orders.database()), (3307, "orders"));
            orders.grant_connect(&role, "reports");
        });
        assert_eq!(n_missing, 0);
    }

    #[test]
    fn reports_missing_network_and_secret() {
        assert_eq!(n_missing(|app| drop(orders(app).0.endpoint())), 1);
        let read = |app: &App| {
            let (orders, role) = orders(app);
            orders.grant_read_secret(&role);
        };
        assert_eq!(n_missing(read), 1);
    }
}
