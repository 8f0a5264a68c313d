//! The statements of a template, before they are divided among files.

use std::collections::{BTreeMap, BTreeSet};

use crate::code::{Named, Writer};
use crate::names::{self, Given};
use crate::passes::files;
use crate::report::{Became, Row};
use crate::tree::{Statement, layout};
use crate::types::{Types, shown};
use crate::{Exclusions, Template};

use super::cdk_bootstrap;
use super::context::StackContext;
use super::entry::{self, Entry};
use super::location::Location;
use super::parameters;
use super::references::References;
use super::resource::{self, Defined};
use super::sections;
use super::units::{self, Unit};

/// The statements of a template.
pub(super) struct Definitions<'a, 't> {
    /// The resources, in source order.
    pub entries: Vec<Entry<'a>>,
    /// The context with the variables of the resources and parameters.
    pub writer: Writer<'t>,
    /// The statements that define the stack.
    pub opening: Vec<Statement>,
    /// The statements of the parameters.
    pub parameters: Vec<Statement>,
    /// The statements of the mappings and the conditions.
    pub mappings_and_conditions: Vec<Statement>,
    /// The statements of the resources. Each follows its dependencies.
    pub statements: Vec<Statement>,
    /// The index of the resource that each of these statements defines.
    pub entry_of: Vec<usize>,
    /// The statements after the resources: unchanged entries and outputs.
    pub tail: Vec<Statement>,
    /// The locations of the resources, by logical ID.
    pub locations: BTreeMap<&'a str, Location>,
    /// The result for each resource.
    pub rows: Vec<Row>,
}

impl<'a, 't> Definitions<'a, 't> {
    /// Writes the statements. With `is_raw_by_id`, untyped resources are referenced by their logical IDs.
    pub fn of(
        template: &'a Template,
        module: &str,
        context: &StackContext,
        exclusions: &Exclusions,
        types: &'t mut Types,
        is_raw_by_id: bool,
    ) -> Self {
        let data = &template.data;
        let references = References::of(data);
        let mut variables = Given::variables();
        variables.take(parameters::MODULE, "_");
        let mut named: BTreeMap<String, Named> = BTreeMap::new();
        let is_shared =
            |section: &str, id: &str| context.shares_bootstrap_check && cdk_bootstrap::is_entry(section, id);
        let is_own = |id: &str| references.uses(id) && !is_shared("Parameters", id);
        for (id, _) in sections::entries_of(data, "Parameters").filter(|(id, _)| is_own(id)) {
            named.insert(id.to_owned(), Named::Parameter(variables.take(&names::snake(id), "_")));
        }
        let entries = entry::entries(data, &context.nested, &references, &mut variables);
        let order = entry::order(data, &entries);
        let mut writer = Writer { types, named, known: references.types, members: BTreeSet::new() };
        let opening = sections::opening(template, module, &mut writer);
        let parameters = sections::parameters(template, &is_shared, &mut writer);
        let mut mappings_and_conditions = sections::mappings_and_conditions(template, &is_shared, &mut writer);
        mappings_and_conditions.extend(context.shares_bootstrap_check.then(cdk_bootstrap::call));
        let (mut rows, mut statements, mut locations) = (Vec::new(), Vec::new(), BTreeMap::new());
        for idx in &order {
            let entry = &entries[*idx];
            let is_held = exclusions.resources.contains(&(template.stack.clone(), entry.id.to_owned()));
            let defined = resource::define(entry, template, context.nested.get(entry.id), is_held, &mut writer);
            let is_raw = matches!(defined.became, Became::Raw(_));
            if entry.is_needed && !(is_raw_by_id && is_raw) {
                writer.named.insert(entry.id.to_owned(), handle(entry, &defined));
            }
            let Defined { mut statement, became, construct, within } = defined;
            files::apart(&mut statement, &entry.construct);
            let path = writer.types.resource(entry.type_name).filter(|_| !is_raw).map(|record| shown(&record.path));
            locations.insert(entry.id, Location::new(entry, construct.is_some(), within, path));
            let (kind, name) = (entry.type_name.to_owned(), entry.id.to_owned());
            rows.push(Row { file: template.file.clone(), kind, name, became });
            statements.push(statement);
        }
        let (mut tail, unchanged) = sections::unchanged_resources(template, &mut writer);
        rows.extend(unchanged);
        tail.extend(sections::outputs(template, &mut writer));
        Self {
            entries,
            writer,
            opening,
            parameters,
            mappings_and_conditions,
            statements,
            entry_of: order,
            tail,
            locations,
            rows,
        }
    }

    /// Returns the units of the resource statements.
    pub fn units(&self) -> Vec<Unit> {
        units::of(&self.statements)
    }

    /// Returns the number of lines if all statements are in one function.
    pub fn n_lines(&self, units: &[Unit]) -> usize {
        let sections = self.opening.iter().chain(&self.parameters).chain(&self.mappings_and_conditions);
        let of_sections: usize = sections.chain(&self.tail).map(layout::n_lines).sum();
        of_sections + units.iter().map(|it| it.n_lines).sum::<usize>()
    }

    /// Returns the resource that a statement defines.
    pub fn entry(&self, statement: usize) -> &Entry<'a> {
        &self.entries[self.entry_of[statement]]
    }

    /// Returns the statement that defines a resource.
    pub fn statement(&self, id: &str) -> Option<&Statement> {
        let at = self.entry_of.iter().position(|idx| self.entries[*idx].id == id)?;
        Some(&self.statements[at])
    }
}

/// Returns the representation of a resource in the program.
fn handle(entry: &Entry<'_>, defined: &Defined) -> Named {
    let variable = entry.variable.clone();
    match (defined.construct, &defined.became) {
        (Some(construct), _) => Named::Construct(variable, construct),
        // An untyped resource has no typed attributes, even if a schema defines them.
        (None, Became::Raw(_)) => Named::Resource(variable, String::new()),
        (None, _) => Named::Resource(variable, entry.type_name.to_owned()),
    }
}
