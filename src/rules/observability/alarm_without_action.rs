//! An alarm has no action, so it notifies nobody.
//!
//! It turns red in the console, where somebody may look, or not. Alarms that
//! only feed a composite alarm are left out.
//!
//! Give it a topic: `cloudwatch::Alarm::notify`, or
//! `AlarmActions` of a raw alarm; or say that it is meant with `ActionsEnabled: false`.
//!
//! Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-actions.html>

use crate::diag::Diagnostic;
use crate::synth::{Link, Model};
use crate::val::Data;

pub(super) fn check(model: &Model, _: &Link, out: &mut Vec<Diagnostic>) {
    let has_composite = model.of_type("AWS::CloudWatch::CompositeAlarm").next().is_some();
    for (id, alarm) in model.of_type("AWS::CloudWatch::Alarm") {
        let actions = ["AlarmActions", "InsufficientDataActions", "OKActions"];
        let acts = actions.iter().any(|key| match alarm.props.get(key) {
            Some(Data::List(items)) => !items.is_empty(),
            other => other.is_some(),
        });
        let is_meant = alarm.props.get("ActionsEnabled").and_then(Data::as_bool) == Some(false);
        if !acts && !is_meant && !has_composite {
            let message = "the alarm has no action, so it notifies nobody";
            out.push(model.warning(id, "MS0701", message).help("call `notify` with a topic"));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::cloudwatch::{Alarm, AlarmProps, Limit, Metric};
    use crate::sns::{Topic, TopicProps};
    use crate::testing::{codes, stack};

    fn alarm(is_heard: bool) -> Vec<&'static str> {
        codes(|app| {
            let watch = stack(app, "watch");
            let metric = Metric::new("Shop", "UnpaidOrders");
            let alarm = Alarm::new(&watch, "unpaid", &metric, Limit::Above(100.0), AlarmProps::default());
            if is_heard {
                alarm.notify(&Topic::new(&watch, "on-call", TopicProps::default()));
            }
        })
    }

    #[test]
    fn an_alarm_without_action_is_a_warning() {
        assert_eq!(alarm(false), ["MS0701"]);
    }

    #[test]
    fn an_alarm_with_a_topic_is_fine() {
        assert_eq!(alarm(true), [""; 0]);
    }
}
