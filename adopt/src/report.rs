//! What became what.

use std::collections::BTreeMap;

use crate::Refusal;

/// What a resource or an object became.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Became {
    /// A construct, or a part of one, by its path; and what its usual form would add.
    Construct(&'static str, &'static str),
    /// A typed resource or kind, by its path.
    Typed(String),
    /// A resource or a kind by its name, and why.
    Raw(&'static str),
}

/// A resource or an object, and what it became.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Where it is from.
    pub file: String,
    /// The type or the kind.
    pub kind: String,
    /// The logical id, or the namespace and the name.
    pub name: String,
    /// What it became.
    pub became: Became,
}

/// What became of an estate.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// The resources and objects that were adopted.
    pub rows: Vec<Row>,
    /// What is left out.
    pub refusals: Vec<Refusal>,
    /// What is there twice in the same words, and adopted once.
    pub same: Vec<Refusal>,
    /// What somebody should know.
    pub notes: Vec<String>,
}

impl Report {
    /// How many resources and objects are constructs, or parts of them.
    pub fn n_constructs(&self) -> usize {
        self.rows.iter().filter(|row| matches!(row.became, Became::Construct(..))).count()
    }

    /// How many resources and objects are typed: constructs, and those that are typed by themselves.
    pub fn n_typed(&self) -> usize {
        self.rows.iter().filter(|row| !matches!(row.became, Became::Raw(_))).count()
    }

    /// The constructs, what their usual form would add, and the names of the resources.
    pub fn would_add(&self) -> BTreeMap<(&'static str, &'static str), Vec<&str>> {
        let mut found: BTreeMap<(&'static str, &'static str), Vec<&str>> = BTreeMap::new();
        for row in &self.rows {
            if let Became::Construct(path, adds) = row.became
                && !adds.is_empty()
            {
                found.entry((path, adds)).or_default().push(&row.name);
            }
        }
        found
    }

    /// The types that stay raw: why, and the names of the resources.
    pub fn raw(&self) -> BTreeMap<(&str, &'static str), Vec<&str>> {
        let mut found: BTreeMap<(&str, &'static str), Vec<&str>> = BTreeMap::new();
        for row in &self.rows {
            if let Became::Raw(why) = row.became {
                found.entry((&row.kind, why)).or_default().push(&row.name);
            }
        }
        found
    }
}
