//! Comparison of access: each side becomes a set of allowed requests, and the report shows the differences.
//!
//! [`names`] resolves references. [`iam`], [`network`], [`cluster`] and [`rbac`] collect the policies of each subject.
//! [`subjects`] converts them to a set with the crate `meshsynth-access`, and [`words`] describes the difference.

mod calls;
mod cluster;
mod exposed;
mod iam;
mod names;
mod network;
mod objects;
mod phrases;
mod pods;
mod rbac;
mod runs_with;
mod subjects;
mod traffic;
mod words;

use std::collections::BTreeSet;

use meshsynth_access::sets::{Cube, Dimension, Extent, Part, Region, Set, Values};
use meshsynth_access::{Direction, compare as difference};
use meshsynth_assembly::Stack;
use meshsynth_assembly::graph::Graph;
use meshsynth_facts as facts;
use names::Names;
pub use network::group_name;
use subjects::{Asked, Collected, Question, Topic};

use crate::change::{About, Access, Change, Section};
use crate::effect::Verdict;
use crate::side::{Pair, Side};

/// Returns the requests that one side allows and the other does not.
pub fn compare(pair: &Pair) -> Vec<Access> {
    let mut found: Vec<Access> = templates(pair).iter().chain(&cluster::asked(pair)).flat_map(answer).collect();
    found.sort_by(|a, b| (!a.public, !a.widened, &a.text).cmp(&(!b.public, !b.widened, &b.text)));
    found.dedup();
    found
}

/// Returns the questions about the resources of stacks.
fn templates(pair: &Pair) -> Vec<Asked> {
    let sides = [pair.base, pair.head];
    let changed = sides.map(|side| pair.stacks(side).collect::<Vec<_>>());
    let first = collect(pair, &changed, None);
    let differs: BTreeSet<Question> =
        asked(&first, None).into_iter().filter(|it| !answer(it).is_empty()).map(|it| it.question).collect();
    if differs.is_empty() {
        return Vec::new();
    }
    // Policies in unchanged stacks may also decide the changed requests. This concerns only stacks that mention a name
    // from a changed stack.
    let beside = sides.map(|side| beside(pair, side));
    asked(&collect(pair, &changed, Some(&beside)), Some(&differs))
}

fn asked(sides: &[Collected; 2], only: Option<&BTreeSet<Question>>) -> Vec<Asked> {
    let [old, new] = sides;
    let all: BTreeSet<&Question> = old.subjects.keys().chain(new.subjects.keys()).collect();
    let one = |question: &Question| {
        let all = || [new, old].into_iter().flat_map(|side| side.subjects.get(question)).flat_map(|pieces| &pieces.at);
        Asked {
            question: question.clone(),
            at: all().next().cloned().unwrap_or_default(),
            written: all().cloned().collect(),
            regions: [old.region(question, new), new.region(question, old)],
            closed: [false; 2],
            is_blocked: new.blocked.contains(&question.1),
            about: About::Other,
        }
    };
    all.into_iter().filter(|it| only.is_none_or(|only| only.contains(*it))).map(one).collect()
}

fn collect(pair: &Pair, changed: &[Vec<&Stack>; 2], beside: Option<&[Vec<&Stack>; 2]>) -> [Collected; 2] {
    let sides = [pair.base, pair.head];
    let stacks = |at: usize| changed[at].iter().chain(beside.into_iter().flat_map(move |it| &it[at]));
    let resources = |at: usize| stacks(at).flat_map(move |stack| sides[at].resources_of(stack).map(move |it| (at, it)));
    let head: BTreeSet<(&str, &str)> =
        resources(1).map(|(_, (stack, id, _))| (stack.id.as_str(), id.as_str())).collect();
    // A resource that is retained when it leaves its stack keeps its policies.
    let retained = resources(0).filter(|(_, (stack, id, resource))| {
        let policy = resource["DeletionPolicy"].as_str().unwrap_or_default();
        ["Retain", "RetainExceptOnCreate"].contains(&policy) && !head.contains(&(stack.id.as_str(), id.as_str()))
    });
    let resources = [resources(0).collect::<Vec<_>>(), resources(1).chain(retained).collect()];
    let there = [0, 1].map(|at| {
        let mut there = BTreeSet::new();
        for (of, (stack, id, _)) in &resources[at] {
            let path = Names { side: sides[*of], stack }.construct(id);
            there.extend([iam::person(&path).to_owned(), network::group_name(&path).to_owned(), path]);
        }
        there
    });
    [0, 1].map(|at| {
        let mut found = Collected { there: there[at].clone(), ..Collected::default() };
        for (of, (stack, id, resource)) in &resources[at] {
            let names = Names { side: sides[*of], stack };
            iam::collect(&names, id, resource, &mut found);
            let is_new = !there[1 - at].contains(&names.construct(id));
            network::collect(&names, id, resource, is_new, &mut found);
            if !is_new {
                runs_with::collect(&names, id, resource, &mut found);
            }
        }
        found
    })
}

