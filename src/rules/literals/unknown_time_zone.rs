//! A time zone is not in the tz database.
//!
//! Kubernetes refuses a `CronJob` whose time zone it does not know, KEDA does not scale by such a schedule, and EventBridge
//! Scheduler refuses it. Abbreviations such as `PST` are no zones, though some are names in the database.
//!
//! Write area and place, such as `Asia/Tokyo`, or `UTC`. What is nearly a name is an error; what is near nothing is a warning,
//! since zones are added.
//!
//! Source: <https://www.iana.org/time-zones>

use crate::diag::Diagnostic;
use crate::facts::literals::time_zone;
use crate::rules::index::literals::{judged, texts_at};
use crate::synth::{Link, Model};

/// Where resources name time zones.
const RESOURCES: [(&str, &str); 5] = [
    ("AWS::ApplicationAutoScaling::ScalableTarget", "ScheduledActions.Timezone"),
    ("AWS::AutoScaling::ScheduledAction", "TimeZone"),
    ("AWS::Backup::BackupPlan", "BackupPlan.BackupPlanRule.ScheduleExpressionTimezone"),
    ("AWS::Scheduler::Schedule", "ScheduleExpressionTimezone"),
    ("AWS::SSM::MaintenanceWindow", "ScheduleTimezone"),
];

/// Where objects name time zones.
const OBJECTS: [(&str, &str); 3] = [
    ("CronJob", "spec.timeZone"),
    ("ScaledJob", "spec.triggers.metadata.timezone"),
    ("ScaledObject", "spec.triggers.metadata.timezone"),
];

pub(super) fn check(model: &Model, _: &Link, out: &mut Vec<Diagnostic>) {
    let resources = RESOURCES.iter().flat_map(|(type_name, path)| {
        model.of_type(type_name).flat_map(move |(id, it)| texts_at(&it.props, path).into_iter().map(move |it| (id, it)))
    });
    let objects = OBJECTS.iter().flat_map(|(kind, path)| {
        model.of_kind(kind).flat_map(move |(id, it)| texts_at(&it.body, path).into_iter().map(move |it| (id, it)))
    });
    for (id, zone) in resources.chain(objects) {
        out.extend(judged(model, id, "MS0135", "time zone", zone, time_zone(zone)));
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::manifests::{open, warned};

    fn job(zone: &str) -> String {
        format!(
            "apiVersion: batch/v1\nkind: CronJob\nmetadata: {{ name: a }}\nspec:\n  schedule: '0 3 * * *'\n  timeZone: {zone}\n  jobTemplate:\n    \
             spec: {{ template: {{ spec: {{ restartPolicy: Never, containers: [{{ name: a, image: 'a:1.0' }}] }} }} }}\n"
        )
    }

    #[test]
    fn a_misspelt_zone_is_an_error_and_an_unknown_one_a_warning() {
        assert_eq!(open(&job("Asia/Tokio")), ["MS0135"]);
        assert_eq!(warned(&job("Asia/Tokio")), [""; 0]);
        assert_eq!(warned(&job("Middle-earth/Shire")), ["MS0135"]);
    }

    #[test]
    fn a_zone_of_the_database_is_fine() {
        assert_eq!(open(&job("Asia/Tokyo")), [""; 0]);
        assert_eq!(open(&job("UTC")), [""; 0]);
    }
}
