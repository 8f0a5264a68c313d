//! Evaluation of gates and their exceptions.

mod allow;
mod gate;
mod limit;

use std::collections::BTreeSet;

use meshsynth_reach::Verdict::Unknown;

use crate::change::{Access, Change};
use crate::day::Day;
use crate::diff::Diff;
use crate::effect::Verdict;
use crate::fate::Fate;
use crate::findings::{newly_broken, subject};
use crate::ways::{Place, Way};

pub use allow::{Allow, is_like};
pub use gate::{Gate, GateError, WORDS, is_company_code};
pub use limit::Limit;

/// The denied changes and the exceptions of the configuration.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Policy {
    /// The closed gates.
    pub deny: Vec<Gate>,
    /// The exceptions.
    pub allow: Vec<Allow>,
}

/// The result of the gates.
#[derive(Debug, Default)]
pub struct Gates {
    /// A sentence for each gate that denies the change.
    pub denied: Vec<String>,
    /// A sentence for each exception that was applied.
    pub allowed: Vec<String>,
    /// A sentence for each gate that could not be evaluated.
    pub untold: Vec<String>,
    /// The denied changes, each as a gate and a name.
    pub hits: Vec<(Gate, String)>,
    /// The indices of the applied exceptions in the policy.
    pub used: Vec<usize>,
}

/// A change that a gate denies.
struct Hit {
    name: String,
    /// Its other names: the path in the program, or the statements behind a network path.
    others: Vec<String>,
    detail: String,
}

impl Hit {
    fn of(name: &str) -> Self {
        Self { name: name.to_owned(), others: Vec::new(), detail: String::new() }
    }

    fn at(diff: &Diff, change: &Change) -> Self {
        let others = vec![change.construct.clone(), change.name.clone(), change.id.clone()];
        Self { others, ..Self::of(&diff.title(change)) }
    }

    /// Adds the values of parameters for which the hit applies.
    fn only_if(mut self, condition: &str) -> Self {
        let separator = if self.detail.is_empty() { "" } else { "; " };
        self.detail = format!("if {condition}{separator}{}", self.detail);
        self
    }

    /// Returns a hit for each source and target of a path.
    fn each(way: &Way) -> Vec<Self> {
        let written = way.by.iter().flat_map(|it| [&it.construct, &it.what]).filter(|it| !it.is_empty()).cloned();
        let written: Vec<String> = written.collect();
        let pair = |(from, to): (&Place, &Place)| {
            let others = [to.construct.clone(), to.name.clone()].into_iter().chain(written.clone()).collect();
            Self { others, detail: undecided(way), ..Self::of(&format!("{} -> {}", from.name, to.name)) }
        };
        way.ends().map(pair).collect()
    }
}

/// Returns the reason why a path cannot be decided, or an empty text if it is decided.
fn undecided(way: &Way) -> String {
    if way.is_certain() {
        return String::new();
    }
    let why = way.by.iter().find(|it| it.verdict == Unknown.word()).map(|it| it.why.as_str());
    format!("cannot be decided from the files: {}", why.unwrap_or("the answer depends on facts outside of them"))
}

