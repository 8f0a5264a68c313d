//! A metric filter or a subscription filter refers to a log group that is not defined.
//!
//! # What it reports
//!
//! `LogGroupName` is a text that is not the name of a log group of the program. The finding is a warning.
//!
//! # Why it matters
//!
//! The deployment fails if the log group does not exist. If an AWS service creates it with its first log entry, its
//! existence is not guaranteed, and it keeps its entries forever.
//!
//! # Fix
//!
//! Define the log group with a retention, and pass it: `cloudwatch::MetricFilter::new` requires the log group.
//!
//! Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/MonitoringLogData.html>

use std::collections::BTreeSet;

use crate::diag::Diagnostic;
use crate::synth::{Link, Model};
use crate::val::Data;

pub(super) fn check(model: &Model, _: &Link, out: &mut Vec<Diagnostic>) {
    let groups = model.of_type("AWS::Logs::LogGroup");
    let known: BTreeSet<&str> =
        groups.filter_map(|(_, group)| group.props.get("LogGroupName").and_then(Data::as_str)).collect();
    for type_name in ["AWS::Logs::MetricFilter", "AWS::Logs::SubscriptionFilter"] {
        for (id, filter) in model.of_type(type_name) {
            let Some(name) = filter.props.get("LogGroupName").and_then(Data::as_str) else { continue };
            if !known.contains(name) {
                let message = format!("the log group `{name}` is not defined");
                let help = "define a `LogGroup` with this name and a retention";
                out.push(model.warning(id, "MS0702", message).help(help));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::cfn::logs::MetricFilter;
    use crate::cfn::logs::metric_filter::MetricTransformation;
    use crate::logs::{LogGroup, LogGroupProps};
    use crate::testing::{codes, stack};

    fn filter_on(name: &'static str) -> Vec<&'static str> {
        codes(|app| {
            let watch = stack(app, "watch");
            LogGroup::new(&watch, "services", LogGroupProps { name: Some("/shop/services".into()), ..Default::default() });
            let metric = MetricTransformation::new("Errors", "Shop", "1");
            let group = crate::cfn::ids::LogGroupName::new(name);
            MetricFilter::new("ERROR", group, [metric]).define(&watch, "errors");
        })
    }

    #[test]
    fn warns_about_an_undefined_log_group() {
        assert_eq!(filter_on("/shop/service"), ["MS0702"]);
    }

    #[test]
    fn accepts_a_group_of_the_platform() {
        assert_eq!(filter_on("/shop/services"), [""; 0]);
    }
}
