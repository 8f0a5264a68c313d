//! What must not happen: the gates that are hit, and what may pass.

use meshsynth_assembly::verdict::Verdict;

use crate::change::Change;
use crate::day::Day;
use crate::diff::Diff;
use crate::fate::Fate;

/// What a change must not do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Gate {
    /// Put data at risk.
    DataLoss,
    /// Replace a resource or an object.
    Replace,
    /// Widen access.
    Access,
    /// Open something to everybody.
    Public,
}

impl Gate {
    /// All of them.
    pub const ALL: [Gate; 4] = [Gate::DataLoss, Gate::Replace, Gate::Access, Gate::Public];

    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Gate::DataLoss => "data-loss",
            Gate::Replace => "replace",
            Gate::Access => "access",
            Gate::Public => "public",
        }
    }
}

/// What a diff must not hold.
#[derive(Debug, Default, PartialEq)]
pub struct Policy {
    /// The closed gates.
    pub deny: Vec<Gate>,
    /// The exceptions.
    pub allow: Vec<Allow>,
}

/// What may pass a gate.
#[derive(Clone, Debug, PartialEq)]
pub struct Allow {
    /// The gate.
    pub gate: Gate,
    /// A path in the program or a name; `*` stands for anything.
    pub what: String,
    /// Why.
    pub reason: String,
    /// The last day.
    pub until: Day,
    /// Where it is written.
    pub place: String,
}

/// What became of the gates.
#[derive(Debug, Default)]
pub struct Gates {
    /// A sentence for each gate that is hit.
    pub denied: Vec<String>,
    /// A sentence for each exception that let something pass.
    pub allowed: Vec<String>,
    /// What hit, and where: gate and name.
    pub hits: Vec<(Gate, String)>,
}

/// Holds a diff against the gates of the command line and of the configuration.
pub fn check(diff: &Diff, gates: &[Gate], policy: &Policy, today: Day) -> Gates {
    let mut found = Gates::default();
    let mut closed: Vec<Gate> = gates.iter().chain(&policy.deny).copied().collect();
    closed.sort();
    closed.dedup();
    if !closed.is_empty() {
        let text = |what: &String| format!("gates cannot be checked for what was not compared: {what}");
        found.denied.extend(diff.unread.iter().map(text));
    }
    for gate in closed {
        let mut names = hits(diff, gate);
        names.sort_unstable();
        names.dedup();
        let mut expired = String::new();
        names.retain(|name| {
            let fits = |allow: &&Allow| allow.gate == gate && is_like(&allow.what, name);
            let Some(allow) = policy.allow.iter().filter(fits).max_by_key(|allow| allow.until) else { return true };
            if allow.until < today {
                expired = format!(" (an exception ended on {}: {})", allow.until, allow.place);
                return true;
            }
            let word = gate.word();
            found.allowed.push(format!("`{word}` lets `{name}` pass until {}: {}", allow.until, allow.reason));
            false
        });
        if names.is_empty() {
            continue;
        }
        let what = match gate {
            Gate::DataLoss => "`data-loss` is denied: data at risk in",
            Gate::Replace => "`replace` is denied: it would replace",
            Gate::Access => "`access` is denied: access widens by",
            Gate::Public => "`public` is denied: open to everybody by",
        };
        let more = if names.len() > 5 { format!(" and {} more", names.len() - 5) } else { String::new() };
        let first: Vec<String> = names.iter().take(5).map(|name| format!("`{name}`")).collect();
        found.denied.push(format!("{what} {}{more}{expired}", first.join(", ")));
        found.hits.extend(names.into_iter().map(|name| (gate, name.to_owned())));
    }
    found
}

fn hits(diff: &Diff, gate: Gate) -> Vec<&str> {
    let changes = diff.changes.iter();
    match gate {
        Gate::DataLoss => {
            let is_hit =
                |change: &&Change| change.verdict == Verdict::DataLoss || change.data.iter().any(Fate::is_at_risk);
            changes.filter(is_hit).map(|change| change.name.as_str()).collect()
        }
        Gate::Replace => {
            let is_hit =
                |change: &&Change| change.verdict.is_replacement() || change.data.iter().any(Fate::starts_empty);
            changes.filter(is_hit).map(|change| change.name.as_str()).collect()
        }
        Gate::Access => diff.access.iter().filter(|row| row.widened).map(|row| row.at.as_str()).collect(),
        Gate::Public => diff.access.iter().filter(|row| row.public).map(|row| row.at.as_str()).collect(),
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
