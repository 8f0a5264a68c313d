//! Rule findings on both sides of a change, and the findings that the change adds.

use std::collections::HashSet;

use meshsynth_model::diag::Diagnostic;

/// The codes of reachability rules.
const REACH: [&str; 5] = ["MS1220", "MS1221", "MS1222", "MS1223", "MS1224"];

/// The rule findings of both sides. A caller that runs more rules, such as policy files, adds their findings.
#[derive(Clone, Debug, Default)]
pub struct Findings {
    /// The findings on the old side. `None` if they were not recorded, such as for deployed stacks.
    pub base: Option<Vec<Diagnostic>>,
    /// The findings on the new side. `None` if they were not recorded.
    pub head: Option<Vec<Diagnostic>>,
}

impl Findings {
    /// Returns the reachability rules (`[[reach]]`, `app.never`) that the new side violates and the old side does not.
    pub fn broken_ways(&self) -> Vec<&Diagnostic> {
        let is_of_ways = |it: &&Diagnostic| REACH.contains(&it.code) && it.allowed.is_none();
        let key = |it: &'_ Diagnostic| (it.code, it.message.clone(), it.place.as_ref().map(|it| it.file.clone()));
        let mut known: HashSet<_> = self.base.iter().flatten().map(key).collect();
        // The recorded findings of the base can contain the same finding, which is then not new.
        self.head.iter().flatten().filter(is_of_ways).filter(|it| known.insert(key(it))).collect()
    }
}

/// Returns the findings of a rule on the new side that the old side does not have. Two findings are the same if code,
/// construct and field agree. Findings that the program allows are omitted.
pub fn newly_broken<'a>(base: &[Diagnostic], head: &'a [Diagnostic], code: &str) -> Vec<&'a Diagnostic> {
    let is_of_rule = |it: &&Diagnostic| it.code == code;
    let key = |it: &'_ Diagnostic| (it.construct.clone(), it.field.clone());
    let known: HashSet<_> = base.iter().filter(is_of_rule).map(key).collect();
    let is_new = |it: &&Diagnostic| it.allowed.is_none() && !known.contains(&key(it));
    head.iter().filter(is_of_rule).filter(is_new).collect()
}

/// Returns the construct of a finding, or else its file. Exceptions and reports use this name.
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
    fn identifies_findings_by_code_construct_and_field() {
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
