//! Bare queues, each defined from a typed resource.

use super::queue::Queue;
use crate::Resource;
use crate::cfn::sqs;
use crate::tree::Construct;
use crate::val::{Bag, Data, Value};

impl Queue {
    /// Defines a bare queue, without a dead-letter queue, a key or a policy. It supports grants, deliveries and
    /// subscriptions like every queue.
    ///
    /// # Example
    ///
    /// ```
    /// # use meshsynth::{App, Env, Stack, cfn, sqs};
    /// # let app = App::new("shop");
    /// # let data = Stack::new(&app, "data", Env::region("eu-west-1"));
    /// let mails = sqs::Queue::bare(&data, "mails", cfn::sqs::Queue::new().visibility_timeout(60));
    /// mails.resource().logical_id("Mails");
    /// # app.synth().expect("it synthesizes");
    /// ```
    #[track_caller]
    pub fn bare(scope: &impl Construct, id: &str, queue: sqs::Queue) -> Self {
        let scope = scope.scope().construct(id);
        let fifo = queue.clone().into_data().at("FifoQueue") == Some(&Data::Bool(true));
        let queue = queue.define(&scope, "resource");
        Self::of_resource(scope, &queue, fifo)
    }

    /// Returns the resource of the queue, for example to keep its logical ID, or to set a property for which the
    /// construct has no method.
    #[track_caller]
    pub fn resource(&self) -> Resource<sqs::Queue> {
        Resource::of(self, "resource")
    }

    /// Adds the policy of a bare queue. Statements for other principals are added to it.
    #[track_caller]
    pub fn add_policy(&self, document: Bag) -> Resource<sqs::QueuePolicy> {
        sqs::QueuePolicy::new(document, [self.resource().reference()]).define(self, "policy")
    }
}
