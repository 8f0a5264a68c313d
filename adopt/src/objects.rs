//! The module of the objects of a cluster.

mod cleaned;
mod object;

use std::collections::{BTreeMap, BTreeSet};

use meshsynth_types::val::Data;

use crate::code::Writer;
use crate::module::{self, Module};
use crate::names::{self, Given};
use crate::passes::settle;
use crate::report::Row;
use crate::tree::{Expr, Function, Param, Statement, layout};
use crate::types::Types;
use crate::{Estate, Held, Object, Place, Refusal};

/// A part has no more lines than this, so that its file has no more than 400.
const MOST_LINES: usize = 260;

/// The files of a cluster, and what its objects became.
#[derive(Default)]
pub struct Written {
    /// The modules by their paths below `src`.
    pub modules: Vec<(String, Module)>,
    /// What the objects became.
    pub rows: Vec<Row>,
    /// What is left out.
    pub refusals: Vec<Refusal>,
    /// What is there twice in the same words, and adopted once.
    pub same: Vec<Refusal>,
    /// What is where in the program, by the path of the construct.
    pub places: Vec<(String, Place)>,
}

/// Writes the objects of an estate as the module of a name.
pub fn write(estate: &Estate, module: &str, held: &Held, types: &mut Types) -> Written {
    let mut written = Written::default();
    let known = BTreeMap::new();
    let mut writer = Writer { types, named: BTreeMap::new(), known: &known, members: BTreeSet::new() };
    let (mut ids, mut seen, mut kinds) = (Given::default(), BTreeMap::new(), object::Kinds::new(module));
    let mut same = Vec::new();
    let mut statements: Vec<(String, Statement)> = Vec::new();
    let whole = object::of_clusters(&estate.objects);
    for exists in &estate.objects {
        let mut refuse = |why: String| {
            written.refusals.push(Refusal { file: exists.file.clone(), line: exists.line, why });
        };
        let read = match object::Read::of(exists, writer.types, &whole) {
            Ok(read) => read,
            Err(why) => {
                refuse(why);
                continue;
            }
        };
        let group = read.api_version.split_once('/').map_or("", |(group, _)| group).to_owned();
        let identity = (group, read.kind.clone(), read.namespace.clone(), read.name.clone());
        if let Some((first, place)) = seen.get(&identity) {
            let what = format!("`{}` `{}`", read.kind, read.name);
            match *first == read.body {
                true => same.push(Refusal {
                    file: exists.file.clone(),
                    line: exists.line,
                    why: format!("{what} is the same as in {place}"),
                }),
                false => refuse(format!("{what} differs from the one in {place}, which is adopted: keep one of them")),
            }
            continue;
        }
        seen.insert(identity, (read.body.clone(), format!("{}:{}", exists.file, exists.line)));
        let name = [read.namespace.as_deref(), Some(&read.name)].into_iter().flatten().collect::<Vec<_>>().join("/");
        if let Some(why) = held.left_out.get(&(read.kind.clone(), name.clone())) {
            refuse(why.clone());
            continue;
        }
        let id = ids.take(&names::kebab(&format!("{}-{}", read.kind.to_lowercase(), read.name)), "-");
        let path = format!("{}/{id}", names::kebab(&estate.cluster));
        written.places.push((path, Place::Object(read.kind.clone(), name.clone())));
        let (statement, became) = object::define(&read, &id, &exists.comments, &mut kinds, &mut writer);
        written.rows.push(Row { file: exists.file.clone(), kind: read.kind.clone(), name, became });
        statements.push((read.namespace.unwrap_or_else(|| "cluster".to_owned()), statement));
    }
    written.same = same;
    if statements.is_empty() {
        return written;
    }
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
    let n_lines: usize = statements.iter().map(|(_, it)| layout::n_lines(it)).sum();
    if n_lines <= MOST_LINES {
        let mut all: Vec<Statement> = [first].into_iter().chain(statements.into_iter().map(|(_, it)| it)).collect();
        settle::settle(&mut all, &own, &|_| true);
        written.modules.push((module.to_owned(), whole(all, below)));
    } else {
        let parts = parts(statements, module);
        let mut calls = vec![first];
        let mut modules = below;
        for (name, mut statements) in parts {
            calls.push(Statement::of(module::call(&name, own.clone())));
            settle::settle(&mut statements, &Expr::variable("cluster"), &|_| true);
            let param = Param::reference("cluster", "KubernetesCluster");
            let part = Module {
                doc: format!("Objects of the cluster `{cluster}`: `{}`.", name.replace('_', "-")),
                functions: vec![define("pub(super)", param, statements)],
                ..Module::default()
            };
            written.modules.push((format!("{module}/{name}"), part));
            modules.push(name);
        }
        modules.sort();
        written.modules.insert(0, (module.to_owned(), whole(calls, modules)));
    }
    written.modules.extend(kinds.map(|it| (format!("{module}/kinds"), it)));
    written
}

/// The statements by namespace, cut where a file would be too long.
fn parts(statements: Vec<(String, Statement)>, module: &str) -> Vec<(String, Vec<Statement>)> {
    let mut by_namespace: Vec<(String, Vec<Statement>)> = Vec::new();
    for (namespace, statement) in statements {
        match by_namespace.iter_mut().find(|(name, _)| *name == namespace) {
            Some((_, all)) => all.push(statement),
            None => by_namespace.push((namespace, vec![statement])),
        }
    }
    let (mut parts, mut given): (Vec<(String, Vec<Statement>)>, Given) = Default::default();
    given.take(module, "_");
    for (namespace, statements) in by_namespace {
        let mut size = usize::MAX;
        for statement in statements {
            let n_lines = layout::n_lines(&statement);
            if size.saturating_add(n_lines) > MOST_LINES {
                parts.push((given.take(&names::snake(&namespace), "_"), Vec::new()));
                size = 0;
            }
            size += n_lines;
            if let Some((_, all)) = parts.last_mut() {
                all.push(statement);
            }
        }
    }
    parts
}

/// The text at a path of an object.
fn text_at<'a>(object: &'a Object, path: &str) -> Option<&'a str> {
    object.data.at(path).and_then(Data::as_str)
}
