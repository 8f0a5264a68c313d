//! Stack refactors in the simulated AWS: rejection messages and resulting stacks.

use std::collections::{BTreeMap, BTreeSet};

use meshsynth_deploy::cloud::{CloudError, Fault, Move, Refactor, RefactorRequest, Stack, Template};
use serde_json::Value;

use crate::template::{exports, outputs, resources};
use crate::world::{Kind, Work, World, error};

pub struct Kept {
    pub id: String,
    pub request: RefactorRequest,
    pub refactor: Refactor,
    region: String,
    /// The end of the execution.
    ends: Option<u64>,
}

/// Collects the values of a resource that are not references, in order.
fn literals(value: &Value, out: &mut Vec<String>) {
    match value {
        Value::Object(fields)
            if fields.len() == 1 && fields.keys().all(|key| key == "Ref" || key.starts_with("Fn::")) => {}
        Value::Object(fields) => fields.values().for_each(|inner| literals(inner, out)),
        Value::Array(items) => items.iter().for_each(|inner| literals(inner, out)),
        other => out.push(other.to_string()),
    }
}

/// Parses the refactor request of a form.
pub fn request(form: &BTreeMap<String, String>) -> RefactorRequest {
    let stack = |n: usize| {
        let at = |field: &str| form.get(&format!("StackDefinitions.member.{n}.{field}")).cloned();
        Some((at("StackName")?, Template::Text(at("TemplateBody")?)))
    };
    let moved = |n: usize| {
        let at = |end: &str, field: &str| form.get(&format!("ResourceMappings.member.{n}.{end}.{field}")).cloned();
        let end = |end: &str| Some((at(end, "StackName")?, at(end, "LogicalResourceId")?));
        Some(Move { from: end("Source")?, to: end("Destination")? })
    };
    RefactorRequest {
        description: form["Description"].clone(),
        stacks: (1..).map_while(stack).collect(),
        moves: (1..).map_while(moved).collect(),
        creates: form.get("EnableStackCreation").is_some_and(|it| it == "true"),
    }
}

impl World {
    pub fn create_refactor(&mut self, region: &str, request: &RefactorRequest) -> String {
        self.n_ids += 1;
        let id = format!("refactor-{}", self.n_ids);
        let reason = self.refuses_refactor(region, request);
        let (status, execution) = match reason {
            Some(_) => ("CREATE_FAILED", "UNAVAILABLE"),
            None => ("CREATE_COMPLETE", "AVAILABLE"),
        };
        let refactor = Refactor {
            status: status.to_owned(),
            reason: reason.unwrap_or_default(),
            execution: execution.to_owned(),
            ..Refactor::default()
        };
        let (request, region) = (request.clone(), region.to_owned());
        self.refactors.push(Kept { id: id.clone(), request, refactor, region, ends: None });
        id
    }

    /// Returns the stacks that import an export.
    pub fn importers(&self, region: &str, export: &str) -> Vec<String> {
        let text = format!("{{\"Fn::ImportValue\":\"{export}\"}}");
        let here = self.stacks.iter().filter(|((at, _), kept)| at == region && kept.template.contains(&text));
        here.map(|((_, name), _)| name.clone()).collect()
    }

    /// Returns an error if the refactor removes an imported export.
    fn refuses_export(&self, region: &str, request: &RefactorRequest) -> Option<String> {
        let text = |template: &Template| match template {
            Template::Text(text) => text.clone(),
            Template::Address(address) => self.bucket[address].clone(),
        };
        let kept: BTreeSet<String> =
            request.stacks.iter().flat_map(|(name, it)| exports(name, &text(it)).into_values()).collect();
        let had = request.stacks.keys().filter_map(|name| self.find(region, name));
        let lost = had.flat_map(|it| it.stack.exports.values()).filter(|export| !kept.contains(*export));
        let in_use = lost.flat_map(|export| self.importers(region, export).into_iter().map(move |by| (export, by)));
        let mut elsewhere = in_use.filter(|(export, by)| {
            let import = format!("{{\"Fn::ImportValue\":\"{export}\"}}");
            request.stacks.get(by).is_none_or(|template| text(template).contains(&import))
        });
        elsewhere.next().map(|(export, by)| format!("Export {export} cannot be deleted as it is in use by {by}"))
    }

