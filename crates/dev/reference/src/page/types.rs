//! The types of fields and parameters.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::fields::{cell, props_of, typed, unit};
use crate::links;
use crate::source::{Field, Kind, Library, Type};

/// Renders the types of fields and parameters that have no separate page, including the types of their fields.
pub fn all(library: &Library, of: &Type) -> String {
    let props = props_of(library, of);
    let mut seen: BTreeSet<usize> = props.iter().map(|it| it.number).collect();
    let fields = props.iter().flat_map(|it| it.fields().iter().map(|field| (&it.module, &field.type_)));
    let methods = of.methods.iter().filter(|it| !it.doc.is_empty());
    let params = methods.flat_map(|it| it.params.iter().map(move |(_, type_)| (&it.module, type_)));
    let named = fields.chain(params).flat_map(|(module, type_)| library.all_named(module, type_));
    let own = if of.traits.contains("Construct") { Vec::new() } else { inner(library, of) };
    let mut waiting: Vec<&Type> = own.into_iter().chain(named).collect();
    waiting.reverse();
    let mut text = String::new();
    while let Some(it) = waiting.pop() {
        let is_told = library.is_construct(it) || it.number == of.number || unit(&it.name).is_some();
        if is_told || !library.has_path(it) || !seen.insert(it.number) {
            continue;
        }
        let Some(body) = body(library, it) else { continue };
        let said = links::resolved(library, it, &it.doc.flat());
        let _ = write!(text, "\n### {}\n\n{said}\n{body}", library.name(it));
        waiting.extend(inner(library, it));
        let made = it.constructors();
        if !made.is_empty() && matches!(it.kind, Kind::Struct(_)) {
            text += "\n| created by | description |\n|---|---|\n";
            for method in made {
                let what = cell(&links::resolved(library, it, &method.doc.flat()));
                let _ = writeln!(text, "| `{}::{}` | {what} |", it.name, cell(&method.call()));
            }
        }
    }
    match text.is_empty() {
        true => text,
        false => format!("\n## Types of fields and parameters\n{text}"),
    }
}

/// Returns the types of the fields or variants of a type.
fn inner<'a>(library: &'a Library, it: &Type) -> Vec<&'a Type> {
    let texts: Vec<&str> = match &it.kind {
        Kind::Struct(fields) => fields.iter().map(|field| field.type_.as_str()).collect(),
        Kind::Enum(variants) => variants.iter().map(|variant| variant.data.as_str()).collect(),
        Kind::Other => Vec::new(),
    };
    texts.into_iter().flat_map(|text| library.all_named(&it.module, text)).collect()
}

/// Renders the table of a type's fields or variants, or returns `None` if there are none.
fn body(library: &Library, it: &Type) -> Option<String> {
    let mut text = String::new();
    match &it.kind {
        Kind::Enum(variants) if !variants.is_empty() => {
            text += "\n| variant | description |\n|---|---|\n";
            for variant in variants {
                let what = cell(&links::resolved(library, it, &variant.doc.flat()));
                let _ = writeln!(text, "| `{}` | {what} |", cell(&variant.name));
            }
        }
        Kind::Struct(fields) if !fields.is_empty() => {
            text += "\n| field | type | default | description |\n|---|---|---|---|\n";
            text.extend(fields.iter().map(|field| row(library, it, field)));
        }
        Kind::Struct(_) if !it.constructors().is_empty() => {}
        Kind::Struct(_) | Kind::Enum(_) | Kind::Other => return None,
    }
    Some(text)
}

/// Renders the fields or variants of a type that has a page but is not a construct.
pub fn own(library: &Library, of: &Type) -> String {
    let title = if matches!(of.kind, Kind::Enum(_)) { "Variants" } else { "Fields" };
    match body(library, of).filter(|body| !body.is_empty() && !of.traits.contains("Construct")) {
        Some(body) => format!("\n## {title}\n{body}"),
        None => String::new(),
    }
}

fn row(library: &Library, of: &Type, field: &Field) -> String {
    let (what, default) = field.doc.default();
    let required = if of.traits.contains("Default") { "" } else { "required" };
    let [what, default] =
        [what, default.unwrap_or_else(|| required.to_owned())].map(|it| cell(&links::resolved(library, of, &it)));
    format!("| `{}` | {} | {default} | {what} |\n", field.name, typed(library, of, &field.type_))
}
