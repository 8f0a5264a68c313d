//! SNS topics.

use crate::Resource;
use crate::aws::data;
use crate::aws::iam::{Grantee, Statement};
use crate::aws::kms::{Condition, Key};
use crate::aws::policy::{no_statements, only_with_tls, own_arn, policy_of_bare};
use crate::aws::target::{Source, Target, TargetKind};
use crate::cfn::ids::TopicArn;
use crate::cfn::sns;
use crate::diagram::DiagramNode;
use crate::owner_task::OwnerTask;
use crate::text;
use crate::tree::{Construct, Scope};
use crate::val::{Bag, Data, IntoVal, Val};

/// Properties of a [`Topic`].
#[derive(Clone, Default)]
pub struct TopicProps {
    /// The sender name in e-mails to subscribers. Default: the path of the construct.
    pub display_name: String,
    /// Whether it is a FIFO topic, which delivers the messages of a group in order and removes duplicates. Default: no.
    pub fifo: bool,
    /// The key that encrypts the messages. Default: a separate key for the topic.
    pub key: Option<Key>,
}

/// An encrypted topic, which accepts messages only over TLS.
///
/// The topic delivers each message to all subscribers: queues and functions ([`Topic::subscribe`]), e-mail and HTTPS
/// endpoints. It uses a customer managed key, because alarms cannot publish to a topic that is encrypted with the key
/// that AWS manages for SNS.
///
/// # Example
///
/// ```
/// # use meshsynth::{App, Env, Stack, sns};
/// # let app = App::new("shop");
/// # let watch = Stack::new(&app, "observability", Env::region("eu-west-1"));
/// let on_call = sns::Topic::new(&watch, "on-call", sns::TopicProps::default());
/// on_call.add_email("on-call", "on-call@shop.example");
/// # use meshsynth::sqs;
/// let orders = sns::Topic::new(&watch, "orders", sns::TopicProps { fifo: true, ..Default::default() });
/// let invoices = sqs::Queue::new(&watch, "invoices", sqs::QueueProps { fifo: true, ..Default::default() });
/// orders.subscribe(&invoices);
/// ```
///
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sns-topic.html>
#[derive(Clone)]
pub struct Topic {
    scope: Scope,
    arn: Val<TopicArn>,
    /// The topic policy, or `None` if the topic is imported or bare.
    policy: Option<Resource<sns::TopicPolicy>>,
    /// The key, or `None` for an imported topic whose key is unknown.
    key: Option<Key>,
    fifo: bool,
    /// Whether it belongs to another account.
    is_foreign: bool,
}

impl Topic {
    /// Defines a topic.
    #[track_caller]
    pub fn new(scope: &impl Construct, id: &str, props: TopicProps) -> Self {
        let scope = scope.scope().construct(id);
        let key = data::key_or_own(&scope, props.key);
        let display_name = if props.display_name.is_empty() { scope.path() } else { props.display_name };
        let mut topic = sns::Topic::new().display_name(display_name).kms_master_key_id(key.arn());
        if props.fifo {
            // CloudFormation does not generate the name suffix that SNS requires for FIFO topics.
            let name = format!("{}.fifo", data::physical_name(&scope, 250));
            topic = topic.fifo_topic(true).content_based_deduplication(true).topic_name(name);
        }
        let topic = topic.define(&scope, "resource");
        let arn: Val<String> = topic.reference().into();
        let document = Bag::default()
            .with("Version", "2012-10-17")
            .with("Statement", vec![only_with_tls("sns:Publish", vec![arn.clone()])]);
        let policy = sns::TopicPolicy::new(document, [arn]).define(&scope, "policy");
        scope.diagram(DiagramNode::quiet("topic").detail("SNS"));
        let (arn, policy, key) = (topic.reference(), Some(policy), Some(key));
        Self { scope, arn, policy, key, fifo: props.fifo, is_foreign: false }
    }

    /// Creates the handle of a bare topic.
    pub(super) fn of_resource(scope: Scope, topic: &Resource<sns::Topic>, fifo: bool) -> Self {
        scope.diagram(DiagramNode::quiet("topic").detail("SNS"));
        Self { scope, arn: topic.reference(), policy: None, key: None, fifo, is_foreign: false }
    }

    /// Creates the handle of an imported topic.
    pub(super) fn of_existing(
        scope: Scope,
        arn: Val<TopicArn>,
        key: Option<Key>,
        fifo: bool,
        is_foreign: bool,
    ) -> Self {
        Self { scope, arn, policy: None, key, fifo, is_foreign }
    }

    /// Returns the ARN of the topic.
    pub fn arn(&self) -> Val<TopicArn> {
        self.arn.clone()
    }

    /// Returns the key that encrypts the messages, or `None` if it is unknown.
    pub fn key(&self) -> Option<&Key> {
        self.key.as_ref()
    }

    /// Returns whether it is a FIFO topic.
    pub fn is_fifo(&self) -> bool {
        self.fifo
    }

    /// Subscribes an e-mail address. Its owner must confirm the subscription.
    #[track_caller]
    pub fn add_email(&self, id: &str, address: &str) -> &Self {
        sns::Subscription::new("email", self.arn()).endpoint(address).define(&self.scope, id);
        self
    }

