//! Exports that the stacks of a plan import from other stacks. A missing export is reported before the first change.

use std::collections::BTreeSet;

use crate::assembly::Assembly;
use crate::cloud::AccountRegion;
use crate::failure::Failure;
use crate::orphans::Survey;
use crate::plan::Plan;
use crate::refactor::{exports, imports};

/// Returns a failure for each import that no stack provides. An account and region whose stacks cannot be listed, and a
/// name that contains other intrinsic functions, are not checked.
pub(crate) fn missing(assembly: &Assembly, plan: &Plan, survey: &Survey) -> Vec<Failure> {
    let mut out = Vec::new();
    for place in plan.places() {
        let Some(Ok(all)) = survey.get(&place) else { continue };
        let is_here = |account: &Option<String>, region: &str| {
            AccountRegion { account: account.clone(), region: region.to_owned() } == place
        };
        let steps = || plan.stacks.iter().filter(|step| is_here(&step.account, &step.region));
        let documents: Vec<_> =
            steps().filter_map(|step| Some((step, assembly.document(&step.template).ok()?))).collect();
        let mut known: BTreeSet<String> = all.iter().flat_map(|stack| stack.exports.values().cloned()).collect();
        known.extend(documents.iter().flat_map(|(step, it)| exports(&step.name, it).into_iter().map(|(_, name)| name)));
        for (step, document) in &documents {
            let mut wanted = BTreeSet::new();
            imports(&step.name, document, &mut wanted);
            let is_literal = |name: &&String| !name.contains(['{', '$', '[']);
            for name in wanted.difference(&known).filter(is_literal) {
                out.push(Failure::new(
                    format!("stack `{}` ({}) imports `{name}`, which no stack there exports", step.id, place.region),
                    "deploy the stack that exports it first, or correct the name in the program",
                ));
            }
        }
    }
    out
}
