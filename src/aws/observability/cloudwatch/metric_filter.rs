//! Metrics that are made of what logs say.

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
    /// What an entry counts for: a number, or a field of it such as `$.latency`. Default: 1.
    pub value: String,
}

impl Default for MetricFilterProps {
    fn default() -> Self {
        Self { namespace: None, name: None, value: "1".to_owned() }
    }
}

/// A filter that makes a metric of the entries of a log group that match a pattern.
///
/// # Diagnostics
///
/// - `MS0702`: nothing defines the log group.
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
        // Without a match the metric is 0, so that its line does not break off.
        let transformation = MetricTransformation::new(&name, &namespace, props.value).default_value(0);
        logs::MetricFilter::new(pattern, group.reference(), [transformation]).define(&scope, "resource");
        Self { scope, metric: Metric::new(&namespace, &name).by(Statistic::Sum) }
    }

    /// Returns the metric that it makes, summed up over five minutes.
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
    fn a_filter_makes_the_metric_that_it_names() {
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
