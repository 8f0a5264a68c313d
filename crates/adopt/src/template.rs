//! The module of a stack.

mod called;
mod entry;
mod handed;
mod kept;
mod location;
mod refused;
mod resource;
mod sections;
mod units;

use std::collections::{BTreeMap, BTreeSet};

use meshsynth_model::val::Data;

use crate::code::{Named, Writer};
use crate::constructs;
use crate::module::Module;
use crate::names::{self, Given};
use crate::order::{self, Item};
use crate::passes::{files, functions, settle};
use crate::report::{Became, Row};
use crate::tree::{Expr, Function, Param, Statement, layout};
use crate::types::{Types, shown};
use crate::{Held, Refusal, Template};

use entry::{Entry, dependencies};
use handed::Handed;
use location::{Location, Parts};
use resource::Defined;
use sections::{head, tail};
use units::Unit;

/// The maximum number of lines in a part of a stack, so that its file has at most 400.
const MOST_LINES: usize = 260;

/// The number of statements before the kept logical IDs: the definition of the stack, and its adoption.
const AFTER_ADOPT: usize = 2;

/// The modules of a stack, and the result for each resource.
pub struct Written {
    /// The modules by their paths below `src`, such as `network` and `network/ec2`.
    pub modules: Vec<(String, Module)>,
    /// The result for each resource.
    pub rows: Vec<Row>,
    /// Remarks for the user.
    pub notes: Vec<String>,
    /// The IDs of its constructs, each with the logical ID of the resource.
    pub constructs: Vec<(String, String)>,
}

/// Writes the stack of a template as modules with this name.
pub fn write(template: &Template, module: &str, held: &Held, types: &mut Types) -> Result<Written, Vec<Refusal>> {
    let refusals = refused::refusals(template);
    if !refusals.is_empty() {
        return Err(refusals);
    }
    let written = stack(template, module, held, types, false);
    let has_raw = written.rows.iter().any(|row| matches!(row.became, Became::Raw(_)));
    // An untyped resource has no handle in another file.
    let is_again = written.modules.len() > 1 && has_raw;
    Ok(if is_again { stack(template, module, held, types, true) } else { written })
}