    /// Subscribes an HTTPS endpoint, such as the endpoint of a paging service.
    #[track_caller]
    pub fn add_https(&self, id: &str, url: impl IntoVal<String>) -> &Self {
        sns::Subscription::new("https", self.arn()).endpoint(url.into_val()).define(&self.scope, id);
        self
    }

    /// Lets the grantee publish messages.
    #[track_caller]
    pub fn grant_publish(&self, grantee: &impl Grantee) {
        let arn: Val<String> = self.arn().into();
        let (role, statement) = (grantee.role(), Statement::allow(["sns:Publish"]).on(arn.clone()));
        if let Some(principal) = role.foreign_principal(&self.scope, &arn) {
            self.add_to_policy(statement.clone().into_data(Some(principal)));
        }
        role.grant(grantee, &self.scope, statement);
        if let Some(key) = &self.key {
            key.grant(grantee, &PUBLISH_ENCRYPTED);
        }
    }

    /// Lets the alarms in the account of `scope` publish messages. Repeated calls have no effect.
    ///
    /// Source: <https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html#compatibility-with-aws-services>
    pub(in crate::aws) fn allow_alarms(&self, scope: &Scope) {
        let conditions = || -> [Condition; 2] {
            [
                ("StringEquals", "aws:SourceAccount", Data::from(scope.account())),
                ("ArnLike", "aws:SourceArn", Data::from(own_arn(scope, "cloudwatch", "alarm:*"))),
            ]
        };
        if let Some(key) = &self.key {
            key.allow_service_to(ALARMS, PUBLISH_ENCRYPTED, conditions());
        }
        let arn: Val<String> = self.arn().into();
        let statement =
            conditions().into_iter().fold(Statement::allow(["sns:Publish"]).on(arn), |it, (operator, key, value)| {
                it.when(operator, key, value)
            });
        let principal = Bag::default().with("Service", ALARMS);
        self.add_to_policy(statement.into_data(Some(principal)));
    }

    /// Lets the account of a subscriber subscribe, if the topic belongs to another account.
    #[track_caller]
    pub(super) fn admit_subscription(&self, subscriber: &Scope) {
        if self.is_foreign {
            let root = text!["arn:", subscriber.partition(), ":iam::", subscriber.account(), ":root"];
            let statement = Statement::allow(["sns:Subscribe"]).on(Val::<String>::from(self.arn()));
            self.add_to_policy(statement.into_data(Some(Bag::default().with("AWS", root))));
        }
    }

    /// Adds a statement to the topic policy, or adds an owner task if the topic is imported.
    #[track_caller]
    fn add_to_policy(&self, statement: Data) {
        let policy = self.policy.as_ref().map(|policy| policy.scope().clone());
        match policy.or_else(|| policy_of_bare(&self.scope, || self.add_policy(no_statements()).scope().clone())) {
            Some(policy) => policy.add("PolicyDocument.Statement", statement),
            None => self.scope.owner_task(OwnerTask {
                owner: self.arn().into(),
                what: "add the statement to the policy of the topic".to_owned(),
                document: Some(statement),
            }),
        }
    }
}

/// Source: <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html#eb-sns-permissions>
impl Target for Topic {
    fn target_arn(&self) -> Val<String> {
        self.arn().into()
    }

    fn target_kind(&self) -> TargetKind {
        TargetKind::Topic { fifo: self.fifo }
    }

    #[track_caller]
    fn admit(&self, source: &Source) -> Option<Scope> {
        let publish = Statement::allow(["sns:Publish"]).on(self.target_arn());
        // EventBridge does not pass the rule or the account to topics, so a condition would reject its messages.
        let is_silent = source.service == "events.amazonaws.com";
        let (statement, conditions) = match is_silent {
            true => (publish.into_data(Some(Bag::default().with("Service", source.service))), Vec::new()),
            false => (source.statement(publish), source.key_conditions()),
        };
        self.add_to_policy(statement);
        if let Some(key) = &self.key {
            key.allow_service_to(source.service, PUBLISH_ENCRYPTED, conditions);
        }
        source.delivers_to(self);
        self.policy.as_ref().map(|policy| policy.scope().clone())
    }

    #[track_caller]
    fn grant_deliver(&self, grantee: &impl Grantee) {
        self.grant_publish(grantee);
    }
}

impl Construct for Topic {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}

/// The principal of CloudWatch alarms.
const ALARMS: &str = "cloudwatch.amazonaws.com";

/// The key actions of a publisher to an encrypted topic.
const PUBLISH_ENCRYPTED: [&str; 2] = ["kms:Decrypt", "kms:GenerateDataKey"];

#[cfg(test)]
mod tests {
    use super::{Topic, TopicProps};
    use crate::iam::{Role, RoleProps, Trust};
    use crate::testing::{Platform, stack};

    #[test]
    fn publisher_can_only_generate_data_keys() {
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
    #[test]
    fn fifo_topic_name_has_suffix() {
        let platform = Platform::synth("shop", |app| {
            Topic::new(&stack(app, "data"), "orders", TopicProps { fifo: true, ..Default::default() });
        });
        let topic = platform.resource("AWS::SNS::Topic").props;
        assert_eq!((&topic["TopicName"], &topic["FifoTopic"]), (&"shop-data-orders.fifo".into(), &true.into()));
    }
}
