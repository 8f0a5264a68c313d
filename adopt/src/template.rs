//! The module of a stack.

mod refused;
mod resource;

use std::collections::{BTreeMap, BTreeSet};

use meshsynth_types::val::{Bag, Data};

use crate::code::{Named, Writer, text};
use crate::module::{Module, Statement};
use crate::names::{self, Given};
use crate::order::{self, Item};
use crate::report::{Became, Row};
use crate::types::Types;
use crate::{Refusal, Template};

/// Stands for the stack in the text of a statement: no literal has such a character.
const STACK: &str = "\u{1}";

/// A part of a stack has no more lines than this, so that its file has no more than 400.
const MOST_LINES: usize = 260;

/// The files of a stack, and what its resources became.
pub struct Written {
    /// The modules by their paths below `src`, such as `network` and `network/ec2`.
    pub modules: Vec<(String, Module)>,
    /// What the resources became.
    pub rows: Vec<Row>,
    /// What somebody should know.
    pub notes: Vec<String>,
}

/// A resource that is to be written.
struct Entry<'a> {
    id: &'a str,
    type_name: &'a str,
    body: &'a Bag,
    service: String,
    variable: String,
    construct: String,
    is_needed: bool,
}

/// Writes the stack of a template as the module of a name.
pub fn write(template: &Template, module: &str, types: &mut Types) -> Result<Written, Vec<Refusal>> {
    let refusals = refused::refusals(template);
    if !refusals.is_empty() {
        return Err(refusals);
    }
    let written = stack(template, module, types, false);
    let has_raw = written.rows.iter().any(|row| matches!(row.became, Became::Raw(_)));
    // What has no type has no handle in another file.
    let is_again = written.modules.len() > 1 && has_raw;
    Ok(if is_again { stack(template, module, types, true) } else { written })
}

