//! Grants between accounts. Such a grant also needs a resource policy, because the policy of the role is not
//! sufficient.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html>

use crate::diag::Diagnostic;
use crate::text;
use crate::tree::{At, Construct, Scope};
use crate::val::{Bag, Val};

use super::{Role, Statement};

/// The action prefixes of services with resource policies that constructs write, or that become owner tasks.
const BY_POLICY: [&str; 8] = ["ecr:", "events:", "kms:", "lambda:", "s3:", "secretsmanager:", "sns:", "sqs:"];

impl Role {
    /// Returns the principal ARN for the resource policy, or `None` if the role and the resource are in the same
    /// account.
    ///
    /// If the program defines both the role and the resource, it returns the ARN of the role's account. The ARN of the
    /// role would cause a dependency cycle between the two stacks.
    pub(crate) fn foreign_to(&self, resource: &Scope, arn: &Val<String>) -> Option<Val<String>> {
        let account = self.known_account()?;
        let named = account_of(arn);
        let exists = named.is_some() || self.arn().known().is_some();
        if account == named.or_else(|| resource.account().known().cloned())? {
            return None;
        }
        Some(match exists {
            true => self.arn().into(),
            false => text!["arn:", resource.partition(), format!(":iam::{account}:root")],
        })
    }

    /// Returns the principal element for the resource policy.
    pub(crate) fn foreign_principal(&self, resource: &Scope, arn: &Val<String>) -> Option<Bag> {
        Some(Bag::default().with("AWS", self.foreign_to(resource, arn)?))
    }

    /// Reports a grant to a role of another account on a resource without a resource policy.
    #[track_caller]
    pub(super) fn check_accounts(&self, grantee: &Scope, resource: &Scope, statement: &Statement) {
        let called = statement.called();
        let Some(action) = called.iter().find(|it| !BY_POLICY.iter().any(|prefix| it.starts_with(prefix))) else {
            return;
        };
        // The resource can be an existing resource, such as a table. Its owner can then write the resource policy.
        let (Some(account), Some(other)) = (self.known_account(), resource.account().known().cloned()) else { return };
        if account == other {
            return;
        }
        let path = resource.path();
        let message = format!(
            "the grant of `{action}` on `{path}` crosses accounts: the role is in account {account}, and the resource in {other}"
        );
        let help =
            "define a role in the stack of the resource, grant to that role, and allow the other role to assume it";
        grantee.report(Diagnostic::error("MS0221", message).at(grantee.user_line(At::caller())).help(help));
    }

    fn known_account(&self) -> Option<String> {
        let arn: Val<String> = self.arn().into();
        account_of(&arn).or_else(|| self.scope().account().known().cloned())
    }
}

/// Returns the account of an ARN, if it is known.
fn account_of(arn: &Val<String>) -> Option<String> {
    arn.known()?.split(':').nth(4).filter(|account| !account.is_empty()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use crate::iam::{ExistingRole, Role};
    use crate::testing::{Platform, stack};
    use crate::{Env, Stack, ecr, events, kms, lambda, s3, secrets, sns, sqs};

    const PARTNER: &str = "arn:aws:iam::444455556666:role/partner";

    /// Defines a platform with grants to a role of another account.
    fn granted(define: impl Fn(&Stack, &Role)) -> Platform {
        Platform::synth("shop", |app| {
            let data = Stack::new(app, "data", Env::new("111122223333", "ap-northeast-1"));
            define(&data, &Role::import(&data, "partner", ExistingRole::arn(PARTNER)));
        })
    }

    #[test]
    fn own_resource_policies_allow_foreign_role() {
        let platform = granted(|data, partner| {
            sqs::Queue::new(data, "mails", Default::default()).grant_send(partner);
            sns::Topic::new(data, "orders", Default::default()).grant_publish(partner);
            s3::Bucket::new(data, "reports", Default::default()).grant_read(partner);
            kms::Key::new(data, "key", Default::default()).grant_decrypt(partner);
            secrets::Secret::new(data, "login", Default::default()).grant_read(partner);
            events::Bus::new(data, "bus", Default::default()).grant_put_events(partner);
            let images = ecr::Repository::new(data, "images", Default::default());
            images.grant_pull(partner);
            let code = lambda::Code::image(&images, "1.0.0");
            let function = lambda::Function::new(data, "quotes", code, Default::default());
            function.grant_invoke(partner);
            function.add_url().grant_invoke_url(partner);
        });
        for (kind, n) in [
            ("AWS::SQS::QueuePolicy", 1),
            ("AWS::SNS::TopicPolicy", 1),
            ("AWS::S3::BucketPolicy", 1),
            ("AWS::SecretsManager::ResourcePolicy", 1),
            ("AWS::Events::EventBusPolicy", 1),
            ("AWS::ECR::Repository", 1),
            ("AWS::Lambda::Permission", 3),
        ] {
            let found = platform.resources(kind);
            assert_eq!(found.iter().filter(|it| it.props.to_string().contains(PARTNER)).count(), n, "{kind}");
        }
        // These are the keys of the queue, the topic and the secret, and the key that is granted directly.
        let keys = platform.resources("AWS::KMS::Key");
        assert_eq!(keys.iter().filter(|it| it.props.to_string().contains(PARTNER)).count(), 4);
    }

    #[test]
    fn foreign_resource_policies_are_owner_tasks() {
        let platform = Platform::synth("shop", |app| {
            let data = Stack::new(app, "data", Env::new("111122223333", "ap-northeast-1"));
            let role = Role::new(&data, "worker", crate::iam::Trust::Account, Default::default());
            let arn = |service: &str, name: &str| format!("arn:aws:{service}:ap-northeast-1:444455556666:{name}");
            let queue = sqs::ExistingQueue::arn(arn("sqs", "mails"));
            sqs::Queue::import(&data, "mails", queue).grant_send(&role);
            sns::Topic::import(&data, "prices", sns::ExistingTopic::arn(arn("sns", "prices"))).grant_publish(&role);
            let existing = lambda::ExistingFunction::arn(arn("lambda", "function:quotes"));
            lambda::Function::import(&data, "quotes", existing).grant_invoke(&role);
            let bucket =
                s3::ExistingBucket { account: Some("444455556666".into()), ..s3::ExistingBucket::named("acme") };
            s3::Bucket::import(&data, "acme", bucket).grant_read(&role);
        });
        let owners = &platform.assembly.files["owners.json"];
        for action in ["sqs:SendMessage", "sns:Publish", "lambda:InvokeFunction", "s3:GetObject", "s3:ListBucket"] {
            assert!(owners.contains(action), "{action} in {owners}");
        }
    }

    #[test]
    fn omits_resource_policies_within_an_account() {
        let platform = Platform::synth("shop", |app| {
            let data = stack(app, "data");
            let partner =
                Role::import(&data, "partner", ExistingRole::arn(PARTNER.replace("444455556666", "111122223333")));
            sqs::Queue::new(&data, "mails", Default::default()).grant_send(&partner);
        });
        assert!(!platform.resources("AWS::SQS::QueuePolicy").iter().any(|it| it.props.to_string().contains("partner")));
    }
}
