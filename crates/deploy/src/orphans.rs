//! Orphans: stacks of an app that its assembly no longer contains. A deployment keeps and reports them. The user can
//! delete them.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use serde_json::Value;

use crate::assembly::{self, Assembly, digest};
use crate::cloud::{AccountRegion, Cloud, CloudError, Fault, Stack};
use crate::event::Event;
use crate::failure::Failure;
use crate::failure::unreadable;
use crate::plan::{Plan, StackStep};
use crate::record::Record;
use crate::retry::retry_throttled;
use crate::stack::{APP_TAG, STACK_TAG};
use crate::stop::Stop;
use crate::watch::Watch;

/// A stack of the app that the assembly no longer contains.
#[derive(Clone, Debug, PartialEq)]
pub struct Orphan {
    /// The path in the program, or the stack name if another stack has this path now.
    pub id: String,
    /// The account and region.
    pub place: AccountRegion,
    /// The stack in AWS.
    pub stack: Stack,
    /// The submitted template. It is empty until it is read.
    pub template: String,
}

/// The orphans of an app.
#[derive(Clone, Debug, Default)]
pub struct Orphans {
    /// The stacks, sorted by location and name.
    pub found: Vec<Orphan>,
    /// The locations that could not be read, with the reason.
    pub unread: Vec<String>,
}

/// All existing stacks by account and region, or the error if they cannot be listed.
pub type Survey = BTreeMap<AccountRegion, Result<Vec<Stack>, CloudError>>;

/// Lists the stacks in all locations of the assembly and of the last deployment from this folder.
pub(crate) async fn survey(cloud: &impl Cloud, assembly: &Assembly, last: &Record, stop: &Stop) -> Survey {
    let stacks = assembly.manifest.stacks.iter();
    let own = stacks.map(|stack| AccountRegion { account: stack.account.clone(), region: stack.region.clone() });
    let places: BTreeSet<AccountRegion> = own.chain(last.places.iter().cloned()).collect();
    let mut out = Survey::new();
    for place in places {
        let all = retry_throttled(stop, async || cloud.stacks(&place).await).await;
        out.insert(place, all);
    }
    out
}

/// Finds orphans by their tags.
pub async fn find(cloud: &impl Cloud, assembly: &Assembly, last: &Record) -> Result<Orphans> {
    let survey = Box::pin(survey(cloud, assembly, last, &Stop::default())).await;
    among(&survey, assembly, last)
}

/// Finds orphans among listed stacks.
pub(crate) fn among(survey: &Survey, assembly: &Assembly, last: &Record) -> Result<Orphans> {
    let (app, stacks) = (&assembly.manifest.app, &assembly.manifest.stacks);
    // The same account can be listed with and without its number, so a stack can occur twice.
    let (mut out, mut met, mut taken) = (Orphans::default(), BTreeSet::new(), BTreeSet::new());
    for (place, all) in survey {
        let region = &place.region;
        let all = match all {
            Ok(all) => all,
            Err(error) if error.fault == Fault::Denied => {
                out.unread.push(format!("stacks in {region} that are no longer in the platform: {error}"));
                continue;
            }
            Err(error) => return Err(unreadable(error.clone())),
        };
        for stack in all {
            let is_here =
                |account: &Option<String>| account.is_none() || place.account.is_none() || *account == place.account;
            let is_same = |known: &assembly::Stack| known.name == stack.name && known.region == *region;
            let is_known = stacks.iter().any(|known| is_same(known) && is_here(&known.account));
            let is_ours = stack.tags.get(APP_TAG) == Some(app) && stack.status != "REVIEW_IN_PROGRESS";
            if is_known || !is_ours || !met.insert(stack.id.clone()) {
                continue;
            }
            let had = stack.tags.get(STACK_TAG).unwrap_or(&stack.name);
            let is_free = stacks.iter().all(|known| known.id != *had) && taken.insert(had.clone());
            let id = if is_free { had.clone() } else { format!("{}.{region}", stack.name) };
            out.found.push(Orphan { id, place: place.clone(), stack: stack.clone(), template: String::new() });
        }
    }
    // An old record does not contain the stack locations.
    let is_lost = |name: &&String| {
        last.places.is_empty()
            && stacks.iter().all(|stack| stack.name != **name)
            && out.found.iter().all(|orphan| orphan.stack.name != **name)
    };
    let text =
        |name| format!("stack `{name}`, which this machine deployed: its region is not a region of the platform");
    let lost: Vec<String> = last.stacks.iter().filter(is_lost).map(text).collect();
    out.unread.extend(lost);
    Ok(out)
}

