//! `owners.json`: the tasks that owners of existing resources must do, so that the platform works.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use crate::owner_task::{NeededTask, OwnerTask};
use crate::val::{Data, Secret};

use super::kube_text::{self, placeholder};
use super::{Model, text, wire};

const OWNERS: &str = "owners.json";

/// Tasks by owner, description and document. Each task contains the document, and the constructs that need the task
/// with their program lines.
type Tasks<'a> = BTreeMap<(String, &'a str, String), (Value, BTreeSet<(&'a str, String)>)>;

/// Returns the tasks of all owners without duplicates, or `None` if there are no tasks.
pub(super) fn tasks(model: &Model) -> Option<(String, String)> {
    let mut tasks = Tasks::new();
    for NeededTask { node, at, task: OwnerTask { owner, what, document } } in model.owner_tasks() {
        let owner = told(model, &Data::from(owner.clone())).as_str().unwrap_or_default().to_owned();
        let document = document.as_ref().map_or(Value::Null, |document| told(model, document));
        let task = tasks.entry((owner, what, document.to_string())).or_insert((document, BTreeSet::new()));
        task.1.insert((model.construct(*node), format!("{}:{}:{}", at.file(), at.line(), at.column())));
    }
    if tasks.is_empty() {
        return None;
    }
    let rows: Vec<Value> = tasks
        .into_iter()
        .map(|((owner, what, _), (document, needed_by))| {
            let needed_by = needed_by.into_iter().map(|(path, at)| json!({ "construct": path, "source": at }));
            json!({ "owner": owner, "what": what, "document": document, "needed_by": needed_by.collect::<Vec<_>>() })
        })
        .collect();
    Some((OWNERS.to_owned(), text::json(&json!({ "tasks": rows }))))
}

/// Converts data for an owner, with known values as literals and deferred values as placeholders.
fn told(model: &Model, data: &Data) -> Value {
    match data {
        Data::Null => Value::Null,
        Data::Bool(value) => (*value).into(),
        Data::Int(value) => (*value).into(),
        Data::Float(value) => (*value).into(),
        Data::Text(text) => text.as_ref().into(),
        Data::List(items) => items.iter().map(|item| told(model, item)).collect(),
        Data::Map(bag) => {
            let entries: BTreeMap<&str, &Data> = bag.iter().collect();
            Value::Object(Map::from_iter(entries.into_iter().map(|(key, value)| (key.to_owned(), told(model, value)))))
        }
        Data::Deferred(deferred) if wire::is_list(model, deferred) => placeholder(model, deferred).into(),
        Data::Deferred(deferred) => kube_text::value_text(model, deferred, &mut |_| {}).into(),
        Data::Secret(secret) => told(model, &Data::from(Secret::arn(secret))),
    }
}
