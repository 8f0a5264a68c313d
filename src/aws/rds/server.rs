//! Common parts of instances and Aurora clusters: address, network and login.

use crate::aws::connect::{Client, Endpoint};
use crate::aws::data;
use crate::aws::existing;
use crate::aws::iam::{Grantee, Role, RoleProps, Statement, Trust};
use crate::aws::secrets;
use crate::aws::security::SecurityGroup;
use crate::aws::vpc::Vpc;
use crate::cfn::ids::{RoleArn, SecurityGroupId};
use crate::cfn::rds;
use crate::text;
use crate::tree::{Construct, Scope};
use crate::units::Cidr;
use crate::val::Val;

use super::engine::Dialect;

/// A database server that the program defines or imports.
#[derive(Clone)]
pub(super) struct Server {
    pub scope: Scope,
    pub identifier: Val<String>,
    pub arn: Val<String>,
    pub address: Val<String>,
    /// The resource ID for IAM policies, or `None` for an imported server whose resource ID is unknown.
    pub resource_id: Option<Val<String>>,
    pub dialect: Dialect,
    pub port: u16,
    pub database: String,
    pub secret: Option<crate::Secret>,
    /// The network, or `None` for a bare server whose network is unknown.
    pub network: Option<Network>,
}

/// The security group and the subnet blocks of a database server.
#[derive(Clone)]
pub(super) struct Network {
    pub security_group: Val<SecurityGroupId>,
    pub cidrs: Vec<Cidr>,
}

impl Network {
    /// Defines the security group of a server in the subnets for data stores.
    pub fn new(scope: &Scope, vpc: &Vpc) -> Self {
        let description = format!("Database {}", scope.path());
        let security_group = SecurityGroup::answering(scope, "security-group", vpc, &description).id();
        Self { security_group, cidrs: vpc.subnet_cidrs(data::tier(vpc)) }
    }
}

/// Defines the subnet group of a server.
pub(super) fn subnet_group(scope: &Scope, vpc: &Vpc) -> Val<String> {
    let description = format!("Subnets of {}", scope.path());
    rds::DbSubnetGroup::new(description, vpc.subnet_ids(data::tier(vpc))).define(scope, "subnets").reference()
}

impl Server {
    pub fn url(&self) -> Val<String> {
        self.dialect.url(self.address.clone(), self.port, &self.database)
    }

    /// Returns the master user's secret.
    #[track_caller]
    pub fn secret(&self) -> crate::Secret {
        self.secret.clone().unwrap_or_else(|| {
            self.incomplete("secret");
            crate::Secret::new("arn:aws:secretsmanager:::secret:unknown")
        })
    }

    #[track_caller]
    fn incomplete(&self, field: &str) {
        existing::incomplete(&self.scope, field);
    }

    /// Returns the network endpoint. It reports an error and returns `None` if the VPC is unknown.
    #[track_caller]
    fn known_endpoint(&self) -> Option<Endpoint> {
        let Some(Network { security_group, cidrs }) = self.network.clone() else {
            self.incomplete("network");
            return None;
        };
        Some(Endpoint { owner: self.scope.clone(), security_group, port: self.port, cidrs })
    }

    #[track_caller]
    pub fn endpoint(&self) -> Endpoint {
        self.known_endpoint().unwrap_or_else(|| Endpoint {
            owner: self.scope.clone(),
            security_group: SecurityGroupId::new("sg-00000000").into(),
            port: self.port,
            cidrs: Vec::new(),
        })
    }

    /// Lets a client connect.
    #[track_caller]
    pub fn allow_from(&self, client: &impl Client) {
        if let Some(endpoint) = self.known_endpoint() {
            endpoint.allow_from(client);
        }
    }

    /// Lets the grantee log in as a database user with an IAM token.
    ///
    /// Source: <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.IAMDBAuth.IAMPolicy.html>
    #[track_caller]
    pub fn grant_connect(&self, grantee: &impl Grantee, user: &str) {
        let Some(resource_id) = self.resource_id.clone() else { return self.incomplete("resource_id") };
        let scope = &self.scope;
        let place = text![":rds-db:", scope.region(), ":", scope.account(), ":dbuser:"];
        let arn = text!["arn:", scope.partition(), place, resource_id, "/", user.to_owned()];
        grantee.role().grant(grantee, scope, Statement::allow(["rds-db:connect"]).on(arn));
    }

    /// Lets the grantee read the master user's name and password.
    #[track_caller]
    pub fn grant_read_secret(&self, grantee: &impl Grantee) {
        let Some(secret) = &self.secret else { return self.incomplete("secret") };
        grantee.role().grant(grantee, &self.scope, secrets::read_statement(secret));
        if let Some(statement) = secrets::decrypt_statement(secret) {
            grantee.role().grant(grantee, &self.scope, statement);
        }
    }
}

/// Returns the role with which RDS publishes operating system metrics. A stack has one such role.
pub(super) fn monitoring_role(scope: &Scope) -> Val<RoleArn> {
    let stack = scope.stack();
    let role = stack.singleton("rds-monitoring", || {
        let props = RoleProps {
            description: "RDS reports metrics of the operating system.".to_owned(),
            managed_policies: vec!["service-role/AmazonRDSEnhancedMonitoringRole"],
        };
        let role = Role::new(&stack, "rds-monitoring", Trust::Service("monitoring.rds.amazonaws.com"), props);
        role.scope().child("resource").unwrap_or_else(|| role.scope().clone())
    });
    role.attr("Arn")
}

/// Returns the name of the first database. It is derived from the construct's id and is a valid SQL
/// identifier without quotes.
pub(super) fn database_name(scope: &Scope) -> String {
    let plain = scope.id().replace(['-', '.'], "_");
    match plain.starts_with(|c: char| c.is_ascii_alphabetic()) {
        true => plain,
        false => format!("db_{plain}"),
    }
}
