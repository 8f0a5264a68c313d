//! Adds a result to a diagnostic: the chain as notes, and the shortest fix as help.

use meshsynth::diag::{Diagnostic, Note, Place};
use meshsynth_reach::world::At;
use meshsynth_reach::{Answer, Fix, Link, Verdict};

use super::text::shown;

/// Adds the deciding chain and the shortest fix to a diagnostic.
pub fn explained(mut found: Diagnostic, answer: &Answer) -> Diagnostic {
    for link in answer.deciding().filter(|it| it.at.is_some() || answer.verdict != Verdict::Allowed) {
        found.notes.push(Note { text: said(link), place: link.at.as_ref().map(place_of) });
    }
    let fixes: Vec<String> = answer.fixes.iter().map(help).collect();
    if fixes.is_empty() { found } else { found.help(fixes.join("; ")) }
}

fn said(link: &Link) -> String {
    let what = format!("{} {}", link.what, link.field);
    let what = if link.what.is_empty() { String::new() } else { format!(" ({})", what.trim_end()) };
    format!("{} {}: {}{what}", link.layer.words(), link.verdict.word(), shown(&link.why))
}

fn help(fix: &Fix) -> String {
    let place = fix.at.as_ref().map(|it| format!(" at {it}")).unwrap_or_default();
    format!("{}: {} ({}{place})", fix.layer.words(), shown(&fix.change), fix.what)
}

/// Returns the position of a link in the program or in a file.
pub fn place_of(at: &At) -> Place {
    place(&at.to_string())
}

/// Parses a position such as `src/main.rs:12:5` or `k8s/shop.yaml:12`.
pub fn place(source: &str) -> Place {
    let mut numbers = Vec::new();
    let mut file = source;
    while let Some((rest, number)) = file.rsplit_once(':') {
        let Ok(number) = number.parse() else { break };
        numbers.insert(0, number);
        file = rest;
    }
    let number = |at: usize| numbers.get(at).copied().unwrap_or(1);
    Place { file: file.to_owned(), line: number(0), column: number(1) }
}
