//! Findings of rules on both sides of a change, and which of them the change brings.

use std::collections::HashSet;

use meshsynth::diag::Diagnostic;

/// What is found of rules about what reaches what.
const REACH: [&str; 5] = ["MS1220", "MS1221", "MS1222", "MS1223", "MS1224"];

/// What rules find on both sides. Whoever runs more rules over both, such as policy files, adds what they find.
#[derive(Clone, Debug, Default)]
pub struct Findings {
    /// On the old side; none where nothing recorded them, such as for what is deployed.
    pub base: Option<Vec<Diagnostic>>,
    /// On the new side; none where nothing recorded them.
    pub head: Option<Vec<Diagnostic>>,
}

impl Findings {
    /// The rules about what reaches what (`[[reach]]`, `app.never`) that the new side breaks and the old side does not.
    pub fn broken_ways(&self) -> Vec<&Diagnostic> {
        let is_of_ways = |it: &&Diagnostic| REACH.contains(&it.code) && it.allowed.is_none();
        let key = |it: &'_ Diagnostic| (it.code, it.message.clone(), it.place.as_ref().map(|it| it.file.clone()));
        let mut known: HashSet<_> = self.base.iter().flatten().map(key).collect();
        // What synthesis recorded may be found again.
        self.head.iter().flatten().filter(is_of_ways).filter(|it| known.insert(key(it))).collect()
    }
}

/// The findings of a rule on the new side that the old side does not have: no finding there has the same code, construct and
/// field. What the program lets pass is none.
pub fn newly_broken<'a>(base: &[Diagnostic], head: &'a [Diagnostic], code: &str) -> Vec<&'a Diagnostic> {
    let is_of_rule = |it: &&Diagnostic| it.code == code;
    let key = |it: &'_ Diagnostic| (it.construct.clone(), it.field.clone());
    let known: HashSet<_> = base.iter().filter(is_of_rule).map(key).collect();
    let is_new = |it: &&Diagnostic| it.allowed.is_none() && !known.contains(&key(it));
    head.iter().filter(is_of_rule).filter(is_new).collect()
}

/// What a finding is about, as exceptions and reports name it: its construct, or else its file.
pub fn subject(diagnostic: &Diagnostic) -> &str {
    match (&diagnostic.construct, &diagnostic.place) {
        (construct, Some(place)) if construct.is_empty() => &place.file,
        (construct, _) => construct,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_is_new_by_its_code_construct_and_field() {
        let at = |code, construct: &str, field: Option<&str>| {
            let mut it = Diagnostic::warning(code, "wrong").construct(construct);
            it.field = field.map(str::to_owned);
            it
        };
        let base = [at("ACME001", "data/a", None), at("ACME002", "data/b", None)];
        let head =
            [at("ACME001", "data/a", None), at("ACME001", "data/a", Some("spec.x")), at("ACME001", "data/b", None)];
        let new: Vec<&str> = newly_broken(&base, &head, "ACME001").into_iter().map(subject).collect();
        assert_eq!(new, ["data/a", "data/b"]);
        assert!(newly_broken(&base, &head, "ACME002").is_empty());
    }
}
