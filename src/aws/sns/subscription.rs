//! Subscriptions to topics.

use std::panic::Location;

use super::topic::Topic;
use crate::aws::filter::{self, Match};
use crate::aws::sqs::Queue;
use crate::aws::target::{Source, Target, TargetKind};
use crate::cfn::sns;
use crate::diag::Diagnostic;
use crate::name::{self, MOST_OF_ID};
use crate::tree::Construct;
use crate::val::{Bag, Data, Val};

/// A target to which a topic delivers directly: a queue or a function.
pub trait Subscriber: Target {
    /// Returns the SNS protocol: `sqs`, `lambda`.
    fn protocol(&self) -> &'static str;
}

impl Subscriber for Queue {
    fn protocol(&self) -> &'static str {
        "sqs"
    }
}

/// A subscription filter for messages.
///
/// ```
/// use meshsynth::{events::Match, sns::Filter};
/// let large_orders = Filter::by_attributes()
///     .and("kind", ["order.placed", "order.changed"])
///     .and("total", [Match::Above(100.0)]);
/// ```
///
/// Source: <https://docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html>
#[derive(Clone, Debug, PartialEq)]
pub struct Filter {
    scope: &'static str,
    fields: Bag,
}

impl Filter {
    /// Filters by message attributes.
    pub fn by_attributes() -> Self {
        Self { scope: "MessageAttributes", fields: Bag::default() }
    }

    /// Filters by fields of the message body, which is JSON.
    pub fn by_body() -> Self {
        Self { scope: "MessageBody", fields: Bag::default() }
    }

    /// Adds a field to the filter. Its value must match one of `matches`. A dot separates nested fields of the body.
    #[must_use]
    pub fn and<M: Into<Match>>(mut self, field: &str, matches: impl IntoIterator<Item = M>) -> Self {
        let matches = filter::any(matches);
        match self.scope {
            "MessageBody" => *self.fields.place(field) = matches,
            _ => self.fields.set(field.to_owned(), matches),
        }
        self
    }
}

/// Properties of a subscription.
#[derive(Clone)]
pub struct SubscriptionProps {
    /// The filter for messages. Default: all messages are delivered.
    pub filter: Option<Filter>,
    /// Whether a queue receives raw messages, without the SNS envelope. Default: yes.
    pub raw: bool,
    /// The dead-letter queue for undeliverable messages. Default: the dead-letter queue of a subscribed queue,
    /// otherwise none.
    pub dead_letters: Option<Queue>,
}

impl Default for SubscriptionProps {
    fn default() -> Self {
        Self { filter: None, raw: true, dead_letters: None }
    }
}

impl Topic {
    /// Subscribes a queue or a function. It defines the subscription, and adds statements to the policies of the target
    /// and its key.
    ///
    /// The subscription belongs to the stack of the subscriber, which is deployed after the stack of the topic.
    ///
    /// # Diagnostics
    ///
    /// - `MS0707`: the topic is FIFO and the subscriber is not, or the subscriber is FIFO and the topic is not.
    ///
    /// # Example
    ///
    /// ```
    /// # use meshsynth::{App, Env, Stack, sns, sqs};
    /// # let app = App::new("shop");
    /// # let data = Stack::new(&app, "data", Env::region("eu-west-1"));
    /// let orders = sns::Topic::new(&data, "orders", sns::TopicProps::default());
    /// let invoices = sqs::Queue::new(&data, "invoices", sqs::QueueProps::default());
    /// orders.subscribe(&invoices);
    /// ```
    #[track_caller]
    pub fn subscribe(&self, subscriber: &impl Subscriber) -> &Self {
        self.subscribe_with(subscriber, SubscriptionProps::default())
    }

    /// Subscribes a target with a filter, with envelopes, or with another dead-letter queue.
    ///
    /// # Example
    ///
    /// ```
    /// # use meshsynth::{App, Env, Stack, sns, sqs};
    /// # let app = App::new("shop");
    /// # let data = Stack::new(&app, "data", Env::region("eu-west-1"));
    /// # let orders = sns::Topic::new(&data, "orders", sns::TopicProps::default());
    /// # let invoices = sqs::Queue::new(&data, "invoices", sqs::QueueProps::default());
    /// orders.subscribe_with(&invoices, sns::SubscriptionProps {
    ///     filter: Some(sns::Filter::by_attributes().and("kind", ["order.placed"])),
    ///     ..Default::default()
    /// });
    /// ```
    #[track_caller]
    pub fn subscribe_with(&self, subscriber: &impl Subscriber, props: SubscriptionProps) -> &Self {
        self.check_order(subscriber.target_kind());
        self.admit_subscription(subscriber.scope());
        let arn: Val<String> = self.arn().into();
        let source = Source::new(self, "sns.amazonaws.com", Some(arn));
        subscriber.admit(&source);
        let protocol = subscriber.protocol();
        let mut subscription = sns::Subscription::new(protocol, self.arn()).endpoint(subscriber.target_arn());
        if props.raw && matches!(subscriber.target_kind(), TargetKind::Queue { .. }) {
            subscription = subscription.raw_message_delivery(true);
        }
        if let Some(filter) = props.filter {
            subscription = subscription.filter_policy(Data::Map(filter.fields)).filter_policy_scope(filter.scope);
        }
        if let Some(arn) = undelivered(props.dead_letters, subscriber, &source) {
            subscription = subscription.redrive_policy(Bag::default().with("deadLetterTargetArn", arn));
        }
        let id = name::fit(&format!("from-{}", self.scope().path().replace('/', "-")), MOST_OF_ID);
        subscription.define(subscriber.scope(), &id);
        self
    }

