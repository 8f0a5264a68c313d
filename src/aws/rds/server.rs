//! What an instance and an Aurora cluster have in common: where it listens, how it is reached, who logs in.

use crate::aws::connect::Endpoint;
use crate::aws::data;
use crate::aws::iam::{Grantee, Role, RoleProps, Statement, Trust};
use crate::aws::kms::Key;
use crate::aws::secrets;
use crate::aws::security::SecurityGroup;
use crate::aws::vpc::Vpc;
use crate::cfn::ids::RoleArn;
use crate::cfn::rds;
use crate::text;
use crate::tree::{Construct, Scope};
use crate::units::Cidr;
use crate::val::{Bag, Val};

/// The port of PostgreSQL.
pub(super) const PORT: u16 = 5432;

/// The network half of a database server.
#[derive(Clone)]
pub(super) struct Server {
    pub scope: Scope,
    pub security_group: SecurityGroup,
    pub cidrs: Vec<Cidr>,
    pub key: Key,
}

impl Server {
    /// Defines the security group of a server in the data tier of a VPC.
    pub fn new(scope: Scope, vpc: &Vpc, key: Option<Key>) -> Self {
        let key = data::key_or_own(&scope, key);
        let description = format!("Database {}", scope.path());
        let security_group = SecurityGroup::answering(&scope, "security-group", vpc, &description);
        let cidrs = vpc.subnet_cidrs(data::tier(vpc));
        Self { scope, security_group, cidrs, key }
    }

    /// Defines the group of the subnets that the server may lie in.
    pub fn subnet_group(&self, vpc: &Vpc) -> Val<String> {
        let description = format!("Subnets of {}", self.scope.path());
        rds::DbSubnetGroup::new(description, vpc.subnet_ids(data::tier(vpc))).define(&self.scope, "subnets").reference()
    }

    pub fn endpoint(&self) -> Endpoint {
        let (owner, security_group) = (self.scope.clone(), self.security_group.id());
        Endpoint { owner, security_group, port: PORT, cidrs: self.cidrs.clone() }
    }

    /// Lets the grantee log in as a user of the database with a token of IAM.
    ///
    /// Source: <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.IAMDBAuth.IAMPolicy.html>
    #[track_caller]
    pub fn grant_connect(&self, grantee: &impl Grantee, resource_id: Val<String>, user: &str) {
        let scope = &self.scope;
        let place = text![":rds-db:", scope.region(), ":", scope.account(), ":dbuser:"];
        let arn = text!["arn:", scope.partition(), place, resource_id, "/", user.to_owned()];
        grantee.role().grant(grantee, scope, Statement::allow(["rds-db:connect"]).on(arn));
    }

    /// Lets the grantee read the master user's name and password.
    #[track_caller]
    pub fn grant_read_secret(&self, grantee: &impl Grantee, secret: &crate::Secret) {
        grantee.role().grant(grantee, &self.scope, secrets::read_statement(secret));
        if let Some(statement) = secrets::decrypt_statement(secret) {
            grantee.role().grant(grantee, &self.scope, statement);
        }
    }
}

/// The role by which RDS reports what the operating system does; a stack has one.
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

/// Parameters of the server: TLS is a must, slow statements and changes of the schema are logged.
///
/// Source: <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Appendix.PostgreSQL.CommonDBATasks.Parameters.html>
pub(super) fn parameters(extra: Vec<(String, String)>) -> Bag {
    let usual = [("log_min_duration_statement", "1000"), ("log_statement", "ddl"), ("rds.force_ssl", "1")];
    let usual = usual.map(|(name, value)| (name.to_owned(), value.to_owned()));
    usual.into_iter().chain(extra).collect()
}

/// The name of the first database: the construct's id, as SQL takes it without quotes.
pub(super) fn database_name(scope: &Scope) -> String {
    let plain = scope.id().replace(['-', '.'], "_");
    match plain.starts_with(|c: char| c.is_ascii_alphabetic()) {
        true => plain,
        false => format!("db_{plain}"),
    }
}
