//! Reads the deployed stacks of an account and region, and determines the moves to the program's stacks.

use std::collections::{BTreeMap, BTreeSet};

use meshsynth_diff::stack::Gone;
use serde_json::Value;

use super::estate::Estate;
use super::renamed::{self, New, Old, Renamed};
use super::{Refactorer, same_ids, templates, unread};
use crate::cloud::{AccountRegion, Cloud, Fault, Move, Stack};
use crate::failure::{Failure, of_call};
use crate::plan::StackStep;
use crate::stack::{APP_TAG, STACK_TAG};

/// A deployed stack with its template.
struct Deployed {
    stack: Stack,
    text: String,
    template: Value,
}

impl<C: Cloud> Refactorer<'_, C> {
    /// Returns the stacks and the moves between them.
    pub(super) async fn estate(
        &self,
        place: &AccountRegion,
        made: &BTreeSet<String>,
    ) -> Result<(Estate, BTreeSet<Move>), Failure> {
        let is_here = |step: &&StackStep| step.region == place.region && step.account == place.account;
        let steps: Vec<&StackStep> = self.plan.stacks.iter().filter(is_here).collect();
        let (mut estate, mut deployed) = (Estate::default(), BTreeMap::new());
        for step in &steps {
            let program = self.assembly.document(&step.template);
            let program = program.map_err(|error| unreadable(&format!("`{}`", step.template), &error))?;
            estate.program.insert(step.name.clone(), program);
            match self.settled(place, &step.name).await? {
                Some(stack) if !stack.is_there() => {}
                // If the stack belongs to another app or tool, its deployment step rejects it or takes it over later.
                Some(stack) if !self.is_ours(&stack, made) => drop(estate.foreign.insert(step.name.clone())),
                Some(stack) => drop(deployed.insert(step.id.as_str(), self.deployed(place, stack).await?)),
                None => {}
            }
        }
        let gone = self.gone(place, made).await?;
        for it in deployed.values().chain(&gone) {
            estate.deployed.insert(it.stack.name.clone(), it.template.clone());
            estate.stacks.insert(it.stack.name.clone(), it.stack.clone());
        }
        let renamed = self.renamed(&estate, &steps, &gone);
        let mut moves = BTreeSet::new();
        let mut texts: BTreeMap<String, String> =
            deployed.iter().map(|(id, it)| ((*id).to_owned(), it.text.clone())).collect();
        for step in &steps {
            let Some(old) = renamed.names.get(&step.name) else { continue };
            let was = (old.as_str(), &estate.deployed[old]);
            moves.extend(renamed::moves(was, (&step.name, &estate.program[&step.name])));
            texts.extend(gone.iter().find(|it| it.stack.name == *old).map(|it| (step.id.clone(), it.text.clone())));
        }
        let is_other = |it: &&Deployed| renamed.names.values().all(|old| *old != it.stack.name);
        let gone: Vec<Gone> = gone.iter().filter(is_other).map(|it| it.gone(place)).collect();
        let found = meshsynth_diff::stack::moves(&self.assembly.manifest, &self.assembly.files, &texts, &gone);
        let found = found.map_err(|error| {
            Failure::new(
                format!("the moved resources cannot be determined: {error:#}"),
                "synthesize, and run the command again",
            )
        })?;
        // Renamed stacks were compared under their new names. Restore the old names of the sources.
        let before = |(stack, id): (String, String)| (renamed.names.get(&stack).cloned().unwrap_or(stack), id);
        let found = found.into_iter().map(|was| Move { from: before(was.from), to: was.to });
        let is_here = |it: &Move| estate.deployed.contains_key(&it.from.0) && estate.program.contains_key(&it.to.0);
        moves.extend(found.filter(is_here));
        moves.extend(same_ids::find(&estate.deployed, &estate.program, &moves));
        Ok((estate, moves))
    }

    /// Finds program stacks that are deployed under another name.
    fn renamed(&self, estate: &Estate, steps: &[&StackStep], gone: &[Deployed]) -> Renamed {
        let old: Vec<Old<'_>> = gone
            .iter()
            .filter(|it| !templates::is_emptied(&it.template))
            .map(|Deployed { stack, template, .. }| Old {
                name: &stack.name,
                id: stack.tags.get(STACK_TAG).map(String::as_str),
                template,
            })
            .collect();
        let is_new = |it: &&&StackStep| !estate.deployed.contains_key(&it.name) && !estate.foreign.contains(&it.name);
        let new: Vec<New<'_>> = steps
            .iter()
            .filter(is_new)
            .map(|it| New { name: &it.name, id: &it.id, template: &estate.program[&it.name] })
            .collect();
        let found = renamed::find(&old, &new);
        for (old, new, differing) in &found.alike {
            self.note(format!(
                "the new stack `{new}` has the same resources as the removed stack `{old}`, but other properties of \
                 `{}`, so the deployment creates new resources. To rename the stack instead, first deploy only the \
                 new name",
                differing.join("`, `")
            ));
        }
        found
    }

    /// Returns the stacks of this app that the program no longer contains. Their resources can move to other stacks.
    async fn gone(&self, place: &AccountRegion, made: &BTreeSet<String>) -> Result<Vec<Deployed>, Failure> {
        let all = match self.call(async || self.cloud.stacks(place).await).await {
            Ok(all) => all,
            // A renamed stack would be created again, and the old stack would remain.
            Err(error) if error.fault == Fault::Denied => {
                let text =
                    format!("renamed stacks in {} cannot be found, because stacks cannot be listed", place.region);
                return Err(of_call(text, &error));
            }
            Err(error) => return Err(unread(error)),
        };
        let is_known = |name: &str| self.plan.stacks.iter().any(|it| it.name == name && it.region == place.region);
        let mut out = Vec::new();
        // Only `destroy --orphans` removes stacks that were never complete.
        let is_whole = |it: &Stack| it.is_there() && !it.is_broken();
        for stack in all.into_iter().filter(|it| self.is_ours(it, made) && !is_known(&it.name) && is_whole(it)) {
            let Some(stack) = self.settled(place, &stack.name).await?.filter(is_whole) else { continue };
            out.push(self.deployed(place, stack).await?);
        }
        Ok(out)
    }

    fn is_ours(&self, stack: &Stack, made: &BTreeSet<String>) -> bool {
        stack.tags.get(APP_TAG) == Some(&self.plan.app) || made.contains(&stack.id)
    }

    async fn deployed(&self, place: &AccountRegion, stack: Stack) -> Result<Deployed, Failure> {
        if !stack.status.ends_with("_COMPLETE") || stack.is_broken() {
            let text = format!(
                "stack `{}` ({}) cannot be refactored in the state `{}`",
                stack.name, place.region, stack.status
            );
            return Err(Failure::new(text, "deploy without `--refactor` first, which repairs it"));
        }
        let text = self.call(async || self.cloud.template(place, &stack.name).await).await.map_err(unread)?;
        let template = meshsynth_diff::stack::parse(&text);
        let template = template.map_err(|error| unreadable(&format!("the template of `{}`", stack.name), &error))?;
        Ok(Deployed { stack, text, template })
    }

    /// Returns a stack after its current operation is complete.
    pub(super) async fn settled(&self, place: &AccountRegion, name: &str) -> Result<Option<Stack>, Failure> {
        let mut is_told = false;
        loop {
            let stack = self.call(async || self.cloud.stack(place, name).await).await.map_err(unread)?;
            let Some(busy) = stack.as_ref().filter(|stack| stack.is_busy()) else { return Ok(stack) };
            if !std::mem::replace(&mut is_told, true) {
                self.note(format!(
                    "waiting for stack `{}` ({}), whose state is `{}`",
                    busy.name, place.region, busy.status
                ));
            }
            self.pause(place, "no resource was moved").await?;
        }
    }
}

impl Deployed {
    fn gone(&self, place: &AccountRegion) -> Gone {
        Gone {
            name: self.stack.name.clone(),
            account: place.account.clone(),
            region: place.region.clone(),
            template: self.text.clone(),
        }
    }
}

fn unreadable(what: &str, error: &anyhow::Error) -> Failure {
    Failure::new(format!("{what}: {error:#}"), "correct the template, then run the command again")
}
