//! Delivery targets of AWS services.

use std::panic::Location;

use super::iam::{Grantee, Statement};
use super::kms::Condition;
use super::policy::own_arn;
use crate::node::{Edge, EdgeKind};
use crate::tree::{Construct, Scope};
use crate::val::{Bag, Data, Val};

/// The kind of a [`Target`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TargetKind {
    /// An SQS queue.
    Queue {
        /// Whether it is a FIFO queue.
        fifo: bool,
    },
    /// An SNS topic.
    Topic {
        /// Whether it is a FIFO topic.
        fifo: bool,
    },
    /// A Lambda function.
    Function,
    /// A Step Functions state machine.
    StateMachine,
    /// A CloudWatch Logs log group.
    LogGroup,
    /// An event bus.
    Bus,
}

impl TargetKind {
    /// Returns whether a rule needs a role to deliver to a target of this kind. For other kinds, the target's resource
    /// policy allows EventBridge.
    pub(crate) fn is_by_role(self) -> bool {
        matches!(self, Self::StateMachine | Self::Bus)
    }
}

/// A target to which AWS services deliver: a queue, a topic, a function, a state machine, a log group or a bus.
///
/// Rules, schedules, topics and buckets accept the targets that they support.
pub trait Target: Construct {
    /// Returns its ARN.
    fn target_arn(&self) -> Val<String>;

    /// Returns the kind of the target.
    fn target_kind(&self) -> TargetKind;

    /// Lets a service deliver, with the resource policies of the target and its key. Returns the resource on which the
    /// delivery must depend, if any.
    #[track_caller]
    fn admit(&self, source: &Source) -> Option<Scope>;

    /// Lets a grantee deliver to the target.
    #[track_caller]
    fn grant_deliver(&self, grantee: &impl Grantee);

    /// Returns the dead-letter target, which has the same kind, or `None` if the target has none.
    fn undelivered(&self) -> Option<Self>
    where
        Self: Sized,
    {
        None
    }
}

/// An AWS service that delivers on behalf of a construct.
#[derive(Clone)]
pub struct Source {
    /// The construct whose events are delivered.
    pub scope: Scope,
    /// The principal of the service, such as `events.amazonaws.com`.
    pub service: &'static str,
    /// The ARN of the source, if it is known without a reference to the construct.
    pub arn: Option<Val<String>>,
}

impl Source {
    /// Creates the source for a construct whose events are delivered.
    pub fn new(scope: &impl Construct, service: &'static str, arn: Option<Val<String>>) -> Self {
        Self { scope: scope.scope().clone(), service, arn }
    }

    /// Returns a resource policy statement that allows `statement` for the service, restricted to this source.
    pub(crate) fn statement(&self, statement: Statement) -> Data {
        let restricted = |it: Statement, (operator, key, value): Condition| it.when(operator, key, value);
        let statement = self.conditions().into_iter().fold(statement, restricted);
        statement.into_data(Some(Bag::default().with("Service", self.service)))
    }

    /// Returns the conditions of the service in the target's resource policy.
    ///
    /// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html>
    pub fn conditions(&self) -> Vec<Condition> {
        let account = ("StringEquals", "aws:SourceAccount", Data::from(self.scope.account()));
        let arn = self.arn.clone().map(|arn| ("ArnLike", "aws:SourceArn", Data::from(arn)));
        // SNS passes the ARN of the topic, but not the account.
        let account = (self.service != "sns.amazonaws.com").then_some(account);
        account.into_iter().chain(arn).collect()
    }

    /// Returns the conditions of the service in the key policy of a target. They do not refer to the source construct,
    /// because its stack can depend on the key.
    pub fn key_conditions(&self) -> Vec<Condition> {
        match self.service {
            "sns.amazonaws.com" => {
                // An imported topic can belong to another account.
                let arn = self.arn.clone().filter(|arn| arn.known().is_some());
                let arn = arn.unwrap_or_else(|| own_arn(&self.scope, "sns", "*"));
                vec![("ArnLike", "aws:SourceArn", Data::from(arn))]
            }
            _ => vec![("StringEquals", "aws:SourceAccount", Data::from(self.scope.account()))],
        }
    }

    /// Records that the construct delivers to a target.
    #[track_caller]
    pub fn delivers_to(&self, target: &impl Construct) {
        let at = self.scope.user_line(Location::caller());
        let (from, to) = (self.scope.node(), target.scope().node());
        self.scope.edge(Edge { from, to, kind: EdgeKind::Grant, port: None, at });
    }
}
