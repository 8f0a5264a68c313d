//! The modules of a stack, in passes.
//!
//! 1. `unsupported` refuses templates that CloudFormation does not accept.
//! 2. `references` collects the references between entries.
//! 3. `entry` names the resources and sorts them by their dependencies.
//! 4. `definitions` writes a statement for each resource, and the statements of the other sections.
//! 5. `units` groups repeated statements, which become functions.
//! 6. `one_file` or `several_files` divides the statements among modules.

mod definitions;
mod entry;
mod location;
mod logical_ids;
mod one_file;
mod passed_constructs;
mod references;
mod resource;
mod resource_names;
mod sections;
mod several_files;
mod units;
mod unsupported;

use crate::module::Module;
use crate::report::{Became, Row};
use crate::tree::{Expr, Function, Param, Statement};
use crate::types::Types;
use crate::{Exclusions, Refusal, Template};

use definitions::Definitions;

/// The maximum number of lines in a part of a stack, so that its file has at most 400.
const MOST_LINES: usize = 260;

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

/// Writes the stack of a template as modules with this name.
pub fn write(
    template: &Template,
    module: &str,
    exclusions: &Exclusions,
    types: &mut Types,
) -> Result<AdoptedStack, Vec<Refusal>> {
    let refusals = unsupported::refusals(template);
    if !refusals.is_empty() {
        return Err(refusals);
    }
    let stack = write_stack(template, module, exclusions, types, false);
    let has_raw = stack.rows.iter().any(|row| matches!(row.became, Became::Raw(_)));
    // An untyped resource has no handle in another file.
    let is_again = stack.modules.len() > 1 && has_raw;
    Ok(if is_again { write_stack(template, module, exclusions, types, true) } else { stack })
}

fn write_stack(
    template: &Template,
    module: &str,
    exclusions: &Exclusions,
    types: &mut Types,
    is_raw_by_id: bool,
) -> AdoptedStack {
    let mut definitions = Definitions::of(template, module, exclusions, types, is_raw_by_id);
    let units = definitions.units();
    let modules = match definitions.n_lines(&units) <= MOST_LINES {
        true => one_file::modules(template, module, &mut definitions, &units),
        false => several_files::modules(template, module, &mut definitions, &units),
    };
    let constructs = definitions.entries.iter().map(|it| (it.construct.clone(), it.id.to_owned())).collect();
    let notes = notes(template, &definitions);
    AdoptedStack { modules, rows: definitions.rows, notes, constructs }
}

/// Returns the module with the function that defines a stack.
fn stack_module(
    template: &Template,
    statements: Vec<Statement>,
    functions: Vec<Function>,
    modules: Vec<String>,
) -> Module {
    let define = Function {
        doc: "Defines the stack.".to_owned(),
        visible: "pub",
        name: "define".to_owned(),
        params: vec![Param::reference("app", "App")],
        statements,
        returns: Vec::new(),
    };
    let doc = format!("The stack `{}`, which was `{}`.", template.stack, template.file);
    let functions = std::iter::once(define).chain(functions).collect();
    Module { doc, functions, modules, ..Module::default() }
}

impl Template {
    /// Returns the stack as an argument in the function that defines it.
    fn stack_argument(&self) -> Expr {
        Expr::variable("stack").borrowed()
    }

    /// Returns the number of statements that define the stack: its constructor, and its adoption.
    fn n_stack_statements(&self) -> usize {
        2
    }
}

fn notes(template: &Template, definitions: &Definitions<'_, '_>) -> Vec<String> {
    let file = &template.file;
    let nested = definitions.entries.iter().filter(|entry| entry.type_name == "AWS::CloudFormation::Stack");
    let nested = nested
        .map(|it| format!("{file}: the nested stack `{}` is kept: its template remains the one at its URL", it.id));
    let expanded = sections::transforms(template)
        .map(|name| format!("{file}: `{name}` is kept: CloudFormation still expands the template"));
    nested.chain(expanded).collect()
}
