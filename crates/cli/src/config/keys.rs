//! The tables and keys of `meshsynth.toml`. The parsers take the supported keys from them, and the page
//! `docs/configuration.md` and the schema `docs/meshsynth.schema.json` are generated from them.

mod exceptions;
mod form;
#[cfg(test)]
mod page;
mod project;
mod rules;
#[cfg(test)]
mod schema;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

pub use exceptions::{
    ALLOW, CHECK, CHECK_ALLOW, CHECK_NAMESPACES, CHECK_SEVERITY, DIFF_ALLOW, SEVERITY, SEVERITY_OF_ENVIRONMENT,
};
pub use form::Form;
pub use project::{APP, DEPLOY, DIFF, POLICY, TOP};
pub use rules::{JOIN, LOSE, REACH, STACK};

/// A table of the file.
#[derive(Debug)]
pub struct Table {
    /// The path; empty for the top level. A part in angle brackets is a name that the user chooses.
    pub path: &'static str,
    /// Whether the table can occur several times, as `[[path]]`.
    pub is_list: bool,
    /// The purpose.
    pub text: &'static str,
    /// The section that describes the subject, as a link below `docs`; empty if there is none.
    pub link: &'static str,
    /// The keys. A name in angle brackets is a name that the user chooses.
    pub keys: &'static [Key],
    /// The required keys: at least one of each group.
    pub required: &'static [&'static [&'static str]],
}

/// A key of a table.
#[derive(Debug)]
pub struct Key {
    /// The name.
    pub name: &'static str,
    /// The type of the value.
    pub form: Form,
    /// The behavior without the key; empty for required keys.
    pub default: &'static str,
    /// The description.
    pub text: &'static str,
    /// A line that sets the key.
    pub example: &'static str,
}

/// All tables, in the order of the page.
pub const TABLES: [&Table; 17] = [
    &TOP,
    &APP,
    &DEPLOY,
    &DIFF,
    &DIFF_ALLOW,
    &CHECK,
    &CHECK_SEVERITY,
    &CHECK_NAMESPACES,
    &CHECK_ALLOW,
    &ALLOW,
    &SEVERITY,
    &SEVERITY_OF_ENVIRONMENT,
    &REACH,
    &LOSE,
    &JOIN,
    &STACK,
    &POLICY,
];

/// The tables that the file of `--map` supports.
pub const MAP_TABLES: [&str; 2] = [JOIN.path, STACK.path];

impl Table {
    /// Returns the supported keys, including tables below this one, sorted.
    pub fn known(&self) -> Vec<&'static str> {
        let below = TABLES.iter().filter_map(|table| first_below(self.path, table.path));
        let known: BTreeSet<&str> = self.keys.iter().map(|key| key.name).chain(below).collect();
        known.into_iter().collect()
    }

    /// Whether the table supports a key.
    pub fn is_known(&self, key: &str) -> bool {
        self.known().iter().any(|known| *known == key || known.starts_with('<'))
    }
}

/// Returns the first part of `other` below `path`, or `None` if it is not below it.
fn first_below(path: &str, other: &'static str) -> Option<&'static str> {
    let rest = if path.is_empty() { other } else { other.strip_prefix(path)?.strip_prefix('.')? };
    rest.split('.').next().filter(|part| !part.is_empty())
}
