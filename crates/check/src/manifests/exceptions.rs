//! Comments that suppress findings: `# meshsynth: allow MS0802 until 2027-01-31: made by the platform team`.
//!
//! Above an object or on its first line, the comment applies to the whole object. At or above a field, it applies to
//! that field and everything below it.

use std::collections::HashMap;
use std::ops::RangeInclusive;

use meshsynth::diag::{Diagnostic, Place};
use meshsynth_diff::day::Day;

use crate::yaml::is_mark;

/// The start of a comment.
const MARK: &str = "# meshsynth:";

/// The keywords before the codes and before the last day.
const ALLOW: &str = "allow ";
const UNTIL: &str = " until ";

/// The comments of all files.
#[derive(Debug, Default)]
pub struct Exceptions {
    all: Vec<Exception>,
    /// The comments by file.
    files: HashMap<String, Ranges>,
    /// Invalid comments with reasons.
    pub wrong: Vec<(Place, String)>,
}

/// The exception of one comment.
#[derive(Clone, Debug, PartialEq)]
pub struct Exception {
    /// The codes.
    pub codes: Vec<&'static str>,
    /// The last day; `None` if it never ends.
    pub until: Option<Day>,
    /// The reason.
    pub reason: String,
    /// The position of the comment.
    pub place: Place,
    lines: RangeInclusive<u32>,
    is_used: bool,
}

/// The comments of a file, by their indices in the list of all comments.
#[derive(Debug, Default)]
struct Ranges {
    /// Sorted by first line.
    by_start: Vec<usize>,
    /// For each comment, the maximum last line of it and all comments before it.
    max_end: Vec<u32>,
}

impl Ranges {
    fn add(&mut self, comments: impl Iterator<Item = usize>, all: &[Exception]) {
        self.by_start.extend(comments);
        self.by_start.sort_by_key(|idx| *all[*idx].lines.start());
        let ends = self.by_start.iter().map(|idx| *all[*idx].lines.end());
        self.max_end = ends
            .scan(0, |max, end| {
                *max = end.max(*max);
                Some(*max)
            })
            .collect();
    }

    /// Returns the comments whose range contains a line.
    fn at<'a>(&'a self, line: u32, all: &'a [Exception]) -> impl Iterator<Item = usize> + 'a {
        let n_begun = self.by_start.partition_point(|idx| *all[*idx].lines.start() <= line);
        let open = (0..n_begun).rev().take_while(move |at| self.max_end[*at] >= line);
        open.map(|at| self.by_start[at]).filter(move |idx| all[*idx].lines.contains(&line))
    }
}

impl Exceptions {
    /// Reads the comments of a file.
    pub fn read(&mut self, file: &str, text: &str) {
        if !text.contains(MARK) {
            return;
        }
        let mut lines = Lines::of(text);
        let n_before = self.all.len();
        for idx in 0..lines.all.len() {
            let line = lines.all[idx];
            let Some(at) = line.find(MARK) else { continue };
            let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
            let place = Place { file: file.to_owned(), line: number(idx + 1), column: number(at + 1) };
            match parse(&line[at + MARK.len()..]) {
                Ok((codes, until, reason)) => {
                    let (from, to) = lines.covered(idx, line[..at].trim().is_empty());
                    let lines = number(from + 1)..=number(to + 1);
                    self.all.push(Exception { codes, until, reason, place, lines, is_used: false });
                }
                Err(why) => self.wrong.push((place, why)),
            }
        }
        self.files.entry(file.to_owned()).or_default().add(n_before..self.all.len(), &self.all);
    }

    /// Returns the comment that suppresses a finding and has not ended, if there is one.
    pub fn of(&mut self, diagnostic: &Diagnostic, today: Day) -> Option<&Exception> {
        let place = diagnostic.place.as_ref()?;
        let at_line = self.files.get(&place.file)?.at(place.line, &self.all);
        let first = at_line.filter(|idx| self.all[*idx].codes.contains(&diagnostic.code)).min()?;
        let found = &mut self.all[first];
        found.is_used = true;
        found.until.is_none_or(|until| until >= today).then_some(&*found)
    }

    /// Returns all comments in the order of the files.
    pub fn all(&self) -> impl Iterator<Item = &Exception> {
        self.all.iter()
    }

    /// Returns the unused comments.
    pub fn unused(&self) -> impl Iterator<Item = &Exception> {
        self.all.iter().filter(|it| !it.is_used)
    }

    /// Returns the used comments that have ended.
    pub fn ended(&self, today: Day) -> impl Iterator<Item = &Exception> {
        self.all.iter().filter(move |it| it.is_used && it.until.is_some_and(|until| until < today))
    }
}

/// Parses the codes, the last day and the reason of a comment.
fn parse(text: &str) -> Result<(Vec<&'static str>, Option<Day>, String), String> {
    const FORM: &str = "write `# meshsynth: allow MS0802 until 2027-01-31: why`";
    let rest = text.trim().strip_prefix(ALLOW).ok_or(FORM)?;
    let (head, reason) = rest.split_once(": ").ok_or_else(|| format!("the reason is missing: {FORM}"))?;
    let (codes, until) = match head.split_once(UNTIL) {
        Some((codes, day)) => {
            let day = day.trim();
            (codes, Some(Day::parse(day).ok_or_else(|| format!("`{day}` is not a date: {FORM}"))?))
        }
        None => (head, None),
    };
    let known = |code: &str| {
        let rule = meshsynth::rules::find(code);
        rule.map(|rule| rule.code)
            .ok_or_else(|| format!("unknown code `{code}`: list the codes with `meshsynth explain`"))
    };
    let codes: Vec<&'static str> =
        codes.split([',', ' ']).filter(|code| !code.is_empty()).map(known).collect::<Result<_, _>>()?;
    match codes.is_empty() || reason.trim().is_empty() {
        true => Err(FORM.to_owned()),
        false => Ok((codes, until, reason.trim().to_owned())),
    }
}

