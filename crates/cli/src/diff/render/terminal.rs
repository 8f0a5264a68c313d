//! Renders the report for a terminal. Signs and words contain all information, and colors only repeat it.

use std::fmt::Write;

use meshsynth_diff::ways::{Arrival, Way};
use meshsynth_diff::{Access, Change, Diff, Standing, Verdict, fate};

use super::fold::{Row, fold};
use super::ways::{sign_of, why};
use super::{edit_line, plain, summary};
use crate::shell::count;

/// The maximum number of edits of a change.
const EDITS: usize = 8;

/// The maximum number of names in a list.
const NAMES: usize = 8;

/// Renders a diff for a terminal with the given number of columns.
pub fn render(diff: &Diff, is_coloured: bool, columns: usize) -> String {
    let mut page = Page { out: String::new(), is_coloured, columns: columns.max(60) };
    page.line(0, 2, &format!("{}: {} → {}", diff.app, diff.base, diff.head));
    page.report(diff);
    for conditional in &diff.conditional {
        page.heading("1;35", &format!("If {}", conditional.condition));
        page.report(&conditional.diff);
    }
    page.out
}

impl Page {
    /// Writes the summary and all sections.
    fn report(&mut self, diff: &Diff) {
        let page = self;
        page.painted(0, "1", &summary(diff));
        if !diff.unread.is_empty() {
            page.heading("1;31", "Not compared");
        }
        for text in &diff.unread {
            page.line(2, 4, &format!("! {text}"));
        }
        if !diff.notes.is_empty() {
            page.heading("1", "Notes");
        }
        for text in &diff.notes {
            page.line(2, 4, text);
        }
        let at_risk: Vec<&Change> = diff.changes.iter().filter(|change| !change.data.is_empty()).collect();
        if !at_risk.is_empty() {
            page.heading("1;31", "Data at risk");
        }
        for change in at_risk {
            let (kind, name, verdict) = (&change.kind, diff.title(change), change.verdict.word());
            page.line(2, 6, &format!("! {kind} {name} ({verdict}): {}", fate::words(&change.data)));
        }
        page.broken(diff);
        page.ways(diff);
        let alone = || diff.access.iter().filter(|row| row.standing == Standing::Alone);
        for (title, widened, sign) in [("Access widened", true, "+"), ("Access narrowed", false, "-")] {
            let (fresh, rows): (Vec<_>, Vec<_>) =
                alone().filter(|access| access.widened == widened).partition(|access| access.fresh);
            if !rows.is_empty() || !fresh.is_empty() {
                page.heading("1;33", title);
            }
            let n_rows = rows.len();
            for access in rows {
                let public = if access.public { " [PUBLIC]" } else { "" };
                page.line(2, 6, &format!("{sign} {}{public}", access.text));
            }
            if !fresh.is_empty() {
                let more = if n_rows == 0 { "" } else { " more" };
                page.line(
                    2,
                    6,
                    &format!(
                        "+ {}{more}, all on new resources (listed by `--format json`)",
                        count(fresh.len(), "permission")
                    ),
                );
            }
        }
        let without: Vec<&Access> = diff.access.iter().filter(|row| row.standing == Standing::NoWay).collect();
        if !without.is_empty() {
            page.heading("1", "Rule changes that do not change what can connect");
        }
        for row in without.iter().take(NAMES) {
            page.line(2, 6, &format!("{} {}", if row.widened { "+" } else { "-" }, row.text));
        }
        if without.len() > NAMES {
            page.line(2, 4, &format!("… and {} more (listed by `--format json`)", without.len() - NAMES));
        }
        if !diff.hazards.is_empty() {
            page.heading("1;31", "Hazards: changes that fail or require several deployments");
        }
        for (help, texts) in diff.hazards_by_help() {
            for text in texts {
                page.line(2, 4, &format!("! {text}"));
            }
            page.line(6, 8, &format!("help: {help}"));
        }
        let (shared, places) = fold(diff);
        if !shared.is_empty() {
            page.heading("1;36", "Tags and labels of several resources");
        }
        for row in shared {
            page.line(2, 6, &format!("~ {} ({})", row.text, count(row.n, "resource")));
        }
        for place in places {
            page.heading("1;36", &place.titles.join("; "));
            place.rows.iter().for_each(|row| page.change(row));
        }
    }
}

/// Returns the first names of a list, and the number of further ones.
fn first<T: ToString>(names: &[T]) -> String {
    let more = if names.len() > NAMES { format!(" and {} more", names.len() - NAMES) } else { String::new() };
    names.iter().take(NAMES).map(T::to_string).collect::<Vec<_>>().join(", ") + &more
}

struct Page {
    out: String,
    is_coloured: bool,
    columns: usize,
}

impl Page {
    /// Writes the reachability rules that the change breaks.
    fn broken(&mut self, diff: &Diff) {
        let broken = diff.broken_ways();
        if !broken.is_empty() {
            self.heading("1;31", "New violations of reachability rules");
        }
        for finding in broken {
            self.line(2, 6, &format!("! {}: {}", finding.code, finding.message));
            if let Some(place) = &finding.place {
                self.line(6, 8, &format!("--> {}:{}:{}", place.file, place.line, place.column));
            }
            for note in &finding.notes {
                self.line(6, 8, &note.text);
            }
        }
    }

