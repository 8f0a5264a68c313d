//! Bare topics, each defined from a typed resource.

use super::topic::Topic;
use crate::Resource;
use crate::cfn::sns;
use crate::tree::Construct;
use crate::val::{Bag, Data, IntoVal, Value};

impl Topic {
    /// Defines a bare topic, without a key or a policy. It supports grants, subscriptions and alarms like every topic.
    ///
    /// # Example
    ///
    /// ```
    /// # use meshsynth::{App, Env, Stack, cfn, sns};
    /// # let app = App::new("shop");
    /// # let watch = Stack::new(&app, "watch", Env::region("eu-west-1"));
    /// let on_call = sns::Topic::bare(&watch, "on-call", cfn::sns::Topic::new().display_name("On call"));
    /// on_call.resource().logical_id("OnCall");
    /// on_call.add_subscription("mail", "email", "on-call@shop.example").logical_id("OnCallMail");
    /// # app.synth().expect("it synthesizes");
    /// ```
    #[track_caller]
    pub fn bare(scope: &impl Construct, id: &str, topic: sns::Topic) -> Self {
        let scope = scope.scope().construct(id);
        let fifo = topic.clone().into_data().at("FifoTopic") == Some(&Data::Bool(true));
        let topic = topic.define(&scope, "resource");
        Self::of_resource(scope, &topic, fifo)
    }

    /// Returns the resource of the topic, for example to keep its logical ID, or to set a property for which the
    /// construct has no method.
    #[track_caller]
    pub fn resource(&self) -> Resource<sns::Topic> {
        Resource::of(self, "resource")
    }

    /// Adds the policy of a bare topic. Statements for other principals are added to it.
    #[track_caller]
    pub fn add_policy(&self, document: Bag) -> Resource<sns::TopicPolicy> {
        sns::TopicPolicy::new(document, [self.arn().into_text()]).define(self, "policy")
    }

    /// Adds a subscription with an SNS protocol, such as `email` or `sqs`. Unlike [`Topic::subscribe`], it does not
    /// change the resource policy of the endpoint.
    #[track_caller]
    pub fn add_subscription(
        &self,
        id: &str,
        protocol: impl IntoVal<String>,
        endpoint: impl IntoVal<String>,
    ) -> Resource<sns::Subscription> {
        sns::Subscription::new(protocol, self.arn()).endpoint(endpoint.into_val()).define(self, id)
    }

    /// Adds a bare subscription, for example with a filter.
    ///
    /// # Example
    ///
    /// ```
    /// # use meshsynth::{App, Env, Stack, cfn, sns, sqs};
    /// # let app = App::new("shop");
    /// # let data = Stack::new(&app, "data", Env::region("eu-west-1"));
    /// let orders = sns::Topic::bare(&data, "orders", cfn::sns::Topic::new());
    /// let mails = sqs::Queue::bare(&data, "mails", cfn::sqs::Queue::new());
    /// let subscription = cfn::sns::Subscription::new("sqs", orders.arn()).endpoint(mails.arn());
    /// orders.add_subscription_with("mails", subscription.raw_message_delivery(true));
    /// # app.synth().expect("it synthesizes");
    /// ```
    #[track_caller]
    pub fn add_subscription_with(&self, id: &str, subscription: sns::Subscription) -> Resource<sns::Subscription> {
        subscription.define(self, id)
    }
}