/// The lines of a file.
struct Lines<'t> {
    all: Vec<&'t str>,
    /// The lines between documents.
    marks: Vec<usize>,
    /// For each line, the first line with content at or below it, or the end of the file.
    next_content: Vec<usize>,
    /// The first and last line of the field of the last comment. Several comments may apply to one field.
    last_field: Option<(usize, usize)>,
}

fn is_content(line: &str) -> bool {
    !line.trim().is_empty() && !line.trim_start().starts_with('#') && !is_mark(line)
}

impl<'t> Lines<'t> {
    fn of(text: &'t str) -> Self {
        let all: Vec<&str> = text.lines().collect();
        let marks = (0..all.len()).filter(|idx| is_mark(all[*idx])).collect();
        let mut next_content = vec![all.len(); all.len() + 1];
        for idx in (0..all.len()).rev() {
            next_content[idx] = if is_content(all[idx]) { idx } else { next_content[idx + 1] };
        }
        Self { all, marks, next_content, last_field: None }
    }

    /// Returns the range of a comment, from 0: the lines of its document or of a field.
    fn covered(&mut self, comment: usize, is_alone: bool) -> (usize, usize) {
        let n_marks = self.marks.partition_point(|mark| *mark <= comment);
        let begin = n_marks.checked_sub(1).map_or(0, |before| self.marks[before] + 1);
        let end = self.marks.get(n_marks).copied().unwrap_or(self.all.len());
        let content = |from: usize| Some(self.next_content[from]).filter(|idx| *idx < end);
        let first = content(begin).unwrap_or(begin);
        let meant = if is_alone { content(comment) } else { Some(comment) };
        let Some(meant) = meant.filter(|meant| *meant > first) else {
            return (begin.min(comment), end.saturating_sub(1).max(comment));
        };
        if self.last_field.is_none_or(|(field, _)| field != meant) {
            self.last_field = Some((meant, self.field_end(meant, end)));
        }
        self.last_field.unwrap_or((meant, meant))
    }

    /// Returns the last line of a field. Its lines have more indentation than the field, and a dash counts as
    /// indentation.
    fn field_end(&self, field: usize, end: usize) -> usize {
        let indent = |line: &str| line.len() - line.trim_start_matches(' ').len();
        let own = indent(self.all[field]);
        let is_item = |line: &str| line.trim_start().starts_with("- ");
        let is_below = |line: &str| {
            !is_content(line) || indent(line) > own || indent(line) == own && is_item(line) && !is_item(self.all[field])
        };
        (field + 1..end).take_while(|idx| is_below(self.all[*idx])).last().unwrap_or(field)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
# meshsynth: allow MS0401: scaled by hand during the sale
apiVersion: apps/v1
kind: Deployment
spec:
  replicas: 3
---
kind: VirtualService
spec:
  # meshsynth: allow MS0801,MS0802 until 2027-01-31: made by the platform team
  http:
  - route: []
  hosts: [a] # meshsynth: allow MS0802: outside
";

    fn at(code: &'static str, line: u32) -> Diagnostic {
        let mut diagnostic = Diagnostic::error(code, "wrong");
        diagnostic.place = Some(Place { file: "a.yaml".to_owned(), line, column: 1 });
        diagnostic
    }

    fn passes(code: &'static str, line: u32, today: &str) -> bool {
        let mut exceptions = Exceptions::default();
        exceptions.read("a.yaml", TEXT);
        exceptions.of(&at(code, line), Day::parse(today).unwrap()).is_some()
    }

    #[test]
    fn comment_applies_to_object_or_field() {
        assert!(passes("MS0401", 5, "2026-11-22") && passes("MS0401", 2, "2026-11-22"));
        assert!(!passes("MS0401", 8, "2026-11-22") && !passes("MS0402", 5, "2026-11-22"));
        assert!(passes("MS0801", 11, "2026-11-22") && !passes("MS0801", 12, "2026-11-22"));
        assert!(passes("MS0802", 12, "2026-11-22") && !passes("MS0802", 7, "2026-11-22"));
    }

    #[test]
    fn accepts_lower_case_codes() {
        let mut exceptions = Exceptions::default();
        exceptions.read("a.yaml", "kind: a # meshsynth: allow ms0401: why\n");
        assert!(exceptions.of(&at("MS0401", 1), Day::parse("2026-11-22").unwrap()).is_some());
    }

    #[test]
    fn comments_end() {
        assert!(passes("MS0801", 11, "2027-01-31") && !passes("MS0801", 11, "2027-02-01"));
    }

    #[test]
    fn reports_missing_reason_and_unknown_code() {
        let mut exceptions = Exceptions::default();
        exceptions.read(
            "a.yaml",
            "# meshsynth: allow MS0401\n# meshsynth: allow MS9999: why\n# meshsynth: allow MS0401 until then: why\n",
        );
        let wrong: Vec<&str> = exceptions.wrong.iter().map(|(_, why)| why.split(':').next().unwrap()).collect();
        assert_eq!(wrong, ["the reason is missing", "unknown code `MS9999`", "`then` is not a date"]);
    }
}
