//! A stack in one file.

use std::collections::BTreeSet;

use super::definitions::Definitions;
use super::location::Parts;
use super::logical_ids;
use super::parameters::{self, Parameters};
use super::stack_module::{StackModules, stack_module};
use super::units::{self, Unit};
use crate::Template;
use crate::passes::settle;

/// Returns the module of a stack, and the module with its logical IDs if there are many. With `is_separate`, the
/// parameters are in a separate module.
pub(super) fn modules(
    template: &Template,
    module: &str,
    definitions: &mut Definitions<'_, '_>,
    units: &[Unit],
    is_separate: bool,
) -> StackModules {
    let of = definitions.entries.iter().map(|entry| (entry.id, 0)).collect();
    let parts = Parts { entries: &definitions.entries, locations: &definitions.locations, of, passed: BTreeSet::new() };
    let ids = logical_ids::LogicalIds::new(parts.logical_ids(), template);
    let mut statements = std::mem::take(&mut definitions.opening);
    ids.insert(&mut statements, template);
    let parameters = std::mem::take(&mut definitions.parameters);
    let parameters = match is_separate {
        true => Parameters::of(parameters),
        false => {
            statements.extend(parameters);
            Parameters::of(Vec::new())
        }
    };
    statements.extend(parameters.statement());
    statements.extend(std::mem::take(&mut definitions.mappings_and_conditions));
    let types = |variable: &str| parts.type_of(Some(0), variable, &definitions.writer);
    let all: Vec<&Unit> = units.iter().collect();
    let extracted = units::extract(&definitions.statements, &all, &definitions.tail, &|_| true, &types);
    statements.extend(extracted.statements);
    statements.extend(std::mem::take(&mut definitions.tail));
    settle::settle(&mut statements, &template.stack_argument(), &|_| true);
    parameters.fields(&mut statements);
    let below = ids.table.iter().map(|_| logical_ids::MODULE.to_owned()).chain(parameters.module_name()).collect();
    let own = (module.to_owned(), stack_module(template, statements, extracted.functions, below));
    let table = ids.table.map(|table| (format!("{module}/{}", logical_ids::MODULE), table));
    let parameters = parameters.module(template).map(|it| (format!("{module}/{}", parameters::MODULE), it));
    [own].into_iter().chain(table).chain(parameters).collect()
}
