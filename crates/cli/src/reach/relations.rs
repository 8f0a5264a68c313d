//! Differences between the relations of the program and the effective reachability of the output.

use std::collections::BTreeSet;
use std::path::Path;

use meshsynth::diag::{Diagnostic, Note};
use meshsynth::reach::{blocked_relation, undeclared_connection};
use meshsynth_assembly::graph::Graph;
use meshsynth_reach::relations::{self, Broken, Open, Undeclared};
use meshsynth_reach::world::At;
use meshsynth_reach::{Answer, Engine, World};

use super::explained::{explained, place, place_of};

/// The maximum number of listed sources or targets.
const NAMED: usize = 3;
/// The help for a connection without a relation.
const ASK: &str = "declare the relation (`calls`, `allow_from`, `grant_*`), or close the connection";

/// Whether the program of an assembly declares relations. Without any, the output is not compared with them.
pub fn are_declared(folder: &Path) -> bool {
    Graph::read(folder).is_ok_and(|graph| !graph.edges.is_empty())
}

/// Returns findings about relations that do not work, and about connections without a relation. Connections that a rule
/// already reported are skipped.
pub fn found(engine: &Engine<'_>, told: &BTreeSet<(String, String)>) -> Vec<Diagnostic> {
    let (broken, into_stores, ways) = relations::differing(engine);
    let mut found = cut(broken);
    let is_new = |it: &Answer| !told.contains(&(it.from.clone(), it.to.clone()));
    for mut way in into_stores {
        way.answers.retain(is_new);
        found.extend(into_store(engine.world(), &way));
    }
    let ways = ways.into_iter().filter(|it| is_new(&it.answer));
    found.extend(ways.map(|way| into_workloads(engine.world(), &way)));
    found
}

/// The resource that stops relations, and its field.
type Cause = (String, String);

/// Creates one finding for each cause that stops relations. Further stopped relations are notes.
fn cut(broken: Vec<Broken<'_>>) -> Vec<Diagnostic> {
    let mut groups: Vec<(Option<Cause>, Vec<Broken<'_>>)> = Vec::new();
    for it in broken {
        let decides = it.answer.deciding().find(|link| link.at.is_some());
        let cause = decides.map(|link| (link.what.clone(), link.field.clone()));
        match groups.iter_mut().find(|group| cause.is_some() && group.0 == cause) {
            Some(group) => group.1.push(it),
            None => groups.push((cause, vec![it])),
        }
    }
    let finding = |(_, all): (_, Vec<Broken<'_>>)| {
        let mut all = all.into_iter();
        let first = all.next()?;
        let mut found = blocked_relation(said(&first)).construct(&first.edge.from);
        found.place = Some(place(&first.edge.source));
        let others: Vec<Broken<'_>> = all.collect();
        let mut lines: Vec<(String, String)> = Vec::new();
        for other in &others {
            let line = (said(other), other.edge.source.clone());
            if !lines.contains(&line) {
                lines.push(line);
            }
        }
        for (text, source) in lines.iter().take(NAMED) {
            found.notes.push(Note { text: format!("for the same reason, {text}"), place: Some(place(source)) });
        }
        if lines.len() > NAMED {
            found = found.note(format!("and {} more relations", lines.len() - NAMED));
        }
        Some(explained(found, &first.answer))
    };
    groups.into_iter().filter_map(finding).collect()
}

/// Describes a relation that does not work.
fn said(it: &Broken<'_>) -> String {
    let (from, to) = (&it.answer.from, &it.answer.to);
    match (&it.action, it.edge.kind.as_str()) {
        (Some(action), _) => {
            format!("`{from}` has a grant for `{action}` on `{}`, but is not allowed to call it", it.edge.to)
        }
        (None, "entry") => format!("`{from}` routes traffic to `{to}`, but cannot reach it"),
        (None, "data") => format!("`{from}` uses `{to}`, but cannot reach it"),
        _ => format!("`{from}` calls `{to}`, but cannot reach it"),
    }
}

fn into_store(world: &World, way: &Undeclared) -> Option<Diagnostic> {
    let first = way.answers.first()?;
    let store = world.resource(way.store);
    let from: Vec<&str> = way.answers.iter().map(|it| it.from.as_str()).collect();
    let message = format!("{} can reach `{}`, but no relation declares this connection", listed(&from), store.name());
    let mut found = undeclared_connection(message).construct(store.name());
    let innermost = first.chain.iter().rev().find_map(|it| it.at.as_ref());
    found.place = Some(place_of(innermost.unwrap_or(&store.at)));
    Some(closed(explained(found, first)))
}

fn into_workloads(world: &World, way: &Open) -> Diagnostic {
    let to: Vec<String> = way.to.iter().map(|id| world.workload(*id).title()).collect();
    let to: Vec<&str> = to.iter().map(String::as_str).collect();
    let from: Vec<&str> = way.from.iter().map(String::as_str).collect();
    let message = match from.is_empty() {
        true => format!(
            "every workload of the cluster `{}` can reach {}, because no policy applies to {}",
            world.clusters[way.cluster].id,
            listed(&to),
            if to.len() == 1 { "it" } else { "them" },
        ),
        false => {
            format!("{} can reach {}, but no relation declares this connection", listed(&from), listed(&to))
        }
    };
    let none = At::default();
    let at = way.to.first().map_or(&none, |id| &world.object_of(*id).at);
    let mut found = undeclared_connection(message).construct(&at.construct);
    let innermost = way.answer.chain.iter().rev().find_map(|it| it.at.as_ref());
    found.place = Some(place_of(innermost.unwrap_or(at)));
    match from.is_empty() {
        true => found.help(
            "isolate the workloads: use `deny_by_default` in their namespace, a network policy or an \
                 authorization policy",
        ),
        false => closed(explained(found, &way.answer)),
    }
}

/// Adds the help to close the connection or to declare it.
fn closed(mut found: Diagnostic) -> Diagnostic {
    let close = found.help.take();
    let close = close.map(|it| format!("{ASK}: {it}"));
    found.help(close.unwrap_or_else(|| ASK.to_owned()))
}

/// Formats a list such as `a`, `b` and 3 more.
fn listed(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().take(NAMED).map(|it| format!("`{it}`")).collect();
    match (names.len(), quoted.split_last()) {
        (count, _) if count > NAMED => format!("{} and {} more", quoted.join(", "), count - NAMED),
        (_, Some((last, rest))) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => quoted.concat(),
    }
}
