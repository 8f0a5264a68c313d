//! Cycles of dependencies between resources.

use std::collections::{BTreeMap, BTreeSet};

use crate::diag::Diagnostic;
use crate::val::Data;

use super::document::{Entry, Template};
use super::function::{Piece, attribute, call, pieces, substitution};

/// The dependencies of a resource: the required resource, and the path of the reference.
type Needs<'a> = BTreeMap<&'a str, Vec<(&'a str, String)>>;

/// Reports each cycle once, from its first resource.
pub fn check(template: &Template, out: &mut Vec<Diagnostic>) {
    let mut needs = Needs::new();
    for entry in &template.resources {
        // A transform converts one resource to several resources.
        if entry.type_name().starts_with("AWS::Serverless::") {
            continue;
        }
        let mut found = Vec::new();
        if let Some(properties) = entry.properties() {
            references(properties, "Properties", &mut found);
        }
        match entry.body.as_map().and_then(|it| it.get("DependsOn")) {
            Some(Data::Text(id)) => found.push((id, "DependsOn".to_owned())),
            Some(Data::List(items)) => {
                let named =
                    items.iter().enumerate().filter_map(|(idx, id)| Some((id.as_str()?, format!("DependsOn[{idx}]"))));
                found.extend(named);
            }
            _ => {}
        }
        needs.insert(&entry.id, found);
    }
    let mut done = BTreeSet::new();
    for entry in &template.resources {
        let mut trail = vec![entry.id.as_str()];
        if let Some(cycle) = cycle(&needs, &mut trail, &mut done) {
            out.push(describe(template, &needs, &cycle));
        }
        done.insert(entry.id.as_str());
    }
}

/// Returns a cycle: a path from the last resource of `trail` back to one of its resources.
fn cycle<'a>(needs: &Needs<'a>, trail: &mut Vec<&'a str>, done: &mut BTreeSet<&'a str>) -> Option<Vec<&'a str>> {
    let last = *trail.last()?;
    for (next, _) in needs.get(last).into_iter().flatten() {
        if let Some(start) = trail.iter().position(|on| on == next) {
            return Some(trail[start..].to_vec());
        }
        let Some((known, _)) = needs.get_key_value(*next).filter(|(known, _)| !done.contains(*known)) else { continue };
        trail.push(known);
        if let Some(found) = cycle(needs, trail, done) {
            return Some(found);
        }
        trail.pop();
        done.insert(known);
    }
    None
}

fn describe(template: &Template, needs: &Needs<'_>, cycle: &[&str]) -> Diagnostic {
    let names: Vec<String> = cycle.iter().chain(cycle.first()).map(|id| format!("`{id}`")).collect();
    let message = match cycle {
        [id] => format!("the resource `{id}` refers to itself"),
        _ => format!("resources depend on each other in a cycle: {}", names.join(" → ")),
    };
    let mut diagnostic = Diagnostic::error("MS0122", message).construct(template.construct(cycle[0]));
    for (idx, id) in cycle.iter().enumerate() {
        let next = cycle[(idx + 1) % cycle.len()];
        let path = needs.get(id).and_then(|it| it.iter().find(|(to, _)| *to == next)).map(|(_, path)| path.as_str());
        let (Some(path), Some(Entry { at, .. })) = (path, template.resource(id)) else { continue };
        diagnostic = match idx {
            0 => diagnostic.at(*at).field(path),
            _ => diagnostic.note_at(format!("`{id}` refers to `{next}` in `{path}`"), *at),
        };
    }
    diagnostic.help("remove one of the references, or move it to a separate resource, such as a security group rule")
}

/// Returns the resources that a value refers to, without those that a condition may omit.
fn references<'a>(data: &'a Data, path: &str, found: &mut Vec<(&'a str, String)>) {
    match (call(data), data) {
        (Some(("Fn::If", _)), _) => {}
        (Some(("Ref", id)), _) => found.extend(id.as_str().map(|id| (id, path.to_owned()))),
        (Some(("Fn::GetAtt", argument)), _) => found.extend(attribute(argument).map(|(id, _)| (id, path.to_owned()))),
        (Some(("Fn::Sub", argument)), _) => {
            let Some((text, variables)) = substitution(argument) else { return };
            for piece in pieces(text) {
                if let Piece::Variable(name) = piece
                    && variables.is_none_or(|it| it.get(name).is_none())
                {
                    found.push((name.split_once('.').map_or(name, |(id, _)| id), path.to_owned()));
                }
            }
            for (_, value) in variables.into_iter().flat_map(|it| it.iter()) {
                references(value, path, found);
            }
        }
        (_, Data::List(items)) => {
            for (idx, item) in items.iter().enumerate() {
                references(item, &format!("{path}[{idx}]"), found);
            }
        }
        (_, Data::Map(bag)) => {
            for (key, value) in bag.iter() {
                references(value, &format!("{path}.{key}"), found);
            }
        }
        _ => {}
    }
}
