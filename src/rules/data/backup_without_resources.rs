//! A backup plan or a backup selection has no resources.
//!
//! # What it reports
//!
//! A backup selection has no `Resources`, `ListOfTags` or `Conditions`: an error. A backup plan has no selection: a
//! warning.
//!
//! # Why it matters
//!
//! A plan without a selection runs every night and backs up nothing. A selection without resources, tags and conditions
//! matches no resource. Both look correct in the console until a backup is needed.
//!
//! # Fix
//!
//! Specify the protected resources: `backup::Plan::protect`. In a template, set `Resources` to their ARNs, or set
//! `ListOfTags`.
//!
//! Source: <https://docs.aws.amazon.com/aws-backup/latest/devguide/assigning-resources.html>

use crate::hash::FastSet;
use crate::diag::Diagnostic;
use crate::node::Resource;
use crate::synth::{Link, Model};
use crate::val::Data;

pub(super) fn check(model: &Model, _: &Link, out: &mut Vec<Diagnostic>) {
    let mut used = FastSet::default();
    for (id, selection) in model.of_type("AWS::Backup::BackupSelection") {
        used.extend(selection.props.get("BackupPlanId").and_then(Data::as_attr).map(|attr| attr.node));
        if selects_nothing(selection) {
            let message = "the selection of this backup plan has no resources";
            let help = "set `Resources` to ARNs, or set `ListOfTags`";
            out.push(model.error(id, "MS0704", message).help(help));
        }
    }
    for (id, _) in model.of_type("AWS::Backup::BackupPlan") {
        if !used.contains(&id) {
            let message = "this backup plan has no resources to back up";
            out.push(model.warning(id, "MS0704", message).help("call `protect` for each data store"));
        }
    }
}

fn selects_nothing(selection: &Resource) -> bool {
    let parts = ["Resources", "ListOfTags", "Conditions"];
    parts.iter().all(|part| match selection.props.at(&format!("BackupSelection.{part}")) {
        None => true,
        Some(Data::List(items)) => items.is_empty(),
        Some(Data::Map(map)) => map.is_empty(),
        Some(_) => false,
    })
}

#[cfg(test)]
mod tests {
    use crate::backup::{Plan, PlanProps};
    use crate::cfn::backup::BackupSelection;
    use crate::cfn::backup::backup_selection::BackupSelectionResourceType;
    use crate::cfn::ids::RoleArn;
    use crate::testing::{codes, stack};

    #[test]
    fn warns_about_a_plan_without_a_selection() {
        assert_eq!(codes(|app| drop(Plan::new(&stack(app, "backup"), "plan", PlanProps::default()))), ["MS0704"]);
    }

    #[test]
    fn reports_a_selection_without_resources() {
        assert_eq!(
            codes(|app| {
                let role = RoleArn::new("arn:aws:iam::111122223333:role/backup");
                let selection = BackupSelectionResourceType::new(role, "all");
                BackupSelection::new("plan-id", selection).define(&stack(app, "backup"), "selection");
            }),
            ["MS0704"]
        );
    }

    #[test]
    fn accepts_a_plan_that_protects_something() {
        assert_eq!(
            codes(|app| {
                let plan = Plan::new(&stack(app, "backup"), "plan", PlanProps::default());
                plan.protect_arn("arn:aws:dynamodb:ap-northeast-1:111122223333:table/carts");
            }),
            [""; 0]
        );
    }
}
