//! Reads stacks by name, including their nested stacks.

use std::collections::BTreeMap;

use anyhow::Result;
use futures_util::{StreamExt, TryStreamExt, stream};
use meshsynth_assembly::deployed::{Deployed, DeployedStack, Wanted, WantedStack};

use super::plain;
use crate::cloud::{AccountRegion, Cloud, Stack, StackResource};
use crate::failure::{Failure, unreadable};

/// The number of stacks that are read concurrently.
const SIDE_BY_SIDE: usize = 6;

/// The type of a nested stack.
const NESTED: &str = "AWS::CloudFormation::Stack";

struct Row {
    place: AccountRegion,
    /// The name or the ID.
    name: String,
    /// The parent stack, and the logical ID in the parent.
    parent: Option<(String, String)>,
}

struct Found {
    row: Row,
    stack: Stack,
    template: String,
    resources: Vec<StackResource>,
}

/// Reads the existing stacks. `region` is the region of stacks without a region.
///
/// # Errors
///
/// If AWS does not answer, a stack operation is in progress, or no region is known.
pub async fn stacks(cloud: &impl Cloud, region: Option<String>, wanted: &Wanted) -> Result<Deployed> {
    let mut out = Deployed::default();
    let place = |stack: &WantedStack| {
        let region = stack.region.clone().or_else(|| region.clone()).ok_or_else(|| {
            let text = format!("the region of the stack `{}` is not specified", stack.name);
            Failure::new(text, "specify the region with `--region`, `AWS_REGION` or the AWS profile")
        })?;
        let place = AccountRegion { account: stack.account.clone(), region };
        Ok::<_, Failure>(Row { place, name: stack.name.clone(), parent: None })
    };
    let mut rows: Vec<Row> = wanted.stacks.iter().map(place).collect::<Result<_, _>>()?;
    while !rows.is_empty() {
        let reads = rows.into_iter().map(async |row| read(cloud, row, wanted.resources).await);
        let found: Vec<Option<Found>> = stream::iter(reads).buffered(SIDE_BY_SIDE).try_collect().await?;
        rows = Vec::new();
        for found in found.into_iter().flatten() {
            out.notes.extend(note(&found.stack));
            if found.stack.is_broken() {
                continue;
            }
            let nested = found.resources.iter().filter(|it| it.kind == NESTED && !it.physical.is_empty());
            rows.extend(nested.map(|it| Row {
                place: found.row.place.clone(),
                name: it.physical.clone(),
                parent: Some((found.stack.name.clone(), it.id.clone())),
            }));
            add(&mut out, found, wanted.resources);
        }
    }
    Ok(out)
}

async fn read(cloud: &impl Cloud, row: Row, wants_resources: bool) -> Result<Option<Found>> {
    let Some(stack) = cloud.stack(&row.place, &row.name).await.map_err(unreadable)? else { return Ok(None) };
    if !stack.is_there() {
        return Ok(None);
    }
    if stack.is_busy() {
        let text = format!(
            "stack `{}` ({}) has an operation in progress: its state is `{}`",
            stack.name, row.place.region, stack.status
        );
        return Err(Failure::new(text, "wait until that operation ends, then run the command again").into());
    }
    // The submitted template. The result of transforms is not in any file.
    let template = match stack.is_broken() {
        true => String::new(),
        false => cloud.template(&row.place, &row.name).await.map_err(unreadable)?,
    };
    let resources = match wants_resources || template.contains(NESTED) {
        true => cloud.resources(&row.place, &row.name).await.map_err(unreadable)?,
        false => Vec::new(),
    };
    Ok(Some(Found { row, stack, template, resources }))
}

fn note(stack: &Stack) -> Option<String> {
    let text = match stack.status.as_str() {
        _ if stack.is_broken() => "it has no resources, and must be deleted before the next deployment",
        "UPDATE_ROLLBACK_FAILED" => "its rollback must be continued before the next deployment",
        _ if stack.drifted => {
            let name = &stack.name;
            return Some(format!(
                "stack `{name}` has drift according to the last drift check; the comparison uses its template"
            ));
        }
        _ => return None,
    };
    Some(format!("the state of stack `{}` is `{}`: {text}", stack.name, stack.status))
}

/// Returns the account in a stack ID.
fn account(id: &str) -> Option<String> {
    id.strip_prefix("arn:")?.split(':').nth(3).filter(|it| !it.is_empty()).map(str::to_owned)
}

fn add(out: &mut Deployed, found: Found, wants_resources: bool) {
    let Found { row, stack, template, resources } = found;
    let ending = if template.trim_start_matches('\u{feff}').trim_start().starts_with('{') { "json" } else { "yaml" };
    let file = format!("stacks/{}/{}.template.{ending}", plain(&row.place.region), plain(&stack.name));
    let resources: BTreeMap<String, String> = match wants_resources {
        true => resources.into_iter().map(|it| (it.id, it.physical)).collect(),
        false => BTreeMap::new(),
    };
    out.files.insert(file.clone(), template);
    out.stacks.push(DeployedStack {
        name: stack.name,
        account: row.place.account.or_else(|| account(&stack.id)),
        region: row.place.region,
        template: file,
        parameters: stack.values,
        tags: stack.tags,
        outputs: stack.outputs,
        resources,
        parent: row.parent,
    });
}
