//! What must not happen: the gates that are hit, and what may pass.

use super::{Diff, Verdict};
use crate::cli::Deny;
use crate::config::{Allow, Day, Policy};

/// What became of the gates.
#[derive(Debug, Default)]
pub struct Gates {
    /// A sentence for each gate that is hit.
    pub denied: Vec<String>,
    /// A sentence for each exception that let something pass.
    pub allowed: Vec<String>,
    /// What hit, and where: gate and name.
    pub hits: Vec<(Deny, String)>,
}

/// Holds a diff against the gates of the command line and of the configuration.
pub fn check(diff: &Diff, gates: &[Deny], policy: &Policy, today: Day) -> Gates {
    let mut found = Gates::default();
    let mut closed: Vec<Deny> = gates.iter().chain(&policy.deny).copied().collect();
    closed.sort();
    closed.dedup();
    if !closed.is_empty() {
        let text = |what: &String| format!("no gate can be held against what was not compared: {what}");
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
            Deny::DataLoss => "`data-loss` is denied: data at risk in",
            Deny::Replace => "`replace` is denied: replaced is",
            Deny::Access => "`access` is denied: access widens by",
            Deny::Public => "`public` is denied: open to everybody by",
        };
        let more = if names.len() > 5 { format!(" and {} more", names.len() - 5) } else { String::new() };
        let first: Vec<String> = names.iter().take(5).map(|name| format!("`{name}`")).collect();
        found.denied.push(format!("{what} {}{more}{expired}", first.join(", ")));
        found.hits.extend(names.into_iter().map(|name| (gate, name.to_owned())));
    }
    found
}

fn hits(diff: &Diff, gate: Deny) -> Vec<&str> {
    let changes = diff.changes.iter();
    match gate {
        Deny::DataLoss => {
            let is_hit = |data: &str| !data.starts_with("stays in AWS") && !data.starts_with("deleted; a snapshot");
            let of = changes
                .filter(|change| change.verdict == Verdict::DataLoss || change.data.as_deref().is_some_and(is_hit));
            of.map(|change| change.name.as_str()).collect()
        }
        Deny::Replace => {
            let starts_empty = |data: &Option<String>| data.as_ref().is_some_and(|data| data.contains("starts empty"));
            let of = changes.filter(|change| change.verdict.is_replacement() || starts_empty(&change.data));
            of.map(|change| change.name.as_str()).collect()
        }
        Deny::Access => diff.access.iter().filter(|row| row.widened).map(|row| row.at.as_str()).collect(),
        Deny::Public => diff.access.iter().filter(|row| row.public).map(|row| row.at.as_str()).collect(),
    }
}

/// Whether a name fits a pattern, where `*` stands for anything.
fn is_like(pattern: &str, name: &str) -> bool {
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
