//! Renders results as text.

use std::fmt::Write as _;

use meshsynth_reach::{Answer, Link, Verdict};

use super::report::Report;

/// Renders the results as text.
pub fn text(report: &Report) -> String {
    let mut out = String::new();
    for answer in &report.answers {
        let _ = writeln!(out, "{:7}  {} -> {}", answer.verdict.word(), answer.from, answer.to);
        let links: Vec<&Link> = match (report.why, answer.verdict) {
            (true, _) => answer.chain.iter().collect(),
            (false, Verdict::Allowed) => Vec::new(),
            (false, _) => answer.deciding().collect(),
        };
        links.into_iter().for_each(|it| write_link(&mut out, it));
        if report.why || report.is_of_one_pair() {
            write_fixes(&mut out, answer);
        }
    }
    if !report.is_of_one_pair() {
        let _ = writeln!(out, "{}", report.summary());
    }
    for unread in &report.unread {
        let _ = writeln!(out, "not read: {unread}");
    }
    out
}

fn write_link(out: &mut String, link: &Link) {
    let _ = writeln!(out, "  {:15} {:7}  {}", link.layer.words(), link.verdict.word(), shown(&link.why));
    let place = link.at.as_ref().map(|at| format!(" at {at}")).unwrap_or_default();
    if !link.what.is_empty() {
        let field = if link.field.is_empty() { String::new() } else { format!(" {}", link.field) };
        let _ = writeln!(out, "  {:15} {:7}  {}{field}{place}", "", "", link.what);
    }
}

fn write_fixes(out: &mut String, answer: &Answer) {
    if answer.fixes.is_empty() {
        return;
    }
    let verb = if answer.verdict == Verdict::Denied { "to allow it" } else { "to deny it" };
    let _ = writeln!(out, "  {verb}:");
    for fix in &answer.fixes {
        let place = fix.at.as_ref().map(|at| format!(" at {at}")).unwrap_or_default();
        let _ = writeln!(out, "    {}: {} ({}{place})", fix.layer.words(), shown(&fix.change), fix.what);
    }
}

/// Removes internal markers around names that AWS generates.
pub fn shown(text: &str) -> String {
    meshsynth_reach::identity::shown(text)
}
