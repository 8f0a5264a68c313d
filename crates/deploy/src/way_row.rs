//! The access paths that a deployment opens or closes, in the form of `meshsynth diff`.

use meshsynth_diff::ways::{Arrival, Way};
use meshsynth_model::words::count;
use serde::Serialize;

/// A group of access paths that open or close.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct WayRow {
    /// Whether the paths open.
    pub opens: bool,
    /// Whether the paths open to the public.
    #[serde(skip_serializing_if = "is_false")]
    pub public: bool,
    /// The number of paths, each from one end to another.
    pub ways: usize,
    /// A description.
    pub text: String,
    /// The deciding rules now and before, and new policy statements.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub why: Vec<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde wants it so")]
fn is_false(value: &bool) -> bool {
    !*value
}

impl WayRow {
    /// Returns the paths of a change: first the paths that need attention, then new paths, then counts.
    pub fn all(ways: &[Way]) -> Vec<Self> {
        let row = |way: &Way| Self {
            opens: way.opens,
            public: way.public,
            ways: way.pairs.len(),
            text: way.to_string(),
            why: why(way),
        };
        let mut found: Vec<Self> = ways.iter().filter(|it| it.with.is_none() && !it.fresh).map(row).collect();
        found.extend(Arrival::all(ways).iter().map(|it| Self {
            opens: true,
            public: false,
            ways: it.count(),
            text: it.to_string(),
            why: Vec::new(),
        }));
        for (opens, words) in [(true, "between new resources"), (false, "of removed resources")] {
            let fresh = ways.iter().filter(|it| it.fresh && it.with.is_none() && it.opens == opens);
            let (n, public) = fresh.fold((0, false), |(n, public), it| (n + it.pairs.len(), public || it.public));
            if n > 0 {
                let text = format!("{} {words}", count(n, "connection"));
                found.push(Self { opens, public, ways: n, text, why: Vec::new() });
            }
        }
        found
    }

    /// Formats the row for people.
    pub fn lines(&self) -> Vec<String> {
        let public = if self.public { " [PUBLIC]" } else { "" };
        let (sign, word) = if self.opens { ("+", "opened") } else { ("-", "closed") };
        let first = format!("{sign} {word:<16} {}{public}", self.text);
        let rest = self.why.iter().map(|line| format!("{:19}{line}", ""));
        std::iter::once(first).chain(rest).collect()
    }
}

/// The maximum number of deciding rules and statements for a path.
const SHOWN: usize = 2;

fn why(way: &Way) -> Vec<String> {
    let by = way.by.iter().take(SHOWN).map(ToString::to_string);
    let was = way.was.iter().take(SHOWN).map(|it| format!("before: {it}"));
    let said = way.said.iter().take(SHOWN).map(|text| format!("policy: {text}"));
    by.chain(was).chain(said).collect()
}
