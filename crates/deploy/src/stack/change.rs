//! Creates, shows, confirms and executes change sets.

use std::collections::BTreeMap;
use std::time::Duration;

use super::adopt::Owner;
use super::wait::Operation;
use super::{AS_IT_WAS, Deployed, INLINE_BYTES, Start, Worker};
use crate::assembly::digest;
use crate::aws::words;
use crate::cloud::{ChangeSet, Cloud, CloudError, Fault, Request, Stack, Template};
use crate::failure::{Failure, of_call};
use crate::judgement::Judgement;

/// The result of the creation of a change set.
pub(super) enum Made {
    Ready(ChangeSet),
    Nothing,
    /// The stack is no longer in the state that was read.
    Moved,
}

impl<C: Cloud> Worker<'_, C> {
    /// Changes the stack. Returns `None` if its state changed in the meantime, so that it must be read again.
    pub(super) async fn change(&self, start: Start) -> Result<Option<Deployed>, Failure> {
        let name = self.change_set_name();
        let request = self.request(start, &name).await?;
        let set = match self.make(start, &request).await? {
            Made::Ready(set) => set,
            Made::Nothing => {
                let stack = self.read().await?;
                if let Some(stack) = &stack
                    && self.check_ours(stack)? == Owner::Other
                {
                    self.note(
                        "the stack matches the program, but CloudFormation cannot add tags without another change: \
                         the next deployment also requires `--adopt`",
                    );
                }
                let outputs = stack.map(|stack| stack.outputs).unwrap_or_default();
                return Ok(Some(Deployed { text: "no changes".to_owned(), outputs }));
            }
            Made::Moved => return Ok(None),
        };
        let judged = async {
            let seen = self.seen.borrow().clone();
            if let Some(stack) = seen.filter(|_| start == Start::Update)
                && self.check_ours(&stack)? == Owner::Other
            {
                self.tell_adoption(&stack).await?;
            }
            self.ask(self.verdicts(start, &set).await?, start == Start::Create && self.settings.is_approved)
        };
        if let Err(failure) = judged.await {
            self.withdraw(start, &name).await;
            return Err(failure);
        }
        if self.stop.is_cancelled() {
            self.withdraw(start, &name).await;
            self.check_stop()?;
        }
        self.carry_out(start, &name, &set).await
    }

    /// Creates the change set, and waits for it.
    pub(super) async fn make(&self, start: Start, request: &Request) -> Result<Made, Failure> {
        let (place, name) = (self.place(), request.name.as_str());
        self.doing("creating a change set");
        for _ in 0..8 {
            match self.call(async || self.cloud.create_change_set(&place, request).await).await {
                Ok(()) => break,
                // The change set of an interrupted run can belong to an earlier state of the stack.
                Err(error) if error.fault == Fault::Exists => self.drop_change_set(name).await?,
                Err(error) if error.fault == Fault::State => return Ok(Made::Moved),
                Err(error) => return Err(self.refused(start, &error)),
            }
        }
        let mut pause = Duration::from_secs(1);
        let set = loop {
            match self.call(async || self.cloud.change_set(&place, self.name(), name).await).await {
                Ok(set) if ["CREATE_PENDING", "CREATE_IN_PROGRESS"].contains(&set.status.as_str()) => {}
                Ok(set) => break set,
                // Another process deleted the change set or the stack.
                Err(error) if error.fault == Fault::Missing => return Ok(Made::Moved),
                Err(error) => return Err(self.refused(start, &error)),
            }
            self.check_stop()?;
            self.stop.sleep(pause).await;
            pause = (pause * 2).min(Duration::from_secs(5));
        };
        match set.status.as_str() {
            "CREATE_COMPLETE" => Ok(Made::Ready(set)),
            // Another process deletes the change set.
            status if status.starts_with("DELETE_") => Ok(Made::Moved),
            "FAILED" if is_nothing(&set.reason) && start == Start::Update => {
                self.withdraw(start, name).await;
                Ok(Made::Nothing)
            }
            _ => {
                let failure = self.unmade(&set, name).await;
                self.withdraw(start, name).await;
                Err(failure)
            }
        }
    }

    /// Executes the change set, and waits for the stack.
    pub(super) async fn carry_out(
        &self,
        start: Start,
        name: &str,
        set: &ChangeSet,
    ) -> Result<Option<Deployed>, Failure> {
        let place = self.place();
        let token = self.token(&name["meshsynth-".len()..]);
        let before = self.seen.borrow().clone();
        self.meanwhile.set(match start {
            Start::Create => "is being created by CloudFormation, which continues",
            Start::Update => "is being updated by CloudFormation, which continues",
            Start::Import { .. } => "is importing resources by CloudFormation, which continues",
        });
        let begun = self.call(async || self.cloud.execute_change_set(&place, self.name(), name, &token).await).await;
        if let Err(error) = begun {
            // There are three possible reasons: the change set expired, the stack changed in the meantime, or the
            // response of the call was lost.
            if !matches!(error.fault, Fault::Missing | Fault::State) {
                let text = format!("{} was not changed: its change set cannot be executed", self.called());
                let findings = match error.fault {
                    Fault::Refused => self.findings(name, &token).await,
                    _ => Vec::new(),
                };
                return Err(self.name_findings(of_call(text, &error), &findings));
            }
            if !self.is_ours_at_work(&token).await? {
                self.meanwhile.set(AS_IT_WAS);
                self.note("the change set is no longer valid; creating another");
                return Ok(None);
            }
        }
        let stack = self.wait(&Operation::carrying_out(self.name(), name, &token, before)).await?;
        match stack {
            Some(stack)
                if ["CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE"].contains(&stack.status.as_str()) =>
            {
                Ok(Some(Deployed { text: summary(start, set), outputs: stack.outputs }))
            }
            stack => Err(self.unfinished(start, stack, &token).await),
        }
    }

    /// Whether an operation with this token is in progress or complete.
    async fn is_ours_at_work(&self, token: &str) -> Result<bool, Failure> {
        let place = self.place();
        let events = self.call(async || self.cloud.events(&place, self.name(), Some(token)).await).await;
        match events {
            Ok(events) => Ok(events.iter().any(|event| event.token == token)),
            Err(error) if error.fault == Fault::Missing => Ok(false),
            Err(error) => Err(of_call(format!("{} cannot be read", self.called()), &error)),
        }
    }

    /// Reports the nested stacks, whose templates CloudFormation reads from their URLs.
    fn note_nested_stacks(&self) {
        let below = format!("{}/", self.step.id);
        let is_own = |parent: &str| parent == self.step.id || parent.starts_with(&below);
        for nested in self.assembly.manifest.nested_stacks.iter().filter(|it| is_own(&it.parent)) {
            self.note(format!(
                "CloudFormation reads the template of the nested stack `{}` from its `TemplateURL`: if `{}` changed, upload \
                 it there before the deployment",
                nested.resource, nested.template
            ));
        }
    }

    async fn request(&self, start: Start, name: &str) -> Result<Request, Failure> {
        self.note_nested_stacks();
        let text = self.assembly.files[&self.step.template].clone();
        let template = if self.step.by_bucket {
            let ending = self.step.template.rsplit('.').next().unwrap_or("json");
            let key = format!("meshsynth/{}/{}.{ending}", self.app(), self.step.digest);
            self.put(text.len(), &key, &text).await?
        } else {
            Template::Text(text)
        };
        Ok(Request {
            stack: self.step.name.clone(),
            name: name.to_owned(),
            create: start == Start::Create,
            template,
            parameters: self.parameters(start)?,
            capabilities: self.step.capabilities.clone(),
            tags: self.tags(),
            role: self.settings.role.clone(),
            imports: Vec::new(),
        })
    }

    /// Returns a template outside of the output, as text or as a URL in the bucket.
    pub(crate) async fn handed_in(&self, text: String) -> Result<Template, Failure> {
        if text.len() <= INLINE_BYTES {
            return Ok(Template::Text(text));
        }
        let key = format!("meshsynth/{}/{}.json", self.app(), digest(&text));
        self.put(text.len(), &key, &text).await
    }

    /// Uploads a template that is too large for an API call.
    async fn put(&self, bytes: usize, key: &str, text: &str) -> Result<Template, Failure> {
        let (place, bucket) = (self.place(), self.bucket_for(bytes)?);
        let put = self.call(async || self.cloud.put_template(&place, bucket, key, text).await).await;
        put.map(Template::Address).map_err(|error| {
            of_call(format!("the template of {} cannot be uploaded to the bucket `{bucket}`", self.called()), &error)
        })
    }

    /// Returns the bucket for the template, or `None` if the template fits into an API call.
    pub(crate) fn bucket(&self) -> Result<Option<&str>, Failure> {
        if self.step.by_bucket { self.bucket_for(self.step.bytes).map(Some) } else { Ok(None) }
    }

    fn bucket_for(&self, bytes: usize) -> Result<&str, Failure> {
        self.settings.buckets.get(&self.place()).map(String::as_str).ok_or_else(|| {
            let region = &self.step.region;
            self.failure(
                format!(
                    "the template of {} has {bytes} bytes, but templates above 51200 bytes must be in S3",
                    self.called()
                ),
                format!("run `meshsynth bootstrap --region {region}`, or specify a bucket with `--bucket`"),
            )
        })
    }

    pub(super) fn parameters(&self, start: Start) -> Result<BTreeMap<String, Option<crate::cloud::Secret>>, Failure> {
        let mut out = BTreeMap::new();
        if self.step.parameters.is_empty() {
            return Ok(out);
        }
        let had = match start {
            Start::Create => Vec::new(),
            _ => self.seen.borrow().as_ref().map(|stack| stack.parameters.clone()).unwrap_or_default(),
        };
        for (name, is_wanted) in &self.step.parameters {
            let given = self.settings.parameters.get(&(self.step.id.clone(), name.clone()));
            if let Some(value) = given {
                out.insert(name.clone(), Some(value.clone()));
            } else if had.contains(name) {
                out.insert(name.clone(), None);
            } else if *is_wanted {
                return Err(self.failure(
                    format!("{} has no value for its parameter `{name}`", self.called()),
                    format!(
                        "set the environment variable `MESHSYNTH_PARAMETER_{name}`, or specify a file with \
                         `--parameters`"
                    ),
                ));
            }
        }
        Ok(out)
    }

    /// Deletes a change set of this app as soon as CloudFormation allows it.
    async fn drop_change_set(&self, name: &str) -> Result<(), Failure> {
        let place = self.place();
        let done = self.call(async || self.cloud.delete_change_set(&place, self.name(), name).await).await;
        match done {
            Ok(()) => {}
            Err(error) if matches!(error.fault, Fault::State | Fault::Missing) => {}
            Err(error) => {
                return Err(of_call(
                    format!("the old change set `{name}` of {} cannot be deleted", self.called()),
                    &error,
                ));
            }
        }
        // The deletion takes a moment, and is impossible during the creation.
        self.stop.sleep(Duration::from_secs(2)).await;
        self.check_stop()
    }

    /// Deletes a change set that is not executed. A later run deletes the remains.
    pub(super) async fn withdraw(&self, start: Start, name: &str) {
        let place = self.place();
        let done = self.call(async || self.cloud.delete_change_set(&place, self.name(), name).await).await;
        if let Err(error) = done
            && error.fault == Fault::Denied
        {
            self.note(format!("the change set `{name}` is not executed, but cannot be deleted: {error}"));
        }
        if start.is_new() {
            // A change set for a new stack creates an empty stack.
            let stack = self.cloud.stack(&place, self.name()).await;
            if let Ok(Some(Stack { id, status, .. })) = stack
                && status == "REVIEW_IN_PROGRESS"
            {
                let _ = self.cloud.delete_stack(&place, &id, &[], &self.token("withdraw")).await;
            }
        }
    }

    /// Evaluates the change set against the deployed template.
    async fn verdicts(&self, start: Start, set: &ChangeSet) -> Result<Judgement, Failure> {
        let place = self.place();
        let deployed = match start {
            Start::Create | Start::Import { .. } => None,
            Start::Update => {
                let template = self.call(async || self.cloud.template(&place, self.name()).await).await;
                Some(template.map_err(|error| {
                    of_call(format!("{} was not changed: its template cannot be read", self.called()), &error)
                })?)
            }
        };
        let bindings = self.assembly.bindings_value();
        let rest = self.assembly.rest(&bindings);
        let diff = meshsynth_diff::stack::compare(rest, &self.step.id, deployed.as_deref());
        let diff = diff.map_err(|error| {
            let text = format!("{} was not changed: the changes cannot be evaluated: {error:#}", self.called());
            self.failure(text, "check the templates, synthesize, and run the command again")
        })?;
        let called = |id: &str| self.shown(id);
        Ok(Judgement::of_stack(&self.step.id, diff, set, called, |id| self.is_stateful(id)))
    }

    fn refused(&self, start: Start, error: &CloudError) -> Failure {
        let state = if start.is_new() { "is not created" } else { "was not changed" };
        of_call(format!("{} {state}: CloudFormation did not create a change set", self.called()), error)
    }

    /// Explains why a stack did not reach the state of its template.
    async fn unfinished(&self, start: Start, stack: Option<Stack>, token: &str) -> Failure {
        let place = self.place();
        let status = stack.as_ref().map_or("gone", |stack| stack.status.as_str());
        let id = stack.as_ref().map_or(self.name(), |stack| stack.id.as_str());
        let cause = self.cause(id, Some(token)).await;
        let (verb, next) = match start {
            Start::Create => {
                ("was not created", "fix the cause, then run the command again: it removes the rest of the stack first")
            }
            Start::Update => ("was not updated", "fix the cause, then run the command again"),
            Start::Import { .. } => ("did not import the resources", "fix the cause, then run the command again"),
        };
        let mut failure = self.failure(format!("{} {verb}: its state is `{status}`", self.called()), next);
        failure.notes.push(match status {
            "ROLLBACK_COMPLETE" => "rolled back: the created resources were deleted".to_owned(),
            "UPDATE_ROLLBACK_COMPLETE" => "rolled back: the stack has the state from before the update".to_owned(),
            "IMPORT_ROLLBACK_COMPLETE" => {
                "rolled back: the stack has the state from before the import, and no resource was deleted".to_owned()
            }
            "ROLLBACK_FAILED" => "not rolled back: some resources were not deleted".to_owned(),
            "UPDATE_ROLLBACK_FAILED" => "not rolled back: the next run continues the rollback first".to_owned(),
            "gone" => "another user or process deleted the stack in the meantime".to_owned(),
            _ => "not rolled back: the created resources are kept".to_owned(),
        });
        if start == Start::Create {
            let left = self.call(async || self.cloud.resources(&place, id).await).await.unwrap_or_default();
            let left = left.iter().filter(|it| it.status != "DELETE_COMPLETE" && !it.physical.is_empty());
            let left: Vec<String> = left.map(|it| format!("`{}` (`{}`)", it.id, it.physical)).collect();
            if !left.is_empty() {
                failure.notes.push(format!("still in AWS: {}", left.join(", ")));
            }
        }
        self.explain(failure, cause)
    }
}

/// Whether a change set failed because it contains no changes.
fn is_nothing(reason: &str) -> bool {
    words::is_nothing_to_change(reason)
}

fn summary(start: Start, set: &ChangeSet) -> String {
    let verb = match start {
        Start::Create => "created",
        Start::Update => "updated",
        Start::Import { .. } => "imported",
    };
    let count = set.changes.len();
    let plural = if count == 1 { "" } else { "s" };
    format!("{verb}: {count} resource{plural}")
}
