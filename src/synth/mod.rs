//! The compiler: a list of passes over a frozen tree.
//!
//! 1. *freeze*: converts the tree to a [`Model`], and sorts the items that constructs add to lists.
//! 2. *check shapes*: checks each resource and object separately against the vendor's schema.
//! 3. *link*: resolves reads across stacks and clusters into exports, outputs and bindings, and determines the order of
//!    the stacks.
//! 4. *check graph*: runs the rules over the whole platform.
//! 5. *emit*: writes text, which cannot fail.
//!
//! Shape checks and linking are independent, so they run in parallel. Rules run after linking, because they need the
//! order of the stacks. No pass adds a construct. Parallel results are combined in the order of the list, so a program
//! always has the same output.

mod assembly;
mod causes;
mod check;
mod definitions;
mod deployed;
mod emit_cfn;
mod emit_kube;
mod exceptions;
mod exports;
mod files;
mod foreign;
mod freeze;
mod graph;
mod index;
mod judge;
mod kept_ids;
mod kube_text;
mod labels;
mod link;
mod model;
mod nested;
mod order;
mod other_app;
mod owners;
mod quota;
mod smoke;
mod text;
mod wire;

use std::thread;

use serde_json::Value;

use crate::diag::Diagnostic;
use crate::tree::Scope;

pub use assembly::{Assembly, Failure};
pub(crate) use judge::{AddedRule, Findings, Judge};
pub use link::Link;
pub use model::Model;
pub(crate) use quota::{MAX_BYTES, MAX_MAPPINGS, MAX_OUTPUTS, MAX_PARAMETERS, MAX_RESOURCES, quota_exceeded};

/// A rule over the whole platform: reads the model and reports errors.
pub type Check = fn(&Model, &Link, &mut Vec<Diagnostic>);

/// The format of templates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TemplateFormat {
    /// JSON, sorted and indented.
    #[default]
    Json,
    /// YAML, sorted.
    Yaml,
}

/// Compiles the app with this name. `rules` check the linked model.
pub(crate) fn synth(name: String, app: &Scope, format: TemplateFormat, rules: &dyn Judge) -> Result<Assembly, Failure> {
    synth_and(name, app, format, rules, drop).map(|(assembly, ())| assembly)
}

/// Compiles the app in a process that ends immediately afterwards. It does not free the model, because that would take
/// as long as some passes.
pub(crate) fn synth_last(
    name: String,
    app: &Scope,
    format: TemplateFormat,
    rules: &dyn Judge,
) -> Result<Assembly, Failure> {
    synth_and(name, app, format, rules, std::mem::forget).map(|(assembly, ())| assembly)
}

/// Compiles an app, and also returns the manifests as data, by path.
pub(crate) fn synth_with_objects(
    name: String,
    app: &Scope,
    rules: &dyn Judge,
) -> Result<(Assembly, Vec<(String, Value)>), Failure> {
    synth_and(name, app, TemplateFormat::Json, rules, |model| emit_kube::values(&model))
}

fn synth_and<T>(
    name: String,
    app: &Scope,
    format: TemplateFormat,
    rules: &dyn Judge,
    and: impl FnOnce(Model) -> T,
) -> Result<(Assembly, T), Failure> {
    let (model, link, mut diagnostics) = judge(app, rules);
    let exceptions = exceptions::apply(&model, rules, &mut diagnostics);
    causes::as_written(&model, &mut diagnostics);
    if has_errors(&diagnostics) {
        return Err(Failure::new(name, diagnostics));
    }
    // Both closures read the same model and write different files.
    let (manifests, (mut files, described)) = side_by_side(
        || emit_kube::manifests(&model),
        || (emit_cfn::templates(&model, &link, format), index::described(&model, &link)),
    );
    quota::sizes(&model, &files, &mut diagnostics);
    if has_errors(&diagnostics) {
        return Err(Failure::new(name, diagnostics));
    }
    files.extend(manifests);
    files.extend(smoke::scripts(&model));
    files.extend(owners::tasks(&model));
    let manifest = index::manifest(&model, &link, &files, format, (&exceptions, &rules.added()));
    files.insert(index::MANIFEST.to_owned(), manifest);
    files.extend(described);
    let assembly = Assembly::new(model.app.clone(), files, diagnostics);
    Ok((assembly, and(model)))
}

/// Checks an app without writing files, and returns all errors and warnings, sorted by location.
pub(crate) fn check(app: &Scope, rules: &dyn Judge) -> Vec<Diagnostic> {
    let (model, _, mut diagnostics) = judge(app, rules);
    exceptions::apply(&model, rules, &mut diagnostics);
    causes::as_written(&model, &mut diagnostics);
    assembly::sorted(diagnostics)
}

/// Runs only the rules, for resources whose shapes were already checked when their files were read.
pub(crate) fn check_rules(app: &Scope, rules: &dyn Judge) -> Vec<Diagnostic> {
    let (model, mut diagnostics) = Model::freeze(app);
    let link = link::link(&model, &mut diagnostics);
    rules.run(&model, &link, &mut diagnostics);
    assembly::sorted(diagnostics)
}

/// Runs lists of rules over one linked model in sequence, and counts their findings.
pub(crate) fn count_findings<'a>(app: &Scope, lists: impl IntoIterator<Item = &'a dyn Judge>) -> usize {
    let mut found = Vec::new();
    let (model, mut diagnostics) = Model::freeze(app);
    let link = link::link(&model, &mut diagnostics);
    lists.into_iter().for_each(|rules| rules.run(&model, &link, &mut found));
    found.len()
}

/// Runs the passes before files are written.
fn judge(app: &Scope, rules: &dyn Judge) -> (Model, Link, Vec<Diagnostic>) {
    let (mut model, mut diagnostics) = Model::freeze(app);
    let (link, mut found) = passes(&model, rules);
    if model.is_mixed {
        found.clear();
    }
    diagnostics.extend(causes::alone(&mut model, found, |model| passes(model, rules).1));
    (model, link, diagnostics)
}

fn passes(model: &Model, rules: &dyn Judge) -> (Link, Vec<Diagnostic>) {
    let mut of_links = Vec::new();
    let (mut found, link) = side_by_side(|| check::shapes(model), || link::link(model, &mut of_links));
    found.extend(of_links);
    rules.run(model, &link, &mut found);
    quota::counts(model, &link, &mut found);
    (link, found)
}

/// Runs two functions in parallel, and propagates a panic of either.
pub(crate) fn side_by_side<A: Send, B>(one: impl FnOnce() -> A + Send, other: impl FnOnce() -> B) -> (A, B) {
    thread::scope(|scope| {
        let one = scope.spawn(one);
        let other = other();
        (one.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)), other)
    })
}

fn has_errors(diagnostics: &[Diagnostic]) -> bool {
    diagnostics.iter().any(Diagnostic::is_error)
}