/// Returns the unchanged stacks that a changed stack needs, or that need a changed stack.
fn beside<'a>(pair: &Pair, side: &'a Side) -> Vec<&'a Stack> {
    let loud: BTreeSet<&str> = pair.stacks(side).map(|stack| stack.id.as_str()).collect();
    let needed: BTreeSet<&str> = pair.stacks(side).flat_map(|stack| &stack.needs).map(String::as_str).collect();
    let is_beside = |stack: &&Stack| {
        !loud.contains(stack.id.as_str())
            && (needed.contains(stack.id.as_str()) || stack.needs.iter().any(|need| loud.contains(need.as_str())))
    };
    side.manifest.stacks.iter().filter(is_beside).collect()
}

/// Returns the differences between the answers of both sides.
fn answer(asked: &Asked) -> Vec<Access> {
    let here = || Region::from(Cube::new().with(Dimension::Elsewhere, Set::literal("yes").complement()));
    let (before, after) = match &asked.regions {
        [Some(before), Some(after)] => (before.clone(), after.clone()),
        // If a subject exists on only one side, requests that only other policies allow are not compared.
        [None, Some(after)] => (Region::none(), after.clone().and(here())),
        [Some(before), None] => (before.clone().and(here()), Region::none()),
        [None, None] => return Vec::new(),
    };
    let mut changes = difference(&before, &after);
    changes.retain(|it| !is_about_nothing(&asked.question, &it.summary));
    if let Some(row) = words::of_closing(asked, !changes.is_empty()) {
        // This sentence covers all changes in its direction, so only changes in the other direction follow.
        let other = if row.widened { Direction::Narrowed } else { Direction::Widened };
        let rest = changes.iter().filter(|it| it.direction == other).map(|it| words::row(asked, it));
        return rest.chain([row]).collect();
    }
    changes.iter().map(|it| words::row(asked, it)).collect()
}

/// Whether a resource policy change concerns only other resources, on which the policy has no effect.
fn is_about_nothing((topic, subject): &Question, extent: &Extent) -> bool {
    let (Topic::Policy, Some(resources)) = (topic, extent.of(&Dimension::Resource)) else { return false };
    let names = |wanted: &dyn Fn(&str) -> bool| {
        let has = |part: &Part| part.of.is_empty() && part.except.iter().any(|it| wanted(&it.to_string()));
        resources.0.iter().all(has)
    };
    let is_own = |text: &str| names::thing(text) == *subject;
    // Objects of a bucket have separate ARNs.
    let is_content = |text: &str| text.strip_suffix("/*").is_some_and(is_own);
    let actions = extent.of(&Dimension::Action).and_then(Values::tests);
    let has_content = actions.is_none_or(|actions| actions.iter().any(|it| it.to_string().starts_with("s3:")));
    names(&is_own) && (!has_content || names(&is_content))
}

/// Marks access between a principal and a resource that the same change creates. No existing principal gains access,
/// and no existing resource becomes accessible.
pub fn mark(rows: &mut [Access], changes: &[Change], base: &str) {
    let created: BTreeSet<String> = changes.iter().filter(|it| it.verdict == Verdict::Create).flat_map(names).collect();
    let is_created = |subject: &str| {
        let parts = subject.split(['$', '{', '}']).map(|part| part.split('.').next().unwrap_or_default());
        parts.chain([subject]).any(|part| created.contains(part))
    };
    let mut concerned: Vec<&mut Access> =
        rows.iter_mut().filter(|row| row.widened && !row.public && is_created(&row.subject)).collect();
    if concerned.is_empty() {
        return;
    }
    // An assembly without a diagram does not list the existing constructs.
    let old = Graph::parse(base).unwrap_or_default();
    let was_there = |who: &str| {
        let end = format!("/{who}");
        old.nodes.iter().filter(|node| !node.group).any(|node| {
            let below = who.strip_prefix(node.path.as_str());
            below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/')) || node.path.ends_with(&end)
        })
    };
    for row in &mut concerned {
        row.fresh = !was_there(&row.who);
    }
}

/// Returns the names under which the subject of a permission may refer to a changed resource.
fn names(change: &Change) -> Vec<String> {
    match &change.section {
        Section::Namespace(_, namespace) => {
            // A policy or scaler may have the name of a workload that existed before.
            let own = facts::kind(&change.kind).runs_pods().then(|| format!("{namespace}/{}", change.name));
            own.into_iter().chain([format!("{} {}", change.kind, change.name)]).collect()
        }
        _ => vec![change.name.clone()],
    }
}
