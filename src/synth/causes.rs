//! Suppression of findings that are only consequences of another error in the tree.
//!
//! A construct that is defined twice, or a stack in a nonexistent region, causes findings in other rules. The compiler
//! temporarily repairs such errors in the model: it hides one of the duplicates, or sets a valid region. The passes
//! also check each repaired model. A finding is reported only if it occurs in the original model and in at least one
//! repaired model.

use crate::diag::{Diagnostic, Place, Severity};
use crate::hash::FastSet;
use crate::name::{self, pascal};
use crate::node::{Env, Kind};

use super::Model;

/// Returns the errors in the tree, and the findings that also occur in a repaired model.
pub(super) fn alone(
    model: &mut Model,
    found: Vec<Diagnostic>,
    passes: impl Fn(&Model) -> Vec<Diagnostic>,
) -> Vec<Diagnostic> {
    let (twins, envs) = (twins(model), envs(model));
    if twins.is_empty() && envs.is_empty() {
        return found;
    }
    let as_they_are: Vec<Option<Env>> = model.nodes.iter().map(|node| env(&node.kind).cloned()).collect();
    let mut holds = FastSet::default();
    for hidden in or_nothing(twins) {
        model.hidden = hidden;
        for repair in or_nothing(envs.clone()) {
            for (node, repaired) in model.nodes.iter_mut().zip(repair) {
                set(&mut node.kind, repaired);
            }
            holds.extend(passes(model).iter().map(Key::of));
        }
    }
    model.hidden = Vec::new();
    for (node, env) in model.nodes.iter_mut().zip(as_they_are) {
        set(&mut node.kind, env);
    }
    found.into_iter().filter(|it| is_cause(it) || holds.contains(&Key::of(it))).collect()
}

/// Replaces substituted ids in diagnostics with the ids in the program.
pub(super) fn as_written(model: &Model, diagnostics: &mut [Diagnostic]) {
    let stand_ins = model.nodes.iter().filter_map(|node| Some((&*node.id, node.written_id.as_deref()?)));
    let stand_ins: Vec<_> =
        stand_ins.flat_map(|(id, it)| [(id.to_owned(), it.to_owned()), (pascal(id), pascal(it))]).collect();
    if stand_ins.is_empty() {
        return;
    }
    let written = |text: &mut String| {
        for (id, written) in stand_ins.iter().filter(|(id, _)| text.contains(id.as_str())).collect::<Vec<_>>() {
            *text = text.replace(id.as_str(), written);
        }
    };
    for it in diagnostics {
        written(&mut it.message);
        it.field
            .iter_mut()
            .chain(&mut it.help)
            .chain(it.notes.iter_mut().map(|note| &mut note.text))
            .for_each(&written);
    }
}

/// The fields that identify a finding, without texts that a repair may change.
#[derive(PartialEq, Eq, Hash)]
struct Key {
    code: &'static str,
    severity: Severity,
    construct: String,
    place: Option<Place>,
    field: Option<String>,
}

impl Key {
    fn of(it: &Diagnostic) -> Self {
        let Diagnostic { code, severity, construct, place, field, .. } = it.clone();
        Self { code, severity, construct, place, field }
    }
}

/// Whether a finding is an error that this module repairs. Such an error does not occur in a repaired model.
fn is_cause(it: &Diagnostic) -> bool {
    matches!(it.code, "MS0115" | "MS0117")
}

/// Returns the repairs, or one empty repair.
fn or_nothing<T>(repairs: Vec<Vec<T>>) -> Vec<Vec<T>> {
    if repairs.is_empty() { vec![Vec::new()] } else { repairs }
}

/// Returns two sets of nodes to hide. The first set keeps only the first of each group of duplicates, and the second
/// set keeps only the last.
fn twins(model: &Model) -> Vec<Vec<bool>> {
    let mut last: Vec<Option<usize>> = vec![None; model.nodes.iter().len()];
    for (idx, node) in model.nodes.iter().enumerate() {
        if let Some(first) = node.twin_of {
            last[first.idx()] = Some(idx);
        }
    }
    if last.iter().all(Option::is_none) {
        return Vec::new();
    }
    let is_last = |idx: usize| match model.nodes[model.nodes.id(idx)].twin_of {
        Some(first) => last[first.idx()] == Some(idx),
        None => last[idx].is_none(),
    };
    let below = |is_out: &dyn Fn(usize) -> bool| {
        let mut hidden: Vec<bool> = Vec::with_capacity(model.nodes.iter().len());
        for (idx, node) in model.nodes.iter().enumerate() {
            hidden.push(is_out(idx) || node.parent.is_some_and(|above| hidden[above.idx()]));
        }
        hidden
    };
    vec![below(&|idx| model.nodes[model.nodes.id(idx)].twin_of.is_some()), below(&|idx| !is_last(idx))]
}

/// Returns valid environments for stacks with an invalid environment: with a default region, and with the region of
/// another stack.
fn envs(model: &Model) -> Vec<Vec<Option<Env>>> {
    let is_wrong =
        |env: &Env| !name::is_region(&env.region) || env.account.as_deref().is_some_and(|it| !name::is_account(it));
    if !model.stacks().any(|(_, stack)| is_wrong(&stack.env)) {
        return Vec::new();
    }
    let other = model.stacks().map(|(_, stack)| &stack.env).find(|env| !is_wrong(env));
    let regions = [Some(name::ANY_REGION), other.map(|env| env.region.as_str())];
    let repaired = |env: &Env, region: &str| {
        let account = env.account.clone().filter(|it| name::is_account(it)).or_else(|| other?.account.clone());
        let region = if name::is_region(&env.region) { env.region.clone() } else { region.to_owned() };
        Env { account, region }
    };
    let model_in = |region: &str| model.nodes.iter().map(|node| Some(repaired(env(&node.kind)?, region))).collect();
    regions.into_iter().flatten().map(model_in).collect()
}

fn env(kind: &Kind) -> Option<&Env> {
    match kind {
        Kind::Stack(stack) => Some(&stack.env),
        _ => None,
    }
}

fn set(kind: &mut Kind, env: Option<Env>) {
    if let (Kind::Stack(stack), Some(env)) = (kind, env) {
        stack.env = env;
    }
}
