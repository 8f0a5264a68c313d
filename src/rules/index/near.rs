//! References that lead to nothing: what was probably meant, and how sure it is that nothing is there.

use crate::diag::{Diagnostic, Severity};
use crate::facts;
use crate::rules::index::Mesh;
use crate::rules::index::pods::Place;

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

    /// What was probably meant by the name of an object that is not there: one that is spelled nearly so in its
    /// namespace, or one of that name in another namespace.
    pub fn near(&self, group: &'static str, kind: &'static str, place: Place<'_>, name: &str) -> Option<String> {
        let all = || self.all(group, kind).iter().filter(|it| it.place.0 == place.0);
        let beside = all().filter(|it| it.place == place).map(|it| it.object.name.as_str());
        if let Some(near) = facts::nearest(name, beside) {
            return Some(format!("did you mean `{near}`?"));
        }
        let other = all().find(|it| it.object.name == name)?;
        Some(format!("namespace `{}` has one of this name: define it here, or name that one", other.place.1))
    }
}
