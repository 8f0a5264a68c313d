//! Exports that the stacks of a plan import from other stacks. A missing export is reported before the first change.

use std::collections::BTreeSet;

use crate::assembly::Assembly;
use crate::failure::Failure;
use crate::orphans::Survey;
use crate::plan::Plan;
use crate::refactor::{exports, imports};

/// Returns a failure for each import that no stack provides. A region whose stacks cannot be listed, and a name that
/// contains other intrinsic functions, are not checked. The same account can occur with and without its number, so a
/// stack of the region in any account counts.
pub(crate) fn missing(assembly: &Assembly, plan: &Plan, survey: &Survey) -> Vec<Failure> {
    let mut out = Vec::new();
    let regions: BTreeSet<&String> = plan.stacks.iter().map(|step| &step.region).collect();
    for region in regions {
        let all: Vec<_> = survey.iter().filter(|(place, _)| place.region == *region).map(|(_, all)| all).collect();
        if all.is_empty() || all.iter().any(|all| all.is_err()) {
            continue;
        }
        let steps = plan.stacks.iter().filter(|step| step.region == *region);
        let documents: Vec<_> =
            steps.filter_map(|step| Some((step, assembly.document(&step.template).ok()?))).collect();
        let stacks = all.into_iter().flatten().flatten();
        let mut known: BTreeSet<String> = stacks.flat_map(|stack| stack.exports.values().cloned()).collect();
        known.extend(documents.iter().flat_map(|(step, it)| exports(&step.name, it).into_iter().map(|(_, name)| name)));
        for (step, document) in &documents {
            let mut wanted = BTreeSet::new();
            imports(&step.name, document, &mut wanted);
            let is_literal = |name: &&String| !name.contains(['{', '$', '[']);
            for name in wanted.difference(&known).filter(is_literal) {
                out.push(Failure::new(
                    format!("stack `{}` ({region}) imports `{name}`, which no stack there exports", step.id),
                    "deploy the stack that exports it first, or correct the name in the program",
                ));
            }
        }
    }
    out
}
