//! Changes of CloudFormation resources: matching of both sides, and the effect on each resource.

use std::collections::{BTreeMap, BTreeSet};

use meshsynth_assembly::Stack;
use meshsynth_facts::{self as facts, resources::Stop};
use serde_json::{Map, Value};

use crate::change::{Change, Edit, Reason, Section};
use crate::effect::Verdict;
use crate::fate::Fate;
use crate::interruption::Interruption;
use crate::renames;
use crate::resolve;
use crate::resource::{Row, change, is_stateful, type_of};
use crate::side::{Pair, Side, construct, is_same_stack};
use crate::tree::intrinsic::Scope;
use crate::tree::{self, Dialect};
use crate::verdict::{self, Judged};

type Key<'a> = (&'a str, &'a str);

/// Returns the changes of all resources. A stack with another name or place counts as another stack.
pub fn compare(pair: &Pair) -> Vec<Change> {
    let (before, after) = (rows(pair, pair.base), rows(pair, pair.head));
    let kept = |key: &Key| match (before.get(key), after.get(key)) {
        (Some(a), Some(b)) => is_same_stack(a.0, b.0),
        _ => false,
    };
    let mut changes = Vec::new();
    for (key, old) in before.iter().filter(|(key, _)| kept(key)) {
        changes.extend(update(pair, *old, after[key]));
    }
    let mut gone: Vec<Row> = before.iter().filter(|(key, _)| !kept(key)).map(|(_, row)| *row).collect();
    let mut new: Vec<Row> = after.iter().filter(|(key, _)| !kept(key)).map(|(_, row)| *row).collect();
    changes.extend(renames::find(&mut gone, &mut new));
    let mut heirs = new.clone();
    for (stack, id, resource) in gone {
        let type_name = type_of(resource);
        let mut judged = verdict::guarded_deletion(type_name, is_stateful(stack, id), resource);
        if let [Fate::Removed(old)] = judged.data[..]
            && let Some(by) = heir(type_name, stack, &mut heirs)
        {
            judged.data = vec![Fate::Succeeded { by, old }];
        }
        changes.push(Change { gone: true, ..change(stack, id, type_name, judged) });
    }
    for (stack, id, resource) in new {
        let judged = Judged { verdict: Verdict::Create, reasons: Vec::new(), data: Vec::new() };
        changes.push(change(stack, id, type_of(resource), judged));
    }
    changes.extend(outputs(pair));
    changes
}

/// Returns a new resource of the same type that clients of the old one will use. It is in the same stack, or the only
/// candidate. Nested stacks are excluded, because their templates determine their content.
fn heir(type_name: &str, stack: &Stack, heirs: &mut Vec<Row>) -> Option<String> {
    let is_like = |(_, _, resource): &Row| type_of(resource) == type_name && type_name != "AWS::CloudFormation::Stack";
    let near = heirs.iter().position(|row| is_like(row) && row.0.id == stack.id);
    let only = || heirs.iter().position(is_like).filter(|_| heirs.iter().filter(|row| is_like(row)).count() == 1);
    let (stack, id, _) = heirs.remove(near.or_else(only)?);
    Some(construct(stack, id).to_owned())
}

fn rows<'a>(pair: &'a Pair, side: &'a Side) -> BTreeMap<Key<'a>, Row<'a>> {
    pair.resources(side)
        .map(|(stack, id, resource)| ((stack.id.as_str(), id.as_str()), (stack, id.as_str(), resource)))
        .collect()
}

fn update(pair: &Pair, old: Row, new: Row) -> Option<Change> {
    let (stack, id, before) = old;
    let (new_stack, _, after) = new;
    if before == after {
        return None;
    }
    let (type_name, new_type) = (type_of(before), type_of(after));
    if type_name != new_type {
        let mut judged = verdict::guarded_deletion(type_name, is_stateful(stack, id), before);
        judged.verdict = judged.verdict.max(Verdict::Replace);
        judged.reasons = vec![format!("its previous type is `{type_name}`").into()];
        return Some(change(new_stack, id, new_type, judged));
    }
    let empty = Value::Object(Map::new());
    let of = |resource: &Value| resource.get("Properties").cloned().unwrap_or_else(|| empty.clone());
    let (base, head) = (Scope { side: pair.base, stack }, Scope { side: pair.head, stack: new_stack });
    let (edits, _) =
        tree::compare_resource(type_name, &of(before), &of(after), Dialect::CloudFormation, Some(base), Some(head));
    let attributes = tree::compare(&without(before), &without(after), Dialect::CloudFormation);
    if edits.is_empty() && attributes.is_empty() {
        return None;
    }
    let mut judged = verdict::update(type_name, is_stateful(stack, id), before, after, &edits);
    for edit in attributes.iter().filter(|edit| edit.path == "DeletionPolicy" || edit.path == "UpdateReplacePolicy") {
        let keeps = |value: &Option<Value>| value.as_ref().and_then(Value::as_str).is_some_and(|word| word != "Delete");
        if keeps(&edit.before) && !keeps(&edit.after) {
            judged.reasons.push(format!("`{}` no longer retains it on deletion", edit.path).into());
            if (is_stateful(stack, id) || verdict::holds_data(type_name)) && judged.data.is_empty() {
                judged.data.push(Fate::Unprotected { attribute: edit.path.clone() });
            }
        }
    }
    let stop = stopped(type_name, before, after);
    if let Some(Stop { property, value }) = stop {
        judged.reasons.push(format!("`{property}` is {value}: it handles no more requests or work").into());
    }
    let mut change = change(new_stack, id, type_name, judged);
    change.interrupts = stop.map(|_| Interruption::Disabled);
    change.edits = edits;
    change.edits.extend(attributes);
    Some(change)
}

