//! Metric panels of queues, topics, event rules and schedules.

use crate::val::Val;
use crate::{events, scheduler, sns, sqs};

use super::{Limit, Metric, Monitored, Panel, Statistic};

/// Source: <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html>
impl Monitored for sqs::Queue {
    fn kind(&self) -> &'static str {
        "Queue"
    }

    fn panels(&self) -> Vec<Panel> {
        let name = |arn: Val<String>| arn.piece(":", 5);
        let metric = |metric: &str| Metric::new("AWS/SQS", metric).of("QueueName", name(self.arn().into()));
        let mut panels = vec![
            Panel::new("Messages that wait", [metric("ApproximateNumberOfMessagesVisible").by(Statistic::Maximum)]),
            Panel::new(
                "Age of the oldest message (s)",
                [metric("ApproximateAgeOfOldestMessage").by(Statistic::Maximum)],
            )
            .limit(Limit::Above(3600.0)),
        ];
        if let Some(failures) = self.known_failures() {
            let failed =
                Metric::new("AWS/SQS", "ApproximateNumberOfMessagesVisible").of("QueueName", name(failures.into()));
            panels.push(Panel::new("Messages that failed", [failed.by(Statistic::Maximum)]).limit(Limit::Above(0.0)));
        }
        panels
    }
}

/// Source: <https://docs.aws.amazon.com/sns/latest/dg/sns-monitoring-using-cloudwatch.html>
impl Monitored for sns::Topic {
    fn kind(&self) -> &'static str {
        "Topic"
    }

    fn panels(&self) -> Vec<Panel> {
        let name = Val::<String>::from(self.arn()).piece(":", 5);
        let metric = |metric: &str| Metric::new("AWS/SNS", metric).of("TopicName", name.clone()).by(Statistic::Sum);
        vec![
            Panel::new("Messages published", [metric("NumberOfMessagesPublished")]),
            Panel::new("Messages not delivered", [metric("NumberOfNotificationsFailed")]).limit(Limit::Above(0.0)),
        ]
    }
}

/// Source: <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html>
impl Monitored for events::Rule {
    fn kind(&self) -> &'static str {
        "Rule"
    }

    fn panels(&self) -> Vec<Panel> {
        let metric = |metric: &str| {
            let metric = Metric::new("AWS/Events", metric);
            let metric = if self.bus().is_default() { metric } else { metric.of("EventBusName", self.bus().name()) };
            metric.of("RuleName", self.name()).by(Statistic::Sum)
        };
        vec![
            Panel::new("Events that matched", [metric("TriggeredRules")]),
            Panel::new("Deliveries that failed", [metric("FailedInvocations")]).limit(Limit::Above(0.0)),
            Panel::new("Failures that were lost", [metric("InvocationsFailedToBeSentToDlq")]).limit(Limit::Above(0.0)),
        ]
    }
}

/// EventBridge Scheduler counts by schedule group, so these metrics include all schedules of the group `default`.
///
/// Source: <https://docs.aws.amazon.com/scheduler/latest/UserGuide/monitoring-cloudwatch.html>
impl Monitored for scheduler::Schedule {
    fn kind(&self) -> &'static str {
        "Schedules"
    }

    fn panels(&self) -> Vec<Panel> {
        let metric = |metric: &str| {
            Metric::new("AWS/Scheduler", metric).of("ScheduleGroup", "default".to_owned()).by(Statistic::Sum)
        };
        vec![
            Panel::new("Calls", [metric("InvocationAttemptCount")]),
            Panel::new("Calls that failed", [metric("TargetErrorCount")]).limit(Limit::Above(0.0)),
            Panel::new("Calls that were given up", [metric("InvocationDroppedCount")]).limit(Limit::Above(0.0)),
            Panel::new("Failures that were lost", [metric("InvocationsFailedToBeSentToDeadLetterCount")])
                .limit(Limit::Above(0.0)),
        ]
    }
}

#[cfg(test)]
mod tests {
    use crate::cloudwatch;
    use crate::sns::{Topic, TopicProps};
    use crate::sqs::{Queue, QueueProps};
    use crate::testing::{Platform, stack};

    #[test]
    fn defines_alarm_for_failed_messages() {
        let platform = Platform::synth("shop", |app| {
            let data = stack(app, "data");
            let on_call = Topic::new(&data, "on-call", TopicProps::default());
            let queue = Queue::new(&data, "mails", QueueProps::default());
            cloudwatch::watch(&data, "mails-alarms", &queue, &on_call);
        });
        let alarms = platform.resources("AWS::CloudWatch::Alarm");
        let of_failures = |it: &&crate::testing::Found<'_>| it.props.to_string().contains("Failures");
        assert_eq!((alarms.len(), alarms.iter().filter(of_failures).count()), (2, 1));
    }
}
