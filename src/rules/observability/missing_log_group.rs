//! A metric filter or a subscription filter refers to a log group that is not defined.
//!
//! The deployment fails where the group does not exist. Where a service makes
//! it with its first entry, it exists on one day and not on the other, and keeps its entries for ever.
//!
//! Define the log group with a retention and hand it over:
//! `cloudwatch::MetricFilter::new` takes the group itself.
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
                let message = format!("nothing defines the log group `{name}`");
                let help = "define it as a `LogGroup` with this name and a retention";
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
    fn a_group_that_nothing_defines_is_a_warning() {
        assert_eq!(filter_on("/shop/service"), ["MS0702"]);
    }

    #[test]
    fn a_group_of_the_platform_is_fine() {
        assert_eq!(filter_on("/shop/services"), [""; 0]);
    }
}