    /// Writes the paths that the change opens and closes.
    fn ways(&mut self, diff: &Diff) {
        if !diff.renamed.is_empty() {
            self.heading("1", "Renamed workloads");
        }
        for renamed in &diff.renamed {
            self.line(2, 6, &format!("= {renamed}"));
        }
        for (title, opens) in [("New connections", true), ("Removed connections", false)] {
            let all = diff.ways.iter().filter(|way| way.opens == opens);
            if all.clone().next().is_none() {
                continue;
            }
            let (fresh, ways): (Vec<&Way>, Vec<&Way>) = all.filter(|way| way.with.is_none()).partition(|way| way.fresh);
            self.heading("1;33", title);
            for way in ways {
                let public = if way.public { " [PUBLIC]" } else { "" };
                self.line(2, 6, &format!("{} {way}{public}", sign_of(way)));
                for line in why(way) {
                    self.line(6, 8, &line);
                }
            }
            for arrival in Arrival::all(&diff.ways).into_iter().filter(|_| opens) {
                self.line(2, 6, &format!("+ {arrival}"));
            }
            let n_fresh: usize = fresh.iter().map(|way| way.pairs.len()).sum();
            if n_fresh > 0 {
                let what = if opens { "between new resources" } else { "of removed resources" };
                let ways = count(n_fresh, "connection");
                self.line(
                    2,
                    6,
                    &format!("{} {ways} {what} (listed by `--format json`)", if opens { "+" } else { "-" }),
                );
            }
        }
    }

    fn change(&mut self, row: &Row<'_>) {
        let Row { changes, edits } = row;
        let change = changes[0];
        let word = format!("{} {:<15}", change.verdict.sign(), change.verdict.word());
        let word = self.paint(colour(change.verdict), &word);
        match changes.as_slice() {
            [one] => _ = writeln!(self.out, "  {word} {} {}", change.kind, one.name),
            all => {
                let _ = writeln!(self.out, "  {word} {} ({})", change.kind, all.len());
                let names: Vec<&String> = all.iter().map(|it| &it.name).collect();
                self.line(6, 8, &first(&names));
            }
        }
        for reason in &change.reasons {
            self.line(6, 8, &format!("because {}", plain(reason)));
        }
        let width = (self.columns - 20) / 2;
        for edit in edits.iter().take(EDITS) {
            self.line(6, 8, &edit_line(edit, width));
        }
        if edits.len() > EDITS {
            self.line(6, 8, &format!("… and {} more (listed by `--format json`)", edits.len() - EDITS));
        }
        if !change.affected.is_empty() {
            self.line(6, 8, &format!("affects {}", first(&change.affected)));
        }
        if !change.impact.is_empty() {
            self.line(6, 8, &format!("affected services: {}", first(&change.impact)));
        }
        if !change.source.is_empty() && change.verdict > Verdict::Rename {
            self.line(6, 8, &format!("--> {}", change.source));
        }
    }

    fn heading(&mut self, code: &str, text: &str) {
        self.out.push('\n');
        self.painted(0, code, text);
    }

    fn painted(&mut self, indent: usize, code: &str, text: &str) {
        for line in wrap(text, self.columns, indent, indent + 2) {
            let (space, words) = line.split_at(line.len() - line.trim_start().len());
            let painted = self.paint(code, words);
            let _ = writeln!(self.out, "{space}{painted}");
        }
    }

    fn line(&mut self, indent: usize, hanging: usize, text: &str) {
        for line in wrap(text, self.columns, indent, hanging) {
            let _ = writeln!(self.out, "{line}");
        }
    }

    fn paint(&self, code: &str, text: &str) -> String {
        if self.is_coloured { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }
}

/// Wraps a text to the given number of columns. A longer word gets a separate line.
fn wrap(text: &str, columns: usize, indent: usize, hanging: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = " ".repeat(indent);
    let mut is_fresh = true;
    for word in text.split(' ') {
        if !is_fresh && line.chars().count() + 1 + word.chars().count() > columns {
            lines.push(std::mem::replace(&mut line, " ".repeat(hanging)));
            is_fresh = true;
        }
        if !is_fresh {
            line.push(' ');
        }
        line.push_str(word);
        is_fresh = false;
    }
    lines.push(line);
    lines
}

fn colour(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Create => "32",
        Verdict::InPlace | Verdict::Upgrade | Verdict::Rename => "36",
        Verdict::RolloutRestart | Verdict::Interruption | Verdict::Prune | Verdict::DeleteRetained => "33",
        _ => "31",
    }
}

#[cfg(test)]
mod tests {
    use super::wrap;

    #[test]
    fn wraps_lines_between_words() {
        assert_eq!(wrap("one two three", 9, 2, 4), ["  one two", "    three"]);
        assert_eq!(wrap("a-very-long-word and more", 8, 0, 2), ["a-very-long-word", "  and", "  more"]);
        assert_eq!(wrap("", 8, 2, 2), ["  "]);
    }
}
