//! Names within an extracted function.

use super::columns::{self, Columns};
use crate::names::{self, Given};

/// The names within a function. A name that is the same in all instances is kept.
pub struct LocalNames {
    /// The parameter with the distinguishing word of an instance.
    pub stem: Option<String>,
    /// The parameters of other literals.
    pub literals: Vec<String>,
    /// Variables with their new names: those from outside of the group, then those that the function defines.
    renamed: Vec<(String, String)>,
    /// The number of variables from outside of the group.
    pub n_outside: usize,
}

impl LocalNames {
    /// Returns the names for a function with this name for the stack or the cluster.
    pub fn of(columns: &Columns, defined: &[&str], scope: &str) -> Self {
        let mut given = Given::of([scope.to_owned()].into());
        let stem = columns.stems.as_ref().map(|_| given.take("name", "_"));
        let literals = columns.literals.iter().map(|(name, _)| given.take(name, "_")).collect();
        let short =
            |name: &str| columns.stems.as_ref().map_or_else(|| name.to_owned(), |it| without_stem(name, &it[0]));
        let mut renamed: Vec<(String, String)> = Vec::new();
        for row in &columns.variables {
            let is_same = row.iter().all(|it| *it == row[0]);
            let name = if is_same { row[0].clone() } else { columns::common(row).unwrap_or_else(|| short(&row[0])) };
            renamed.push((row[0].clone(), given.take(&name, "_")));
        }
        let n_outside = renamed.len();
        renamed.extend(defined.iter().map(|name| ((*name).to_owned(), given.take(&short(name), "_"))));
        Self { stem, literals, renamed, n_outside }
    }

    /// Returns the variables from outside of the group.
    pub fn outside(&self) -> &[(String, String)] {
        &self.renamed[..self.n_outside]
    }

    /// Returns the name of a variable that the function defines.
    pub fn defined(&self, at: usize) -> &str {
        &self.renamed[self.n_outside + at].1
    }

    /// Returns the name of a variable within the function.
    pub fn new_name(&self, name: &str) -> String {
        self.renamed.iter().find(|(old, _)| old == name).map_or_else(|| name.to_owned(), |(_, new)| new.clone())
    }

    /// Returns the parameters of all literals.
    pub fn of_literals(&self) -> Vec<String> {
        self.stem.iter().chain(&self.literals).cloned().collect()
    }
}

/// Returns a variable name without the distinguishing word of its instance.
fn without_stem(name: &str, stem: &str) -> String {
    let less = name.replacen(&names::snake(stem), "", 1).replace("__", "_");
    let less = less.trim_matches('_');
    let is_name = !less.is_empty() && !less.starts_with(|c: char| c.is_ascii_digit());
    if is_name { less.to_owned() } else { name.to_owned() }
}
