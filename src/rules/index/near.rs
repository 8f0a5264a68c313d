//! Suggestions and severities for references to missing objects.

use crate::diag::{Diagnostic, Severity};
use crate::facts;
use crate::rules::index::pods::Place;
use crate::rules::index::{Mesh, Presence};

/// Returns the name that is most similar to a missing name. Names that differ only in digits, such as `orders-v2` and
/// `orders-v3`, are different objects and not misspelled.
pub(in crate::rules) fn meant<'n>(name: &str, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    fn without_numbers(name: &str) -> String {
        name.chars().filter(|c| !c.is_ascii_digit()).collect()
    }
    let own = without_numbers(name);
    let is_sibling = |other: &str| other.len() == name.len() && without_numbers(other) == own;
    facts::nearest(name, names.filter(|other| !is_sibling(other)))
}

impl Mesh<'_> {
    /// Completes the finding for a reference to a missing object. It is an error if there is a suggestion `near`, or
    /// the input is complete. Otherwise, the object may exist elsewhere, and the finding becomes a note.
    pub fn unresolved(&self, diagnostic: Diagnostic, near: Option<String>) -> Diagnostic {
        match near {
            Some(near) => diagnostic.help(near),
            None if self.model.is_open => diagnostic
                .severity(Severity::Note)
                .note("it may be defined outside of the given files; with `--complete`, this is an error"),
            None => diagnostic,
        }
    }

    /// Whether an object is missing in the input, so that a reference to it is reported. In a program, a namespace with
    /// a Helm release may contain it.
    pub fn may_be_missing(&self, group: &str, kind: &str, place: Place<'_>, name: &str) -> bool {
        match self.has(group, kind, place, name) {
            Presence::Here => false,
            Presence::Missing => true,
            Presence::Unknown => self.is_open_at(place),
        }
    }

    /// Whether the program declares that another tool creates the object.
    pub fn exists_already(&self, kind: &str, place: Place<'_>, name: &str) -> bool {
        let here = self.model.targets().filter(|(id, _)| place.0 == Some(*id));
        here.flat_map(|(_, target)| &target.existing).any(|it| it.0 == kind && it.1 == place.1 && it.2 == name)
    }

    /// Whether the input may omit objects of a namespace, so that missing objects are notes. The result is `false` for
    /// a namespace with an unreadable document, because every object may be in that document, which has its own
    /// finding.
    pub fn is_open_at(&self, place: Place<'_>) -> bool {
        self.model.is_open && !self.known_in_part.contains(&place)
    }

    /// Returns a suggestion for a missing object: a similar name in its namespace, or the same name in another
    /// namespace.
    pub fn near(&self, group: &'static str, kind: &'static str, place: Place<'_>, name: &str) -> Option<String> {
        let all = || self.all(group, kind).iter().filter(|it| it.place.0 == place.0);
        let beside = all().filter(|it| it.place == place).map(|it| it.object.name.as_str());
        if let Some(near) = meant(name, beside) {
            return Some(format!("did you mean `{near}`?"));
        }
        let other = all().find(|it| it.object.name == name)?;
        Some(format!(
            "namespace `{}` has an object of this name: define another one here, or refer to that one",
            other.place.1
        ))
    }
}
