//! An alarm has no action, so it notifies no recipient.
//!
//! # What it reports
//!
//! An alarm has no `AlarmActions`, `InsufficientDataActions` or `OKActions`. The finding is a warning. Alarms with
//! `ActionsEnabled: false` are not reported. If the program has a composite alarm, no alarm is reported, because alarms
//! may only feed the composite alarm.
//!
//! # Why it matters
//!
//! The alarm only changes its color in the console.
//!
//! # Fix
//!
//! Add a topic: `cloudwatch::Alarm::notify`, or `AlarmActions` of a raw alarm. If the alarm intentionally has no
//! action, set `ActionsEnabled: false`.
//!
//! Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-actions.html>

use crate::diag::Severity;
use crate::policy::{Platform, Report};

pub(super) fn check(platform: &Platform<'_>, report: &mut Report) {
    let has_composite = platform.resources("AWS::CloudWatch::CompositeAlarm").next().is_some();
    for alarm in platform.resources("AWS::CloudWatch::Alarm").filter(|_| !has_composite) {
        let acts = ["AlarmActions", "InsufficientDataActions", "OKActions"].into_iter().any(|key| {
            let actions = alarm.property(key);
            actions.is_deferred() || actions.items().next().is_some()
        });
        if !acts && !alarm.property("ActionsEnabled").is(false) {
            let message = "the alarm has no action, so it sends no notification";
            report.at(&alarm, message).severity(Severity::Warning).help("call `notify` with a topic");
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
    fn warns_about_an_alarm_without_action() {
        assert_eq!(alarm(false), ["MS0701"]);
    }

    #[test]
    fn accepts_an_alarm_with_a_topic() {
        assert_eq!(alarm(true), [""; 0]);
    }
}
