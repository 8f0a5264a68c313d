//! A backup would be deleted before the minimum time in cold storage.
//!
//! # What it reports
//!
//! In a rule of a backup plan, `DeleteAfterDays` is less than 90 days after `MoveToColdStorageAfterDays`. The rule
//! checks the lifecycle of the backup rule and the lifecycles of its copies.
//!
//! # Why it matters
//!
//! A backup that moves to cold storage stays there for at least 90 days. AWS Backup rejects a rule that deletes backups
//! earlier.
//!
//! # Fix
//!
//! Delete backups at least 90 days after they move to cold storage, or remove the move to cold storage.
//!
//! Source: <https://docs.aws.amazon.com/aws-backup/latest/devguide/API_Lifecycle.html>

use crate::diag::Diagnostic;
use crate::synth::{Link, Model};
use crate::val::Data;

/// The minimum number of days in cold storage.
const COLD_DAYS: f64 = 90.0;

pub(super) fn check(model: &Model, _: &Link, out: &mut Vec<Diagnostic>) {
    for (id, plan) in model.of_type("AWS::Backup::BackupPlan") {
        for rule in plan.props.at("BackupPlan.BackupPlanRule").map(Data::items).unwrap_or_default() {
            let copies = rule.at("CopyActions").map(Data::items).unwrap_or_default();
            let days = |key: &str| {
                let mut of = [rule].into_iter().chain(copies).filter_map(|it| it.at("Lifecycle"));
                of.find_map(|it| number(it.at(key)?))
            };
            let (Some(cold), Some(delete)) = (days("MoveToColdStorageAfterDays"), days("DeleteAfterDays")) else {
                continue;
            };
            if delete >= cold + COLD_DAYS {
                continue;
            }
            let name = rule.at("RuleName").map(Data::to_text).unwrap_or_default();
            let message = format!("backups of rule `{name}` are deleted {} days after they move to cold storage; the minimum is 90 days", delete - cold);
            let help = format!("keep the backups for {} days or more, or remove the move to cold storage", cold + COLD_DAYS);
            out.push(model.error(id, "MS0705", message).help(help));
        }
    }
}

fn number(data: &Data) -> Option<f64> {
    match data {
        Data::Float(value) => Some(*value),
        data => data.as_int().map(|value| value as f64),
    }
}

#[cfg(test)]
mod tests {
    use crate::backup::{Plan, PlanProps, Rule};
    use crate::testing::{codes, stack};

    fn kept(cold_after_days: u16, keep_days: u16) -> Vec<&'static str> {
        codes(|app| {
            let rules = vec![Rule { cold_after_days: Some(cold_after_days), ..Rule::monthly(keep_days) }];
            let plan = Plan::new(&stack(app, "backup"), "plan", PlanProps { rules, ..Default::default() });
            plan.protect_arn("arn:aws:dynamodb:ap-northeast-1:111122223333:table/carts");
        })
    }

    #[test]
    fn reports_a_retention_that_is_too_short_for_cold_storage() {
        assert_eq!(kept(30, 119), ["MS0705"]);
    }

    #[test]
    fn accepts_ninety_days() {
        assert_eq!(kept(30, 120), [""; 0]);
    }
}
