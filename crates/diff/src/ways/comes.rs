//! Expected paths of new endpoints: from their nodes, from relations in the program, or equal to those of neighbors.

use std::collections::BTreeSet;

use meshsynth_assembly::graph::Graph;
use meshsynth_reach::world::WorkloadId;
use meshsynth_reach::{Source, Target, Verdict, World};

use super::comparison::{Comparison, Question};
use super::ends::{Ends, Key};
use super::fold::Turn;

/// The relations of a program, by the construct paths of their ends. Empty if there is no program.
struct Declared {
    edges: BTreeSet<(String, String)>,
    ends: BTreeSet<String>,
}

/// Marks each turn that is an expected path of a new endpoint.
pub fn mark(turns: &mut [Turn], comparison: &Comparison<'_>, graph: &str) {
    let [old, new] = comparison.ends;
    let head = comparison.engines[1].world();
    let is_new = |key: &Key| !old.sources.contains_key(key) && !old.targets.contains_key(key);
    let may_be = |it: &Turn| it.opens() && !matches!(it.source, Key::Internet | Key::Elsewhere(_));
    let mut declared = None;
    for turn in turns.iter_mut().filter(|it| may_be(it)) {
        let (key, is_into) = match (is_new(&turn.source), is_new(&turn.target)) {
            (true, false) => (turn.source.clone(), false),
            (false, true) => (turn.target.clone(), true),
            _ => continue,
        };
        let declared = declared.get_or_insert_with(|| Declared::of(graph));
        let is_node = match new.sources.get(&turn.source) {
            Some(Source::Resource(id)) => head.resource(*id).type_name == "AWS::EKS::Nodegroup",
            _ => false,
        };
        let is_asked_for = match (construct_of(head, new, &turn.source), construct_of(head, new, &turn.target)) {
            (Some(from), Some(to)) => declared.has(&from, &to),
            _ => false,
        };
        // It is often unknown whether a role can access a new resource, because the files do not contain AWS managed
        // policies.
        let is_open = is_into && turn.after == Verdict::Unknown && matches!(turn.source, Key::Resource(..));
        let is_plain = is_asked_for || is_open || (is_into && is_node);
        if is_plain || is_of_others(turn, comparison, is_into) {
            turn.with = Some((key, !is_plain));
        }
    }
}

/// The maximum number of neighbors that are compared.
const OTHERS: usize = 8;

/// Whether other workloads of the namespace already had the same path.
fn is_of_others(turn: &Turn, comparison: &Comparison<'_>, is_into: bool) -> bool {
    let [old, new] = comparison.ends;
    let head = comparison.engines[1].world();
    let key = if is_into { &turn.target } else { &turn.source };
    let Some((own, _)) = new.workloads().iter().find(|(_, it)| *it == key) else { return false };
    let place = |id: WorkloadId| (head.workload(id).cluster, head.workload(id).namespace.as_str());
    let is_other = |(id, it): &(&WorkloadId, &Key)| {
        place(**id) == place(*own) && *it != key && old.sources.contains_key(it) && **it != turn.source
    };
    let others: Vec<&Key> = new.workloads().iter().filter(is_other).map(|(_, key)| key).take(OTHERS).collect();
    let is_open = |question: Question<'_>| comparison.verdict(0, question).is_some_and(|it| it <= turn.after);
    let has = |other: &&Key| match is_into {
        false => **other == turn.target || is_open((other, &turn.target, &turn.ask)),
        true => {
            let asks = old.targets.get(other).into_iter().flat_map(|(_, asks)| asks);
            asks.into_iter().any(|ask| is_open((&turn.source, other, ask)))
        }
    };
    !others.is_empty() && others.iter().all(has)
}

/// Returns the construct path of an endpoint.
fn construct_of(world: &World, ends: &Ends, key: &Key) -> Option<String> {
    let of_resource = |id| world.resource(id).at.construct.clone();
    let found = match (ends.sources.get(key), ends.targets.get(key)) {
        (Some(Source::Workload(id)), _) | (_, Some((Target::Workload(id, _), _))) => {
            world.object_of(*id).at.construct.clone()
        }
        (Some(Source::Resource(id) | Source::Role(id)), _) | (_, Some((Target::Resource(id, _), _))) => {
            of_resource(*id)
        }
        _ => return None,
    };
    (!found.is_empty()).then_some(found)
}

impl Declared {
    fn of(graph: &str) -> Self {
        let graph = Graph::parse(graph).unwrap_or_default();
        let edges: BTreeSet<(String, String)> = graph.edges.into_iter().map(|it| (it.from, it.to)).collect();
        let ends = edges.iter().flat_map(|(from, to)| [from, to]).cloned().collect();
        Self { edges, ends }
    }

    /// Whether a relation connects the constructs at two paths.
    fn has(&self, from: &str, to: &str) -> bool {
        let (Some(from), Some(to)) = (self.end(from), self.end(to)) else { return false };
        self.edges.contains(&(from, to))
    }

    /// Returns the end of a relation at a path, or at its nearest parent.
    fn end(&self, path: &str) -> Option<String> {
        let mut path = path;
        loop {
            if self.ends.contains(path) {
                return Some(path.to_owned());
            }
            path = path.rsplit_once('/')?.0;
        }
    }
}
