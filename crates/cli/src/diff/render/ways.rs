//! Renders opened and closed paths with the deciding rules, in every format.

use meshsynth_diff::ways::{Decider, Place, Way};
use serde_json::{Value, json};

use super::clip;

/// The maximum number of deciding rules of each side.
const DECIDERS: usize = 2;

/// The maximum number of policy statements of a path.
const STATEMENTS: usize = 2;

/// The maximum length of a statement.
const WIDTH: usize = 160;

/// Returns the sign of a path: `+` for opened, `-` for closed, `?` for unknown.
pub fn sign_of(way: &Way) -> &'static str {
    match (way.is_certain(), way.opens) {
        (false, _) => "?",
        (true, true) => "+",
        (true, false) => "-",
    }
}

/// Returns the deciding rules of the new and the old side, and new policy statements.
pub fn why(way: &Way) -> Vec<String> {
    let mut lines = some(&way.by, "");
    lines.extend(some(&way.was, "before: "));
    lines.extend(way.said.iter().take(STATEMENTS).map(|text| format!("policy: {}", clip(text, WIDTH))));
    let more = way.said.len().saturating_sub(STATEMENTS);
    if more > 0 {
        lines.push(format!("policy: … and {more} more"));
    }
    lines
}

fn some(all: &[Decider], word: &str) -> Vec<String> {
    let more = match all.len().saturating_sub(DECIDERS) {
        0 => String::new(),
        more => format!(", and {more} more"),
    };
    let shown = all.len().min(DECIDERS);
    let line = |(at, it): (usize, &Decider)| format!("{word}{it}{}", if at + 1 == shown { more.as_str() } else { "" });
    all.iter().take(DECIDERS).enumerate().map(line).collect()
}

/// Returns the data of a path for templates.
pub fn row(way: &Way, words: usize) -> Value {
    let lines: Vec<String> = why(way).iter().map(|line| clip(line, words)).collect();
    json!({
        "sign": sign_of(way), "text": clip(&way.to_string(), words), "public": way.public, "why": lines,
        "n": way.pairs.len(),
    })
}

/// Returns a path as JSON, with every pair of its ends.
pub fn json(way: &Way) -> Value {
    let pairs: Vec<Value> = way.ends().map(|(from, to)| json!({ "from": from.name, "to": to.name })).collect();
    json!({
        "opens": way.opens, "public": way.public, "fresh": way.fresh, "text": way.to_string(),
        "before": way.before.word(), "after": way.after.word(), "verbs": way.verbs,
        "from": names(&way.from), "to": names(&way.to), "pairs": pairs,
        "by": way.by.iter().map(decider).collect::<Vec<_>>(), "was": way.was.iter().map(decider).collect::<Vec<_>>(),
        "statements": way.said, "with": way.with.as_ref().map(|it| &it.end),
    })
}

fn names(places: &[Place]) -> Vec<&str> {
    places.iter().map(|it| it.name.as_str()).collect()
}

fn decider(of: &Decider) -> Value {
    json!({
        "layer": of.layer, "verdict": of.verdict, "what": of.what, "field": of.field, "source": of.source,
        "construct": of.construct, "why": of.why,
    })
}
