//! Compares the deployed state, as the old side, with a folder. Selects the stacks and objects to read, and transfers
//! known values between both sides.

mod nested;
mod packaged;
mod parameters;
mod wanted;

use std::collections::{BTreeMap, HashSet};
use std::path::Path;

use anyhow::{Context, Result};
use meshsynth_assembly::deployed::{Deployed, DeployedCluster};
use meshsynth_diff::Diff;
use serde_json::Value;

use super::object::{self, Document, Key};
use super::platform::{Folder, Platform, Taken};
use crate::config::{Join, StackName};
use crate::shell::count;

pub use wanted::{Context as Contexts, wanted};

/// Sets the stack names of templates, from tables `[[stack]]` and from the configuration files of other tools.
///
/// # Errors
///
/// If a table refers to a missing template.
pub fn name(head: &mut Platform, names: &[StackName]) -> Result<()> {
    wanted::name(head, names)
}

/// Compares the deployed state with a platform.
///
/// # Errors
///
/// The errors of [`super::compare`].
pub fn compare(deployed: Deployed, folder: &Path, mut head: Platform, app: &str, joins: &[Join]) -> Result<Diff> {
    let mut base = read(&deployed, folder)?;
    let mut notes = deployed.notes.clone();
    let by_parent = nested::pair(&deployed, &mut base, &mut head, &mut notes);
    notes.extend(absent(&deployed, &head));
    for template in &mut head.templates {
        let Some(old) = base.templates.iter_mut().find(|it| it.id == template.id) else { continue };
        (template.region, template.account) = (old.region.clone(), old.account.clone());
        let row = by_parent.get(&old.id).and_then(|at| deployed.stacks.get(*at));
        if let Some(row) = row {
            notes.extend(parameters::keep(row, &mut old.document, &mut template.document));
        }
        notes.extend(packaged::take(&template.id, &old.document, &mut template.document));
    }
    applied(&deployed, folder, &mut head)?;
    // Objects in unreadable clusters are neither new nor deleted.
    head.objects.retain(|object| deployed.clusters.iter().any(|it| it.name == object.cluster));
    let mut diff = super::compare(base, head, app, joins)?;
    diff.notes.splice(0..0, notes);
    diff.unread.extend(deployed.unread);
    Ok(diff)
}

/// Reads the folder as a platform. The objects of each cluster are in a separate folder.
fn read(deployed: &Deployed, folder: &Path) -> Result<Platform> {
    let cluster = |it: &DeployedCluster| {
        let above = Path::new(&it.objects).parent().map(|path| path.display().to_string()).unwrap_or_default();
        (it.name.clone(), above)
    };
    let taken = Taken {
        clusters: deployed.clusters.iter().map(cluster).collect(),
        namespace: "default".to_owned(),
        version: "1.36".to_owned(),
        ..Taken::default()
    };
    let label = match (deployed.stacks.len(), deployed.clusters.len()) {
        (stacks, 0) => format!("the deployed state ({})", count(stacks, "stack")),
        (0, clusters) => format!("the deployed state ({})", count(clusters, "cluster")),
        (stacks, clusters) => {
            format!("the deployed state ({}, {})", count(stacks, "stack"), count(clusters, "cluster"))
        }
    };
    let mut base = Platform::of(Folder::read(folder, "", label, &taken)?, &taken, &HashSet::new());
    // The user does not have these files, so positions are removed.
    base.objects.iter_mut().for_each(|object| object.source.clear());
    for template in &mut base.templates {
        template.resources.values_mut().for_each(|resource| resource.source.clear());
    }
    Ok(base)
}

/// Replaces objects by the results of a server-side dry run.
fn applied(deployed: &Deployed, folder: &Path, head: &mut Platform) -> Result<()> {
    let mut would: BTreeMap<(&str, Key), Value> = BTreeMap::new();
    for cluster in &deployed.clusters {
        let Some(file) = &cluster.applied else { continue };
        let text = std::fs::read_to_string(folder.join(file)).with_context(|| format!("cannot read `{file}`"))?;
        let list: Value = serde_json::from_str(&text).with_context(|| format!("`{file}` is not valid JSON"))?;
        for mut item in list["items"].as_array().cloned().unwrap_or_default() {
            object::clean(&mut item);
            would.insert((&cluster.name, object::key(&item)), item);
        }
    }
    for object in &mut head.objects {
        if let Some(document) = would.remove(&(object.cluster.as_str(), object.key.clone())) {
            object.document = Document::Known(document);
        }
    }
    Ok(())
}

/// Returns a note about templates with a guessed stack name that does not exist in AWS.
fn absent(deployed: &Deployed, head: &Platform) -> Option<String> {
    let is_there = |name: &str| deployed.stacks.iter().any(|it| it.name == name);
    let nested = nested::children(head);
    let guessed =
        head.templates.iter().enumerate().filter(|(at, it)| {
            !it.is_named && !nested.iter().any(|child| child.template == *at) && !is_there(&it.name)
        });
    let names: Vec<String> = guessed.map(|(_, it)| format!("`{}`", it.name)).collect();
    (!names.is_empty()).then(|| {
        format!(
            "there is no deployed stack {} with the name of its file, so all its resources are new; specify another \
             stack in a table `[[stack]]`",
            names.join(" or ")
        )
    })
}