    /// Source: <https://docs.aws.amazon.com/sns/latest/dg/sns-fifo-topics.html>
    #[track_caller]
    fn check_order(&self, kind: TargetKind) {
        let (message, help) = match (self.is_fifo(), kind) {
            (false, TargetKind::Queue { fifo: true }) => {
                ("a FIFO queue cannot subscribe to a standard topic", "use a FIFO topic (`fifo`) or a standard queue")
            }
            (true, TargetKind::Function) => (
                "a function cannot subscribe to a FIFO topic",
                "subscribe a FIFO queue, and use the queue as an event source of the function",
            ),
            _ => return,
        };
        let at = self.scope().user_line(Location::caller());
        self.scope().report(Diagnostic::error("MS0707", message).help(help).at(at));
    }
}

/// Returns the dead-letter queue of a subscription.
#[track_caller]
fn undelivered(asked: Option<Queue>, subscriber: &impl Subscriber, source: &Source) -> Option<Val<String>> {
    if let Some(queue) = asked {
        queue.admit(source);
        return Some(queue.target_arn());
    }
    let other = subscriber.undelivered()?;
    other.admit(source);
    Some(other.target_arn())
}

#[cfg(test)]
mod tests {
    use super::{Filter, Match, SubscriptionProps};
    use crate::sns::{Topic, TopicProps};
    use crate::sqs::{Queue, QueueProps};
    use crate::testing::{Platform, stack};

    fn subscribed(props: SubscriptionProps) -> Platform {
        Platform::synth("shop", |app| {
            let topic = Topic::new(&stack(app, "events"), "orders", TopicProps::default());
            let queue = Queue::new(&stack(app, "invoices"), "invoices", QueueProps::default());
            topic.subscribe_with(&queue, props);
        })
    }

    #[test]
    fn subscription_extends_queue_and_key_policies() {
        let platform = subscribed(SubscriptionProps::default());
        let subscription = platform.resource("AWS::SNS::Subscription").props;
        assert_eq!((&subscription["Protocol"], &subscription["RawMessageDelivery"]), (&"sqs".into(), &true.into()));
        let policies = platform.resources("AWS::SQS::QueuePolicy");
        assert!(policies.iter().all(|it| it.props.to_string().contains("sns.amazonaws.com")), "and that of failures");
        let keys = platform.resources("AWS::KMS::Key");
        let key = keys.iter().find(|it| it.template.starts_with("invoices")).expect("that of the queue").props;
        assert!(key["KeyPolicy"].to_string().contains(":sns:ap-northeast-1:111122223333:*"), "{key}");
    }

    #[test]
    fn subscription_uses_dead_letter_queue_of_target() {
        let platform = subscribed(SubscriptionProps::default());
        let redrive = &platform.resource("AWS::SNS::Subscription").props["RedrivePolicy"];
        assert!(redrive["deadLetterTargetArn"]["Fn::GetAtt"][0].as_str().is_some_and(|it| it.contains("Failures")));
    }

    #[test]
    fn filters_by_attributes_or_body() {
        let filter = Filter::by_attributes().and("kind", ["placed"]).and("total", [Match::Above(99.5)]);
        let policy = subscribed(SubscriptionProps { filter: Some(filter), ..Default::default() });
        let policy = &policy.resource("AWS::SNS::Subscription").props["FilterPolicy"];
        assert_eq!(policy, &serde_json::json!({ "kind": ["placed"], "total": [{ "numeric": [">", 99.5] }] }));
        let filter = Filter::by_body().and("order.kind", [Match::prefix("gift")]);
        let policy = subscribed(SubscriptionProps { filter: Some(filter), ..Default::default() });
        let subscription = policy.resource("AWS::SNS::Subscription").props;
        assert_eq!(subscription["FilterPolicyScope"], "MessageBody");
        assert_eq!(subscription["FilterPolicy"]["order"]["kind"][0]["prefix"], "gift");
    }
}
