//! A schedule is not a valid cron or rate expression for its service.
//!
//! # What it reports
//!
//! There are two notations:
//!
//! - Kubernetes and KEDA use five fields, from minute to day of week.
//! - EventBridge, EventBridge Scheduler and AWS Backup use `cron(...)` with six fields, of which the day of month or
//!   the day of week is `?`. They also use `rate(5 minutes)`, with a singular unit only for 1.
//!
//! The rule reports the other notation, a wrong number of fields, and values outside their range.
//!
//! # Why it matters
//!
//! Kubernetes, KEDA and AWS each reject or ignore a schedule in the other notation.
//!
//! # Fix
//!
//! Write the fields in order and within their ranges: minute 0 to 59, hour 0 to 23, day 1 to 31, month 1 to 12 or
//! `JAN`, and the day of week. The day of week begins with Sunday, as 0 to 6 (in AWS 1 to 7) or `MON`.
//!
//! Source: <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html>,
//! <https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#schedule-syntax>

use crate::facts;
use crate::diag::Diagnostic;
use crate::rules::index::literals::texts_at;
use crate::rules::index::schedule::{Notation, problem};
use crate::synth::{Link, Model};

/// The kinds, their fields with schedules, and the notation.
const OBJECTS: [(&str, &str, Notation); 5] = [
    ("CronJob", "spec.schedule", Notation::Kubernetes),
    ("ScaledJob", "spec.triggers.metadata.end", Notation::Keda),
    ("ScaledJob", "spec.triggers.metadata.start", Notation::Keda),
    ("ScaledObject", "spec.triggers.metadata.end", Notation::Keda),
    ("ScaledObject", "spec.triggers.metadata.start", Notation::Keda),
];

pub(super) fn check(model: &Model, _: &Link, out: &mut Vec<Diagnostic>) {
    for (id, resource) in model.resources_with(|it| it.schedule.is_some()) {
        let Some(path) = facts::resource(&resource.type_name).schedule else { continue };
        for text in texts_at(&resource.props, &path.replace(".*", "")) {
            let is_of_scheduler = resource.type_name.starts_with("AWS::Scheduler::");
            let notation = if is_of_scheduler { Notation::Scheduler } else { Notation::Aws };
            if let Some((wrong, help)) = problem(text, notation) {
                let message = format!("`{text}` is not a schedule: {wrong}");
                out.push(model.error(id, "MS0136", message).help(help));
            }
        }
    }
    for (kind, path, notation) in OBJECTS {
        for (id, object) in model.of_kind(kind) {
            for text in texts_at(&object.body, path) {
                if let Some((wrong, help)) = problem(text, notation) {
                    let message = format!("`{text}` is not a schedule: {wrong}");
                    out.push(model.error(id, "MS0136", message).help(help));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::cfn::events;
    use crate::rules::testing::manifests::open;
    use crate::testing::{codes, stack};

    fn job(schedule: &str) -> String {
        format!(
            "apiVersion: batch/v1\nkind: CronJob\nmetadata: {{ name: a }}\nspec:\n  schedule: '{schedule}'\n  jobTemplate:\n    \
             spec: {{ template: {{ spec: {{ restartPolicy: Never, containers: [{{ name: a, image: 'a:1.0' }}] }} }} }}\n"
        )
    }

    /// Returns the findings for the schedule of a rule without a target.
    fn rule(schedule: &str) -> Vec<&'static str> {
        let mut found = codes(|app| {
            events::Rule::new().schedule_expression(schedule).define(&stack(app, "run"), "nightly");
        });
        found.retain(|code| *code == "MS0136");
        found
    }

    #[test]
    fn reports_fields_that_are_out_of_range_or_in_another_notation() {
        for wrong in ["61 * * * *", "0 3 * *", "cron(0 3 * * ? *)", "0 3 * * FUN", "0 3 * * * *", "0 3-1 * * *", "0 0 * * 7"] {
            assert_eq!(open(&job(wrong)), ["MS0136"], "{wrong}");
        }
        for wrong in ["0 3 * * *", "cron(0 3 * * * *)", "rate(5 minute)", "rate(1 minutes)", "cron(0 25 * * ? *)"] {
            assert_eq!(rule(wrong), ["MS0136"], "{wrong}");
        }
    }

    #[test]
    fn scheduler_accepts_singular_and_plural_units() {
        let of = |type_name: &str| {
            format!(
                r#"{{ "Resources": {{ "Nightly": {{ "Type": "{type_name}", "Properties": {{
                "ScheduleExpression": "rate(1 hours)", "FlexibleTimeWindow": {{ "Mode": "OFF" }},
                "Target": {{ "Arn": "arn:aws:sqs:eu-west-1:111122223333:a", "RoleArn": "arn:aws:iam::111122223333:role/a" }} }} }} }} }}"#
            )
        };
        let codes = |type_name: &str| crate::rules::testing::templates::found(&of(type_name)).into_iter().filter(|it| it.code == "MS0136").count();
        assert_eq!((codes("AWS::Scheduler::Schedule"), codes("AWS::Events::Rule")), (0, 1));
    }

    #[test]
    fn accepts_schedules_in_the_correct_notation() {
        for fine in ["0 3 * * *", "*/15 0-6,20-23 * jan-mar mon-fri", "@hourly", "0 0 1 1 6"] {
            assert_eq!(open(&job(fine)), [""; 0], "{fine}");
        }
        for fine in ["cron(0 3 * * ? *)", "cron(0/15 8-18 ? * MON-FRI 2026-2030)", "rate(5 minutes)", "rate(1 day)", "cron(0 3 L * ? *)"] {
            assert_eq!(rule(fine), [""; 0], "{fine}");
        }
    }
}