/// Evaluates the gates of the command line and of the configuration.
pub fn check(diff: &Diff, gates: &[Gate], policy: &Policy, today: Day) -> Gates {
    let mut found = Gates::default();
    let mut closed: Vec<Gate> = gates.iter().chain(&policy.deny).cloned().collect();
    closed.sort();
    closed.dedup();
    if !closed.is_empty() {
        let text = |what: &String| {
            format!(
                "gates cannot be evaluated, because part of the change was not compared: \
             {what}"
            )
        };
        found.denied.extend(diff.unread.iter().map(text));
    }
    let of_program: Vec<Allow> = diff.exceptions.iter().flat_map(Allow::of_program).collect();
    let allows: Vec<&Allow> = policy.allow.iter().chain(&of_program).collect();
    for gate in closed {
        found.untold.extend(untold(diff, &gate));
        let mut hits = hits(diff, &gate);
        for conditional in &diff.conditional {
            // Findings of rules do not depend on parameters.
            if !matches!(gate, Gate::Rule(_) | Gate::RegionsAtOnce(_)) {
                hits.extend(
                    self::hits(&conditional.diff, &gate).into_iter().map(|hit| hit.only_if(&conditional.condition)),
                );
            }
        }
        hits.sort_unstable_by(|a, b| (&a.name, &a.detail).cmp(&(&b.name, &b.detail)));
        hits.dedup_by(|a, b| a.name == b.name && a.detail == b.detail);
        let mut expired = String::new();
        hits.retain(|hit| {
            let fits = |(_, allow): &(usize, &&Allow)| {
                let names = || [&hit.name].into_iter().chain(&hit.others);
                names().any(|name| !name.is_empty() && allow.fits(gate.word(), name))
            };
            let fitting = allows.iter().enumerate().filter(fits);
            let Some((idx, allow)) = fitting.max_by_key(|(_, allow)| allow.until) else { return true };
            if idx < policy.allow.len() && !found.used.contains(&idx) {
                found.used.push(idx);
            }
            if allow.has_ended(today) {
                expired = format!(" (an exception expired on {}: {})", allow.until, allow.place);
                return true;
            }
            let text = format!("gate `{}` allows `{}` until {}: {}", gate.word(), hit.name, allow.until, allow.reason);
            if !found.allowed.contains(&text) {
                found.allowed.push(text);
            }
            false
        });
        let Some(what) = denied(diff, &gate, &mut hits) else { continue };
        let more = if hits.len() > SHOWN { format!(" and {} more", hits.len() - SHOWN) } else { String::new() };
        let shown = |hit: &Hit| {
            let detail = if hit.detail.is_empty() { String::new() } else { format!(" ({})", hit.detail) };
            format!("`{}`{detail}", hit.name)
        };
        let first: Vec<String> = hits.iter().take(SHOWN).map(shown).collect();
        found.denied.push(format!("{what} {}{more}{expired}", first.join(", ")));
        found.hits.extend(hits.into_iter().map(|hit| (gate.clone(), hit.name)));
    }
    found
}

/// The maximum number of names in a sentence.
const SHOWN: usize = 5;

/// Returns the beginning of the sentence for a gate, or `None` if its limit is not exceeded. Removes the hits within
/// the limit.
fn denied(diff: &Diff, gate: &Gate, hits: &mut Vec<Hit>) -> Option<String> {
    if hits.is_empty() {
        return None;
    }
    Some(match gate {
        Gate::DataLoss => "gate `data-loss` failed: data is at risk in".to_owned(),
        Gate::Replace => "gate `replace` failed: the change would replace".to_owned(),
        Gate::Access => "gate `access` failed: access widens through".to_owned(),
        Gate::Public => "gate `public` failed: the public gains access through".to_owned(),
        Gate::Reach(None) => "gate `reach` failed: the change would open".to_owned(),
        Gate::Reach(Some(_)) => format!("gate `{gate}` failed: the change would open"),
        Gate::Interruption => "gate `interruption` failed: the change would interrupt".to_owned(),
        Gate::Unprotected => "gate `unprotected` failed: stores without protection:".to_owned(),
        Gate::Rule(code) => format!("gate `{code}` failed: new violations in"),
        Gate::RegionsAtOnce(most) if hits.len() > *most => {
            format!("gate `{gate}` failed: the change would affect {} regions:", hits.len())
        }
        Gate::RegionsAtOnce(_) => return None,
        Gate::MassDelete(limit) => {
            let mut rows = Vec::new();
            let mut names: BTreeSet<String> = BTreeSet::new();
            let conditional = diff.conditional.iter().flat_map(|it| &it.diff.removals);
            for removal in diff.removals.iter().chain(conditional) {
                let mut left = removal.clone();
                left.names.retain(|name| hits.iter().any(|hit| hit.name == *name));
                let most = limit.most_of(left.n_there);
                if left.names.len() > most {
                    rows.push(format!("{left} (at most {most})"));
                    names.extend(left.names);
                }
            }
            if rows.is_empty() {
                return None;
            }
            hits.retain(|hit| names.contains(&hit.name));
            format!("gate `{gate}` failed: the change would remove {}:", rows.join(", "))
        }
    })
}

