//! A CloudFormation in memory: states, events and tokens as AWS has them, and time that the test sets.

use std::collections::BTreeMap;

use meshsynth_deploy::cloud::{
    ChangeSet, CloudError, Fault, Request, ResourceChange, Scan, Stack, StackEvent, StackResource, Template, ToImport,
};

use crate::template::{changes, exports, outputs, resources};

/// Everything in AWS that a deployment sees.
#[derive(Default)]
pub struct World {
    /// Milliseconds.
    pub now: u64,
    /// How long an operation takes, in milliseconds.
    pub takes: u64,
    /// Stacks by region and name.
    pub stacks: BTreeMap<(String, String), Kept>,
    /// Deleted stacks by id.
    pub deleted: BTreeMap<String, Kept>,
    /// Templates in buckets, by address.
    pub bucket: BTreeMap<String, String>,
    /// Other objects in buckets, by address: what they hold, which version, and when it was written.
    pub objects: BTreeMap<String, (String, u64, u64)>,
    /// What early validation finds in every new change set: logical ids, and why.
    pub findings: BTreeMap<String, String>,
    /// What early validation finds once a change set is carried out.
    pub late_findings: BTreeMap<String, String>,
    /// Whether a change set is refused as it is carried out, before anything is done to the stack.
    pub refuses: bool,
    /// The operation that was refused by that.
    pub refused: String,
    /// How old the answers about a stack are, in milliseconds.
    pub stale: u64,
    /// How stacks were, by their ids: since when.
    pub history: BTreeMap<String, Vec<(u64, Stack)>>,
    /// Logical ids of what somebody changed by hand.
    pub drifted: Vec<String>,
    /// Whether stacks are shown by name alone.
    pub hides_stacks: bool,
    /// Clusters of EKS: the address of each.
    pub clusters: BTreeMap<String, String>,
    /// Roles that were assumed, by the access key that was given.
    pub roles: BTreeMap<String, String>,
    /// What was asked for with each role.
    pub assumed: Vec<String>,
    /// What was called, and with which access key.
    pub signers: Vec<(String, String)>,
    /// Logical ids that fail, and how often they still do, and how badly.
    pub failing: BTreeMap<String, (u32, Badly)>,
    /// Why resources fail; that a quota is reached where nothing is said.
    pub why: String,
    /// Whether no role may be assumed.
    pub denies_roles: bool,
    /// How late events are seen, in milliseconds.
    pub events_late: u64,
    /// All calls by name.
    pub calls: BTreeMap<String, u32>,
    /// How many ids were given.
    pub n_ids: u64,
    /// What is in AWS and in no stack.
    pub outside: Outside,
    /// The scans of resources, the newest last.
    pub scans: Vec<Scan>,
    /// What CloudFormation finds to change in every change set beside what was asked for.
    pub beside: Option<ResourceChange>,
    /// What somebody makes in a stack that everything moves out of.
    pub left: Option<StackResource>,
    /// The stack refactors, the newest last.
    pub refactors: Vec<crate::fake_refactor::Kept>,
}

/// What is in AWS and in no stack, by type: what names it, and the name that its tags say.
pub type Outside = BTreeMap<String, Vec<(BTreeMap<String, String>, String)>>;

/// What becomes of a stack when a resource fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Badly {
    /// It is rolled back.
    RolledBack,
    /// Its rollback fails as well.
    Stuck,
    /// Nothing is rolled back.
    Left,
}

/// A stack and its history.
#[derive(Clone, Default)]
pub struct Kept {
    pub stack: Stack,
    pub template: String,
    pub resources: BTreeMap<String, StackResource>,
    pub events: Vec<StackEvent>,
    pub sets: BTreeMap<String, (ChangeSet, Request, u64)>,
    /// The stack policy.
    pub policy: Option<String>,
    /// When the operation at work ends, and what it comes to.
    pub work: Option<(u64, Work)>,
}

/// An operation at work.
#[derive(Clone)]
pub struct Work {
    pub kind: Kind,
    pub token: String,
}

