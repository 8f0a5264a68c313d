//! The parameters of a construct, and the fields of its properties.

use std::collections::BTreeSet;
use std::fmt::Write;

use crate::links;
use crate::source::{Library, Method, Type};

/// The parameters that every construct has.
const COMMON: &[&str] = &["scope", "id", "props"];

/// Renders the constructors of a construct and their parameters.
pub fn needs(library: &Library, of: &Type) -> String {
    let own: Vec<(String, &Method)> = of.constructors().into_iter().map(|it| (library.name(of) + "::", it)).collect();
    let makers = library.makers(of).into_iter().map(|(owner, it)| (library.name(owner) + "::", it));
    let calls: Vec<(String, &Method)> = own.into_iter().chain(makers).collect();
    if calls.is_empty() {
        return String::new();
    }
    let mut text = "\n## Required arguments\n\n| call | description |\n|---|---|\n".to_owned();
    for (owner, method) in &calls {
        let params: Vec<&str> = method.params.iter().map(|(name, _)| name.as_str()).collect();
        let said = links::resolved(library, of, &method.doc.flat());
        let _ = writeln!(text, "| `{owner}{}({})` | {} |", method.name, params.join(", "), cell(&said));
    }
    let mut seen = BTreeSet::new();
    let mut rows = String::new();
    for (_, method) in &calls {
        for (name, type_) in method.params.iter().filter(|(name, _)| !COMMON.contains(&name.as_str())) {
            if seen.insert((name, type_)) {
                let what = meaning(library, method, type_);
                let _ = writeln!(rows, "| `{name}` | {} | {} |", typed(library, of, type_), cell(&what));
            }
        }
    }
    if !rows.is_empty() {
        let _ = write!(text, "\n| parameter | type | description |\n|---|---|---|\n{rows}");
    }
    text
}

/// Returns the description of a parameter by its type.
fn meaning(library: &Library, method: &Method, type_: &str) -> String {
    if type_.contains("IntoVal<") || type_.contains("Into<Val<") || type_.starts_with("Val<") {
        return "A value, which may be known only after the deployment".to_owned();
    }
    match library.all_named(&method.module, type_).first() {
        Some(it) => links::resolved(library, it, &it.doc.sentence()),
        None if type_ == "&str" => "A text".to_owned(),
        None => String::new(),
    }
}

/// Returns the properties of a construct: the constructor parameters whose type ends with `Props`.
pub fn props_of<'a>(library: &'a Library, of: &'a Type) -> Vec<&'a Type> {
    let makers = library.makers(of).into_iter().map(|(_, it)| it);
    let mut found: Vec<&Type> = Vec::new();
    for method in of.constructors().into_iter().chain(makers) {
        for (_, type_) in &method.params {
            for named in library.all_named(&method.module, type_) {
                let is_props = named.name.ends_with("Props") || named.name.starts_with("Existing");
                if is_props && found.iter().all(|it| it.number != named.number) {
                    found.push(named);
                }
            }
        }
    }
    found
}

/// Renders the tables of fields.
pub fn props(library: &Library, of: &Type, lacks: &mut Vec<String>) -> String {
    let mut text = String::new();
    for props in props_of(library, of) {
        let is_props = props.name.ends_with("Props");
        let title = if is_props { "Fields of" } else { "What exists already:" };
        let _ = write!(text, "\n## {title} {}\n\n", props.name);
        if !is_props {
            let _ = writeln!(text, "{}\n", links::resolved(library, props, &props.doc.flat()));
        }
        let _ = write!(text, "| field | type | default | description |\n|---|---|---|---|\n");
        for field in props.fields() {
            let (what, default) = field.doc.default();
            if default.is_none() && is_props && props.traits.contains("Default") {
                lacks.push(format!(
                    "`{}::{}` does not document its default: end its doc comment with `Default: ….`",
                    props.name, field.name
                ));
            }
            if what.is_empty() {
                lacks.push(format!("`{}::{}` has no description: add a doc comment", props.name, field.name));
            }
            let default = default.unwrap_or_else(|| "required".to_owned());
            let [what, default] = [what, default].map(|it| cell(&links::resolved(library, props, &it)));
            let _ =
                writeln!(text, "| `{}` | {} | {default} | {what} |", field.name, typed(library, props, &field.type_));
        }
    }
    text
}

/// Renders a type in a table cell: with a link if it is a construct, and with its unit if it has one.
pub fn typed(library: &Library, of: &Type, type_: &str) -> String {
    let constructs = library.all_named(&of.module, type_).into_iter().find(|it| library.is_construct(it));
    let plain = cell(type_);
    match constructs {
        Some(it) => format!("[`{plain}`]({})", links::file(library, it)),
        None => match type_.split(|c: char| !c.is_alphanumeric()).find_map(unit) {
            Some(unit) => format!("`{plain}`, {unit}"),
            None => format!("`{plain}`"),
        },
    }
}

/// Returns the meaning of a unit type.
pub fn unit(type_: &str) -> Option<&'static str> {
    Some(match type_ {
        "Gib" => "GiB",
        "Mib" => "MiB",
        "Millicores" => "thousandths of a processor",
        "Percent" => "0 to 100 %",
        "Duration" => "time",
        "Cidr" => "block of addresses",
        _ => return None,
    })
}

/// Escapes a text for a table cell.
pub fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}
