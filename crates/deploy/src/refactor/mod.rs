//! Moves resources to another stack or logical ID, as the program does. Stack refactors perform the moves before the
//! deployment, if only references change. A stack with a new name moves as a whole.
//!
//! An interrupted run can be repeated. It waits for a refactor in progress, and recognizes completed moves and emptied
//! stacks.

mod carry_out;
mod emptied;
mod estate;
mod exports;
mod moves;
mod plain;
mod read;
mod renamed;
mod same_ids;
mod templates;
mod told;

use std::collections::BTreeSet;
use std::time::Duration;

use meshsynth_model::words::count;

use self::estate::Estate;
pub(crate) use self::exports::{exports, imports};
use self::moves::Moves;
use crate::assembly::Assembly;
use crate::cloud::{AccountRegion, Cloud, CloudError, Fault};
use crate::event::Event;
use crate::failure::{Failure, of_call};
use crate::plan::Plan;
use crate::retry::{Backoff, retry};
use crate::stack::Settings;
use crate::stop::Stop;
use crate::watch::Watch;

/// The time limit for the retries of one call.
const RETRY_TIMEOUT: Duration = Duration::from_secs(600);

/// Refactors the stacks of a plan.
pub struct Refactorer<'a, C> {
    /// AWS.
    pub cloud: &'a C,
    /// The assembly.
    pub assembly: &'a Assembly,
    /// The plan.
    pub plan: &'a Plan,
    /// The stack settings.
    pub settings: &'a Settings,
    /// The receiver of events and questions.
    pub watch: &'a dyn Watch,
    /// Whether the run was cancelled.
    pub stop: &'a Stop,
}

/// The result of the refactors.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Refactored {
    /// The IDs of all stacks in refactors of this app. A stack that a refactor created has no tags yet.
    pub made: BTreeSet<String>,
    /// The IDs of deleted stacks that were emptied before.
    pub deleted: BTreeSet<String>,
}