    fn refuses_refactor(&self, region: &str, request: &RefactorRequest) -> Option<String> {
        if request.stacks.len() > 5 {
            return Some("Stack Refactor does not support more than 5 stacks".to_owned());
        }
        for (name, template) in &request.stacks {
            let Template::Text(text) = template else { return Some("a template in a bucket".to_owned()) };
            let kept = self.find(region, name);
            if kept.is_none() && !request.creates {
                return Some(format!("Stack {name} does not exist"));
            }
            if kept.is_some_and(|kept| kept.policy.is_some()) {
                return Some(format!(
                    "Stack {name} has a stack policy attached, which Stack Refactor does not support"
                ));
            }
            let wanted = resources(text);
            if wanted.is_empty() {
                return Some(format!("Stack {name} would be empty"));
            }
            for (id, body) in &wanted {
                let came = request.moves.iter().find(|it| it.to == (name.clone(), id.clone()));
                let (stack, old) = came.map_or((name, id), |it| (&it.from.0, &it.from.1));
                let old = self.find(region, stack).and_then(|kept| resources(&kept.template).remove(old));
                let Some(old) = old else {
                    return Some(format!("Stack Refactor does not support creating resources: [{id}]"));
                };
                if body["Type"] == "AWS::IAM::RolePolicy" {
                    return Some(format!(
                        "Resource type AWS::IAM::RolePolicy of [{id}] is not supported by Stack Refactor"
                    ));
                }
                let (mut before, mut after) = (Vec::new(), Vec::new());
                literals(&old, &mut before);
                literals(body, &mut after);
                if before != after {
                    return Some(format!("Stack Refactor does not support modifying resources: [{id}]"));
                }
            }
        }
        for it in &request.moves {
            let is_taken = request.moves.iter().filter(|other| other.from == it.from).count() > 1;
            if is_taken || self.find(region, &it.from.0).is_none() {
                return Some(format!("[{}] is moved twice, or its stack is not there", it.from.1));
            }
        }
        self.refuses_export(region, request)
    }

    pub fn refactor(&self, id: &str) -> Refactor {
        self.refactors.iter().find(|it| it.id == id).unwrap().refactor.clone()
    }

    pub fn execute_refactor(&mut self, id: &str) -> Result<(), CloudError> {
        let ends = self.now + self.takes;
        let found = self.refactors.iter_mut().find(|it| it.id == id).unwrap();
        match found.refactor.execution.as_str() {
            "AVAILABLE" => {
                "EXECUTE_IN_PROGRESS".clone_into(&mut found.refactor.execution);
                found.ends = Some(ends);
                Ok(())
            }
            status => Err(error(Fault::Refused, "ExecuteStackRefactor", format!("Stack Refactor is {status}"))),
        }
    }

    /// Completes the refactors that are due.
    pub fn settle_refactors(&mut self) {
        for idx in 0..self.refactors.len() {
            if self.refactors[idx].ends.is_none_or(|ends| ends > self.now) {
                continue;
            }
            let (region, request) = (self.refactors[idx].region.clone(), self.refactors[idx].request.clone());
            let mut moved = BTreeMap::new();
            for it in &request.moves {
                let kept = self.find_mut(&region, &it.from.0).unwrap();
                let mut resource = kept.resources.remove(&it.from.1).unwrap();
                resource.id.clone_from(&it.to.1);
                moved.insert(it.to.clone(), resource);
            }
            let (mut ids, mut left) = (Vec::new(), self.left.take());
            for (name, template) in &request.stacks {
                let Template::Text(text) = template else { unreachable!() };
                if self.find(&region, name).is_none() {
                    self.n_ids += 1;
                    let id = format!("stack-{}", self.n_ids);
                    let stack =
                        Stack { id, name: name.clone(), status: "CREATE_IN_PROGRESS".to_owned(), ..Stack::default() };
                    let kept = crate::world::Kept { stack, ..crate::world::Kept::default() };
                    self.stacks.insert((region.clone(), name.clone()), kept);
                } else {
                    "UPDATE_IN_PROGRESS".clone_into(&mut self.find_mut(&region, name).unwrap().stack.status);
                }
                // A stack is busy for some seconds after the refactor is complete.
                let settles = self.now + 4_000;
                let kept = self.find_mut(&region, name).unwrap();
                let status = if kept.template.is_empty() { "CREATE_COMPLETE" } else { "UPDATE_COMPLETE" };
                kept.work = Some((settles, Work { kind: Kind::Nothing(status), token: String::new() }));
                kept.template.clone_from(text);
                kept.stack.outputs = outputs(name, text);
                kept.stack.exports = exports(name, text);
                kept.resources
                    .extend(moved.iter().filter(|(to, _)| to.0 == *name).map(|(to, it)| (to.1.clone(), it.clone())));
                if resources(text).len() == 1 && resources(text).contains_key("MeshsynthEmptied") {
                    kept.resources.extend(left.take().map(|it| (it.id.clone(), it)));
                }
                ids.push(kept.stack.id.clone());
            }
            let found = &mut self.refactors[idx];
            found.ends = None;
            found.refactor.stacks = ids;
            "EXECUTE_COMPLETE".clone_into(&mut found.refactor.execution);
        }
    }
}
