//! Exceptions in the configuration: what may pass, why, until when, and who answers for it.

use crate::day::Day;

/// What may pass a gate or a rule.
#[derive(Clone, Debug, PartialEq)]
pub struct Allow {
    /// A gate's word, the code of a rule, or the code of another judge.
    pub code: String,
    /// A path in the program or a name; `*` stands for anything.
    pub what: String,
    /// Why.
    pub reason: String,
    /// The last day.
    pub until: Day,
    /// Who answers for it.
    pub who: Option<String>,
    /// Where it is written.
    pub place: String,
}

impl Allow {
    /// Whether it is about this code at a name.
    pub fn fits(&self, code: &str, name: &str) -> bool {
        self.code == code && is_like(&self.what, name)
    }

    /// Whether its last day is over.
    pub fn has_ended(&self, today: Day) -> bool {
        self.until < today
    }
}

/// Whether a name fits a pattern, where `*` stands for anything.
pub fn is_like(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| name.strip_prefix(first)) else { return false };
    let Some(last) = pattern.rsplit_once('*').map(|(_, last)| last) else { return rest.is_empty() };
    let middle: Vec<&str> = parts.collect();
    for part in &middle[..middle.len() - 1] {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::is_like;

    #[test]
    fn patterns_fit_whole_names() {
        assert!(is_like("data/orders-db", "data/orders-db") && !is_like("data/orders", "data/orders-db"));
        assert!(is_like("data/*", "data/orders-db") && is_like("*", "x") && is_like("*-db", "data/orders-db"));
        assert!(is_like("data/*/key", "data/orders/key") && !is_like("data/*/key", "data/orders/keys"));
        assert!(is_like("a*b*c", "a-b-c") && !is_like("a*b*c", "a-c"));
    }
}