/// Returns a sentence if a gate cannot be evaluated.
fn untold(diff: &Diff, gate: &Gate) -> Option<String> {
    let Gate::Rule(code) = gate else { return None };
    let side = match (&diff.findings.base, &diff.findings.head) {
        (_, None) => &diff.head,
        (None, Some(head)) if head.iter().any(|finding| finding.code == code) => &diff.base,
        _ => return None,
    };
    // A diff without changes cannot cause new findings.
    (!diff.is_empty()).then(|| format!("gate `{code}` cannot be evaluated: {side} has no recorded findings to compare"))
}

fn hits(diff: &Diff, gate: &Gate) -> Vec<Hit> {
    let changes = diff.changes.iter();
    let named = |is_hit: &dyn Fn(&Change) -> bool| {
        let hit = changes.clone().filter(|change| is_hit(change));
        hit.map(|change| Hit::at(diff, change)).collect()
    };
    match gate {
        Gate::DataLoss => {
            named(&|change| change.verdict == Verdict::DataLoss || change.data.iter().any(Fate::is_at_risk))
        }
        Gate::Replace => named(&|change| change.verdict.is_replacement() || change.data.iter().any(Fate::starts_empty)),
        Gate::Access => {
            let why = |row: &Access| {
                let mut ways = diff.ways.iter().filter(|way| way.opens && way.said.contains(&row.text));
                ways.find(|way| !way.is_certain()).map(undecided).unwrap_or_default()
            };
            let rows = diff.access.iter().filter(|row| row.widens());
            let rows = rows.map(|row| Hit { detail: why(row), ..Hit::of(&row.at) });
            // A path without a policy statement, such as a path through a label.
            let ways = diff.ways.iter().filter(|way| way.opens && way.said.is_empty()).flat_map(Hit::each);
            rows.chain(ways).collect()
        }
        Gate::Public => {
            let ways = || diff.ways.iter().filter(|way| way.public);
            let is_told = |row: &Access| ways().any(|way| way.said.contains(&row.text));
            let rows = diff.access.iter().filter(|row| row.public && !is_told(row)).map(|row| Hit::of(&row.at));
            ways().flat_map(Hit::each).chain(rows).collect()
        }
        Gate::Reach(target) => {
            let is_wanted = |hit: &Hit| {
                target.as_ref().is_none_or(|target| hit.others.iter().take(2).any(|name| is_like(target, name)))
            };
            diff.ways.iter().filter(|way| way.opens).flat_map(Hit::each).filter(is_wanted).collect()
        }
        Gate::Interruption => {
            let hit = |change: &Change| Some(Hit { detail: change.interrupts?.to_string(), ..Hit::at(diff, change) });
            changes.filter_map(hit).collect()
        }
        Gate::Unprotected => {
            let stores = changes.filter(|change| !change.lacks.is_empty());
            let words = |change: &Change| change.lacks.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            stores.map(|change| Hit { detail: words(change), ..Hit::at(diff, change) }).collect()
        }
        Gate::MassDelete(_) => {
            let ids = |name: &String| {
                let named = diff.changes.iter().filter(|change| change.name == *name);
                named.map(|change| change.id.clone()).collect()
            };
            let names = diff.removals.iter().flat_map(|removal| &removal.names);
            names.map(|name| Hit { others: ids(name), ..Hit::of(name) }).collect()
        }
        Gate::RegionsAtOnce(_) => {
            let row = |(region, places): (&String, &BTreeSet<String>)| Hit {
                name: region.clone(),
                others: Vec::new(),
                detail: places.iter().map(String::as_str).collect::<Vec<_>>().join(", "),
            };
            diff.regions.iter().map(row).collect()
        }
        Gate::Rule(code) => match (&diff.findings.base, &diff.findings.head) {
            (Some(base), Some(head)) => {
                newly_broken(base, head, code).into_iter().map(|finding| Hit::of(subject(finding))).collect()
            }
            _ => Vec::new(),
        },
    }
}
