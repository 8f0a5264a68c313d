//! References that lead to nothing: what was probably meant, and how sure it is that nothing is there.

use crate::diag::{Diagnostic, Severity};
use crate::facts;
use crate::rules::index::pods::Place;
use crate::rules::index::{Mesh, Presence};

/// The name that was probably meant by one that is not there. `orders-v3` is a sibling of `orders-v2`, and not it misspelt.
pub(in crate::rules) fn meant<'n>(name: &str, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    fn without_numbers(name: &str) -> String {
        name.chars().filter(|c| !c.is_ascii_digit()).collect()
    }
    let own = without_numbers(name);
    let is_sibling = |other: &str| other.len() == name.len() && without_numbers(other) == own;
    facts::nearest(name, names.filter(|other| !is_sibling(other)))
}

impl Mesh<'_> {
    /// What is said of a reference that leads to nothing: an error where `near` is what was probably meant, or where
    /// everything is known. Otherwise it may be there, outside of what was given: a note.
    pub fn unresolved(&self, diagnostic: Diagnostic, near: Option<String>) -> Diagnostic {
        match near {
            Some(near) => diagnostic.help(near),
            None if self.model.is_open => diagnostic
                .severity(Severity::Note)
                .note("it is not in what was given; with `--complete`, it is an error"),
            None => diagnostic,
        }
    }

    /// Whether an object is not in what was given, so that something is said of a reference to it. In a program, a
    /// namespace with a Helm release may have it all the same.
    pub fn may_be_missing(&self, group: &str, kind: &str, place: Place<'_>, name: &str) -> bool {
        match self.has(group, kind, place, name) {
            Presence::Here => false,
            Presence::Missing => true,
            Presence::Unknown => self.is_open_at(place),
        }
    }

    /// Whether somebody else makes an object, as the program says.
    pub fn exists_already(&self, kind: &str, place: Place<'_>, name: &str) -> bool {
        let here = self.model.targets().filter(|(id, _)| place.0 == Some(*id));
        here.flat_map(|(_, target)| &target.existing).any(|it| it.0 == kind && it.1 == place.1 && it.2 == name)
    }

    /// Whether the model tells of a part of a namespace alone, and nothing says what the rest is: a note is due for what
    /// is not found there. Where a document cannot be read, that is said, and what it would define counts as there.
    pub fn is_open_at(&self, place: Place<'_>) -> bool {
        self.model.is_open && !self.known_in_part.contains(&place)
    }

    /// What was probably meant by the name of an object that is not there: one that is spelled nearly so in its
    /// namespace, or one of that name in another namespace.
    pub fn near(&self, group: &'static str, kind: &'static str, place: Place<'_>, name: &str) -> Option<String> {
        let all = || self.all(group, kind).iter().filter(|it| it.place.0 == place.0);
        let beside = all().filter(|it| it.place == place).map(|it| it.object.name.as_str());
        if let Some(near) = meant(name, beside) {
            return Some(format!("did you mean `{near}`?"));
        }
        let other = all().find(|it| it.object.name == name)?;
        Some(format!("namespace `{}` has one of this name: define it here, or name that one", other.place.1))
    }
}
