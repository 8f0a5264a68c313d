//! What the policies of resources share.

use crate::tree::Scope;
use crate::val::{Bag, Data, Val};

/// Denies `actions` to whoever comes without TLS.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/security-best-practices.html#transit>
pub(super) fn only_with_tls(actions: &'static str, resources: Vec<Val<String>>) -> Data {
    Data::Map(
        Bag::default()
            .with("Sid", "OnlyWithTls")
            .with("Effect", "Deny")
            .with("Principal", "*")
            .with("Action", actions)
            .with("Resource", resources)
            .with("Condition", Bag::default().with("Bool", Bag::default().with("aws:SecureTransport", "false"))),
    )
}

/// An ARN of the stack's own account and region, such as `alarm:*` of `cloudwatch`.
pub(super) fn own_arn(scope: &Scope, service: &str, resource: impl Into<Val<String>>) -> Val<String> {
    let (partition, region, account) = (scope.partition(), scope.region(), scope.account());
    crate::text!["arn:", partition, format!(":{service}:{region}:"), account, ":", resource.into()]
}
