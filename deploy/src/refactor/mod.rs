//! Resources that the program moves to another stack, or gives another logical id, moved in AWS: by a stack refactor ahead
//! of the deployment, where only references move.
//!
//! Whoever is cut off runs it again: a refactor that is at work is followed, and what was moved is found moved.

mod moves;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use meshsynth_assembly::words::count;
use meshsynth_diff::Verdict;
use meshsynth_diff::stack::Gone;

use self::moves::{Estate, Moves};
use crate::assembly::{Assembly, digest};
use crate::cloud::{AccountRegion, Cloud, CloudError, Fault, Move, Refactor, RefactorRequest, Stack, Template};
use crate::event::Event;
use crate::failure::{Failure, of_call};
use crate::judgement::{Judgement, Row};
use crate::plan::{Plan, StackStep};
use crate::retry::{Backoff, retry};
use crate::stack::{APP_TAG, Settings};
use crate::stop::Stop;
use crate::watch::{Answer, Question, Watch};

/// The largest template that fits into a call, in bytes.
const INLINE_BYTES: usize = 51_200;
/// How long one call is tried again.
const RETRY_TIMEOUT: Duration = Duration::from_secs(600);

/// What refactors the stacks of a plan.
pub struct Refactorer<'a, C> {
    /// AWS.
    pub cloud: &'a C,
    /// The assembly.
    pub assembly: &'a Assembly,
    /// The plan.
    pub plan: &'a Plan,
    /// How stacks are deployed.
    pub settings: &'a Settings,
    /// Who is told and asked.
    pub watch: &'a dyn Watch,
    /// Whether the run was cancelled.
    pub stop: &'a Stop,
}

