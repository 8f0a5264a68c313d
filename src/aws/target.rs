//! What AWS services deliver messages and events to.

use std::panic::Location;

use super::iam::{Grantee, Statement};
use super::kms::Condition;
use super::policy::own_arn;
use crate::node::{Edge, EdgeKind};
use crate::tree::{Construct, Scope};
use crate::val::{Bag, Data, Val};

/// What a [`Target`] is to those that deliver to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TargetKind {
    /// A queue of SQS.
    Queue {
        /// Whether messages of a group keep their order.
        fifo: bool,
    },
    /// A topic of SNS.
    Topic {
        /// Whether messages of a group keep their order.
        fifo: bool,
    },
    /// A function of Lambda.
    Function,
    /// A state machine of Step Functions.
    StateMachine,
    /// A log group of CloudWatch.
    LogGroup,
    /// An event bus.
    Bus,
}

impl TargetKind {
    /// Returns whether a rule delivers to it with a role. The policy of all others lets EventBridge in.
    pub(crate) fn is_by_role(self) -> bool {
        matches!(self, Self::StateMachine | Self::Bus)
    }
}

/// Something that AWS services deliver to: a queue, a topic, a function, a state machine, a log group, a bus.
///
/// Rules, schedules, topics and buckets take any target that they can deliver to.
pub trait Target: Construct {
    /// Returns its ARN.
    fn target_arn(&self) -> Val<String>;

    /// What it is.
    fn target_kind(&self) -> TargetKind;

    /// Lets a service deliver, by the policy of the target and of its key. Gives the resource that must be there
    /// before the service is told to deliver.
    #[track_caller]
    fn admit(&self, source: &Source) -> Option<Scope>;

    /// Lets a grantee deliver.
    #[track_caller]
    fn grant_deliver(&self, grantee: &impl Grantee);

    /// Where what could not be delivered goes, if the target has such a place: another target of its kind.
    fn undelivered(&self) -> Option<Self>
    where
        Self: Sized,
    {
        None
    }
}

/// A service that delivers on behalf of one construct.
#[derive(Clone)]
pub struct Source {
    /// The construct whose events are delivered.
    pub scope: Scope,
    /// The principal of the service, such as `events.amazonaws.com`.
    pub service: &'static str,
    /// The ARN of what delivers, where it can be known without waiting for the construct.
    pub arn: Option<Val<String>>,
}

impl Source {
    /// What delivers for a construct.
    pub fn new(scope: &impl Construct, service: &'static str, arn: Option<Val<String>>) -> Self {
        Self { scope: scope.scope().clone(), service, arn }
    }

    /// Returns the statement that lets the service do what `statement` says, for this source alone; for the policy of a
    /// target.
    pub(crate) fn statement(&self, statement: Statement) -> Data {
        let restricted = |it: Statement, (operator, key, value): Condition| it.when(operator, key, value);
        let statement = self.conditions().into_iter().fold(statement, restricted);
        statement.into_data(Some(Bag::default().with("Service", self.service)))
    }

    /// Returns the conditions under which a target lets the service in.
    ///
    /// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html>
    pub fn conditions(&self) -> Vec<Condition> {
        let account = ("StringEquals", "aws:SourceAccount", Data::from(self.scope.account()));
        let arn = self.arn.clone().map(|arn| ("ArnLike", "aws:SourceArn", Data::from(arn)));
        // SNS names the topic, and not the account.
        let account = (self.service != "sns.amazonaws.com").then_some(account);
        account.into_iter().chain(arn).collect()
    }

    /// Returns the conditions under which the key of a target lets the service in. They wait for no construct, since
    /// the stack of the construct may wait for the key.
    pub fn key_conditions(&self) -> Vec<Condition> {
        match self.service {
            "sns.amazonaws.com" => {
                // A topic that exists already may be of another account.
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
