//! The report of a conversion.

use std::collections::BTreeMap;

use crate::Refusal;

/// The result for a resource or an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Became {
    /// A construct or a part of one, by path, and the additions of its usual form.
    Construct(&'static str, &'static str),
    /// A typed resource or kind, by path.
    Typed(String),
    /// An untyped resource or kind, and the reason.
    Raw(&'static str),
}

/// A resource or an object, and its result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its file.
    pub file: String,
    /// The type or the kind.
    pub kind: String,
    /// The logical ID, or the namespace and the name.
    pub name: String,
    /// The result.
    pub became: Became,
}

/// The report for an estate.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// The adopted resources and objects.
    pub rows: Vec<Row>,
    /// The omitted inputs.
    pub refusals: Vec<Refusal>,
    /// Identical duplicates, which are adopted once.
    pub same: Vec<Refusal>,
    /// Remarks for the user.
    pub notes: Vec<String>,
}

impl Report {
    /// Returns the number of resources and objects that are constructs or parts of constructs.
    pub fn n_constructs(&self) -> usize {
        self.rows.iter().filter(|row| matches!(row.became, Became::Construct(..))).count()
    }

    /// Returns the number of resources and objects that are typed, including constructs.
    pub fn n_typed(&self) -> usize {
        self.rows.iter().filter(|row| !matches!(row.became, Became::Raw(_))).count()
    }

    /// Returns the constructs, the additions of their usual form, and the names of the resources.
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

    /// Returns the types that are written untyped, with the reasons and the names of the resources.
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
