//! Names for records and enums without a name in the schema.

use std::collections::BTreeSet;

use crate::codegen::case;

/// Names that a module with types already uses.
const TAKEN: [&str; 20] = [
    "Box",
    "Clone",
    "Debug",
    "Default",
    "Err",
    "From",
    "IntOrString",
    "Into",
    "Iterator",
    "Json",
    "List",
    "Map",
    "None",
    "Ok",
    "Option",
    "PartialEq",
    "Result",
    "Some",
    "String",
    "Vec",
];

/// The used names of a unit.
#[derive(Default)]
pub struct Taken(BTreeSet<String>);

impl Taken {
    /// Reserves and returns the first unused name.
    pub fn first(&mut self, candidates: impl IntoIterator<Item = String>) -> Option<String> {
        candidates.into_iter().find(|name| self.take(name))
    }

    /// Reserves a name, and returns whether it was unused.
    pub fn take(&mut self, name: &str) -> bool {
        !TAKEN.contains(&name) && self.0.insert(name.to_owned())
    }

    /// Whether a name is unused.
    pub fn is_free(&self, name: &str) -> bool {
        !TAKEN.contains(&name) && !self.0.contains(name)
    }
}

/// Returns the Rust name of a kind or definition.
pub fn defined(name: &str) -> String {
    case::pascal(&name.replace("AWSJWT", "AwsJwt"))
}

/// Returns the name of one item of a list or map: `Route` for `routes`.
pub fn singular(name: &str) -> String {
    for (end, new) in [
        ("aliases", "alias"),
        ("Aliases", "Alias"),
        ("nalyses", "nalysis"),
        ("ies", "y"),
        ("sses", "ss"),
        ("xes", "x"),
        ("ches", "ch"),
        ("ss", "ss"),
        ("us", "us"),
        ("is", "is"),
    ] {
        if let Some(stem) = name.strip_suffix(end) {
            return format!("{stem}{new}");
        }
    }
    name.strip_suffix('s').filter(|stem| stem.len() > 2).unwrap_or(name).to_owned()
}

/// Returns a nested name: `HttpMatch` for `Http` and `Match`, `Route` for `Route` and `Route`.
pub fn nested(parent: &str, name: &str) -> String {
    let parent = parent.strip_suffix("Spec").unwrap_or(parent);
    match name.starts_with(parent) {
        true => name.to_owned(),
        false => format!("{parent}{name}"),
    }
}

/// Returns the name of the variant for a value.
pub fn variant(text: &str) -> Option<String> {
    match text {
        "" => Some("Empty".to_owned()),
        "*" => Some("Any".to_owned()),
        "=" => Some("Equal".to_owned()),
        "!=" => Some("NotEqual".to_owned()),
        "=~" => Some("Matches".to_owned()),
        "!~" => Some("MatchesNot".to_owned()),
        _ => case::variant(text),
    }
}
