//! Reports the moves before a refactor, and prompts for an approval.

use std::collections::BTreeSet;

use meshsynth_diff::Verdict;
use meshsynth_model::words::count;

use super::Refactorer;
use super::estate::Estate;
use super::moves::Moves;
use crate::cloud::{AccountRegion, Cloud, Move, Stack};
use crate::event::Event;
use crate::failure::Failure;
use crate::judgement::{Judgement, Row};
use crate::watch::{Answer, Question};

impl<C: Cloud> Refactorer<'_, C> {
    /// Reports the moves.
    pub(super) fn tell(&self, place: &AccountRegion, estate: &Estate, found: &[Moves]) {
        let moved: usize = found.iter().map(|it| it.moves.len()).sum();
        let (moved, region) = (count(moved, "resource"), &place.region);
        self.note(match found.len() {
            1 => format!("a stack refactor in {region} moves {moved} without changing them"),
            n => format!("{n} stack refactors in {region} move {moved} without changing them"),
        });
        for moves in found {
            for name in &moves.emptied {
                let to = moves.destinations(name).into_iter().collect::<Vec<_>>().join("`, `");
                self.note(format!("the stack `{name}` is deleted after all its resources have moved to `{to}`"));
                estate
                    .stacks
                    .get(name)
                    .into_iter()
                    .flat_map(|it| self.left_behind(it, &to))
                    .for_each(|it| self.note(it));
            }
        }
        let Judgement { changes, ways, access, .. } = judgement(estate, found);
        self.watch.say(&Event::Changes { at: self.plan.app.clone(), changes, ways, access });
    }

    /// Returns the settings of a stack that do not move with its resources.
    fn left_behind(&self, stack: &Stack, to: &str) -> Vec<String> {
        let (mut out, name) = (Vec::new(), &stack.name);
        if let (Some(role), None) = (&stack.role, &self.settings.role) {
            out.push(format!(
                "CloudFormation uses the role `{role}` for `{name}`, but your identity for `{to}`: to use a role, set \
                 `service_role` in the configuration"
            ));
        }
        if !stack.topics.is_empty() {
            let topics = stack.topics.join("`, `");
            out.push(format!("`{topics}` receive the events of `{name}`, but not of `{to}`"));
        }
        let of_program = self.assembly.manifest.stacks.iter().filter(|it| it.name == to).flat_map(|it| it.tags.keys());
        let known: BTreeSet<&String> = of_program.chain(self.settings.tags.keys()).collect();
        let is_other =
            |key: &&String| !key.starts_with("aws:") && !key.starts_with("meshsynth:") && !known.contains(key);
        let others: Vec<&str> = stack.tags.keys().filter(is_other).map(String::as_str).collect();
        if !others.is_empty() {
            let tags = others.join("`, `");
            out.push(format!("the program does not contain the tags `{tags}` of `{name}`, so its resources lose them"));
        }
        out
    }

    /// Prompts the user if an approval is required.
    pub(super) fn ask(&self, place: &AccountRegion, estate: &Estate, found: &[Moves]) -> Result<(), Failure> {
        let judgement = judgement(estate, found);
        let moved = count(judgement.changes.len(), "resource");
        let Some(why) = self.settings.approval.why(&judgement) else { return Ok(()) };
        match self.watch.ask(&Question { at: self.plan.app.clone(), judgement, why: why.clone() }) {
            Answer::Yes => Ok(()),
            Answer::Interrupted => {
                self.stop.cancel();
                Err(Failure::interrupted(format!("interrupted: no resource was moved in {}", place.region)))
            }
            Answer::No => Err(Failure::new(
                format!("{moved} in {} were not moved: the refactor was not approved", place.region),
                "run the command again to approve the refactor",
            )),
            Answer::Nobody => Err(Failure::new(
                format!(
                    "approval is pending for {moved} in {} ({why}), but stdin or stderr is not a terminal",
                    place.region
                ),
                "check the changes above, then pass `--require-approval never`; or deploy from a terminal",
            )),
        }
    }
}

/// Returns the effects of the refactors in the form of a deployment.
fn judgement(estate: &Estate, found: &[Moves]) -> Judgement {
    let row = |it: &Move| {
        let resource = &estate.deployed[&it.from.0]["Resources"][&it.from.1];
        Row {
            verdict: Verdict::Rename,
            kind: resource["Type"].as_str().unwrap_or_default().to_owned(),
            name: format!("{}/{} → {}/{}", it.from.0, it.from.1, it.to.0, it.to.1),
            properties: Vec::new(),
            access: false,
            fates: Vec::new(),
        }
    };
    let changes = found.iter().flat_map(|it| &it.moves).map(row).collect();
    Judgement { changes, ..Judgement::default() }
}
