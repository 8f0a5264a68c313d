//! Metrics from log events.

use crate::aws::logs::LogGroup;
use crate::cfn::logs;
use crate::cfn::logs::metric_filter::MetricTransformation;
use crate::tree::{Construct, Scope};

use super::{Metric, Statistic};

/// Properties of a [`MetricFilter`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MetricFilterProps {
    /// The namespace of the metric. Default: the name of the app.
    pub namespace: Option<String>,
    /// The name of the metric. Default: the construct's id.
    pub name: Option<String>,
    /// The metric value of a log event: a number, or a field such as `$.latency`. Default: 1.
    pub value: String,
}

impl Default for MetricFilterProps {
    fn default() -> Self {
        Self { namespace: None, name: None, value: "1".to_owned() }
    }
}

/// A metric filter: it publishes a metric for the log events that match a pattern.
///
/// # Diagnostics
///
/// - `MS0702`: the log group is not defined.
///
/// # Example
///
/// ```
/// # use meshsynth::{App, Env, Stack, cloudwatch, logs};
/// # let app = App::new("shop");
/// # let watch = Stack::new(&app, "observability", Env::region("eu-west-1"));
/// # let group = logs::LogGroup::new(&watch, "services", logs::LogGroupProps::default());
/// let failures = cloudwatch::MetricFilter::new(&watch, "errors", &group, r#"{ $.level = "ERROR" }"#, Default::default());
/// let metric = failures.metric();
/// ```
///
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-logs-metricfilter.html>
#[derive(Clone)]
pub struct MetricFilter {
    scope: Scope,
    metric: Metric,
}

impl MetricFilter {
    /// Defines a filter on a log group.
    #[track_caller]
    pub fn new(scope: &impl Construct, id: &str, group: &LogGroup, pattern: &str, props: MetricFilterProps) -> Self {
        let scope = scope.scope().construct(id);
        let namespace = props.namespace.unwrap_or_else(|| scope.app_name());
        let name = props.name.unwrap_or_else(|| scope.id());
        // Without a matching event, the metric is 0, so that charts have no gaps.
        let transformation = MetricTransformation::new(&name, &namespace, props.value).default_value(0);
        logs::MetricFilter::new(pattern, group.reference(), [transformation]).define(&scope, "resource");
        Self { scope, metric: Metric::new(&namespace, &name).by(Statistic::Sum) }
    }

    /// Returns the metric with the sum over five minutes.
    pub fn metric(&self) -> Metric {
        self.metric.clone()
    }
}

impl Construct for MetricFilter {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}

#[cfg(test)]
mod tests {
    use super::{MetricFilter, MetricFilterProps};
    use crate::logs::{LogGroup, LogGroupProps};
    use crate::testing::{Platform, stack};

    #[test]
    fn filter_publishes_its_metric() {
        let mut metric = None;
        let platform = Platform::synth("shop", |app| {
            let watch = stack(app, "watch");
            let group = LogGroup::new(&watch, "services", LogGroupProps::default());
            let filter = MetricFilter::new(&watch, "errors", &group, "ERROR", MetricFilterProps::default());
            metric = Some(filter.metric());
        });
        let transformation = &platform.resource("AWS::Logs::MetricFilter").props["MetricTransformations"][0];
        let metric = metric.expect("it was defined");
        assert_eq!(transformation["MetricName"], *metric.name);
        assert_eq!(transformation["MetricNamespace"], *metric.namespace);
        assert_eq!(transformation["MetricValue"], "1");
    }
}
