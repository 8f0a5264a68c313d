//! A stack that is divided among files by group.

use std::collections::{BTreeMap, BTreeSet};

use super::definitions::Definitions;
use super::location::Parts;
use super::logical_ids;
use super::parameters::{self, Parameters};
use super::passed_constructs::{self, PassedConstructs};
use super::stack_module::{MOST_LINES, StackModules, stack_module};
use super::units::{self, Unit};
use crate::Template;
use crate::module::Module;
use crate::names::{self, Given};
use crate::passes::{functions, settle};
use crate::report::Became;
use crate::tree::{Expr, Function, Param, Statement};

/// A part of a stack: its module, and its units.
type Part<'u> = (String, Vec<&'u Unit>);

/// Returns the module of a stack, the modules of its parts, and the module with its logical IDs.
pub(super) fn modules(
    template: &Template,
    module: &str,
    definitions: &mut Definitions<'_, '_>,
    units: &[Unit],
) -> StackModules {
    let divided = divide(module, definitions, units);
    let mut statements = std::mem::take(&mut definitions.opening);
    let tail = std::mem::take(&mut definitions.tail);
    let mut mappings_and_conditions = std::mem::take(&mut definitions.mappings_and_conditions);
    let parameters = Parameters::of(std::mem::take(&mut definitions.parameters));
    let parts = parts(definitions, &divided);
    let types_of_separate = separate_types(&parts, definitions);
    let ids = logical_ids::LogicalIds::new(parts.logical_ids(), template);
    ids.insert(&mut statements, template);
    statements.extend(parameters.statement());
    statements.extend(std::mem::take(&mut mappings_and_conditions));
    let mut modules = Vec::new();
    for (part, (name, units)) in divided.iter().enumerate() {
        let (own, call) = part_module(template, name, units, part, &parts, &parameters, definitions);
        modules.push((format!("{module}/{name}"), own));
        statements.push(call);
    }
    let mut below: Vec<String> = divided.iter().map(|(name, _)| name.clone()).collect();
    below.extend(ids.table.iter().map(|_| logical_ids::MODULE.to_owned()));
    below.extend(parameters.module_name());
    below.sort();
    modules.extend(ids.table.map(|table| (format!("{module}/{}", logical_ids::MODULE), table)));
    // Outputs refer to resources that the parts define, so the main function defines variables for these resources.
    statements.extend(parts.handles(None, &used_by(tail.iter())));
    statements.extend(tail);
    settle::settle(&mut statements, &template.stack_argument(), &|variable| parts.has(None, variable));
    parameters.fields(&mut statements);
    modules.extend(parameters.module(template).map(|it| (format!("{module}/{}", parameters::MODULE), it)));
    modules.insert(0, (module.to_owned(), stack_module(template, statements, Vec::new(), below)));
    for row in &mut definitions.rows {
        if let Some(path) = types_of_separate.get(&row.name) {
            row.became = Became::Typed(path.clone());
        }
    }
    modules
}

/// Divides the units among parts. A part is named after the group of its resources, or after its main resource if several
/// parts have the same group.
fn divide<'u>(module: &str, definitions: &Definitions<'_, '_>, units: &'u [Unit]) -> Vec<Part<'u>> {
    let mut given = Given::default();
    given.take(module, "_");
    given.take(logical_ids::MODULE, "_");
    given.take(parameters::MODULE, "_");
    let packed = units::pack(units, MOST_LINES, &|at| &definitions.entry(at).group);
    let n_parts = |group: &String| packed.iter().filter(|(other, _)| *other == group).count();
    let name = |(group, units): &(&String, Vec<&Unit>)| match n_parts(group) {
        1 if group.as_str() != UNNAMED => names::snake(group),
        _ => main_resource(units, definitions),
    };
    let names: Vec<String> = packed.iter().map(|part| given.take(&name(part), "_")).collect();
    names.into_iter().zip(packed).map(|(name, (_, units))| (name, units)).collect()
}

/// The group of CDK constructs without a name.
const UNNAMED: &str = "default";