#[derive(Clone)]
pub enum Kind {
    Apply { create: bool, template: String },
    Import { template: String, imports: Vec<ToImport> },
    Delete { retain: Vec<String> },
    Continue { skip: Vec<String> },
    Nothing(&'static str),
}

pub fn error(fault: Fault, call: &str, text: impl Into<String>) -> CloudError {
    CloudError { fault, call: format!("cloudformation:{call}"), text: text.into() }
}

impl World {
    fn id(&mut self, what: &str) -> String {
        self.n_ids += 1;
        format!("{what}-{}", self.n_ids)
    }

    /// Ends the operations whose time has come.
    pub fn settle(&mut self) {
        let due: Vec<_> = self
            .stacks
            .iter()
            .filter(|(_, kept)| kept.work.as_ref().is_some_and(|(at, _)| *at <= self.now))
            .map(|(key, _)| key.clone())
            .collect();
        self.settle_refactors();
        for key in due {
            let mut kept = self.stacks.remove(&key).unwrap();
            let (at, work) = kept.work.take().unwrap();
            match work.kind {
                Kind::Apply { create, template } => self.apply(&mut kept, create, template, at, &work.token),
                Kind::Import { template, imports } => self.import(&mut kept, template, &imports, at, &work.token),
                Kind::Delete { retain } => self.delete_now(&mut kept, &retain, at, &work.token),
                Kind::Continue { skip } => self.roll_on(&mut kept, &skip, at, &work.token),
                Kind::Nothing(status) => self.say(&mut kept, None, status, "", at, &work.token),
            }
            if kept.stack.status == "DELETE_COMPLETE" {
                self.deleted.insert(kept.stack.id.clone(), kept);
            } else {
                self.stacks.insert(key, kept);
            }
        }
    }

    /// A stack as a call is told of it, which may be as it was before.
    pub fn seen(&self, region: &str, name: &str) -> Option<Stack> {
        let now = self.find(region, name)?.stack.clone();
        let then = self.now.saturating_sub(self.stale);
        let was = self.history.get(&now.id).into_iter().flatten().rev().find(|(since, _)| *since <= then);
        Some(was.filter(|_| self.stale > 0).map_or(now, |(_, stack)| stack.clone()))
    }

    /// What early validation found: of a change set, or of what was last done.
    pub fn found(&self, set: Option<&str>) -> Vec<StackEvent> {
        let (rows, token) = match set {
            Some(_) if self.refuses => (&self.late_findings, ""),
            Some(_) => (&self.findings, ""),
            None => (&self.late_findings, self.refused.as_str()),
        };
        let row = |(id, reason): (&String, &String)| StackEvent {
            id: format!("finding-{id}"),
            resource: id.clone(),
            kind: "AWS::SQS::Queue".to_owned(),
            status: "VALIDATION_FAILED".to_owned(),
            reason: format!("{reason} (at `/Resources/{id}/Properties/DelaySeconds`)"),
            token: token.to_owned(),
            ..StackEvent::default()
        };
        rows.iter().map(row).collect()
    }

    /// Adds an event: of a resource, or of the stack itself, which takes the status.
    pub fn say(&mut self, kept: &mut Kept, resource: Option<&str>, status: &str, reason: &str, at: u64, token: &str) {
        let id = self.id("event");
        if resource.is_none() {
            status.clone_into(&mut kept.stack.status);
            reason.clone_into(&mut kept.stack.reason);
            self.history.entry(kept.stack.id.clone()).or_default().push((at, kept.stack.clone()));
        }
        let kind = resource.and_then(|id| kept.resources.get(id)).map_or("AWS::CloudFormation::Stack", |it| &it.kind);
        kept.events.push(StackEvent {
            id,
            at: i64::try_from(at).unwrap(),
            resource: resource.unwrap_or(&kept.stack.name).to_owned(),
            physical: String::new(),
            kind: kind.to_owned(),
            status: status.to_owned(),
            reason: reason.to_owned(),
            token: token.to_owned(),
        });
    }

    pub fn fails(&mut self, id: &str) -> Option<Badly> {
        let (left, badly) = self.failing.get_mut(id)?;
        *left = left.checked_sub(1)?;
        Some(*badly)
    }

