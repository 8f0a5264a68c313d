//! Converts links to items in doc comments to links between pages.

use crate::source::{Library, Type};

/// Returns the file of a construct's page, such as `rds-database.md`.
pub fn file(library: &Library, of: &Type) -> String {
    format!("{}.md", library.name(of).replace("::", "-").replace('_', "-").to_lowercase())
}

/// Converts the links in a text from the doc comment of the type `of`, for a page of the book.
pub fn resolved(library: &Library, of: &Type, text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    let mut is_code = false;
    while let Some(at) = rest.find(['[', '`']) {
        out += &rest[..at];
        if rest[at..].starts_with('`') {
            is_code ^= true;
            out.push('`');
            rest = &rest[at + 1..];
            continue;
        }
        let inner = &rest[at + 1..];
        let (false, Some(end)) = (is_code, inner.find(']')) else {
            out.push('[');
            rest = inner;
            continue;
        };
        let label = &inner[..end];
        let after = &inner[end + 1..];
        let target = after.strip_prefix('(').and_then(|after| after.split_once(')'));
        match target {
            Some((target, after)) => {
                out += &link(library, of, label, target);
                rest = after;
            }
            None if label.starts_with('`') => {
                out += &link(library, of, label, label);
                rest = after;
            }
            None => {
                out.push('[');
                rest = inner;
            }
        }
    }
    out + rest
}

fn link(library: &Library, of: &Type, label: &str, target: &str) -> String {
    if target.starts_with("http") {
        return format!("[{label}]({target})");
    }
    let path = target.trim_matches('`').trim_end_matches("()").split('#').next().unwrap_or_default();
    // A method belongs to the page of its type.
    let owner = path.rsplit_once("::").map(|(owner, _)| owner);
    let found = [Some(path), owner].into_iter().flatten().find_map(|path| library.named(&of.module, path));
    match found.filter(|it| it.number != of.number) {
        Some(it) if library.is_construct(it) => format!("[{label}]({})", file(library, it)),
        _ => label.to_owned(),
    }
}
