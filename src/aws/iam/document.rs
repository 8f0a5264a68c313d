//! Policy documents in the notation of IAM, for resources that take a whole document.

use crate::val::{Bag, Data};

/// Returns a policy document with statements, such as those of [`allow_statement`].
///
/// Grants and [`Role::allow`](super::Role::allow) write documents of constructs. Use this function for a typed resource.
///
/// # Example
///
/// ```
/// # use meshsynth::{App, Env, Stack, cfn, iam};
/// # let app = App::new("shop");
/// # let data = Stack::new(&app, "data", Env::region("eu-west-1"));
/// let read = iam::document([iam::allow_statement(["s3:GetObject", "s3:ListBucket"], "arn:aws:s3:::shop-files/*")]);
/// let reader = cfn::iam::Role::new(iam::trust("ec2.amazonaws.com"))
///     .policies([cfn::iam::role::Policy::new(read, "read")])
///     .define(&data, "reader");
/// # assert!(app.synth()?.files["data.template.json"].contains("s3:GetObject"));
/// # Ok::<(), meshsynth::Failure>(())
/// ```
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html>
pub fn document(statements: impl IntoIterator<Item = Bag>) -> Bag {
    let statements = statements.into_iter().map(Data::from).collect();
    Bag::default().with("Version", "2012-10-17").with("Statement", Data::List(statements))
}

/// Returns a statement that allows an action or a list of actions on a resource or a list of resources. Add other
/// elements with `with`, such as `.with("Condition", ..)`.
pub fn allow_statement(action: impl Into<Data>, resource: impl Into<Data>) -> Bag {
    Bag::default().with("Effect", "Allow").with("Action", action).with("Resource", resource)
}

/// Returns a statement that denies an action or a list of actions on a resource or a list of resources.
pub fn deny_statement(action: impl Into<Data>, resource: impl Into<Data>) -> Bag {
    Bag::default().with("Effect", "Deny").with("Action", action).with("Resource", resource)
}

/// Returns the trust policy of a role that an AWS service assumes, such as `ec2.amazonaws.com`.
pub fn trust(service: impl Into<Data>) -> Bag {
    let principal = Bag::default().with("Service", service);
    let statement = Bag::default().with("Effect", "Allow").with("Principal", principal);
    document([statement.with("Action", "sts:AssumeRole")])
}
