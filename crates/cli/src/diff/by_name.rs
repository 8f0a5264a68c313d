//! Compares a folder with its deployed state. Stacks and clusters are read by name.

use std::path::Path;

use anyhow::{Context as _, Result};
use meshsynth_assembly::deployed::Wanted;
use meshsynth_diff::Diff;

use super::folders::{Asked, Taken};
use super::foreign::deployed::{self, Contexts};
use crate::deployer::{Deployer, Reach};
use crate::shell::{Shell, count};
use meshsynth_check::temporary::Temporary;

/// The settings to read the deployed state.
pub struct How<'a> {
    /// The region of stacks that specify none.
    pub region: Option<&'a str>,
    /// `CONTEXT` or `CLUSTER=CONTEXT`.
    pub contexts: &'a [String],
    /// Whether clusters are excluded.
    pub stacks_only: bool,
    /// The role, the kubeconfig and other connection settings.
    pub reach: Reach,
}

/// Compares the deployed state with a folder.
///
/// # Errors
///
/// If the folder is missing, credentials are missing, or the deployed stacks and objects cannot be determined.
pub fn compare(
    shell: &Shell,
    deployer: &dyn Deployer,
    asked: &Asked,
    taken: &Taken,
    how: &How<'_>,
    here: &Path,
) -> Result<Diff> {
    let (mut head, _checkout) = asked.head(taken, here)?;
    deployed::name(&mut head, &taken.stack_names)?;
    if how.stacks_only {
        head.objects.clear();
    }
    let contexts: Vec<Contexts> = how.contexts.iter().map(|text| Contexts::of(text, &taken.clusters)).collect();
    let wanted = deployed::wanted(&head, how.region, &contexts)?;
    shell.note(&format!("reading the deployed state: {}", summary(&wanted)));
    let found = deployer.by_name(shell, &wanted, &how.reach)?;
    let folder = Temporary::new()?;
    found.write(&folder.0).context("cannot save the deployed state")?;
    let contexts = found.clusters.iter().map(|it| format!("cluster `{}` uses the context `{}`", it.name, it.context));
    let contexts: Vec<String> = contexts.collect();
    let mut diff = deployed::compare(found, &folder.0, head, &asked.app(here), &taken.joins)?;
    diff.notes.splice(0..0, contexts);
    if how.stacks_only {
        diff.notes.push("clusters are not compared, because of `--stacks-only`".to_owned());
    }
    Ok(diff)
}

/// Returns the number of stacks and clusters to read as a phrase.
pub fn summary(wanted: &Wanted) -> String {
    let (stacks, clusters) = (count(wanted.stacks.len(), "stack"), count(wanted.clusters.len(), "cluster"));
    match (wanted.stacks.is_empty(), wanted.clusters.is_empty()) {
        (false, true) => stacks,
        (true, false) => clusters,
        _ => format!("{stacks} and {clusters}"),
    }
}
