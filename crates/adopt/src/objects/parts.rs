//! The modules of a cluster: a single one, or one for each component and one for the remaining objects of each
//! namespace.

use std::collections::{BTreeMap, BTreeSet};

use crate::Estate;
use crate::module::{self, Module};
use crate::names::{self, Given};
use crate::passes::settle;
use crate::tree::{Expr, Function, Line, Param, Statement, layout};

use super::object::Kinds;
use super::unit::Unit;

/// The maximum number of lines in a part, so that its file has at most 400.
const MOST_LINES: usize = 300;

/// The minimum number of lines for a separate file.
const LEAST_LINES: usize = 60;

/// Returns the modules by their paths below `src`.
pub fn modules(
    (units, variables): (Vec<Unit>, BTreeMap<String, String>),
    module: &str,
    estate: &Estate,
    kinds: Kinds,
) -> Vec<(String, Module)> {
    let kinds = kinds.module();
    let below: Vec<String> = kinds.iter().map(|_| "kinds".to_owned()).collect();
    let (cluster, version) = (&estate.cluster, &estate.version);
    let arguments =
        [Expr::variable("app"), Expr::text(names::kebab(cluster)), Expr::text(cluster), Expr::text(version)];
    let first = Statement::define("cluster", Expr::call("KubernetesCluster::new", arguments));
    let own = Expr::variable("cluster").borrowed();
    let doc = format!("The objects of the cluster `{cluster}`.");
    let define = |visible, param, statements| Function {
        doc: "Defines the objects.".to_owned(),
        visible,
        name: "define".to_owned(),
        params: vec![param],
        statements,
        returns: Vec::new(),
    };
    let whole = |statements, modules| Module {
        doc: doc.clone(),
        functions: vec![define("pub", Param::reference("app", "App"), statements)],
        modules,
        ..Module::default()
    };
    let n_lines: usize = units.iter().map(Unit::n_lines).sum();
    let mut modules = Vec::new();
    if n_lines <= MOST_LINES {
        let mut all = vec![first];
        all.extend(statements(units, &variables));
        settle::settle(&mut all, &own, &|_| true);
        modules.push((module.to_owned(), whole(all, below)));
    } else {
        let (mut calls, mut names) = (vec![first], below);
        for (name, units) in parts(units, module) {
            calls.push(Statement::of(module::call(&name, own.clone())));
            let mut statements = statements(units, &variables);
            settle::settle(&mut statements, &Expr::variable("cluster"), &|_| true);
            let param = Param::reference("cluster", "KubernetesCluster");
            let part = Module {
                doc: format!("Objects of the cluster `{cluster}`: `{}`.", name.replace('_', "-")),
                functions: vec![define("pub(super)", param, statements)],
                ..Module::default()
            };
            modules.push((format!("{module}/{name}"), part));
            names.push(name);
        }
        names.sort();
        modules.insert(0, (module.to_owned(), whole(calls, names)));
    }
    modules.extend(kinds.map(|it| (format!("{module}/kinds"), it)));
    modules
}

/// Groups units by component, or by namespace if the component is small, and splits groups that exceed the maximum file
/// length.
fn parts(units: Vec<Unit>, module: &str) -> Vec<(String, Vec<Unit>)> {
    let (mut by_namespace, mut by_component) = (Groups::default(), Groups::default());
    let mut n_lines: BTreeMap<String, usize> = BTreeMap::new();
    for unit in &units {
        if let Some(component) = &unit.component {
            *n_lines.entry(component.clone()).or_default() += unit.n_lines();
        }
    }
    for unit in units {
        let component = unit.component.clone().filter(|it| n_lines[it] >= LEAST_LINES);
        match component {
            Some(name) => by_component.add(name, unit),
            None => by_namespace.add(unit.namespace.clone().unwrap_or_else(|| "cluster".to_owned()), unit),
        }
    }
    let mut parts: Vec<(String, Vec<Unit>)> = Vec::new();
    for (name, mut units) in by_namespace.0.into_iter().chain(by_component.0) {
        // A namespace definition precedes its content.
        units.sort_by_key(|it| !it.makes_namespace);
        let mut size = usize::MAX;
        for unit in units {
            let n_lines = unit.n_lines();
            if size.saturating_add(n_lines) > MOST_LINES {
                parts.push((name.clone(), Vec::new()));
                size = 0;
            }
            size += n_lines;
            if let Some((_, all)) = parts.last_mut() {
                all.push(unit);
            }
        }
    }
    named(parts, module)
}

/// Gives each part a unique name: its group, or its main object if the group has several parts.
fn named(parts: Vec<(String, Vec<Unit>)>, module: &str) -> Vec<(String, Vec<Unit>)> {
    let groups: Vec<String> = parts.iter().map(|(group, _)| group.clone()).collect();
    let mut given = Given::default();
    given.take(module, "_");
    given.take("kinds", "_");
    let named = parts.into_iter().map(|(group, units)| {
        let is_only = groups.iter().filter(|it| **it == group).count() == 1;
        let main = units.iter().rev().max_by_key(|it| it.n_lines()).map(|it| it.name.clone());
        let name = if is_only && group != DEFAULT { group } else { main.unwrap_or(group) };
        (given.take(&names::snake(&name), "_"), units)
    });
    named.collect()
}

/// The namespace that names no application.
const DEFAULT: &str = "default";

/// Units by name, in the order of first occurrence.
#[derive(Default)]
struct Groups(Vec<(String, Vec<Unit>)>);

impl Groups {
    fn add(&mut self, name: String, unit: Unit) {
        match self.0.iter_mut().find(|(known, _)| *known == name) {
            Some((_, units)) => units.push(unit),
            None => self.0.push((name, vec![unit])),
        }
    }
}

/// Returns the statements of a function. Each namespace is defined or imported before its variable is used.
fn statements(mut units: Vec<Unit>, variables: &BTreeMap<String, String>) -> Vec<Statement> {
    let named: BTreeSet<String> =
        units.iter().filter(|it| it.is_within).filter_map(|it| it.namespace.clone()).collect();
    let mut statements = Vec::new();
    for name in &named {
        let is_made = |unit: &Unit| unit.makes_namespace && unit.namespace.as_ref() == Some(name);
        match units.iter().position(is_made) {
            Some(at) => {
                let first = units.iter().position(|it| it.is_within && it.namespace.as_ref() == Some(name));
                let unit = units.remove(at);
                units.insert(first.unwrap_or(at).min(at), unit);
            }
            None => {
                let of = Expr::variable("cluster").method("namespace", [Expr::text(name)]);
                let variable = variables.get(name).cloned().unwrap_or_default();
                statements.push(Statement {
                    lines: vec![Line::Let { name: variable, is_mut: false, value: of }],
                    ..Statement::default()
                });
            }
        }
    }
    statements.extend(units.into_iter().flat_map(|it| it.statements));
    statements
}

impl Unit {
    fn n_lines(&self) -> usize {
        self.statements.iter().map(layout::n_lines).sum()
    }
}
