//! Reads the stacks of an app in AWS.

use std::collections::BTreeMap;

use anyhow::Result;
use futures_util::{StreamExt, TryStreamExt, stream};

use super::{Live, LiveStack};
use crate::assembly::{self, Assembly};
use crate::cloud::{AccountRegion, Cloud, Stack};
use crate::executor::Outputs;
use crate::failure::Failure;
use crate::failure::unreadable;
use crate::orphans::{self, Orphan, Orphans};
use crate::record::Record;
use crate::stack::{ADOPTED_TAG, APP_TAG, STACK_TAG, keeps_tags};

/// The number of stacks that are read concurrently.
const SIDE_BY_SIDE: usize = 6;

/// Reads the stacks of an assembly, the other stacks of its app, and the outputs by stack.
pub async fn stacks(cloud: &impl Cloud, assembly: &Assembly, last: &Record) -> Result<(Live, Outputs)> {
    let (mut live, mut outputs) = (Live::default(), Outputs::new());
    let rows = assembly.manifest.stacks.iter().map(async |stack| {
        let place = AccountRegion { account: stack.account.clone(), region: stack.region.clone() };
        let Some(found) = cloud.stack(&place, &stack.name).await.map_err(unreadable)? else { return Ok(None) };
        let is_there = found.is_there();
        check(&found, &stack.region, &assembly.manifest.app)?;
        let template = match is_there && !found.is_broken() {
            true => cloud.template(&place, &stack.name).await.map_err(unreadable)?,
            false => String::new(),
        };
        anyhow::Ok(is_there.then_some((stack, found, template)))
    });
    let rows: Vec<Option<(&assembly::Stack, Stack, String)>> =
        stream::iter(rows).buffered(SIDE_BY_SIDE).try_collect().await?;
    for (stack, found, template) in rows.into_iter().flatten() {
        live.notes.extend(note(&found));
        outputs.insert(stack.id.clone(), found.outputs.clone());
        if !found.is_broken() {
            live.stacks.push(row(&stack.id, stack.account.clone(), &stack.region, found, template, Some(&stack.tags)));
        }
    }
    let Orphans { found, unread } = orphans::read(cloud, assembly, last).await?;
    live.unread.extend(unread);
    live.stacks.extend(
        found
            .into_iter()
            .map(|Orphan { id, place, stack, template }| row(&id, place.account, &place.region, stack, template, None)),
    );
    Ok((live, outputs))
}

/// Rejects a stack that is busy or belongs to another app.
fn check(found: &Stack, region: &str, app: &str) -> Result<(), Failure> {
    let called = format!("stack `{}` ({region})", found.name);
    if found.is_busy() {
        let text = format!("{called} has an operation in progress: its state is `{}`", found.status);
        return Err(Failure::new(text, "wait until that operation ends, then run the command again"));
    }
    match found.tags.get(APP_TAG) {
        Some(other) if other != app => {
            let text = format!("{called} belongs to the app `{other}`, but the comparison is for `{app}`");
            Err(Failure::new(text, "rename one of the two stacks"))
        }
        _ => Ok(()),
    }
}

fn note(found: &Stack) -> Option<String> {
    let name = &found.name;
    let text = match found.status.as_str() {
        _ if found.is_broken() => "a deployment deletes the stack and creates it again",
        "UPDATE_ROLLBACK_FAILED" => "a deployment continues the rollback first",
        _ if !found.tags.contains_key(APP_TAG) => {
            return Some(format!(
                "stack `{name}` was not created by meshsynth: take it over with `deploy --adopt {name}`"
            ));
        }
        _ if found.drifted => {
            return Some(format!(
                "stack `{name}` has drift according to the last drift check; the comparison uses its template"
            ));
        }
        _ => return None,
    };
    Some(format!("the state of stack `{name}` is `{}`: {text}", found.status))
}

fn row(
    id: &str,
    account: Option<String>,
    region: &str,
    found: Stack,
    template: String,
    wanted: Option<&BTreeMap<String, String>>,
) -> LiveStack {
    // The additional tags of a stack that is taken over remain, so they are not a difference.
    let stays = |key: &String| keeps_tags(&found) && wanted.is_some_and(|wanted| !wanted.contains_key(key));
    let is_of_user =
        |key: &String| ![APP_TAG, STACK_TAG, ADOPTED_TAG].contains(&key.as_str()) && !key.starts_with("aws:");
    let tags = found.tags.iter().filter(|(key, _)| is_of_user(key) && !stays(key));
    let tags = tags.map(|(key, value)| (key.clone(), value.clone())).collect();
    LiveStack { id: id.to_owned(), account, region: region.to_owned(), template, tags, name: found.name }
}