impl<C: Cloud> Refactorer<'_, C> {
    /// Moves what the program moves; answers the ids of the stacks of all refactors of ours, since a stack that is created
    /// by one has no tags yet.
    pub async fn run(&self) -> Result<BTreeSet<String>, Failure> {
        let mut made = BTreeSet::new();
        for place in self.plan.places() {
            self.finish(&place, &mut made).await?;
            let (estate, moves) = self.estate(&place, &made).await?;
            if moves.is_empty() {
                continue;
            }
            let found = estate.refactor(moves.clone());
            let mut wrong = found.as_ref().err().cloned().unwrap_or_default();
            let importers = found.iter().flat_map(|it| it.templates.keys());
            for name in moves.iter().flat_map(|it| [&it.from.0, &it.to.0]).chain(importers).collect::<BTreeSet<_>>() {
                if estate.deployed.contains_key(name)
                    && self.call(async || self.cloud.stack_policy(&place, name).await).await.map_err(unread)?.is_some()
                {
                    wrong.push(format!(
                        "the stack `{name}` has a stack policy, with which CloudFormation refactors nothing"
                    ));
                }
            }
            let (Ok(found), true) = (found, wrong.is_empty()) else {
                return Err(Failure {
                    notes: wrong,
                    ..Failure::new(
                        format!(
                            "{} in {} cannot be moved by a stack refactor",
                            count(moves.len(), "resource"),
                            place.region
                        ),
                        "deploy what moves alone first, with the properties that it has, then the rest; or leave out \
                         `--refactor`: then what moves is made anew",
                    )
                });
            };
            self.tell(&place, &estate, &found)?;
            made.extend(self.carry_out(&place, found).await?.stacks);
        }
        Ok(made)
    }

    /// How the refactors of this app are described.
    fn description(&self) -> String {
        format!("meshsynth {} ", self.plan.app)
    }

    /// Follows what an earlier run began, and learns which stacks refactors of ours are of.
    async fn finish(&self, place: &AccountRegion, made: &mut BTreeSet<String>) -> Result<(), Failure> {
        let all = self.call(async || self.cloud.refactors(place).await).await.map_err(unread)?;
        for (id, _) in all.iter().filter(|(_, description)| description.starts_with(&self.description())) {
            let mut found = self.call(async || self.cloud.refactor(place, id).await).await.map_err(unread)?;
            if found.execution.ends_with("_IN_PROGRESS") {
                self.note("a stack refactor of an earlier run continues; waiting for it".to_owned());
                found = self.ended(place, id).await?;
            }
            if found.execution == "EXECUTE_COMPLETE" {
                made.extend(found.stacks);
            }
        }
        Ok(())
    }

    /// What is deployed in an account and region, beside the program, and what moves between them.
    async fn estate(
        &self,
        place: &AccountRegion,
        made: &BTreeSet<String>,
    ) -> Result<(Estate, BTreeSet<Move>), Failure> {
        let is_here = |step: &&StackStep| step.region == place.region && step.account == place.account;
        let (mut estate, mut texts) = (Estate::default(), BTreeMap::new());
        for step in self.plan.stacks.iter().filter(is_here) {
            let unreadable = |text: String| Failure::new(text, "correct the template, then run again");
            let program = self.assembly.document(&step.template);
            let program = program.map_err(|error| unreadable(format!("`{}`: {error:#}", step.template)))?;
            estate.program.insert(step.name.clone(), program);
            let Some(stack) = self.settled(place, step).await? else { continue };
            // What is not ours is refused, or taken over, by its deployment.
            let is_ours = stack.tags.get(APP_TAG) == Some(&self.plan.app) || made.contains(&stack.id);
            if ["REVIEW_IN_PROGRESS", "DELETE_COMPLETE"].contains(&stack.status.as_str()) {
                continue;
            }
            if !is_ours {
                estate.foreign.insert(step.name.clone());
                continue;
            }
            if !stack.status.ends_with("_COMPLETE") || stack.status == "ROLLBACK_COMPLETE" {
                let text =
                    format!("stack `{}` ({}) is `{}`, and is not refactored", step.name, step.region, stack.status);
                return Err(Failure::new(text, "deploy without `--refactor` first, which repairs it"));
            }
            let text = self.call(async || self.cloud.template(place, &step.name).await).await.map_err(unread)?;
            let deployed = meshsynth_diff::stack::parse(&text);
            let deployed =
                deployed.map_err(|error| unreadable(format!("the template of `{}`: {error:#}", step.name)))?;
            estate.deployed.insert(step.name.clone(), deployed);
            texts.insert(step.id.clone(), text);
        }
        let gone = self.gone(place).await?;
        for it in &gone {
            let old = meshsynth_diff::stack::parse(&it.template);
            let old = old.map_err(|error| {
                let text = format!("the template of `{}`: {error:#}", it.name);
                Failure::new(text, "correct the template, then run again")
            })?;
            estate.deployed.insert(it.name.clone(), old);
        }
        let found = meshsynth_diff::stack::moves(&self.assembly.manifest, &self.assembly.files, &texts, &gone);
        let found = found.map_err(|error| {
            Failure::new(format!("what moves cannot be evaluated: {error:#}"), "synthesize, and run again")
        })?;
        let moves = found.into_iter().map(|was| Move { from: was.from, to: was.to });
        let is_here = |it: &Move| estate.deployed.contains_key(&it.from.0) && estate.program.contains_key(&it.to.0);
        let moves = moves.filter(is_here).collect();
        Ok((estate, moves))
    }

    /// The stacks of this app that the program no longer has: what moves out of one must not be made anew unseen.
    async fn gone(&self, place: &AccountRegion) -> Result<Vec<Gone>, Failure> {
        let all = match self.call(async || self.cloud.stacks(place).await).await {
            Ok(all) => all,
            Err(error) if error.fault == Fault::Denied => {
                self.note(format!(
                    "stacks that the platform no longer has cannot be listed, so nothing moves out of them: {error}"
                ));
                return Ok(Vec::new());
            }
            Err(error) => return Err(unread(error)),
        };
        let is_known = |name: &str| self.plan.stacks.iter().any(|it| it.name == name && it.region == place.region);
        let is_gone = |stack: &&Stack| {
            stack.tags.get(APP_TAG) == Some(&self.plan.app)
                && !is_known(&stack.name)
                && stack.status.ends_with("_COMPLETE")
                && !["DELETE_COMPLETE", "ROLLBACK_COMPLETE"].contains(&stack.status.as_str())
        };
        let mut out = Vec::new();
        for stack in all.iter().filter(is_gone) {
            let template = self.call(async || self.cloud.template(place, &stack.name).await).await.map_err(unread)?;
            let (account, region) = (place.account.clone(), place.region.clone());
            out.push(Gone { name: stack.name.clone(), account, region, template });
        }
        Ok(out)
    }

    /// A stack, once nothing is at work on it.
    async fn settled(&self, place: &AccountRegion, step: &StackStep) -> Result<Option<Stack>, Failure> {
        let mut is_told = false;
        loop {
            let stack = self.call(async || self.cloud.stack(place, &step.name).await).await.map_err(unread)?;
            let Some(busy) = stack.as_ref().filter(|stack| stack.is_busy()) else { return Ok(stack) };
            if !std::mem::replace(&mut is_told, true) {
                self.note(format!("stack `{}` ({}) is `{}`; waiting for it", step.name, step.region, busy.status));
            }
            self.pause(place, "nothing was moved").await?;
        }
    }

    /// Tells what moves, and asks whether it may.
    fn tell(&self, place: &AccountRegion, estate: &Estate, found: &Moves) -> Result<(), Failure> {
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
        let changes = found.moves.iter().map(row).collect();
        let judgement = Judgement { changes, ..Judgement::default() };
        let at = self.plan.app.clone();
        let moved = count(found.moves.len(), "resource");
        self.note(format!("a stack refactor in {} moves {moved}; nothing of them changes", place.region));
        let Judgement { changes, ways, access } = judgement.clone();
        self.watch.say(&Event::Changes { at: at.clone(), changes, ways, access });
        let Some(why) = self.settings.approval.why(&judgement) else { return Ok(()) };
        match self.watch.ask(&Question { at, judgement, why }) {
            Answer::Yes => Ok(()),
            Answer::Interrupted => {
                self.stop.cancel();
                Err(Failure::interrupted(format!("interrupted: nothing was moved in {}", place.region)))
            }
            Answer::No => Err(Failure::new(
                format!("{moved} in {} are not moved: it was not approved", place.region),
                "nothing was changed; run again to be asked again",
            )),
            Answer::Nobody => Err(Failure::new(
                format!("{moved} in {} wait for approval, and stdin or stderr is not a terminal: {why}", place.region),
                "look at the changes above, then pass `--require-approval never`; or deploy from a terminal",
            )),
        }
    }

    async fn carry_out(&self, place: &AccountRegion, found: Moves) -> Result<Refactor, Failure> {
        let mut stacks = BTreeMap::new();
        for (name, template) in &found.templates {
            stacks.insert(name.clone(), self.handed_in(place, name, template.to_string()).await?);
        }
        let description = format!("{}{}", self.description(), &digest(&format!("{found:?}"))[..16]);
        let request = RefactorRequest { description, stacks, moves: found.moves, creates: found.creates };
        let refused = |error: &CloudError| {
            of_call(
                format!("nothing was moved in {}: CloudFormation did not create a stack refactor", place.region),
                error,
            )
        };
        let id = self.call(async || self.cloud.create_refactor(place, &request).await).await;
        let id = id.map_err(|error| refused(&error))?;
        let made = loop {
            let found = self.call(async || self.cloud.refactor(place, &id).await).await;
            let found = found.map_err(|error| refused(&error))?;
            if !found.status.ends_with("_IN_PROGRESS") {
                break found;
            }
            self.pause(place, "nothing was moved").await?;
        };
        if made.status != "CREATE_COMPLETE" {
            let text = format!("nothing was moved in {}: the stack refactor is `{}`", place.region, made.status);
            let help = "leave what CloudFormation names where it is, and move the rest; or leave out `--refactor`: then what \
                        moves is made anew";
            return Err(Failure { cause: made.reason, ..Failure::new(text, help) });
        }
        let begun = self.call(async || self.cloud.execute_refactor(place, &id).await).await;
        if let Err(error) = begun {
            // Our call may have come through though its answer did not.
            let found = self.call(async || self.cloud.refactor(place, &id).await).await.map_err(|it| refused(&it))?;
            if !found.execution.starts_with("EXECUTE_") {
                return Err(refused(&error));
            }
        }
        let ended = self.ended(place, &id).await?;
        if ended.execution == "EXECUTE_COMPLETE" {
            let moved = count(request.moves.len(), "resource");
            self.note(format!("moved {moved} in {} by a stack refactor", place.region));
            return Ok(ended);
        }
        let text = format!("the stack refactor in {} is `{}`", place.region, ended.execution);
        let mut failure =
            Failure { cause: ended.execution_reason, ..Failure::new(text, "fix the cause, then run again") };
        failure.notes.push(match ended.execution.as_str() {
            "ROLLBACK_COMPLETE" => "rolled back: everything is where it was".to_owned(),
            _ => "`aws cloudformation describe-stack-refactor` says where each resource is".to_owned(),
        });
        Err(failure)
    }

    /// Waits until a refactor is carried out or rolled back.
    async fn ended(&self, place: &AccountRegion, id: &str) -> Result<Refactor, Failure> {
        loop {
            let found = self.call(async || self.cloud.refactor(place, id).await).await.map_err(unread)?;
            // It may not have begun yet.
            if !found.execution.ends_with("_IN_PROGRESS") && found.execution != "AVAILABLE" {
                return Ok(found);
            }
            self.pause(place, "a stack refactor is at work, and continues").await?;
        }
    }

    async fn pause(&self, place: &AccountRegion, meanwhile: &str) -> Result<(), Failure> {
        if self.stop.is_cancelled() {
            return Err(Failure::interrupted(format!("interrupted: {meanwhile} in {}", place.region)));
        }
        self.stop.sleep(Duration::from_secs(3)).await;
        Ok(())
    }

    /// A template, or where it is in the bucket.
    async fn handed_in(&self, place: &AccountRegion, name: &str, text: String) -> Result<Template, Failure> {
        if text.len() <= INLINE_BYTES {
            return Ok(Template::Text(text));
        }
        let Some(bucket) = self.settings.buckets.get(place) else {
            let text = format!("the template of the stack `{name}` is above {INLINE_BYTES} bytes, and must be in S3");
            let help = format!("run `meshsynth bootstrap --region {}`, or name a bucket with `--bucket`", place.region);
            return Err(Failure::new(text, help));
        };
        let key = format!("meshsynth/{}/{}.json", self.plan.app, digest(&text));
        let put = self.call(async || self.cloud.put_template(place, bucket, &key, &text).await).await;
        put.map(Template::Address).map_err(|error| {
            of_call(format!("the template of the stack `{name}` cannot be uploaded to the bucket `{bucket}`"), &error)
        })
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
    of_call("what a stack refactor needs cannot be read", &error)
}