/// Returns the variable of the resource with the most lines, as the name of a part.
fn main_resource(units: &[&Unit], definitions: &Definitions<'_, '_>) -> String {
    let mut main = units[0];
    for unit in units {
        if unit.n_lines > main.n_lines {
            main = unit;
        }
    }
    definitions.entry(main.instances[0][0]).variable.clone()
}

/// Returns the parts of the resources, and the constructs that parts pass to each other.
fn parts<'a>(definitions: &'a Definitions<'_, '_>, divided: &[Part<'_>]) -> Parts<'a> {
    let mut of: BTreeMap<&str, usize> = BTreeMap::new();
    for (part, (_, units)) in divided.iter().enumerate() {
        of.extend(members(units).map(|at| (definitions.entry(at).id, part)));
    }
    let mut parts =
        Parts { entries: &definitions.entries, locations: &definitions.locations, of, passed: BTreeSet::new() };
    let changes = |id: &str| definitions.statement(id).is_some_and(passed_constructs::changes);
    parts.passed = passed_constructs::find(&parts, &changes);
    parts
}

/// Returns the types of resources that are separate from their construct, because it is in another part.
fn separate_types(parts: &Parts<'_>, definitions: &Definitions<'_, '_>) -> BTreeMap<String, String> {
    let separate = definitions.rows.iter().filter(|row| parts.is_apart(&row.name));
    separate
        .filter_map(|row| {
            let path = definitions.locations.get(row.name.as_str())?.resource.clone()?;
            Some((row.name.clone(), path))
        })
        .collect()
}

/// Returns the module of a part, and the statement that calls it.
fn part_module(
    template: &Template,
    name: &str,
    units: &[&Unit],
    part: usize,
    parts: &Parts<'_>,
    parameters: &Parameters,
    definitions: &Definitions<'_, '_>,
) -> (Module, Statement) {
    let writer = &definitions.writer;
    let needed = used_by(members(units).map(|at| &definitions.statements[at]));
    let passed = PassedConstructs::of(parts, part, writer);
    let is_here = |variable: &str| parts.has(Some(part), variable);
    let types = |variable: &str| parts.type_of(Some(part), variable, writer);
    let mut statements = parts.handles(Some(part), &needed);
    let extracted = units::extract(&definitions.statements, units, &passed.named(), &is_here, &types);
    statements.extend(extracted.statements);
    settle::settle(&mut statements, &Expr::variable("stack"), &is_here);
    let is_taken = |name: &str| passed.taken.iter().any(|(taken, _)| taken == name);
    statements.iter_mut().for_each(|it| functions::without_borrows(it, &is_taken));
    functions::return_last(&mut statements, &passed.returned);
    let takes_parameters = parameters.fields(&mut statements);
    // A part that only adds to constructs of other parts does not need the stack.
    let takes_stack = statements.iter().any(|it| it.variables().contains("stack"));
    let define = Function {
        doc: "Defines the resources.".to_owned(),
        visible: "pub(super)",
        name: "define".to_owned(),
        params: takes_stack
            .then(|| Param::reference("stack", "Stack"))
            .into_iter()
            .chain(takes_parameters.then(parameters::param))
            .chain(passed.params())
            .collect(),
        statements,
        returns: passed.returned.clone(),
    };
    let doc = format!("The resources of the stack `{}` around `{name}`.", template.stack);
    let functions = std::iter::once(define).chain(extracted.functions).collect();
    let stack = takes_stack.then(|| template.stack_argument());
    let own = stack.into_iter().chain(takes_parameters.then(|| Expr::variable(parameters::MODULE).borrowed()));
    let call = passed.call(name, own);
    (Module { doc, functions, ..Module::default() }, call)
}

fn members<'u>(units: &'u [&Unit]) -> impl Iterator<Item = usize> + 'u {
    units.iter().flat_map(|it| it.members())
}

/// Returns the variables that statements use.
fn used_by<'a>(statements: impl Iterator<Item = &'a Statement>) -> BTreeSet<String> {
    statements.flat_map(Statement::variables).map(str::to_owned).collect()
}
