//! The report for a terminal: signs and words say all, colours only repeat it.

use std::env;
use std::fmt::Write;

use super::{edit_line, heading, summary, without_links};
use crate::diff::{Change, Diff, Verdict};

/// Edits shown per change.
const EDITS: usize = 8;

/// Renders; `columns` is the width of the terminal.
pub fn render(diff: &Diff, is_coloured: bool) -> String {
    let columns: usize = env::var("COLUMNS").ok().and_then(|text| text.parse().ok()).unwrap_or(120);
    let width = (columns.max(60) - 20) / 2;
    let paint =
        |code: &str, text: &str| if is_coloured { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() };
    let mut out = format!("{}: {} → {}\n{}\n", diff.app, diff.base, diff.head, paint("1", &summary(diff)));
    let at_risk: Vec<&Change> = diff.changes.iter().filter(|change| change.data.is_some()).collect();
    if !at_risk.is_empty() {
        let _ = writeln!(out, "\n{}", paint("1;31", "Data at risk"));
        for change in at_risk {
            let word = change.verdict.word();
            let _ = writeln!(
                out,
                "  ! {} {} ({word}): {}",
                change.kind,
                change.name,
                change.data.as_deref().unwrap_or_default()
            );
        }
    }
    for (title, widened, sign) in [("Access widened", true, "+"), ("Access narrowed", false, "-")] {
        let rows: Vec<_> = diff.access.iter().filter(|access| access.widened == widened).collect();
        if !rows.is_empty() {
            let _ = writeln!(out, "\n{}", paint("1;33", title));
        }
        for access in rows {
            let public = if access.public { " [PUBLIC]" } else { "" };
            let _ = writeln!(out, "  {sign} {}{public}", access.text);
        }
    }
    if !diff.hazards.is_empty() {
        let _ = writeln!(out, "\n{}", paint("1;31", "Exports in use and other hazards"));
        for hazard in &diff.hazards {
            let _ = writeln!(out, "  ! {}\n      help: {}", hazard.text, hazard.help);
        }
    }
    let mut place = None;
    for change in &diff.changes {
        if place != Some(&change.place) {
            let _ = writeln!(out, "\n{}", paint("1;36", &heading(&change.place)));
            place = Some(&change.place);
        }
        let word = paint(colour(change.verdict), &format!("{} {:<15}", change.verdict.sign(), change.verdict.word()));
        let _ = writeln!(out, "  {word} {} {}", change.kind, change.name);
        for reason in &change.reasons {
            let _ = writeln!(out, "      because {}", without_links(reason));
        }
        for edit in change.edits.iter().take(EDITS) {
            let _ = writeln!(out, "      {}", edit_line(edit, width));
        }
        if change.edits.len() > EDITS {
            let _ = writeln!(out, "      … and {} more (`--format json` has all)", change.edits.len() - EDITS);
        }
        if !change.spread.is_empty() {
            let _ = writeln!(out, "      affects {}", change.spread.join(", "));
        }
        if !change.source.is_empty() && change.verdict > Verdict::Rename {
            let _ = writeln!(out, "      --> {}", change.source);
        }
    }
    out
}

fn colour(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Create => "32",
        Verdict::InPlace | Verdict::Upgrade | Verdict::Rename => "36",
        Verdict::RolloutRestart | Verdict::Interruption | Verdict::Prune | Verdict::DeleteRetained => "33",
        _ => "31",
    }
}
