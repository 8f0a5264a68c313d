//! Parts of access descriptions: values, exceptions and conditions.

use meshsynth_access::sets::{Dimension, Extent, Part, Test, Values};

use super::names::short;

/// Describes the conditions of a permission.
pub(super) fn conditions(extent: &Extent) -> String {
    let mut parts = Vec::new();
    for (dimension, of) in &extent.values {
        match dimension {
            Dimension::Key(key) => parts.push(format!("`{}` {}", key.name(), condition(of))),
            Dimension::Opaque(name) => {
                let not = if of.0.iter().all(|it| !it.of.is_empty()) { "" } else { " does not" };
                let verb = if not.is_empty() { " allows it" } else { " allow it" };
                parts.push(format!("`{}`{not}{verb}", short(name)));
            }
            _ => {}
        }
    }
    if parts.is_empty() { String::new() } else { format!(" when {}", parts.join(" and ")) }
}

/// Describes the values of a condition key.
fn condition(of: &Values) -> String {
    match of.0.as_slice() {
        [part] if part.of.is_empty() => {
            let but: Vec<String> = part.except.iter().filter(|it| **it != Test::Absent).map(quoted).collect();
            let present = if part.except.contains(&Test::Absent) { "is present" } else { "" };
            match (present, but.is_empty()) {
                (present, true) => present.to_owned(),
                ("", false) => format!("is not {}", but.join(" or ")),
                (present, false) => format!("{present} and not {}", but.join(" or ")),
            }
        }
        parts if parts.iter().all(|it| it.except.is_empty() && it.of.len() == 1) => {
            format!("is {}", parts.iter().map(|it| quoted(&it.of[0])).collect::<Vec<_>>().join(" or "))
        }
        _ => format!("is {}", values(Some(of), &quoted, "anything")),
    }
}

/// Describes a union of value sets.
pub(super) fn values(of: Option<&Values>, name: &dyn Fn(&Test) -> String, all: &str) -> String {
    let Some(of) = of else { return all.to_owned() };
    let list = |tests: &[Test], word: &str| tests.iter().map(name).collect::<Vec<_>>().join(word);
    let part = |part: &Part| {
        let of = if part.of.is_empty() { all.to_owned() } else { list(&part.of, " within ") };
        if part.except.is_empty() { of } else { format!("{of} except {}", list(&part.except, ", ")) }
    };
    let has_exceptions = of.0.iter().any(|it| !it.except.is_empty());
    of.0.iter().map(part).collect::<Vec<_>>().join(if has_exceptions { " and " } else { ", " })
}

pub(super) fn quoted(test: &Test) -> String {
    if *test == Test::Absent { "absent".to_owned() } else { format!("`{test}`") }
}
