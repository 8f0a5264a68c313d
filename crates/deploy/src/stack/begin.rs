//! Determines the state of a stack, and repairs it until it can be changed.

use super::adopt::Owner;
use super::maker::Maker;
use super::wait::Operation;
use super::{APP_TAG, AS_IT_WAS, STACK_TAG, Start, Worker};
use crate::cloud::{Cloud, Stack};
use crate::failure::{Failure, of_call};

impl<C: Cloud> Worker<'_, C> {
    /// Waits or repairs until the stack can be created or updated.
    pub(super) async fn begin(&self) -> Result<Start, Failure> {
        for _ in 0..8 {
            self.check_stop()?;
            self.meanwhile.set(AS_IT_WAS);
            let Some(stack) = self.read().await? else { return Ok(Start::Create) };
            self.check_owner(&stack)?;
            match stack.status.as_str() {
                "REVIEW_IN_PROGRESS" | "DELETE_COMPLETE" => return Ok(Start::Create),
                "CREATE_COMPLETE"
                | "UPDATE_COMPLETE"
                | "UPDATE_FAILED"
                | "UPDATE_ROLLBACK_COMPLETE"
                | "IMPORT_COMPLETE"
                | "IMPORT_ROLLBACK_COMPLETE" => {
                    if stack.drifted {
                        self.note(
                            "the last drift check found resources that were changed outside CloudFormation; list them \
                             with `meshsynth drift`",
                        );
                    }
                    return Ok(Start::Update);
                }
                "CREATE_FAILED" | "ROLLBACK_COMPLETE" | "ROLLBACK_FAILED" | "DELETE_FAILED" => {
                    self.clear(&stack).await?
                }
                "UPDATE_ROLLBACK_FAILED" => self.unstick(&stack).await?,
                _ if stack.is_busy() => self.follow(&stack).await?,
                other => {
                    return Err(self.failure(
                        format!("{} is in the state `{other}`, from which meshsynth cannot continue", self.called()),
                        "bring it to a stable state in the console, then run the command again",
                    ));
                }
            }
        }
        Err(self.failure(
            format!("{} does not reach a stable state", self.called()),
            "find and stop the process that changes it, then run the command again",
        ))
    }

    /// Rejects a stack of another owner, unless it can be taken over.
    pub(crate) fn check_owner(&self, stack: &Stack) -> Result<(), Failure> {
        match self.check_ours(stack)? {
            Owner::Us => Ok(()),
            Owner::Other => self.check_adoptable(stack),
        }
    }

    /// Rejects a stack of another owner that is not to be taken over.
    pub(crate) fn check_ours(&self, stack: &Stack) -> Result<Owner, Failure> {
        let (app, id) = (stack.tags.get(APP_TAG), stack.tags.get(STACK_TAG));
        // The path of an orphan can belong to another stack now.
        let is_orphan = self.assembly.stack(&self.step.id).is_none();
        let is_same = |id: &String| *id == self.step.id || is_orphan;
        if app.is_some_and(|app| app == self.app()) && id.is_none_or(is_same) {
            return Ok(Owner::Us);
        }
        if app.is_none() && self.settings.made.contains(&stack.id) {
            return Ok(Owner::Us);
        }
        // A stack in `REVIEW_IN_PROGRESS` has no resources, so no takeover is necessary.
        if app.is_none() && stack.status == "REVIEW_IN_PROGRESS" {
            return Ok(Owner::Us);
        }
        let maker = Maker::of(stack);
        if let Some((text, help)) = maker.refusal(&stack.name) {
            return Err(self.failure(format!("{} {text}", self.called()), format!("it was not changed; {help}")));
        }
        let adopts = self.settings.adopt.contains(&stack.name);
        match (app, id) {
            (Some(app), _) if app != self.app() => Err(self.failure(
                format!("{} belongs to the app `{app}`", self.called()),
                "it was not changed; rename one of the two stacks",
            )),
            (Some(_), Some(id)) if !adopts => Err(self.failure(
                format!(
                    "{} belongs to the stack `{id}` of this app, but `{}` has the same name",
                    self.called(),
                    self.step.id
                ),
                format!("it was not changed; if the stack was renamed in the program, pass `--adopt {}`", stack.name),
            )),
            _ if adopts => Ok(Owner::Other),
            _ => Err(self.failure(
                match maker {
                    Maker::Unknown => format!("{} exists, but was not created by meshsynth", self.called()),
                    maker => {
                        format!("{} exists, but was not created by meshsynth: it was created by {maker}", self.called())
                    }
                },
                format!(
                    "it was not changed; rename the stack in the program, or take it over with `--adopt {}`: \
                     `meshsynth diff --base deployed` shows the resulting changes",
                    stack.name
                ),
            )),
        }
    }

    /// Waits for a running operation. It comes from an interrupted run or from another user.
    async fn follow(&self, stack: &Stack) -> Result<(), Failure> {
        let place = self.place();
        let events = self.call(async || self.cloud.events(&place, &stack.id, None).await).await;
        let events = events.map_err(|error| of_call(format!("{} cannot be read", self.called()), &error))?;
        let newest = events.iter().max_by_key(|event| event.at);
        let token = newest.map(|event| event.token.clone()).unwrap_or_default();
        if token.starts_with(&format!("{}-", self.token_stem())) {
            self.note(format!("waiting for `{}` of an earlier run", stack.status));
        } else {
            let begun = events.iter().filter(|event| event.token == token).map(|event| event.at).min();
            let since = begun.map_or_else(String::new, |at| {
                format!(" since {}", crate::time::timestamp(u64::try_from(at).unwrap_or_default() / 1000))
            });
            self.note(format!("waiting for `{}` by another user or process{since}", stack.status));
        }
        let token = Some(token).filter(|token| !token.is_empty());
        self.meanwhile.set("is being changed by an earlier operation, which continues in AWS");
        self.wait(&Operation::of(stack, token.as_deref())).await.map(|_| ())
    }

    /// Continues a failed rollback.
    async fn unstick(&self, stack: &Stack) -> Result<(), Failure> {
        let place = self.place();
        let token = self.token("continue");
        let skip = &self.settings.skip;
        self.doing("the rollback of an earlier update failed; continuing it");
        let begun = self.call(async || self.cloud.continue_rollback(&place, &stack.id, skip, &token).await).await;
        begun.map_err(|error| of_call(format!("the rollback of {} cannot be continued", self.called()), &error))?;
        self.meanwhile.set("continues its rollback in AWS");
        let after = self.wait(&Operation::of(stack, Some(&token))).await?;
        let after = after.map(|stack| stack.status).unwrap_or_default();
        if after == "UPDATE_ROLLBACK_COMPLETE" {
            self.note(match skip.as_slice() {
                [] => "the rollback of an earlier update was continued".to_owned(),
                skip => format!(
                    "the rollback of an earlier update was continued without `{}`: check that these resources match \
                     the template",
                    skip.join("`, `")
                ),
            });
            return Ok(());
        }
        let cause = self.cause(&stack.id, Some(&token)).await;
        let stuck = self.call(async || self.cloud.resources(&place, &stack.id).await).await.unwrap_or_default();
        let stuck: Vec<String> = stuck.into_iter().filter(|it| it.status == "UPDATE_FAILED").map(|it| it.id).collect();
        let failure = self.failure(
            format!("{} is stuck: the rollback of an earlier update failed, and failed again", self.called()),
            match stuck.as_slice() {
                [] => "fix the cause, then run the command again: it continues the rollback first".to_owned(),
                stuck => format!(
                    "fix the cause and run the command again; or pass `--skip {}` to roll back without these \
                     resources, and change them to match the template by hand",
                    stuck.join(",")
                ),
            },
        );
        Err(self.explain(failure, cause))
    }
}