    fn apply(&mut self, kept: &mut Kept, create: bool, template: String, at: u64, token: &str) {
        let (verb, rollback) = if create { ("CREATE", "ROLLBACK") } else { ("UPDATE", "UPDATE_ROLLBACK") };
        let before = kept.resources.clone();
        let wanted = resources(&template);
        if !self.late_findings.is_empty() {
            token.clone_into(&mut self.refused);
            let reason = "The following validation failed: [AWS::EarlyValidation::PropertyValidation]";
            self.say(kept, None, &format!("{verb}_FAILED"), reason, at - 3, token);
            self.say(kept, None, &format!("{rollback}_COMPLETE"), "", at, token);
            return;
        }
        let mut failed = None;
        for (id, it) in &wanted {
            let kind = it["Type"].as_str().unwrap_or_default().to_owned();
            let physical = before.get(id).map_or_else(|| format!("{}-{id}", kept.stack.name), |it| it.physical.clone());
            let status = format!("{verb}_COMPLETE");
            kept.resources.insert(id.clone(), StackResource { id: id.clone(), physical, kind, status: status.clone() });
            if let Some(badly) = self.fails(id) {
                kept.resources.get_mut(id).unwrap().status = format!("{verb}_FAILED");
                let why = if self.why.is_empty() { "the quota is reached".to_owned() } else { self.why.clone() };
                self.say(kept, Some(id), &format!("{verb}_FAILED"), &why, at - 3, token);
                failed = Some(badly);
                break;
            }
            self.say(kept, Some(id), &status, "", at - 4, token);
        }
        let Some(badly) = failed else {
            kept.resources.retain(|id, _| wanted.contains_key(id));
            kept.template = template;
            kept.stack.outputs = outputs(&kept.stack.name, &kept.template);
            kept.stack.exports = exports(&kept.stack.name, &kept.template);
            self.say(kept, None, &format!("{verb}_COMPLETE"), "", at, token);
            return;
        };
        let last = wanted.keys().next_back().unwrap();
        self.say(
            kept,
            Some(last),
            &format!("{verb}_FAILED"),
            &format!("Resource {} cancelled", noun(create)),
            at - 2,
            token,
        );
        match badly {
            Badly::Left => {
                self.say(kept, None, &format!("{verb}_FAILED"), "The following resource(s) failed", at, token)
            }
            Badly::Stuck => {
                self.say(kept, None, &format!("{rollback}_FAILED"), "The following resource(s) failed", at, token)
            }
            Badly::RolledBack if create => {
                for (id, it) in &mut kept.resources {
                    let is_retained = wanted[id]["DeletionPolicy"] == "Retain";
                    it.status = if is_retained { "DELETE_SKIPPED" } else { "DELETE_COMPLETE" }.to_owned();
                }
                self.say(kept, None, "ROLLBACK_COMPLETE", "", at, token);
            }
            Badly::RolledBack => {
                kept.resources = before;
                self.say(kept, None, "UPDATE_ROLLBACK_COMPLETE", "", at, token);
            }
        }
    }

    fn delete_now(&mut self, kept: &mut Kept, retain: &[String], at: u64, token: &str) {
        let ids: Vec<String> = kept.resources.keys().cloned().collect();
        let mut is_stuck = false;
        for id in ids {
            let keep = resources(&kept.template).get(&id).is_some_and(|it| it["DeletionPolicy"] == "Retain");
            let status = if keep || retain.contains(&id) {
                "DELETE_SKIPPED"
            } else if self.fails(&id).is_some() {
                is_stuck = true;
                "DELETE_FAILED"
            } else {
                "DELETE_COMPLETE"
            };
            status.clone_into(&mut kept.resources.get_mut(&id).unwrap().status);
            let reason = if status == "DELETE_FAILED" { "it is not empty" } else { "" };
            self.say(kept, Some(&id), status, reason, at - 1, token);
        }
        self.say(kept, None, if is_stuck { "DELETE_FAILED" } else { "DELETE_COMPLETE" }, "", at, token);
    }

