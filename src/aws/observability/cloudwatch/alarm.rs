//! CloudWatch alarms and their notifications.

use crate::Resource;
use crate::aws::display_name;
use crate::aws::sns::Topic;
use crate::cfn::cloudwatch;
use crate::cfn::cloudwatch::alarm::Statistic as Plain;
use crate::cfn::cloudwatch::alarm::{ComparisonOperator, Dimension, TreatMissingData};
use crate::name;
use crate::tree::{Construct, Scope};
use crate::val::{Data, Val};

use super::{Limit, Metric, Monitored, Statistic};

/// The treatment of periods without data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Missing {
    /// Not breaching, for metrics that have no data while there are no failures.
    #[default]
    IsFine,
    /// Breaching, for metrics that a healthy component always publishes.
    IsBad,
    /// Ignored: the alarm keeps its state.
    IsIgnored,
}

/// Properties of an [`Alarm`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlarmProps {
    /// The meaning of the alarm and the required action. Default: the metric and its limit.
    pub description: String,
    /// The number of evaluated periods. Default: 3.
    pub periods: u8,
    /// The number of breaching periods that trigger the alarm. Default: 2.
    pub bad_periods: u8,
    /// The treatment of periods without data. Default: not breaching.
    pub missing: Missing,
}

impl Default for AlarmProps {
    fn default() -> Self {
        Self { description: String::new(), periods: 3, bad_periods: 2, missing: Missing::IsFine }
    }
}

/// An alarm on one metric.
///
/// # Diagnostics
///
/// - `MS0701`: the alarm notifies no topic.
/// - `MS0703`: the alarm notifies a topic whose key policy does not allow alarms.
///
/// # Example
///
/// ```
/// # use meshsynth::{App, Env, Stack, cloudwatch, sns};
/// # let app = App::new("shop");
/// # let watch = Stack::new(&app, "observability", Env::region("eu-west-1"));
/// # let on_call = sns::Topic::new(&watch, "on-call", sns::TopicProps::default());
/// use cloudwatch::{Alarm, Limit, Metric, Statistic};
/// let unpaid = Metric::new("Shop", "UnpaidOrders").by(Statistic::Maximum);
/// Alarm::new(&watch, "unpaid", &unpaid, Limit::Above(100.0), Default::default()).notify(&on_call);
/// ```
///
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudwatch-alarm.html>
#[derive(Clone)]
pub struct Alarm {
    scope: Scope,
    alarm: Resource<cloudwatch::Alarm>,
}