/// Returns the property value that stops a resource, unless it was stopped before.
fn stopped(type_name: &str, before: &Value, after: &Value) -> Option<&'static Stop> {
    let is_at = |resource: &Value, stop: &Stop| {
        let value = stop.property.split('.').fold(&resource["Properties"], |value, step| &value[step]);
        match value {
            Value::String(text) => text == stop.value,
            Value::Number(number) => number.to_string().as_str() == stop.value,
            Value::Bool(flag) => flag.to_string().as_str() == stop.value,
            _ => false,
        }
    };
    let stops = &facts::resource(type_name).stops;
    let was_stopped = stops.iter().any(|stop| is_at(before, stop));
    stops.iter().find(|stop| !was_stopped && is_at(after, stop))
}

/// Returns a resource without its type and properties.
fn without(resource: &Value) -> Value {
    let mut rest = resource.as_object().cloned().unwrap_or_default();
    rest.remove("Type");
    rest.remove("Properties");
    Value::Object(rest)
}

/// Returns changes of outputs, which CloudFormation updates in place, and of other template sections.
fn outputs(pair: &Pair) -> Vec<Change> {
    let Pair { base, head, .. } = pair;
    let mut changes = Vec::new();
    for stack in pair.stacks(head) {
        let Some(old) = base.stack(&stack.id).filter(|old| is_same_stack(old, stack)) else { continue };
        let rest = |side: &Side, stack: &Stack| {
            let sections = side.template(stack).as_object().into_iter().flatten();
            let sections = sections.filter(|(name, _)| *name != "Resources");
            let mut rest: Map<_, _> =
                sections.map(|(name, section)| (name.clone(), resolve::without_secrets(name, section))).collect();
            rest.insert("Stack tags".to_owned(), serde_json::json!(stack.tags));
            Value::Object(rest)
        };
        let edits = tree::compare(&rest(base, old), &rest(head, stack), Dialect::CloudFormation);
        let reasons = order(old, stack);
        if edits.is_empty() && reasons.is_empty() {
            continue;
        }
        let is_default = |edit: &Edit| edit.is_below(&["Parameters"]) && edit.names("Default");
        let n_new = edits.iter().filter(|edit| edit.is_new_output()).count();
        let mut reasons = reasons;
        if n_new > 1 {
            reasons.push(format!("{n_new} new outputs for other stacks or clusters").into());
        }
        if edits.iter().any(is_default) {
            reasons.push("the comparison uses the parameter's default; the value at deployment may differ".into());
        }
        let judged = Judged { verdict: Verdict::InPlace, reasons, data: Vec::new() };
        let mut sections: BTreeSet<&str> = edits.iter().filter_map(|edit| edit.path.split('.').next()).collect();
        if old.needs != stack.needs {
            sections.insert("Order");
        }
        let name = sections.into_iter().collect::<Vec<_>>().join(", ");
        let Judged { verdict, reasons, data } = judged;
        let section = Section::Stack(stack.id.clone());
        changes.push(Change { reasons, data, edits, ..Change::new(section, "template", name, verdict) });
    }
    changes
}

/// Returns the changed dependencies of a stack.
fn order(old: &Stack, new: &Stack) -> Vec<Reason> {
    let named = |some: &[String], others: &[String]| -> Option<String> {
        let names: Vec<String> =
            some.iter().filter(|name| !others.contains(name)).map(|name| format!("`{name}`")).collect();
        (!names.is_empty()).then(|| names.join(", "))
    };
    let later = named(&new.needs, &old.needs).map(|names| format!("it is now deployed after {names}"));
    let free = named(&old.needs, &new.needs).map(|names| format!("it is no longer deployed after {names}"));
    later.into_iter().chain(free).map(Reason::from).collect()
}
