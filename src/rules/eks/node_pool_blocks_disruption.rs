//! A disruption budget of a `NodePool` forbids the removal of nodes at all times.
//!
//! # What it reports
//!
//! A budget has `nodes: "0"` or `"0%"`, no `schedule` and no `reasons`. The finding is a warning.
//!
//! # Why it matters
//!
//! Such a budget is always active, and the smallest of all active budgets applies. Nodes are neither consolidated nor
//! replaced when their image or class changes, so old images remain.
//!
//! # Fix
//!
//! Add a schedule and a duration, or reasons, to the budget, and add another budget that allows some nodes.
//!
//! Source: <https://karpenter.sh/docs/concepts/disruption/#nodepool-disruption-budgets>

use crate::diag::Diagnostic;
use crate::rules::index::pods::called;
use crate::synth::{Link, Model};
use crate::val::Data;

pub(super) fn check(model: &Model, _: &Link, out: &mut Vec<Diagnostic>) {
    for (id, object) in model.of_kind("NodePool") {
        let budgets = object.body.at("spec.disruption.budgets").map(Data::items).unwrap_or_default();
        let blocks = |budget: &Data| {
            let nodes = budget.at("nodes").map(Data::to_text).unwrap_or_default();
            let always = budget.at("schedule").is_none() && budget.at("reasons").is_none();
            always && matches!(nodes.as_str(), "0" | "0%")
        };
        if let Some(idx) = budgets.iter().position(blocks) {
            let message = format!("the disruption budget of {} never allows Karpenter to remove a node", called(object));
            out.push(
                model
                    .warning(id, "MS0213", message)
                    .field(format!("spec.disruption.budgets[{idx}]"))
                    .help("limit the budget to a schedule and a duration, such as `Budget::none_during(\"0 8 * * mon-fri\", ..)`"),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::mesh::addons::{Budget, NodePoolProps};
    use crate::rules::testing::programs::with_pool;
    use crate::units::Duration;

    fn with(budgets: Vec<Budget>) -> Vec<&'static str> {
        with_pool(NodePoolProps { budgets, ..Default::default() })
    }

    #[test]
    fn warns_about_a_budget_that_always_blocks_disruption() {
        assert_eq!(with(vec![Budget::always("10%"), Budget::always("0")]), ["MS0213"]);
    }

    #[test]
    fn accepts_a_budget_with_a_schedule() {
        assert_eq!(with(vec![Budget::always("10%"), Budget::none_during("0 8 * * mon-fri", Duration::hours(10))]), [""; 0]);
    }
}
