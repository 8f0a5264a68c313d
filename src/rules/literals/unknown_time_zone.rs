//! A time zone is not in the tz database.
//!
//! # What it reports
//!
//! The rule checks schedules of CronJobs, KEDA, Application Auto Scaling, Auto Scaling groups, AWS Backup, EventBridge
//! Scheduler and maintenance windows. A name is an error if a similar name exists, and otherwise a warning, because
//! zones are added.
//!
//! # Why it matters
//!
//! Kubernetes rejects a `CronJob` with an unknown time zone, KEDA does not scale on the schedule, and EventBridge
//! Scheduler rejects it. Abbreviations such as `PST` are not time zones, although some of them are names in the
//! database.
//!
//! # Fix
//!
//! Write area and location, such as `Asia/Tokyo`, or `UTC`.
//!
//! Source: <https://www.iana.org/time-zones>

use crate::diag::Diagnostic;
use crate::facts::{self, literals::time_zone};
use crate::rules::index::literals::{judged, texts_at};
use crate::synth::{Link, Model};

/// The kinds and their fields with time zones.
const OBJECTS: [(&str, &str); 3] = [
    ("CronJob", "spec.timeZone"),
    ("ScaledJob", "spec.triggers.metadata.timezone"),
    ("ScaledObject", "spec.triggers.metadata.timezone"),
];

pub(super) fn check(model: &Model, _: &Link, out: &mut Vec<Diagnostic>) {
    let resources = model.resources_with(|it| it.time_zone.is_some()).flat_map(|(id, it)| {
        let path = facts::resource(&it.type_name).time_zone.map(|path| path.replace(".*", ""));
        path.map(|path| texts_at(&it.props, &path)).into_iter().flatten().map(move |it| (id, it))
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
    fn reports_misspelled_zones_and_warns_about_unknown_ones() {
        assert_eq!(open(&job("Asia/Tokio")), ["MS0135"]);
        assert_eq!(warned(&job("Asia/Tokio")), [""; 0]);
        assert_eq!(warned(&job("Middle-earth/Shire")), ["MS0135"]);
    }

    #[test]
    fn accepts_a_zone_of_the_database() {
        assert_eq!(open(&job("Asia/Tokyo")), [""; 0]);
        assert_eq!(open(&job("UTC")), [""; 0]);
    }
}