    fn roll_on(&mut self, kept: &mut Kept, skip: &[String], at: u64, token: &str) {
        let ids: Vec<String> = kept.resources.keys().filter(|id| !skip.contains(id)).cloned().collect();
        for id in ids {
            if kept.resources[&id].status == "UPDATE_FAILED" && self.fails(&id).is_some() {
                self.say(kept, Some(&id), "UPDATE_FAILED", "the old key is gone", at - 1, token);
                self.say(kept, None, "UPDATE_ROLLBACK_FAILED", "", at, token);
                return;
            }
        }
        kept.resources.values_mut().for_each(|it| "UPDATE_COMPLETE".clone_into(&mut it.status));
        self.say(kept, None, "UPDATE_ROLLBACK_COMPLETE", "", at, token);
    }

    pub fn find(&self, region: &str, name: &str) -> Option<&Kept> {
        let by_name = self.stacks.get(&(region.to_owned(), name.to_owned()));
        by_name
            .or_else(|| self.stacks.iter().find(|((at, _), it)| at == region && it.stack.id == name).map(|(_, it)| it))
            .or_else(|| self.deleted.get(name))
    }

    /// A stack to be changed, by its name or id.
    pub fn find_mut(&mut self, region: &str, name: &str) -> Option<&mut Kept> {
        self.stacks
            .iter_mut()
            .find(|((at, by), it)| at == region && (by == name || it.stack.id == name))
            .map(|(_, it)| it)
    }

    pub fn create_change_set(&mut self, region: &str, request: &Request) -> Result<(), CloudError> {
        let call = "CreateChangeSet";
        let key = (region.to_owned(), request.stack.clone());
        let text = match &request.template {
            Template::Text(text) if text.len() > 51_200 => {
                return Err(error(Fault::Refused, call, "template too large"));
            }
            Template::Text(text) => text.clone(),
            Template::Address(address) => {
                self.bucket.get(address).cloned().ok_or_else(|| error(Fault::Refused, call, "no such template"))?
            }
        };
        let status = self.stacks.get(&key).map(|it| it.stack.status.clone());
        self.check_parameters(&key, request)?;
        let may = match status.as_deref() {
            None | Some("REVIEW_IN_PROGRESS") => request.create,
            Some("UPDATE_FAILED") => !request.create,
            Some(status) if status.ends_with("_COMPLETE") && status != "ROLLBACK_COMPLETE" => !request.create,
            Some(_) => false,
        };
        if !may {
            return Err(error(
                Fault::State,
                call,
                format!("the stack is in {} state and can not be updated", status.unwrap_or_default()),
            ));
        }
        if status.is_none() {
            let id = self.id("stack");
            let stack = Stack {
                id,
                name: request.stack.clone(),
                status: "REVIEW_IN_PROGRESS".to_owned(),
                tags: request.tags.clone(),
                ..Stack::default()
            };
            self.stacks.insert(key.clone(), Kept { stack, ..Kept::default() });
        }
        let kept = self.stacks.get_mut(&key).unwrap();
        if kept.sets.contains_key(&request.name) {
            return Err(error(Fault::Exists, call, "it exists"));
        }
        let mut changes = changes(&kept.template, &text);
        changes.extend(self.beside.clone());
        let is_same = changes.is_empty() && kept.template == text && kept.stack.tags == request.tags;
        let mut set = ChangeSet {
            status: "CREATE_COMPLETE".to_owned(),
            execution: "AVAILABLE".to_owned(),
            changes,
            ..ChangeSet::default()
        };
        if is_same {
            set.status = "FAILED".to_owned();
            set.reason = "The submitted information didn't contain changes.".to_owned();
        }
        let kept = self.stacks.get(&key).unwrap();
        if let Some(reason) = self.refuses_import(kept, request, &text)? {
            set.status = "FAILED".to_owned();
            set.reason = reason;
        } else if !request.imports.is_empty() {
            set.changes.iter_mut().for_each(|change| change.action = "Import".to_owned());
        }
        if !self.findings.is_empty() {
            set.status = "FAILED".to_owned();
            set.execution = "UNAVAILABLE".to_owned();
            set.reason =
                "The following hook(s)/validation failed: [AWS::EarlyValidation::PropertyValidation].".to_owned();
        }
        self.stacks.get_mut(&key).unwrap().sets.insert(
            request.name.clone(),
            (set, Request { template: Template::Text(text), ..request.clone() }, self.now),
        );
        Ok(())
    }
}

fn noun(create: bool) -> &'static str {
    if create { "creation" } else { "update" }
}
