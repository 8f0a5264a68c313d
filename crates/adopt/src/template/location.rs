//! The location of a resource in the program: its part, and its path below the stack.

use std::collections::{BTreeMap, BTreeSet};

use super::entry::Entry;
use crate::code::{Named, Writer};
use crate::tree::{Expr, Path, Statement, Type};

/// The location of a resource.
pub(super) struct Location {
    /// The path of its typed resource below the stack.
    path: String,
    /// The construct that it belongs to: its logical ID, and the path below it.
    pub within: Option<(String, String)>,
    /// Its type in the program, or `None` if it is untyped.
    pub resource: Option<String>,
}

impl Location {
    /// Creates the location of a construct, a part of a construct, or a separate resource.
    pub fn new(
        entry: &Entry<'_>,
        is_construct: bool,
        within: Option<(String, String)>,
        resource: Option<String>,
    ) -> Self {
        let path = match is_construct {
            true => format!("{}/resource", entry.construct),
            false => entry.construct.clone(),
        };
        Self { path, within, resource }
    }
}

/// The parts of a stack with their resources.
pub(super) struct Parts<'a> {
    /// All resources.
    pub entries: &'a [Entry<'a>],
    /// Their locations, by logical ID.
    pub locations: &'a BTreeMap<&'a str, Location>,
    /// The part of each resource, by logical ID.
    pub of: BTreeMap<&'a str, usize>,
    /// The constructs that a part receives from another one, by part and logical ID.
    pub passed: BTreeSet<(usize, &'a str)>,
}

impl Parts<'_> {
    /// Returns the construct that a resource belongs to, if the same part defines or receives it.
    fn owner(&self, id: &str) -> Option<(&Entry<'_>, &str)> {
        let (owner, below) = self.locations.get(id)?.within.as_ref()?;
        let entry = self.entries.iter().find(|it| it.id == owner)?;
        let part = self.of.get(id)?;
        let is_near = self.of.get(owner.as_str()) == Some(part) || self.passed.contains(&(*part, entry.id));
        is_near.then_some((entry, below))
    }

    /// Whether a construct is passed to another part.
    pub fn is_passed(&self, entry: &Entry<'_>) -> bool {
        self.passed.iter().any(|(_, id)| *id == entry.id)
    }

    /// Whether a resource belongs to a construct that is not available in its part.
    pub fn is_apart(&self, id: &str) -> bool {
        self.locations.get(id).is_some_and(|location| location.within.is_some()) && self.owner(id).is_none()
    }

    fn path(&self, entry: &Entry<'_>) -> Option<String> {
        match self.owner(entry.id) {
            Some((owner, below)) => Some(format!("{}/{below}", owner.construct)),
            None => Some(self.locations.get(entry.id)?.path.clone()),
        }
    }

    /// Returns the kept logical IDs by the paths of their resources or constructs.
    pub fn logical_ids(&self) -> Vec<(String, String)> {
        let path = |entry: &Entry<'_>| match self.owner(entry.id) {
            Some(_) => self.path(entry),
            None => Some(entry.construct.clone()),
        };
        self.entries.iter().filter_map(|entry| Some((path(entry)?, entry.id.to_owned()))).collect()
    }

    /// Whether a part defines or receives a variable. The main function has all passed variables.
    pub fn has(&self, part: Option<usize>, variable: &str) -> bool {
        let Some(entry) = self.entries.iter().find(|it| it.variable == variable) else { return false };
        match part {
            Some(part) => self.of.get(entry.id) == Some(&part) || self.passed.contains(&(part, entry.id)),
            None => self.is_passed(entry),
        }
    }

    /// Returns the type of a variable in a part, or `None` if it has no type in the library.
    pub fn type_of(&self, part: Option<usize>, variable: &str, writer: &Writer<'_>) -> Option<Type> {
        let is_parameter = |named: &Named| matches!(named, Named::Parameter(name) if name == variable);
        if writer.named.values().any(is_parameter) {
            return Some(Type::Reference("intrinsic::Intrinsic".into()));
        }
        let entry = self.entries.iter().find(|it| it.variable == variable)?;
        let path = match writer.named.get(entry.id)? {
            Named::Construct(_, construct) if self.has(part, variable) => construct.path.into(),
            _ => Path::generic("Resource", self.locations.get(entry.id)?.resource.as_deref()?.into()),
        };
        Some(Type::Reference(path))
    }

    /// Returns definitions of the variables from other parts, for a part or for the main function.
    pub fn handles(&self, part: Option<usize>, used: &BTreeSet<String>) -> Vec<Statement> {
        let resources = self.entries.iter().filter_map(|entry| {
            if self.has(part, &entry.variable) || !entry.is_needed || !used.contains(&entry.variable) {
                return None;
            }
            let resource = self.locations.get(entry.id)?.resource.as_deref()?;
            let of = Path::of("Resource", resource.into(), "of");
            let arguments = [Expr::Scope, Expr::text(self.path(entry)?)];
            Some(Statement::define(&entry.variable, Expr::call(of, arguments)))
        });
        resources.collect()
    }
}
