//! Interruption events for Karpenter: a queue, and the rules that deliver events to it.
//!
//! Source: <https://karpenter.sh/docs/concepts/disruption/#interruption>

use crate::Resource;
use crate::aws::policy::only_with_tls;
use crate::cfn::events::rule::Target;
use crate::cfn::{events, sqs};
use crate::node::OnDelete;
use crate::tree::Scope;
use crate::val::{Bag, Data, Val};

/// The rule ID, the event source and the detail type of each event.
const EVENTS: [(&str, &str, &str); 5] = [
    ("capacity-interruption", "aws.ec2", "EC2 Capacity Reservation Instance Interruption Warning"),
    ("rebalance", "aws.ec2", "EC2 Instance Rebalance Recommendation"),
    ("scheduled-change", "aws.health", "AWS Health Event"),
    ("spot-interruption", "aws.ec2", "EC2 Spot Instance Interruption Warning"),
    ("state-change", "aws.ec2", "EC2 Instance State-change Notification"),
];
/// Older messages are useless, because a Spot Instance stops two minutes after its notice.
const RETENTION_SECONDS: u32 = 300;

/// Defines the queue and its rules.
#[track_caller]
pub(super) fn define(scope: &Scope) -> Resource<sqs::Queue> {
    let scope = scope.construct("interruptions");
    let queue = sqs::Queue::new()
        .message_retention_period(RETENTION_SECONDS)
        .sqs_managed_sse_enabled(true)
        .define(&scope, "queue");
    // The messages have no use without the cluster.
    queue.on_delete(OnDelete::Delete);
    let arn: Val<String> = queue.arn().into();
    let rules: Vec<Data> = EVENTS
        .iter()
        .map(|(id, source, what)| {
            let pattern = Bag::default().with("source", vec![*source]).with("detail-type", vec![*what]);
            let rule = events::Rule::new()
                .description(format!("Karpenter is told: {what}."))
                .event_pattern(pattern)
                .targets([Target::new(arn.clone(), "karpenter")])
                .define(&scope, id);
            Data::from(rule.arn())
        })
        .collect();
    let from_rules = Bag::default()
        .with("Sid", "OfTheRules")
        .with("Effect", "Allow")
        .with("Principal", Bag::default().with("Service", "events.amazonaws.com"))
        .with("Action", "sqs:SendMessage")
        .with("Resource", arn.clone())
        .with("Condition", Bag::default().with("ArnEquals", Bag::default().with("aws:SourceArn", Data::List(rules))));
    let statements = vec![Data::Map(from_rules), only_with_tls("sqs:*", vec![arn])];
    let policy = Bag::default().with("Version", "2012-10-17").with("Statement", Data::List(statements));
    sqs::QueuePolicy::new(policy, [queue.queue_url()]).define(&scope, "policy");
    queue
}
