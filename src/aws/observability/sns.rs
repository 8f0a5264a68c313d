//! Topics of Amazon SNS: who hears of alarms and approvals.

use crate::Resource;
use crate::aws::data;
use crate::aws::iam::{Grantee, Statement};
use crate::aws::kms::{Condition, Key};
use crate::aws::policy::{only_with_tls, own_arn};
use crate::cfn::ids::TopicArn;
use crate::cfn::sns;
use crate::tree::{Construct, Scope};
use crate::val::{Bag, Data, IntoVal, Val};

/// Properties of a [`Topic`].
#[derive(Clone, Default)]
pub struct TopicProps {
    /// What subscribers see as the sender. Default: the path of the construct.
    pub display_name: String,
    /// The key that encrypts the messages. Default: one of the topic's own.
    pub key: Option<Key>,
}

/// A topic: encrypted, and published to by TLS alone.
///
/// Its key is one of the account, since alarms cannot publish to a topic that is
/// encrypted with the key that AWS keeps for SNS.
///
/// # Example
///
/// ```
/// # use meshsynth::{App, Env, Stack, sns};
/// # let app = App::new("shop");
/// # let watch = Stack::new(&app, "observability", Env::region("eu-west-1"));
/// let on_call = sns::Topic::new(&watch, "on-call", sns::TopicProps::default());
/// on_call.add_email("on-call", "on-call@shop.example");
/// ```
///
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sns-topic.html>
#[derive(Clone)]
pub struct Topic {
    scope: Scope,
    topic: Resource<sns::Topic>,
    policy: Resource<sns::TopicPolicy>,
    key: Key,
}

impl Topic {
    /// Defines a topic.
    #[track_caller]
    pub fn new(scope: &impl Construct, id: &str, props: TopicProps) -> Self {
        let scope = scope.scope().construct(id);
        let key = data::key_or_own(&scope, props.key);
        let display_name = if props.display_name.is_empty() { scope.path() } else { props.display_name };
        let topic = sns::Topic::new().display_name(display_name).kms_master_key_id(key.arn());
        let topic = topic.define(&scope, "resource");
        let arn: Val<String> = topic.reference().into();
        let document = Bag::default()
            .with("Version", "2012-10-17")
            .with("Statement", vec![only_with_tls("sns:Publish", vec![arn.clone()])]);
        let policy = sns::TopicPolicy::new(document, [arn]).define(&scope, "policy");
        Self { scope, topic, policy, key }
    }

    /// The ARN of the topic.
    pub fn arn(&self) -> Val<TopicArn> {
        self.topic.reference()
    }

    /// The key that encrypts the messages.
    pub fn key(&self) -> &Key {
        &self.key
    }

    /// Sends the messages to an address, once whoever reads it has said yes to the mail that asks.
    #[track_caller]
    pub fn add_email(&self, id: &str, address: &str) -> &Self {
        sns::Subscription::new("email", self.arn()).endpoint(address).define(&self.scope, id);
        self
    }

    /// Sends the messages to an HTTPS endpoint, such as that of a paging service.
    #[track_caller]
    pub fn add_https(&self, id: &str, url: impl IntoVal<String>) -> &Self {
        sns::Subscription::new("https", self.arn()).endpoint(url.into_val()).define(&self.scope, id);
        self
    }

    /// Lets the grantee publish.
    #[track_caller]
    pub fn grant_publish(&self, grantee: &impl Grantee) {
        let arn: Val<String> = self.arn().into();
        grantee.role().grant(grantee, &self.scope, Statement::allow(["sns:Publish"]).on(arn));
        let key: Val<String> = self.key.arn().into();
        grantee.role().grant(grantee, self.key.scope(), Statement::allow(PUBLISH_ENCRYPTED).on(key).done_by_service());
    }

    /// Lets the alarms of the account of `scope` publish. Saying it twice is saying it once.
    ///
    /// Source: <https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html#compatibility-with-aws-services>
    pub(super) fn allow_alarms(&self, scope: &Scope) {
        let conditions = || -> [Condition; 2] {
            [
                ("StringEquals", "aws:SourceAccount", Data::from(scope.account())),
                ("ArnLike", "aws:SourceArn", Data::from(own_arn(scope, "cloudwatch", "alarm:*"))),
            ]
        };
        self.key.allow_service_to(ALARMS, PUBLISH_ENCRYPTED, conditions());
        let arn: Val<String> = self.arn().into();
        let statement =
            conditions().into_iter().fold(Statement::allow(["sns:Publish"]).on(arn), |it, (operator, key, value)| {
                it.when(operator, key, value)
            });
        let principal = Bag::default().with("Service", ALARMS);
        self.policy.scope().add("PolicyDocument.Statement", statement.into_data(Some(principal)));
    }
}

impl Construct for Topic {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}

/// The principal of CloudWatch alarms.
const ALARMS: &str = "cloudwatch.amazonaws.com";

/// What a publisher does with the key of an encrypted topic.
const PUBLISH_ENCRYPTED: [&str; 2] = ["kms:Decrypt", "kms:GenerateDataKey"];

#[cfg(test)]
mod tests {
    use super::{Topic, TopicProps};
    use crate::iam::{Role, RoleProps, Trust};
    use crate::testing::{Platform, stack};

    #[test]
    fn a_publisher_may_use_the_key_for_that_alone() {
        let platform = Platform::synth("shop", |app| {
            let watch = stack(app, "watch");
            let topic = Topic::new(&watch, "on-call", TopicProps::default());
            topic.add_email("mail", "on-call@shop.example");
            let role = Role::new(&watch, "bot", Trust::Service("lambda.amazonaws.com"), RoleProps::default());
            topic.grant_publish(&role);
        });
        let statements = platform.resource("AWS::IAM::RolePolicy").props["PolicyDocument"]["Statement"].to_string();
        assert!(statements.contains("sns:Publish") && statements.contains("kms:GenerateDataKey"), "{statements}");
        assert!(!statements.contains("kms:Encrypt"), "{statements}");
        assert_eq!(platform.resource("AWS::SNS::Subscription").props["Protocol"], "email");
        assert!(platform.resource("AWS::SNS::Topic").props["KmsMasterKeyId"].is_object());
    }
}