/// The same; with `is_raw_by_id`, resources without a type are named by their logical ids.
fn stack(template: &Template, module: &str, types: &mut Types, is_raw_by_id: bool) -> Written {
    let data = &template.data;
    let section = |name: &str| data.at(name).and_then(Data::as_map).cloned().unwrap_or_default();
    let (parameters, resources, outputs) = (section("Parameters"), section("Resources"), section("Outputs"));

    let mut used = BTreeSet::new();
    let mut depended = BTreeSet::new();
    for (_, body) in resources.iter() {
        order::references(body, &mut used);
        depended.extend(dependencies(body));
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
    let mut entries: Vec<Entry<'_>> = Vec::new();
    for (id, body) in resources.iter() {
        let (Some(body), Some(type_name)) = (body.as_map(), known.get(id)) else { continue };
        entries.push(Entry {
            id,
            type_name,
            body,
            service: type_name.split("::").nth(1).unwrap_or("other").to_lowercase(),
            variable: variables.take(&names::snake(id), "_"),
            construct: constructs.take(&names::kebab(id), "-"),
            is_needed: used.contains(id) || depended.contains(id),
        });
    }
    let items: Vec<Item<'_>> = entries
        .iter()
        .map(|entry| {
            let mut needs = dependencies(&Data::Map(entry.body.clone()));
            entry.body.iter().for_each(|(_, value)| order::references(value, &mut needs));
            Item { name: entry.id, needs, group: &entry.service }
        })
        .collect();
    let order = order::sorted(&items);

    let mut writer = Writer { types, named, known: &known, used: BTreeSet::new() };
    let mut before = head(template, module, &section("Parameters"), &mut writer);
    let mut all_used = std::mem::take(&mut writer.used);
    let (mut rows, mut defined) = (Vec::new(), Vec::new());
    for idx in order {
        let entry = &entries[idx];
        writer.used.clear();
        let (mut statement, became) = resource::define(entry, STACK, &template.comments, &mut writer);
        statement.uses = writer.used.clone();
        if entry.is_needed && !(is_raw_by_id && matches!(became, Became::Raw(_))) {
            let named = Named::Resource(entry.variable.clone(), entry.type_name.to_owned());
            writer.named.insert(entry.id.to_owned(), named);
        }
        let (kind, name) = (entry.type_name.to_owned(), entry.id.to_owned());
        rows.push(Row { file: template.file.clone(), kind, name, became });
        defined.push((idx, statement));
    }
    let after = tail(&outputs, template, &mut writer);
    all_used.extend(used_by(defined.iter().map(|(_, it)| it).chain(&after)));
    // What is named in a script alone needs no variable.
    for statement in &mut before {
        let variable = statement.text.strip_prefix("let ").and_then(|rest| rest.split_once(" = stack.parameter("));
        if let Some((_, call)) = variable.filter(|(variable, _)| !all_used.contains(*variable)) {
            statement.text = format!("stack.parameter({call}");
        }
    }
    let notes = notes(template, &entries);
    let paths: BTreeMap<String, String> = rows
        .iter()
        .filter_map(|row| match &row.became {
            Became::Typed(path) => Some((row.name.clone(), path.clone())),
            Became::Raw(_) => None,
        })
        .collect();

    let n_lines: usize =
        before.iter().chain(&after).chain(defined.iter().map(|(_, it)| it)).map(Statement::n_lines).sum();
    let doc = format!("The stack `{}`, which was `{}`.", template.stack, template.file);
    let whole = |statements, modules| Module {
        doc: doc.clone(),
        items: String::new(),
        head: "/// Defines the stack.\npub fn define(app: &App)".to_owned(),
        statements,
        modules,
    };
    if n_lines <= MOST_LINES {
        before.extend(defined.into_iter().map(|(_, statement)| on(statement, "&stack")));
        before.extend(after);
        return Written { modules: vec![(module.to_owned(), whole(before, Vec::new()))], rows, notes };
    }

    // Parts by service, each of which takes what it refers to out of the stack.
    let mut parts: Vec<(String, Vec<(usize, Statement)>)> = Vec::new();
    let (mut part_names, mut size) = (Given::default(), 0);
    for (idx, statement) in defined {
        let service = &entries[idx].service;
        let lines = statement.n_lines();
        let is_full = size + lines > MOST_LINES;
        let is_other = size > MOST_LINES / 3
            && parts
                .last()
                .is_some_and(|(_, rows)| rows.last().is_some_and(|(last, _)| entries[*last].service != *service));
        if parts.is_empty() || is_full || is_other {
            parts.push((part_names.take(&names::snake(service), "_"), Vec::new()));
            size = 0;
        }
        size += lines;
        if let Some((_, rows)) = parts.last_mut() {
            rows.push((idx, statement));
        }
    }
    let mut modules = Vec::new();
    for (name, rows) in &parts {
        let own: BTreeSet<usize> = rows.iter().map(|(idx, _)| *idx).collect();
        let needed = used_by(rows.iter().map(|(_, statement)| statement));
        let mut statements = handles(&entries, &own, &paths, &writer, &needed);
        statements.extend(rows.iter().map(|(_, statement)| on(statement.clone(), "stack")));
        let doc = format!("The resources of the stack `{}` around `{name}`.", template.stack);
        let head = "/// Defines the resources.\npub(super) fn define(stack: &Stack)".to_owned();
        modules.push((
            format!("{module}/{name}"),
            Module { doc, items: String::new(), head, statements, modules: Vec::new() },
        ));
        before.push(Statement { text: format!("{name}::define(&stack);"), ..Statement::default() });
    }
    // What outputs refer to lies in the parts.
    let needed = used_by(after.iter());
    let of_parts = handles(&entries, &BTreeSet::new(), &paths, &writer, &needed);
    before.extend(of_parts.into_iter().filter(|it| !it.text.contains("intrinsic::reference")));
    before.extend(after);
    let before = before.into_iter().map(|statement| on(statement, "&stack")).collect();
    modules.insert(0, (module.to_owned(), whole(before, parts.iter().map(|(name, _)| name.clone()).collect())));
    Written { modules, rows, notes }
}

/// The variables that statements use.
fn used_by<'a>(statements: impl Iterator<Item = &'a Statement>) -> BTreeSet<String> {
    statements.flat_map(|statement| statement.uses.iter().cloned()).collect()
}

/// The statement in a function that has the stack by this expression.
fn on(statement: Statement, stack: &str) -> Statement {
    Statement { text: statement.text.replace(STACK, stack), ..statement }
}

