//! The starting deadline of a `CronJob` is shorter than 10 seconds.
//!
//! # What it reports
//!
//! `startingDeadlineSeconds` is less than 10. The finding is a warning.
//!
//! # Why it matters
//!
//! The controller checks schedules every 10 seconds. With a shorter deadline, it may find each run too late and start
//! none.
//!
//! # Fix
//!
//! Set `startingDeadlineSeconds` to 10 or more: `CronJobProps::latest_start`.
//!
//! Source: <https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#starting-deadline>

use crate::diag::Diagnostic;
use crate::rules::index::pods::called;
use crate::synth::{Link, Model};
use crate::val::Data;

/// The interval of the controller, in seconds.
const LOOKS: i64 = 10;

pub(super) fn check(model: &Model, _: &Link, out: &mut Vec<Diagnostic>) {
    for (id, object) in model.of_kind("CronJob") {
        let Some(deadline) = object.body.at("spec.startingDeadlineSeconds").and_then(Data::as_int) else { continue };
        if deadline < LOOKS {
            let message = format!("the starting deadline of {} is {deadline} s, but the controller checks schedules only every {LOOKS} s", called(object));
            out.push(
                model
                    .warning(id, "MS0446", message)
                    .field("spec.startingDeadlineSeconds")
                    .help("set the deadline to 10 seconds or more, or remove it"),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::mesh::{CronJob, CronJobProps};
    use crate::testing::{codes, namespace};
    use crate::units::Duration;

    fn with(seconds: u64) -> Vec<&'static str> {
        codes(|app| {
            let props = CronJobProps { latest_start: Duration::seconds(seconds), ..Default::default() };
            CronJob::new(&namespace(app), "nightly", "30 2 * * *", "registry.example/reports:3.0.0", props);
        })
    }

    #[test]
    fn warns_about_a_deadline_shorter_than_the_interval() {
        assert_eq!(with(5), ["MS0446"]);
    }

    #[test]
    fn accepts_a_longer_deadline() {
        assert_eq!(with(10), [""; 0]);
    }
}
