//! A simulated CloudFormation with the states, events and tokens of AWS. The test controls its clock.

use std::collections::BTreeMap;

use meshsynth_deploy::cloud::{
    ChangeSet, CloudError, Fault, Request, ResourceChange, Scan, Stack, StackEvent, StackResource, Template, ToImport,
};

use crate::template::{changes, exports, outputs, resources};

/// The part of AWS that a deployment accesses.
#[derive(Default)]
pub struct World {
    /// The time in milliseconds.
    pub now: u64,
    /// The duration of an operation in milliseconds.
    pub takes: u64,
    /// The stacks, by region and name.
    pub stacks: BTreeMap<(String, String), Kept>,
    /// The deleted stacks, by ID.
    pub deleted: BTreeMap<String, Kept>,
    /// The templates in buckets, by URL.
    pub bucket: BTreeMap<String, String>,
    /// The other objects in buckets by URL: contents, version, and time of the write.
    pub objects: BTreeMap<String, (String, u64, u64)>,
    /// The findings of early validation in every new change set: logical ID and reason.
    pub findings: BTreeMap<String, String>,
    /// The findings of early validation at the execution of a change set.
    pub late_findings: BTreeMap<String, String>,
    /// Whether the execution of a change set is rejected before the stack changes.
    pub refuses: bool,
    /// The rejected operation.
    pub refused: String,
    /// The age of responses about a stack in milliseconds.
    pub stale: u64,
    /// The earlier states of stacks by ID, with their start times.
    pub history: BTreeMap<String, Vec<(u64, Stack)>>,
    /// The logical IDs of manually changed resources.
    pub drifted: Vec<String>,
    /// Whether stacks cannot be listed.
    pub hides_stacks: bool,
    /// The endpoints of EKS clusters.
    pub clusters: BTreeMap<String, String>,
    /// The assumed roles, by access key.
    pub roles: BTreeMap<String, String>,
    /// The requests to assume roles.
    pub assumed: Vec<String>,
    /// The calls and their access keys.
    pub signers: Vec<(String, String)>,
    /// The logical IDs that fail, with the number of failures and their kind.
    pub failing: BTreeMap<String, (u32, Badly)>,
    /// The reason of failures. By default, a quota is reached.
    pub why: String,
    /// Whether no role can be assumed.
    pub denies_roles: bool,
    /// The delay of events in milliseconds.
    pub events_late: u64,
    /// The number of calls by name.
    pub calls: BTreeMap<String, u32>,
    /// The number of generated IDs.
    pub n_ids: u64,
    /// The resources outside of stacks.
    pub outside: Outside,
    /// The resource scans, newest last.
    pub scans: Vec<Scan>,
    /// An additional change that CloudFormation finds in every change set.
    pub beside: Option<ResourceChange>,
    /// A resource that another process creates in an emptied stack.
    pub left: Option<StackResource>,
    /// The stack refactors, newest last.
    pub refactors: Vec<crate::fake_refactor::Kept>,
}

/// Resources outside of stacks by type: the identifier and the name in the tags.
pub type Outside = BTreeMap<String, Vec<(BTreeMap<String, String>, String)>>;

/// The effect of a failed resource on its stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Badly {
    /// The stack is rolled back.
    RolledBack,
    /// The rollback fails too.
    Stuck,
    /// The stack is not rolled back.
    Left,
}

/// A stack with its history.
#[derive(Clone, Default)]
pub struct Kept {
    pub stack: Stack,
    pub template: String,
    pub resources: BTreeMap<String, StackResource>,
    pub events: Vec<StackEvent>,
    pub sets: BTreeMap<String, (ChangeSet, Request, u64)>,
    /// The stack policy.
    pub policy: Option<String>,
    /// The end of the current operation, and the operation.
    pub work: Option<(u64, Work)>,
}

/// A current operation.
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

    /// Completes the operations that are due.
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

    /// Returns a stack in the form of a response, which can be outdated.
    pub fn seen(&self, region: &str, name: &str) -> Option<Stack> {
        let now = self.find(region, name)?.stack.clone();
        let then = self.now.saturating_sub(self.stale);
        let was = self.history.get(&now.id).into_iter().flatten().rev().find(|(since, _)| *since <= then);
        Some(was.filter(|_| self.stale > 0).map_or(now, |(_, stack)| stack.clone()))
    }

    /// Returns the findings of early validation for a change set or the last operation.
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

    /// Adds an event of a resource or the stack. A stack event also sets the stack status.
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

    /// Returns a stack by name or ID.
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
