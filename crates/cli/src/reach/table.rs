//! Renders results as a table: one row each, with the deciding layer.

use std::fmt::Write as _;

use meshsynth_reach::{Answer, Verdict};

use super::report::Report;

/// Renders the table.
pub fn table(report: &Report) -> String {
    let head = ["VERDICT", "FROM", "TO", "DECIDED BY"].map(str::to_owned);
    let rows: Vec<[String; 4]> = [head].into_iter().chain(report.answers.iter().map(row)).collect();
    let width = |at: usize| rows.iter().map(|row| row[at].chars().count()).max().unwrap_or_default();
    let widths = [width(0), width(1), width(2)];
    let mut out = String::new();
    for [verdict, from, to, by] in &rows {
        let line = format!("{verdict:0$}  {from:1$}  {to:2$}  {by}", widths[0], widths[1], widths[2]);
        let _ = writeln!(out, "{}", line.trim_end());
    }
    out
}

fn row(answer: &Answer) -> [String; 4] {
    let [verdict, from, to] = [answer.verdict.word(), &answer.from, &answer.to].map(str::to_owned);
    [verdict, from, to, decided_by(answer)]
}

/// Returns the layers that deny a path or leave it unknown, with positions. For an allowed path, returns the innermost
/// layer.
pub fn decided_by(answer: &Answer) -> String {
    let links: Vec<_> = match answer.verdict {
        Verdict::Allowed => answer.chain.iter().rev().filter(|it| it.at.is_some()).take(1).collect(),
        _ => answer.deciding().collect(),
    };
    let say = |it: &&meshsynth_reach::Link| match &it.at {
        Some(at) => format!("{} at {at}", it.layer.words()),
        None => it.layer.words().to_owned(),
    };
    links.iter().map(say).collect::<Vec<_>>().join(", ")
}
