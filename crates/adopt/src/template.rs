//! The modules of a stack, in passes.
//!
//! 1. `unsupported` refuses templates that CloudFormation does not accept.
//! 2. `references` collects the references between entries.
//! 3. `entry` names the resources and sorts them by their dependencies.
//! 4. `definitions` writes a statement for each resource, and the statements of the other sections.
//! 5. `units` groups repeated statements, which become functions.
//! 6. `one_file` or `several_files` divides the statements among modules.

pub mod cdk_bootstrap;
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
mod units;
mod unsupported;

use std::collections::BTreeMap;

use crate::bare_construct::NESTED_STACK;
use crate::module::Module;
use crate::report::{Became, Row};
use crate::tree::{Expr, Function, Param, Statement};
use crate::types::Types;
use crate::{Exclusions, Refusal, Template};

use definitions::Definitions;
use entry::Entry;
use parameters::Parameters;

/// The maximum number of lines in a part of a stack, so that its file has at most 400.
const MOST_LINES: usize = 300;

/// The minimum number of lines for a separate file of parameters.
const MANY_PARAMETER_LINES: usize = 60;

/// Modules by their paths below `src`, such as `network` and `network/ec2`.
pub type StackModules = Vec<(String, Module)>;

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

/// The context of a template in the program.
pub struct StackContext {
    /// The modules of its nested templates.
    pub nested: NestedModules,
    /// Whether it calls the shared check of the bootstrap version.
    pub shares_bootstrap_check: bool,
}

/// The modules of the templates that nested stacks of a template deploy, by logical ID.
pub type NestedModules = BTreeMap<String, NestedModule>;

/// The module of a nested template.
pub struct NestedModule(pub String);

impl NestedModule {
    /// Writes the call that defines the template of a nested stack.
    fn call(&self, variable: &str) -> Expr {
        let template = Expr::variable(variable).method("template", []);
        Expr::call(format!("crate::{}::define", self.0), [template])
    }
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

/// Returns the module with the function that defines a stack.
fn stack_module(
    template: &Template,
    statements: Vec<Statement>,
    functions: Vec<Function>,
    modules: Vec<String>,
) -> Module {
    let (doc, param) = match template.is_nested {
        true => ("Defines the template.", Param::reference("stack", "Stack")),
        false => ("Defines the stack.", Param::reference("app", "App")),
    };
    let define = Function {
        doc: doc.to_owned(),
        visible: "pub",
        name: "define".to_owned(),
        params: vec![param],
        statements,
        returns: Vec::new(),
    };
    let doc = match template.is_nested {
        true => format!("The template of a nested stack, adopted from `{}`.", template.label),
        false => format!("The stack `{}`, adopted from `{}`.", template.stack, template.label),
    };
    let functions = std::iter::once(define).chain(functions).collect();
    Module { doc, functions, modules, ..Module::default() }
}

impl Template {
    /// Returns the stack as an argument in the function that defines it.
    fn stack_argument(&self) -> Expr {
        let stack = Expr::variable("stack");
        if self.is_nested { stack } else { stack.borrowed() }
    }

    /// Returns the number of statements that define the stack: its constructor, and its adoption.
    fn n_stack_statements(&self) -> usize {
        if self.is_nested { 0 } else { 2 }
    }
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