impl<C: Cloud> Refactorer<'_, C> {
    /// Performs the moves.
    pub async fn run(&self) -> Result<Refactored, Failure> {
        let mut out = Refactored::default();
        for place in self.plan.places() {
            self.finish(&place, &mut out.made).await?;
            let (estate, found) = self.found(&place, &out.made).await?;
            if !found.is_empty() {
                self.tell(&place, &estate, &found);
                self.ask(&place, &estate, &found)?;
            }
            let settings = Settings { made: out.made.clone(), ..self.settings.clone() };
            let mut emptied: Vec<(String, BTreeSet<String>)> =
                estate.emptied().map(|name| (name.clone(), BTreeSet::new())).collect();
            for moves in found {
                for name in &moves.emptied {
                    let destinations = moves.destinations(name).into_iter().map(str::to_owned).collect();
                    emptied.push((name.clone(), destinations));
                    self.hold(&place, &estate, &moves, name, &settings).await?;
                }
                out.made.extend(self.carry_out(&place, moves).await?.stacks);
            }
            for (name, destinations) in emptied {
                out.deleted.extend(self.delete_emptied(&place, &name, &destinations, &settings).await?);
            }
        }
        Ok(out)
    }

    /// Waits for the refactors of an earlier run. Returns the IDs of all stacks in refactors of this app.
    pub async fn finished(&self) -> Result<BTreeSet<String>, Failure> {
        let mut made = BTreeSet::new();
        for place in self.plan.places() {
            self.finish(&place, &mut made).await?;
        }
        Ok(made)
    }

    /// Reports the moves and their obstacles. Changes nothing.
    pub async fn look(&self) -> Result<(), Failure> {
        for place in self.plan.places() {
            let made = self.made(&place).await?;
            let (estate, found) = self.found(&place, &made).await?;
            match found.as_slice() {
                [] => self.note(format!("no resource moves in {}", place.region)),
                found => self.tell(&place, &estate, found),
            }
            for name in estate.emptied() {
                self.note(format!(
                    "the stack `{name}` ({}) is deleted, because it is empty after an earlier refactor",
                    place.region
                ));
            }
        }
        Ok(())
    }

    /// Returns the deployed stacks and the required refactors, or all obstacles.
    async fn found(&self, place: &AccountRegion, made: &BTreeSet<String>) -> Result<(Estate, Vec<Moves>), Failure> {
        let (estate, moves) = self.estate(place, made).await?;
        if moves.is_empty() {
            return Ok((estate, Vec::new()));
        }
        let found = estate.refactors(&moves);
        let mut wrong = found.as_ref().err().cloned().unwrap_or_default();
        let of_moves = moves.iter().flat_map(|it| [&it.from.0, &it.to.0]);
        let of_refactors = found.iter().flatten().flat_map(|it| it.templates.keys());
        for name in of_moves.chain(of_refactors).collect::<BTreeSet<_>>() {
            if estate.deployed.contains_key(name)
                && self.call(async || self.cloud.stack_policy(place, name).await).await.map_err(unread)?.is_some()
            {
                wrong.push(format!("the stack `{name}` has a stack policy, so CloudFormation rejects stack refactors"));
            }
        }
        for moves in found.iter().flatten() {
            wrong.extend(self.imported_elsewhere(place, moves).await?);
        }
        match (found, wrong.as_slice()) {
            (Ok(found), []) => Ok((estate, found)),
            _ => Err(Failure {
                notes: wrong,
                ..Failure::new(
                    format!(
                        "{} in {} cannot be moved with a stack refactor",
                        count(moves.len(), "resource"),
                        place.region
                    ),
                    "first deploy only the moves, with unchanged properties, then the other changes; or omit \
                     `--refactor`: the deployment then creates new resources instead of moving them",
                )
            }),
        }
    }

    /// Returns the lost exports that stacks outside of the app import.
    async fn imported_elsewhere(&self, place: &AccountRegion, moves: &Moves) -> Result<Vec<String>, Failure> {
        let mut out = Vec::new();
        for lost in &moves.lost {
            let Some(export) = &lost.name else { continue };
            let importers = match self.call(async || self.cloud.importers(place, export).await).await {
                Ok(importers) => importers,
                Err(error) if error.fault == Fault::Denied => {
                    self.note(format!(
                        "the stacks that import `{export}` cannot be listed; CloudFormation rejects the refactor if \
                         another stack imports it: {error}"
                    ));
                    continue;
                }
                Err(error) => return Err(unread(error)),
            };
            let others = importers.into_iter().filter(|name| !moves.templates.contains_key(name));
            out.extend(others.map(|name| {
                format!(
                    "the stack `{name}` imports `{export}`, which the refactor removes from the stack `{}`: keep the \
                     name of the export, or first deploy `{name}` without the import",
                    lost.stack
                )
            }));
        }
        Ok(out)
    }

    async fn pause(&self, place: &AccountRegion, meanwhile: &str) -> Result<(), Failure> {
        if self.stop.is_cancelled() {
            return Err(Failure::interrupted(format!("interrupted: {meanwhile} in {}", place.region)));
        }
        self.stop.sleep(Duration::from_secs(3)).await;
        Ok(())
    }

    async fn call<T>(&self, call: impl AsyncFn() -> Result<T, CloudError>) -> Result<T, CloudError> {
        let wait = async |pause: Duration, _: &CloudError| self.stop.sleep(pause).await;
        retry(Backoff::jittered((&self.settings.run, "refactor"), RETRY_TIMEOUT), self.stop, wait, call).await
    }

    fn note(&self, text: String) {
        self.watch.say(&Event::Note { at: self.plan.app.clone(), text });
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it maps errors")]
fn unread(error: CloudError) -> Failure {
    of_call("the data for a stack refactor cannot be read", &error)
}
