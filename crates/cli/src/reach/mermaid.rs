//! Renders results as a Mermaid flowchart.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use meshsynth_reach::{Answer, Verdict};

use super::report::Report;

/// Renders one arrow for each result, dotted if it is unknown. For a single result with `--why`, renders its chain.
pub fn mermaid(report: &Report) -> String {
    let mut out = "flowchart LR\n".to_owned();
    match report.answers.as_slice() {
        [only] if report.why => chain(&mut out, only),
        answers => arrows(&mut out, answers),
    }
    out
}

fn arrows(out: &mut String, answers: &[Answer]) {
    let mut ids: BTreeMap<&str, usize> = BTreeMap::new();
    for end in answers.iter().flat_map(|it| [it.from.as_str(), it.to.as_str()]) {
        let next = ids.len();
        if let std::collections::btree_map::Entry::Vacant(entry) = ids.entry(end) {
            entry.insert(next);
            let _ = writeln!(out, "  n{next}[\"{}\"]", label(end));
        }
    }
    for answer in answers {
        let (from, to) = (ids[answer.from.as_str()], ids[answer.to.as_str()]);
        let arrow = match answer.verdict {
            Verdict::Allowed => "-->",
            Verdict::Unknown => "-. unknown .->",
            Verdict::Denied => "--x|denied|",
        };
        let _ = writeln!(out, "  n{from} {arrow} n{to}");
    }
}

fn chain(out: &mut String, answer: &Answer) {
    let _ = writeln!(out, "  from[\"{}\"]", label(&answer.from));
    let mut last = "from".to_owned();
    for (at, link) in answer.chain.iter().enumerate() {
        let what = if link.what.is_empty() { link.why.as_str() } else { link.what.as_str() };
        let _ = writeln!(out, "  l{at}[\"{}<br/>{}\"]:::{}", link.layer.words(), label(what), link.verdict.word());
        let _ = writeln!(out, "  {last} --> l{at}");
        last = format!("l{at}");
    }
    let _ = writeln!(out, "  to[\"{}\"]\n  {last} --> to", label(&answer.to));
    for (word, color) in [("allowed", "#1a6b32"), ("unknown", "#8a5300"), ("denied", "#b3261e")] {
        let _ = writeln!(out, "  classDef {word} stroke:{color},stroke-width:2px");
    }
}

fn label(text: &str) -> String {
    super::text::shown(text).replace('"', "#quot;").replace('<', "#lt;").replace('>', "#gt;")
}