/// Finds orphans and reads their templates.
pub async fn read(cloud: &impl Cloud, assembly: &Assembly, last: &Record) -> Result<Orphans> {
    let mut out = find(cloud, assembly, last).await?;
    read_templates(cloud, &mut out.found).await?;
    Ok(out)
}

/// Reads the missing templates.
pub(crate) async fn read_templates(cloud: &impl Cloud, orphans: &mut [Orphan]) -> Result<()> {
    for orphan in orphans.iter_mut().filter(|orphan| orphan.template.is_empty()) {
        orphan.template = cloud.template(&orphan.place, &orphan.stack.name).await.map_err(unreadable)?;
    }
    Ok(())
}

/// Reports the orphans, and adds them to the record of a completed run.
pub(crate) fn tell(
    survey: &Survey,
    assembly: &Assembly,
    last: &Record,
    mut record: Record,
    watch: &dyn Watch,
) -> Record {
    let app = &assembly.manifest.app;
    let note = |at: &str, text: String| watch.say(&Event::Note { at: at.to_owned(), text });
    let orphans = match among(survey, assembly, last) {
        Ok(orphans) => orphans,
        Err(error) => {
            Orphans { found: Vec::new(), unread: vec![format!("stacks of earlier outputs: {}", cause(&error))] }
        }
    };
    for unread in &orphans.unread {
        note(app, format!("not read: {unread}"));
    }
    for Orphan { id, place, stack, .. } in &orphans.found {
        let (name, region) = (&stack.name, &place.region);
        let help = "delete stacks of earlier outputs with `meshsynth destroy --orphans`";
        note(id, format!("stack `{name}` ({region}) is no longer in the output, but still exists in AWS: {help}"));
        record.places.insert(place.clone());
    }
    record.stacks.retain(|name| assembly.manifest.stacks.iter().any(|stack| stack.name == *name));
    let mut left: BTreeSet<String> = orphans.found.into_iter().map(|orphan| orphan.stack.name).collect();
    if !orphans.unread.is_empty() {
        // Locations that could not be read remain in the record.
        left.extend(last.stacks.iter().cloned());
        record.places.extend(last.places.iter().cloned());
    }
    let known: BTreeSet<String> = record.stacks.iter().cloned().collect();
    record.stacks.extend(left.difference(&known).cloned());
    record
}

/// Formats the message of AWS in one line.
fn cause(error: &anyhow::Error) -> String {
    error.downcast_ref::<Failure>().map_or_else(|| format!("{error:#}"), |failure| failure.cause.clone())
}

/// Creates the plan that deletes orphans. Importing stacks are deleted before the exporting stacks.
pub fn plan(app: &str, orphans: &[Orphan]) -> Result<Plan> {
    let step = |orphan: &Orphan| -> Result<StackStep> {
        let gives = |other: &&Orphan| {
            let is_apart = other.place != orphan.place || other.stack.name != orphan.stack.name;
            is_apart && exports(other).is_ok_and(|names| names.iter().any(|name| is_named(&orphan.template, name)))
        };
        let step = StackStep::unplanned(orphan.id.clone(), &orphan.stack.name, &orphan.place);
        Ok(StackStep {
            needs: orphans.iter().filter(gives).map(|other| other.id.clone()).collect(),
            digest: digest(&orphan.template),
            bytes: orphan.template.len(),
            ..step
        })
    };
    Plan::of_stacks(app, orphans.iter().map(step).collect::<Result<_>>()?)
}

/// Parses the template of an orphan.
pub fn document(orphan: &Orphan) -> Result<Value> {
    let is_json = orphan.template.trim_start().starts_with('{');
    assembly::parse(if is_json { "a.json" } else { "a.yaml" }, &orphan.template)
}

/// Whether a text contains a name that is not part of a longer name.
fn is_named(text: &str, name: &str) -> bool {
    let goes_on = |it: char| it.is_ascii_alphanumeric() || it == '-' || it == ':';
    text.match_indices(name)
        .any(|(at, name)| !text[..at].ends_with(goes_on) && !text[at + name.len()..].starts_with(goes_on))
}

/// Returns the export names of an orphan.
fn exports(orphan: &Orphan) -> Result<Vec<String>> {
    let template = document(orphan)?;
    let outputs = template["Outputs"].as_object().into_iter().flatten();
    Ok(outputs.filter_map(|(_, output)| output["Export"]["Name"].as_str().map(str::to_owned)).collect())
}
