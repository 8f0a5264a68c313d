//! AWS constructs with secure, well-architected defaults.
//!
//! Required values are parameters, and optional values are fields of the props. A relation is one line:
//! [`Endpoint::allow_from`](connect::Endpoint) allows a network connection, and `grant_*` grants a permission. The
//! library derives the rest from this line: security group rules, policy statements, network policies and the graph.

pub mod backup;
pub mod bedrock;
pub mod cloudformation;
pub mod cognito;
pub mod connect;
mod data;
pub mod delivery;
pub mod dynamodb;
pub mod ecr;
pub mod edge;
pub mod efs;
pub mod eks;
pub mod elasticache;
pub mod events;
pub(crate) mod existing;
mod filter;
pub mod iam;
mod ingress_rule;
pub mod kms;
pub mod lambda;
pub mod logs;
pub mod mq;
pub mod msk;
pub mod observability;
pub mod opensearch;
mod policy;
pub mod rds;
pub mod s3;
pub mod scheduler;
pub mod secrets;
pub mod security;
pub mod sns;
pub mod sqs;
pub mod ssm;
pub mod stepfunctions;
mod target;
pub mod vpc;

pub use connect::{Client, Endpoint};
pub use delivery::{codebuild, codepipeline};
pub use iam::Grantee;
pub use observability::{cloudwatch, xray};
pub use security::SecurityGroup;
pub use vpc::{Vpc, VpcProps};

/// Returns the name of a construct in the AWS consoles: the app and the path.
pub(crate) fn display_name(scope: &crate::Scope) -> String {
    format!("{}/{}", scope.app_name(), scope.path())
}
