//! The baseline of an adopted project: existing findings are suppressed for 90 days, so that only new findings fail.

use std::collections::BTreeSet;

use anyhow::Result;
use meshsynth::diag::Diagnostic;
use meshsynth::rules;
use meshsynth_diff::day::Day;

use crate::today::now;

/// The number of days that the exceptions last.
const DAYS: u64 = 90;

/// Returns the exception tables for meshsynth.toml, and the findings that cannot be suppressed.
pub fn tables(found: &[Diagnostic]) -> Result<(String, Vec<&Diagnostic>)> {
    let until = Day::from_unix(now()? + DAYS);
    let (mut rows, mut stay) = (BTreeSet::new(), Vec::new());
    for diagnostic in found.iter().filter(|it| it.allowed.is_none()) {
        match rules::find(diagnostic.code).is_some_and(|rule| rule.is_judgement()) && !diagnostic.construct.is_empty() {
            true => drop(rows.insert((diagnostic.code, diagnostic.construct.as_str()))),
            false if diagnostic.is_error() => stay.push(diagnostic),
            false => {}
        }
    }
    let table = |(code, what): (&str, &str)| {
        format!(
            "\n[[allow]]\ncode = {code:?}\nwhat = {what:?}\nreason = \"existing finding at adoption\"\nuntil = \
             \"{until}\"\nwho = \"meshsynth adopt\"\n"
        )
    };
    Ok((rows.into_iter().map(table).collect(), stay))
}
