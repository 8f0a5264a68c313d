//! Where events go that a function failed on.

use crate::aws::kms::Key;
use crate::aws::{sns, sqs};
use crate::node::OnDelete;
use crate::tree::Scope;
use crate::val::Val;

/// Where an event goes that the function was called with, did not have to answer, and failed on three times.
#[derive(Clone, Default)]
pub enum Failures {
    /// A queue of the function's own.
    #[default]
    Queue,
    /// A queue of somebody else.
    To(sqs::Queue),
    /// A topic.
    Publish(sns::Topic),
    /// Nowhere: it is lost.
    Drop,
}

/// Where events that failed go.
pub(super) struct Sink {
    pub arn: Val<String>,
    /// The key that encrypts what is sent there, where it is known.
    pub key_arn: Option<Val<String>>,
    pub action: &'static str,
}

#[track_caller]
pub(super) fn define(scope: &Scope, failures: &Failures, key: &Key, on_delete: OnDelete) -> Option<Sink> {
    let queue = |queue: &sqs::Queue| Sink {
        arn: queue.arn().into(),
        key_arn: queue.key().map(|key| key.arn().into()),
        action: "sqs:SendMessage",
    };
    match failures {
        // What fails here stays here: nothing takes it out and fails again.
        Failures::Queue => Some(queue(&sqs::Queue::for_failures(scope, "failures", key, on_delete))),
        Failures::To(other) => Some(queue(other)),
        Failures::Publish(topic) => Some(Sink {
            arn: topic.arn().into(),
            key_arn: topic.key().map(|key| key.arn().into()),
            action: "sns:Publish",
        }),
        Failures::Drop => None,
    }
}
