//! The modules of a stack, in passes.
//!
//! 1. `unsupported` refuses templates that CloudFormation does not accept.
//! 2. `references` collects the references between entries.
//! 3. `entry` names the resources and sorts them by their dependencies.
//! 4. `definitions` writes a statement for each resource, and the statements of the other sections.
//! 5. `units` groups repeated statements, which become functions.
//! 6. `one_file` or `several_files` divides the statements among modules.

pub mod cdk_bootstrap;
mod context;
mod definitions;
mod entry;
mod location;
mod logical_ids;
mod one_file;
mod output;
mod parameter;
mod parameters;
mod passed_constructs;
mod references;
mod resource;
mod resource_names;
mod sections;
mod several_files;
mod stack_module;
mod units;
mod unsupported;

use crate::bare_construct::NESTED_STACK;
use crate::report::{Became, Row};
use crate::types::Types;
use crate::{Exclusions, Refusal, Template};

pub use context::{NestedModule, NestedModules, StackContext};
use definitions::Definitions;
use entry::Entry;
use parameters::Parameters;
use stack_module::{MOST_LINES, StackModules};

/// The minimum number of lines for a separate file of parameters.
const MANY_PARAMETER_LINES: usize = 60;

/// The modules of a stack, and the result for each resource.
pub struct AdoptedStack {
    /// The modules.
    pub modules: StackModules,
    /// The result for each resource.
    pub rows: Vec<Row>,
    /// Remarks for the user.
    pub notes: Vec<String>,
    /// The IDs of its constructs, each with the logical ID of the resource.
    pub constructs: Vec<(String, String)>,
}

/// Returns the reasons why a template cannot be adopted.
pub fn refusals(template: &Template) -> Vec<Refusal> {
    unsupported::refusals(template)
}

/// Writes the stack of a supported template as modules with this name.
pub fn write(
    template: &Template,
    module: &str,
    context: &StackContext,
    exclusions: &Exclusions,
    types: &mut Types,
) -> AdoptedStack {
    let stack = write_stack(template, module, context, exclusions, types, false);
    let has_raw = stack.rows.iter().any(|row| matches!(row.became, Became::Raw(_)));
    // An untyped resource has no handle in another file.
    let is_again = stack.modules.len() > 1 && has_raw;
    if is_again { write_stack(template, module, context, exclusions, types, true) } else { stack }
}

fn write_stack(
    template: &Template,
    module: &str,
    context: &StackContext,
    exclusions: &Exclusions,
    types: &mut Types,
    is_raw_by_id: bool,
) -> AdoptedStack {
    let mut definitions = Definitions::of(template, module, context, exclusions, types, is_raw_by_id);
    let units = definitions.units();
    let n_lines = definitions.n_lines(&units);
    let n_parameter_lines = Parameters::n_lines(&definitions.parameters);
    let is_separate = n_parameter_lines > MANY_PARAMETER_LINES && n_lines > MOST_LINES;
    let n_main_lines = if is_separate { n_lines - n_parameter_lines } else { n_lines };
    let modules = match n_main_lines <= MOST_LINES {
        true => one_file::modules(template, module, &mut definitions, &units, is_separate),
        false => several_files::modules(template, module, &mut definitions, &units),
    };
    let constructs = definitions.entries.iter().map(|it| (it.construct.clone(), it.id.to_owned())).collect();
    let notes = notes(template, &context.nested, &definitions);
    AdoptedStack { modules, rows: definitions.rows, notes, constructs }
}

fn notes(template: &Template, nested: &NestedModules, definitions: &Definitions<'_, '_>) -> Vec<String> {
    let file = &template.file;
    let kept = |entry: &&Entry<'_>| entry.type_name == NESTED_STACK.type_name() && !nested.contains_key(entry.id);
    let kept = definitions.entries.iter().filter(kept);
    let kept =
        kept.map(|it| format!("{file}: the nested stack `{}` is kept: its template remains the one at its URL", it.id));
    let expanded = sections::transforms(template)
        .map(|name| format!("{file}: `{name}` is kept: CloudFormation still expands the template"));
    kept.chain(expanded).collect()
}