impl Alarm {
    /// Defines an alarm, named `<app>/<path>`.
    #[track_caller]
    pub fn new(scope: &impl Construct, id: &str, metric: &Metric, limit: Limit, props: AlarmProps) -> Self {
        let scope = scope.scope().construct(id);
        let (comparison, word) = match limit {
            Limit::Above(_) => (ComparisonOperator::GreaterThanThreshold, "above"),
            Limit::Below(_) => (ComparisonOperator::LessThanThreshold, "below"),
        };
        let description = match props.description.is_empty() {
            true => format!("{} ({}) is {word} {}", metric.name, metric.statistic.word(), limit.value()),
            false => props.description,
        };
        let dimension = |(name, value): &(&'static str, Val<String>)| Dimension::new(*name, value.clone());
        let mut alarm = cloudwatch::Alarm::new()
            .alarm_name(name::fit(&display_name(&scope), 255))
            .alarm_description(description)
            .namespace(&metric.namespace)
            .metric_name(&metric.name)
            .period(metric.period.as_seconds() as u32)
            .evaluation_periods(props.periods)
            .datapoints_to_alarm(props.bad_periods)
            .comparison_operator(comparison)
            .threshold(limit.value())
            .treat_missing_data(match props.missing {
                Missing::IsFine => TreatMissingData::NotBreaching,
                Missing::IsBad => TreatMissingData::Breaching,
                Missing::IsIgnored => TreatMissingData::Ignore,
            });
        if !metric.dimensions.is_empty() {
            alarm = alarm.dimensions(metric.dimensions.iter().map(dimension).collect::<Vec<_>>());
        }
        alarm = match metric.statistic {
            Statistic::Average => alarm.statistic(Plain::Average),
            Statistic::Sum => alarm.statistic(Plain::Sum),
            Statistic::Minimum => alarm.statistic(Plain::Minimum),
            Statistic::Maximum => alarm.statistic(Plain::Maximum),
            Statistic::SampleCount => alarm.statistic(Plain::SampleCount),
            // A percentile is not meaningful for a small number of samples.
            percentile @ Statistic::Percentile(_) => {
                alarm.extended_statistic(percentile.word()).evaluate_low_sample_count_percentile("ignore")
            }
        };
        let alarm = alarm.define(&scope, "resource");
        Self { scope, alarm }
    }

    /// Creates the handle of a bare alarm.
    pub(super) fn of_resource(scope: Scope, alarm: Resource<cloudwatch::Alarm>) -> Self {
        Self { scope, alarm }
    }

    /// Returns the ARN of the alarm.
    pub fn arn(&self) -> Val<String> {
        self.alarm.arn()
    }

    /// Notifies the topic when the alarm enters the state `ALARM` and when it returns to `OK`.
    pub fn notify(&self, topic: &Topic) -> &Self {
        topic.allow_alarms(&self.scope);
        for actions in ["AlarmActions", "OKActions"] {
            self.alarm.scope().add(actions, Data::from(topic.arn()));
        }
        self
    }
}

impl Construct for Alarm {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}

/// Defines an alarm for each [`Panel`](super::Panel) of a construct, if the panel has a limit. The alarms are in a
/// scope with this `id`.
///
/// ```
/// # use meshsynth::{App, Env, Stack, aws, cloudwatch, rds, sns};
/// # let app = App::new("shop");
/// # let data = Stack::new(&app, "data", Env::region("eu-west-1"));
/// # let vpc = aws::Vpc::new(&data, "vpc", aws::VpcProps::default());
/// # let db = rds::Database::new(&data, "orders-db", &vpc, rds::DatabaseProps::default());
/// let on_call = sns::Topic::new(&data, "on-call", sns::TopicProps::default());
/// let alarms = cloudwatch::watch(&data, "orders-db-alarms", &db, &on_call);
/// ```
#[track_caller]
pub fn watch(scope: &impl Construct, id: &str, what: &impl Monitored, topic: &Topic) -> Vec<Alarm> {
    let scope = scope.scope().construct(id);
    let mut alarms = Vec::new();
    for panel in what.panels() {
        let Some(limit) = panel.limit else { continue };
        for (idx, metric) in panel.metrics.iter().take(panel.limited).enumerate() {
            let id = match panel.limited {
                1 => dashed(&panel.title),
                _ => format!("{}-{}", dashed(&panel.title), idx + 1),
            };
            let props = AlarmProps {
                description: format!("{} of {} {}", panel.title, what.kind().to_lowercase(), what.scope().path()),
                ..AlarmProps::default()
            };
            let alarm = Alarm::new(&scope, &id, metric, limit, props);
            alarm.notify(topic);
            alarms.push(alarm);
        }
    }
    alarms
}

/// Converts a title to an id, such as `Latency (ms)` to `latency-ms`.
fn dashed(title: &str) -> String {
    let words: Vec<_> = title.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    words.join("-").to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::sns::TopicProps;
    use crate::testing::{Platform, stack};

    #[test]
    fn key_policy_allows_alarms_to_notify_topic() {
        let platform = Platform::synth("shop", |app| {
            let watch = stack(app, "watch");
            let topic = Topic::new(&watch, "on-call", TopicProps::default());
            let metric = Metric::new("Shop", "Latency").by(Statistic::Percentile(99));
            for id in ["one", "two"] {
                Alarm::new(&watch, id, &metric, Limit::Above(500.0), AlarmProps::default()).notify(&topic);
            }
        });
        let alarm = &platform.resources("AWS::CloudWatch::Alarm")[0];
        assert_eq!(alarm.props["ExtendedStatistic"], "p99");
        assert_eq!(alarm.props["AlarmActions"], alarm.props["OKActions"]);
        assert_eq!(alarm.props["AlarmName"], "shop/watch/one");
        let statements = platform.resource("AWS::KMS::Key").props["KeyPolicy"]["Statement"].clone();
        let statements = statements.as_array().expect("a list");
        assert_eq!(statements.len(), 2, "the account, and the alarms once");
        assert_eq!(statements[1]["Action"], serde_json::json!(["kms:Decrypt", "kms:GenerateDataKey"]));
        assert!(statements[1]["Condition"].to_string().contains(":alarm:*"), "{}", statements[1]);
    }
}