/// The variables of a part for what other parts define.
fn handles(
    entries: &[Entry<'_>],
    own: &BTreeSet<usize>,
    paths: &BTreeMap<String, String>,
    writer: &Writer<'_>,
    used: &BTreeSet<String>,
) -> Vec<Statement> {
    let is_used = |variable: &str| used.contains(variable);
    let stack = if own.is_empty() { "&stack" } else { "stack" };
    let mut found = Vec::new();
    for (id, named) in &writer.named {
        if let Named::Parameter(variable) = named
            && is_used(variable)
        {
            found.push(format!("let {variable} = intrinsic::reference({id:?});"));
        }
    }
    for (idx, entry) in entries.iter().enumerate() {
        if own.contains(&idx) || !entry.is_needed || !is_used(&entry.variable) {
            continue;
        }
        let Some(path) = paths.get(entry.id) else { continue };
        found.push(format!("let {} = Resource::<{path}>::of({stack}, {:?});", entry.variable, entry.construct));
    }
    found.into_iter().map(|text| Statement { text, ..Statement::default() }).collect()
}

/// The stack, its parameters, mappings and conditions.
fn head(template: &Template, module: &str, parameters: &Bag, writer: &mut Writer<'_>) -> Vec<Statement> {
    let data = &template.data;
    let plain = |text: String| Statement { text, ..Statement::default() };
    let comments = |path: &str| template.comments.get(path).cloned().unwrap_or_default();
    let env = match &template.account {
        Some(account) => format!("Env::new({account:?}, {:?})", template.region),
        None => format!("Env::region({:?})", template.region),
    };
    let mut out = vec![
        plain(format!("let stack = Stack::new(app, {:?}, {env});", module.replace('_', "-"))),
        plain(format!("stack.adopt({:?});", template.stack)),
    ];
    if let Some(description) = data.at("Description").and_then(Data::as_str) {
        out.push(plain(format!("stack.describe({});", text(description))));
    }
    for (id, body) in parameters.iter() {
        let mut more = body.as_map().cloned().unwrap_or_default();
        let kind = more.remove("Type").map_or_else(String::new, |kind| kind.to_text());
        let call = format!("stack.parameter({id:?}, {kind:?}, {});", writer.bag(&more).text);
        let text = match writer.named.get(id) {
            Some(Named::Parameter(variable)) => format!("let {variable} = {call}"),
            _ => call,
        };
        out.push(Statement {
            text,
            comments: comments(&format!("Parameters.{id}")),
            is_apart: false,
            ..Statement::default()
        });
    }
    let section = |name: &str| data.at(name).and_then(Data::as_map).cloned().unwrap_or_default();
    for (id, rows) in section("Mappings").iter() {
        let text = format!("stack.mapping({id:?}, {});", writer.data(rows).text);
        out.push(Statement {
            text,
            comments: comments(&format!("Mappings.{id}")),
            is_apart: true,
            ..Statement::default()
        });
    }
    for (id, body) in section("Conditions").iter() {
        let text = format!("stack.condition({id:?}, {});", writer.test(body));
        out.push(Statement {
            text,
            comments: comments(&format!("Conditions.{id}")),
            is_apart: false,
            ..Statement::default()
        });
    }
    for name in ["Rules", "Metadata"] {
        for (id, body) in section(name).iter() {
            let text = format!("stack.entry({name:?}, {id:?}, {});", writer.data(body).text);
            out.push(Statement {
                text,
                comments: comments(&format!("{name}.{id}")),
                is_apart: true,
                ..Statement::default()
            });
        }
    }
    out
}

/// The outputs.
fn tail(outputs: &Bag, template: &Template, writer: &mut Writer<'_>) -> Vec<Statement> {
    let mut out = Vec::new();
    for (id, body) in outputs.iter() {
        writer.used.clear();
        let is_plain = body.as_map().is_some_and(|bag| bag.len() == 1);
        let text = match body.at("Value").filter(|_| is_plain) {
            Some(value) => format!("stack.output({id:?}, {});", writer.data(value).text),
            None => format!("stack.entry(\"Outputs\", {id:?}, {});", writer.data(body).text),
        };
        let comments = template.comments.get(&format!("Outputs.{id}")).cloned().unwrap_or_default();
        out.push(Statement { is_apart: out.is_empty(), text, comments, uses: writer.used.clone() });
    }
    out
}

/// What a resource waits for beside what it refers to.
fn dependencies(body: &Data) -> BTreeSet<String> {
    match body.at("DependsOn") {
        Some(Data::Text(id)) => BTreeSet::from([id.to_string()]),
        Some(Data::List(items)) => items.iter().filter_map(Data::as_str).map(str::to_owned).collect(),
        _ => BTreeSet::new(),
    }
}

fn notes(template: &Template, entries: &[Entry<'_>]) -> Vec<String> {
    let nested = entries.iter().filter(|entry| entry.type_name == "AWS::CloudFormation::Stack");
    nested
        .map(|entry| {
            let (file, id) = (&template.file, entry.id);
            format!("{file}: the nested stack `{id}` stays one: its template is what its URL has")
        })
        .collect()
}
