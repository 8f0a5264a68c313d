//! Common parts of resource policies.

use super::iam::{Role, Statement, Trust};
use crate::Resource;
use crate::cfn;
use crate::tree::{Construct, Scope};
use crate::val::{Bag, Data, IntoVal, Val};

/// Returns a trust policy that lets a service assume a role only on behalf of the stack's own account. This prevents
/// the confused deputy problem.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html>
pub(super) fn trust_for_this_account(scope: &Scope, service: &'static str) -> Trust {
    let statement = Statement::allow(["sts:AssumeRole"])
        .when("StringEquals", "aws:SourceAccount", scope.account())
        .into_data(Some(Bag::default().with("Service", service)));
    Trust::Document(Val::from(Bag::default().with("Version", "2012-10-17").with("Statement", vec![statement])))
}

/// Denies `actions` for requests without TLS.
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

/// Returns the resource policy of a bare construct. The first statement defines the policy. Returns `None` if the
/// construct is imported.
pub(super) fn policy_of_bare(scope: &Scope, define: impl FnOnce() -> Scope) -> Option<Scope> {
    scope.child("resource")?;
    Some(scope.child("policy").unwrap_or_else(define))
}

/// Returns a policy document without statements.
pub(super) fn no_statements() -> Bag {
    Bag::default().with("Version", "2012-10-17").with("Statement", Data::List(Vec::new()))
}

/// Defines a separate policy of a role. A resource can depend on this policy even if the role's grants refer to that
/// resource.
pub(super) fn beside_grants(role: &Role, id: &str, statements: Vec<Statement>) -> Resource<cfn::iam::RolePolicy> {
    let statements: Vec<_> = statements.into_iter().map(|it| it.into_data(None)).collect();
    let document = Bag::default().with("Version", "2012-10-17").with("Statement", statements);
    cfn::iam::RolePolicy::new(id, role.name()).policy_document(document).define(role.scope(), id)
}

/// Returns an ARN in the stack's account and region, such as `alarm:*` of `cloudwatch`.
pub(super) fn own_arn(scope: &Scope, service: &str, resource: impl IntoVal<String>) -> Val<String> {
    let (partition, region, account) = (scope.partition(), scope.region(), scope.account());
    crate::text!["arn:", partition, format!(":{service}:{region}:"), account, ":", resource.into_val()]
}
