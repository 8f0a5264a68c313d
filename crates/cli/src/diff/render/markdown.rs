//! Renders the report for a pull request: one comment below the length limit of GitHub.

use anyhow::{Context, Result};
use handlebars::{Handlebars, no_escape};
use meshsynth_diff::Diff;
use meshsynth_diff::gates::Gates;

use super::fold::{Folded, fold};
use super::view::{Limits, view};
use super::with_conditional;

/// The maximum length of a comment in characters; the limit of GitHub is 65,536.
const LIMIT: usize = 65_000;
const TEMPLATE: &str = meshsynth_templates::reports::DIFF_MARKDOWN;

/// Renders several platforms as one comment. The longest parts are shortened until it fits.
pub fn render(diffs: &[(Diff, Gates)], template: Option<&str>) -> Result<String> {
    let mut handlebars = Handlebars::new();
    handlebars.register_escape_fn(no_escape);
    handlebars.register_template_string("diff", template.unwrap_or(TEMPLATE)).context("the template is broken")?;
    let mut limits = Limits { places: 400, rows: 400, edits: 12, width: 90, words: 600, picture: 12_000 };
    let none = Gates::default();
    let diffs = with_conditional(diffs, &none);
    let folded: Vec<Folded<'_>> = diffs.iter().map(|(diff, _)| fold(diff)).collect();
    loop {
        let mut text = String::new();
        for ((diff, gates), folded) in diffs.iter().zip(&folded) {
            text +=
                &handlebars.render("diff", &view(diff, gates, limits, folded)).context("cannot render the template")?;
        }
        if text.chars().count() <= LIMIT {
            return Ok(text);
        }
        if limits.rows == 0 && limits.places == 0 {
            // Even the summaries are too long: there are many platforms, or the user's template is verbose.
            let kept: String = text.chars().take(LIMIT - 100).collect();
            return Ok(format!(
                "{kept}\n\n… truncated: the report is too long for a comment; `--format json` contains all rows.\n"
            ));
        }
        // A limit only affects longer parts, so the longest parts are shortened first.
        if limits.rows == 0 {
            limits.places /= 2;
        }
        limits.rows /= 2;
        limits.edits = (limits.edits / 2).max(2);
        limits.words = (limits.words / 2).max(120);
        limits.picture /= 2;
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::json;

    use super::*;
    use meshsynth_assembly::graph::Graph;
    use meshsynth_diff::fate::Fate;
    use meshsynth_diff::ways::{Decider, Place, Way, With};
    use meshsynth_diff::{About, Access, Affected, Change, Edit, Hazard, Section, Standing, Verdict};

    /// Returns a number below a limit. The seed is fixed, so that each run has the same numbers.
    fn below(state: &mut u64, limit: usize) -> usize {
        *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(*state >> 33).unwrap_or_default() % limit
    }

    /// Creates a report with `n` items of each kind with the given length, in characters of one to four bytes.
    fn report(state: &mut u64, n: usize, length: usize) -> Diff {
        let mut text = || ["x", "é", "漢", "🦀", "a b"][below(state, 5)].repeat(length.max(1));
        let change = |idx: usize, text: &mut dyn FnMut() -> String| Change {
            section: Section::Stack(format!("stack-{}", idx % 7)),
            kind: "AWS::RDS::DBInstance".to_owned(),
            name: text(),
            id: format!("Id{idx}"),
            source: "src/main.rs:1:1".to_owned(),
            verdict: if idx.is_multiple_of(3) { Verdict::DataLoss } else { Verdict::InPlace },
            reasons: vec![text().into(), text().into()],
            data: (idx.is_multiple_of(3)).then(|| Fate::Unprotected { attribute: text() }).into_iter().collect(),
            edits: (0..idx % 14)
                .map(|at| Edit {
                    path: format!("{at}{}", text()),
                    trail: Vec::new(),
                    before: Some(json!(text())),
                    after: Some(json!({ "Ref": text() })),
                })
                .collect(),
            affected: vec![Affected { name: text(), verdict: Verdict::InPlace }; idx % 5],
            impact: vec![text(); idx % 7],
            ..Change::new(Section::Files, "", "", Verdict::InPlace)
        };
        let mut changes: Vec<Change> = (0..n).map(|idx| change(idx, &mut text)).collect();
        // In half of the reports, each change has its own section, as in a platform with many namespaces.
        if length > 50 {
            changes.sort_by(|a, b| a.section.cmp(&b.section));
        }
        Diff {
            app: "shop".to_owned(),
            base: text(),
            head: text(),
            changes,
            access: (0..n / 2)
                .map(|idx| Access {
                    widened: idx % 2 == 0,
                    public: idx.is_multiple_of(5),
                    stranger: idx.is_multiple_of(5),
                    conditional: false,
                    standing: [Standing::Alone, Standing::NoWay][idx % 2],
                    about: About::Other,
                    fresh: idx.is_multiple_of(4),
                    text: text(),
                    at: text(),
                    written: BTreeSet::new(),
                    subject: text(),
                    who: text(),
                })
                .collect(),
            ways: (0..n / 2).map(|idx| way(idx, &mut text)).collect(),
            hazards: (0..n / 3).map(|_| Hazard { text: text(), help: text() }).collect(),
            notes: (0..n / 4).map(|_| text()).collect(),
            unread: (0..n / 5).map(|_| text()).collect(),
            picture: Graph::default(),
            ..Diff::default()
        }
    }

    fn way(idx: usize, text: &mut dyn FnMut() -> String) -> Way {
        let mut place = || Place { name: text(), construct: text() };
        let (from, to) = (vec![place()], vec![place(), place()]);
        let decider = Decider {
            layer: "security group",
            verdict: "allowed",
            what: text(),
            field: text(),
            source: "src/main.rs:1:1".to_owned(),
            construct: text(),
            why: text(),
        };
        Way {
            opens: !idx.is_multiple_of(3),
            public: idx.is_multiple_of(5),
            fresh: idx.is_multiple_of(4),
            pairs: vec![(0, 0), (0, 1)],
            from,
            to,
            verbs: Vec::new(),
            before: meshsynth_reach::Verdict::Denied,
            after: meshsynth_reach::Verdict::Allowed,
            by: vec![decider.clone(); idx % 4],
            was: vec![decider; idx % 3],
            follows: None,
            said: vec![text(); idx % 4],
            with: idx.is_multiple_of(7).then(|| With { end: text(), as_others: idx.is_multiple_of(2) }),
        }
    }

    #[test]
    fn comments_never_exceed_limit() {
        let mut state = 7;
        for round in 0..14 {
            let n = [0, 1, 3, 10, 40, 150, 400][round % 7];
            let length = [1, 20, 90, 400][below(&mut state, 4)];
            let n_apps = 1 + below(&mut state, 3);
            let diffs: Vec<(Diff, Gates)> = (0..n_apps)
                .map(|_| {
                    let gates = Gates { denied: vec!["denied".repeat(length.min(40)); n.min(6)], ..Gates::default() };
                    (report(&mut state, n, length), gates)
                })
                .collect();
            let text = render(&diffs, None).unwrap();
            let at = format!("{n_apps} reports of {n} changes, {length} letters each");
            assert!(text.chars().count() < 65_536, "{at}: {}", text.chars().count());
            assert_eq!(text.matches("### meshsynth: `shop`").count(), n_apps, "{at}");
            assert_eq!(text.matches("<details").count(), text.matches("</details>").count(), "{at}");
            // Every code fence is closed.
            assert_eq!(text.lines().filter(|line| line.trim() == "~~~").count() % 2, 0, "{at}");
            // Omitted rows are counted.
            let shown = text.matches("AWS::RDS::DBInstance").count();
            assert!(shown > 0 || n == 0 || text.contains(" more\n"), "{at}");
        }
    }
}