/// Writes the stack. With `is_raw_by_id`, untyped resources are referenced by their logical IDs.
fn stack(template: &Template, module: &str, held: &Held, types: &mut Types, is_raw_by_id: bool) -> Written {
    let data = &template.data;
    let section = |name: &str| data.at(name).and_then(Data::as_map).cloned().unwrap_or_default();
    let (parameters, resources, outputs) = (section("Parameters"), section("Resources"), section("Outputs"));

    let mut used = BTreeSet::new();
    let mut depended = BTreeSet::new();
    for (id, body) in resources.iter() {
        order::references(body, &mut used);
        let owner = body.at("Type").and_then(Data::as_str).and_then(|it| constructs::unnamed_owner(data, it, id));
        used.extend(owner.map(str::to_owned));
        depended.extend(body.as_map().map(dependencies).unwrap_or_default());
    }
    for name in ["Conditions", "Outputs", "Rules"] {
        data.at(name).into_iter().for_each(|it| order::references(it, &mut used));
    }

    let (mut variables, mut constructs) = (Given::variables(), Given::default());
    let mut named: BTreeMap<String, Named> = BTreeMap::new();
    for (id, _) in parameters.iter().filter(|(id, _)| used.contains(*id)) {
        named.insert(id.to_owned(), Named::Parameter(variables.take(&names::snake(id), "_")));
    }
    let known: BTreeMap<String, String> = resources
        .iter()
        .filter_map(|(id, body)| Some((id.to_owned(), body.at("Type")?.as_str()?.to_owned())))
        .collect();
    let called = called::called(&resources);
    let mut entries: Vec<Entry<'_>> = Vec::new();
    for (id, body) in resources.iter() {
        let (Some(body), Some(type_name), Some(called)) = (body.as_map(), known.get(id), called.get(id)) else {
            continue;
        };
        if sections::is_entry(id, body) {
            continue;
        }
        entries.push(Entry {
            id,
            type_name,
            body,
            group: called.group.clone(),
            variable: variables.take(&names::snake(&called.name), "_"),
            construct: constructs.take(&names::kebab(&called.name), "-"),
            is_needed: used.contains(id) || depended.contains(id),
        });
    }
    let items: Vec<Item<'_>> = entries
        .iter()
        .map(|entry| {
            let mut needs = dependencies(entry.body);
            entry.body.iter().for_each(|(_, value)| order::references(value, &mut needs));
            needs.extend(constructs::unnamed_owner(data, entry.type_name, entry.id).map(str::to_owned));
            Item { name: entry.id, needs, group: &entry.group }
        })
        .collect();
    let order = order::sorted(&items);

    let mut writer = Writer { types, named, known: &known, members: BTreeSet::new() };
    let mut before = head(template, module, &section("Parameters"), &mut writer);
    let (mut rows, mut defined, mut locations) = (Vec::new(), Vec::new(), BTreeMap::new());
    for idx in order {
        let entry = &entries[idx];
        let is_held = held.resources.contains(&(template.stack.clone(), entry.id.to_owned()));
        let Defined { mut statement, became, alone, within } =
            resource::define(entry, &template.comments, is_held, data, &mut writer);
        files::apart(&mut statement, &entry.construct);
        if entry.is_needed && !(is_raw_by_id && matches!(became, Became::Raw(_))) {
            let named = match alone {
                Some(alone) => Named::Construct(entry.variable.clone(), alone),
                // An untyped resource has no typed attributes, even if a schema defines them.
                None if matches!(became, Became::Raw(_)) => Named::Resource(entry.variable.clone(), String::new()),
                None => Named::Resource(entry.variable.clone(), entry.type_name.to_owned()),
            };
            writer.named.insert(entry.id.to_owned(), named);
        }
        let has_type = !matches!(became, Became::Raw(_));
        let path = writer.types.resource(entry.type_name).filter(|_| has_type).map(|record| shown(&record.path));
        locations.insert(entry.id, Location::new(entry, alone.is_some(), within, path));
        let (kind, name) = (entry.type_name.to_owned(), entry.id.to_owned());
        rows.push(Row { file: template.file.clone(), kind, name, became });
        defined.push((idx, statement));
    }
    let (loops, of_loops) = sections::entries(template, &mut writer);
    rows.extend(of_loops);
    let after: Vec<Statement> = loops.into_iter().chain(tail(&outputs, template, &mut writer)).collect();
    let notes = notes(template, &entries);
    let ids = entries.iter().map(|entry| (entry.construct.clone(), entry.id.to_owned())).collect();
    let (places, statements): (Vec<usize>, Vec<Statement>) = defined.into_iter().unzip();
    let units = units::of(&statements);
    let n_lines: usize = before.iter().chain(&after).map(layout::n_lines).sum::<usize>()
        + units.iter().map(|it| it.n_lines).sum::<usize>();
    let doc = format!("The stack `{}`, which was `{}`.", template.stack, template.file);
    let own = Expr::variable("stack").borrowed();
    let whole = |statements, functions: Vec<Function>, modules: Vec<String>| {
        let define = Function {
            doc: "Defines the stack.".to_owned(),
            visible: "pub",
            name: "define".to_owned(),
            params: vec![Param::reference("app", "App")],
            statements,
            returns: Vec::new(),
        };
        let functions = std::iter::once(define).chain(functions).collect();
        Module { doc: doc.clone(), functions, modules, ..Module::default() }
    };
    if n_lines <= MOST_LINES {
        let of = entries.iter().map(|entry| (entry.id, 0)).collect();
        let parts = Parts { entries: &entries, locations: &locations, of, handed: BTreeSet::new() };
        let (keep, tables) = kept::kept(parts.kept(), &template.stack);
        let below = tables.iter().map(|_| kept::MODULE.to_owned()).collect();
        before.splice(AFTER_ADOPT..AFTER_ADOPT, keep);
        let types = |variable: &str| parts.type_of(Some(0), variable, &writer);
        let all: Vec<&Unit> = units.iter().collect();
        let (own_statements, functions) = units::written(&statements, &all, &after, &|_| true, &types);
        before.extend(own_statements);
        before.extend(after);
        settle::settle(&mut before, &own, &|_| true);
        let tables = tables.map(|it| (format!("{module}/{}", kept::MODULE), it));
        let modules = [(module.to_owned(), whole(before, functions, below))].into_iter().chain(tables).collect();
        return Written { modules, rows, notes, constructs: ids };
    }

    // The stack is split into parts by group. Each part imports the resources of other parts from the stack.
    let mut given = Given::default();
    given.take(module, "_");
    given.take(kept::MODULE, "_");
    let parts: Vec<(String, Vec<&Unit>)> = units::packed(&units, MOST_LINES, &|at| &entries[places[at]].group)
        .into_iter()
        .map(|(group, units)| (given.take(&names::snake(group), "_"), units))
        .collect();
    let members = |units: &[&Unit]| units.iter().flat_map(|it| it.members()).collect::<Vec<usize>>();
    let mut part_of = BTreeMap::new();
    for (part, (_, units)) in parts.iter().enumerate() {
        part_of.extend(members(units).into_iter().map(|at| (entries[places[at]].id, part)));
    }
    let mut whole_parts = Parts { entries: &entries, locations: &locations, of: part_of, handed: BTreeSet::new() };
    let statement_of = |id: &str| places.iter().position(|place| entries[*place].id == id).map(|at| &statements[at]);
    whole_parts.handed = handed::found(&whole_parts, &|id| statement_of(id).is_some_and(handed::changes));
    for row in rows.iter_mut().filter(|row| whole_parts.is_apart(&row.name)) {
        if let Some(path) = locations.get(row.name.as_str()).and_then(|location| location.resource.clone()) {
            row.became = Became::Typed(path);
        }
    }
    let scope = Expr::variable("stack");
    let mut modules = Vec::new();
    for (part, (name, units)) in parts.iter().enumerate() {
        let needed = used_by(members(units).into_iter().map(|at| &statements[at]));
        let handed = Handed::of(&whole_parts, part, &writer);
        let is_here = |variable: &str| whole_parts.has(Some(part), variable);
        let types = |variable: &str| whole_parts.type_of(Some(part), variable, &writer);
        let mut of_part = whole_parts.handles(Some(part), &writer, &needed);
        let (own_statements, functions) = units::written(&statements, units, &handed.named(), &is_here, &types);
        of_part.extend(own_statements);
        settle::settle(&mut of_part, &scope, &is_here);
        let is_taken = |name: &str| handed.taken.iter().any(|(taken, _)| taken == name);
        of_part.iter_mut().for_each(|it| functions::without_borrows(it, &is_taken));
        functions::say_last(&mut of_part, &handed.returned);
        // A part that only adds to constructs of other parts does not need the stack.
        let takes_stack = of_part.iter().any(|it| it.variables().contains("stack"));
        let define = Function {
            doc: "Defines the resources.".to_owned(),
            visible: "pub(super)",
            name: "define".to_owned(),
            params: takes_stack
                .then(|| Param::reference("stack", "Stack"))
                .into_iter()
                .chain(handed.params())
                .collect(),
            statements: of_part,
            returns: handed.returned.clone(),
        };
        let doc = format!("The resources of the stack `{}` around `{name}`.", template.stack);
        let functions = std::iter::once(define).chain(functions).collect();
        modules.push((format!("{module}/{name}"), Module { doc, functions, ..Module::default() }));
        before.push(handed.call(name, takes_stack.then(|| own.clone())));
    }
    // Outputs refer to resources that the parts define, so the main function defines variables for these resources.
    let needed = used_by(after.iter());
    let (keep, tables) = kept::kept(whole_parts.kept(), &template.stack);
    before.splice(AFTER_ADOPT..AFTER_ADOPT, keep);
    let mut below: Vec<String> = parts.iter().map(|(name, _)| name.clone()).collect();
    below.extend(tables.iter().map(|_| kept::MODULE.to_owned()));
    below.sort();
    modules.extend(tables.map(|it| (format!("{module}/{}", kept::MODULE), it)));
    before.extend(whole_parts.handles(None, &writer, &needed));
    before.extend(after);
    settle::settle(&mut before, &own, &|variable| whole_parts.has(None, variable));
    modules.insert(0, (module.to_owned(), whole(before, Vec::new(), below)));
    Written { modules, rows, notes, constructs: ids }
}

/// Returns the variables that statements use.
fn used_by<'a>(statements: impl Iterator<Item = &'a Statement>) -> BTreeSet<String> {
    statements.flat_map(Statement::variables).map(str::to_owned).collect()
}

fn notes(template: &Template, entries: &[Entry<'_>]) -> Vec<String> {
    let file = &template.file;
    let nested = entries.iter().filter(|entry| entry.type_name == "AWS::CloudFormation::Stack");
    let nested = nested
        .map(|it| format!("{file}: the nested stack `{}` is kept: its template remains the one at its URL", it.id));
    let expanded = sections::transforms(template)
        .map(|name| format!("{file}: `{name}` is kept: CloudFormation still expands the template"));
    nested.chain(expanded).collect()
}
