//! Destinations of failed events.

use crate::aws::kms::Key;
use crate::aws::{sns, sqs};
use crate::node::{Edge, EdgeKind, OnDelete};
use crate::tree::{Construct as _, Scope};
use crate::val::Val;

/// The destination of an asynchronous event after three failed attempts.
#[derive(Clone, Default)]
pub enum Failures {
    /// A separate dead-letter queue for the function.
    #[default]
    Queue,
    /// An existing queue.
    To(sqs::Queue),
    /// A topic.
    Publish(sns::Topic),
    /// No destination: the event is lost.
    Drop,
}

/// The dead-letter destination of a function.
pub(super) struct Sink {
    pub arn: Val<String>,
    /// The key that encrypts the destination, if it is known.
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
        // This queue needs no dead-letter queue, because no function consumes it.
        Failures::Queue => Some(queue(&sqs::Queue::for_failures(scope, "failures", key, on_delete))),
        Failures::To(other) => {
            scope.edge(grant(scope, other.scope()));
            Some(queue(other))
        }
        Failures::Publish(topic) => {
            scope.edge(grant(scope, topic.scope()));
            Some(Sink {
                arn: topic.arn().into(),
                key_arn: topic.key().map(|key| key.arn().into()),
                action: "sns:Publish",
            })
        }
        Failures::Drop => None,
    }
}

/// Returns the relation between a function and its destination.
#[track_caller]
fn grant(function: &Scope, to: &Scope) -> Edge {
    let at = function.user_line(std::panic::Location::caller());
    Edge { from: function.node(), to: to.node(), kind: EdgeKind::Grant, port: None, at }
}
