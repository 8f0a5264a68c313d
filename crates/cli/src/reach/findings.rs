//! Findings about reachability in an output: broken rules, relations that do not work, and connections without a
//! relation.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context, Result};
use meshsynth::diag::Diagnostic;
use meshsynth_assembly::ReachRule;
use meshsynth_reach::Engine;

use super::{read, relations, rules};

/// Returns the findings of an assembly. An assembly without rules and relations is not read.
pub fn check(folder: &Path, rules: &[ReachRule]) -> Result<Vec<Diagnostic>> {
    let has_relations = relations::are_declared(folder);
    if rules.is_empty() && !has_relations {
        return Ok(Vec::new());
    }
    let world = read::asked(folder).with_context(|| format!("cannot read `{}`", folder.display()))?;
    let engine = Engine::new(&world);
    let mut told = BTreeSet::new();
    let mut found = rules::broken(&engine, rules, &mut told);
    if has_relations {
        found.extend(relations::found(&engine, &told));
    }
    Ok(found)
}
