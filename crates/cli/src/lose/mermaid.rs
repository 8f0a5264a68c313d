//! Renders results as a flowchart: entries and calls, with the outcome of each.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use meshsynth_reach::loss::{Finding, Kind, Outcome};

use super::report::{Report, shown};

/// Renders the results as Mermaid.
pub fn mermaid(report: &Report) -> String {
    let mut out = format!("%% {}: {}\nflowchart LR\n", report.platform, report.question());
    let mut ids: BTreeMap<String, (String, Outcome)> = BTreeMap::new();
    let calls = report.loss.of(Kind::Call);
    let ends = calls.iter().filter_map(|it| it.name.split_once(" -> "));
    let names = ends.flat_map(|(from, to)| [from, to]).map(str::to_owned);
    let entries = report.loss.of(Kind::Entry).into_iter().map(|it| it.name.clone());
    for name in names.chain(entries) {
        let outcome = outcome_of(report, &name);
        let n = ids.len();
        ids.entry(name).or_insert((format!("n{n}"), outcome));
    }
    for (name, (id, outcome)) in &ids {
        let _ = writeln!(out, "  {id}[\"{}\"]:::{}", escaped(&shown(name)), class(*outcome));
    }
    for call in calls {
        let Some((from, to)) = call.name.split_once(" -> ") else { continue };
        let (from, to) = (&ids[from].0, &ids[to].0);
        let _ = match call.outcome() {
            Outcome::Left => writeln!(out, "  {from} --> {to}"),
            other => writeln!(out, "  {from} -. {} .-> {to}", other.word()),
        };
    }
    for (outcome, style) in [
        (Outcome::Left, "fill:#e6f4ea,stroke:#1e7a34,color:#111"),
        (Outcome::FailsOver, "fill:#e8f0fe,stroke:#1a56c4,color:#111"),
        (Outcome::Unknown, "fill:#f1f3f4,stroke:#5f6368,color:#111,stroke-dasharray:4"),
        (Outcome::ByHand, "fill:#fef7e0,stroke:#a56300,color:#111"),
        (Outcome::Lost, "fill:#fce8e6,stroke:#b3261e,color:#111"),
    ] {
        let _ = writeln!(out, "  classDef {} {style}", class(outcome));
    }
    out
}

/// Returns the outcome of an end of a call: a store or a workload with this name. If several clusters run it, the best
/// outcome counts.
fn outcome_of(report: &Report, name: &str) -> Outcome {
    let end = format!("/{name}");
    let is_it = |it: &&Finding| {
        let is_thing = matches!(it.kind, Kind::Entry | Kind::Store | Kind::Workload | Kind::Means);
        is_thing && (it.name == name || it.name.ends_with(&end) || name.ends_with(&format!("/{}", bare(&it.name))))
    };
    report.loss.findings.iter().filter(is_it).map(Finding::outcome).min().unwrap_or(Outcome::Left)
}

/// Removes the cluster from the name of a workload, because construct paths end with the rest.
fn bare(name: &str) -> &str {
    match name.splitn(3, '/').collect::<Vec<_>>().as_slice() {
        [cluster, _, _] => &name[cluster.len() + 1..],
        _ => name,
    }
}

fn class(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Left => "left",
        Outcome::FailsOver => "failsOver",
        Outcome::Unknown => "unknown",
        Outcome::ByHand => "byHand",
        Outcome::Lost => "lost",
    }
}

fn escaped(text: &str) -> String {
    text.replace('"', "#quot;")
}
