//! Changes of files that are neither templates, manifests nor values, such as smoke tests, by lines of text.

use std::collections::BTreeMap;

use similar::{DiffOp, TextDiff};

use crate::change::{Change, Edit, Section};
use crate::effect::Verdict;
use crate::owner_tasks;
use crate::side::Pair;

/// Returns the changes of all plain files.
pub fn compare(pair: &Pair) -> Vec<Change> {
    let before: BTreeMap<&str, &str> = pair.base.plain_files().filter(|(path, _)| !pair.is_same(path)).collect();
    let after: BTreeMap<&str, &str> = pair.head.plain_files().filter(|(path, _)| !pair.is_same(path)).collect();
    let mut changes = Vec::new();
    for (path, new) in &after {
        changes.push(match before.get(path) {
            Some(old) => changed(path, old, new),
            None => changed(path, "", new),
        });
    }
    changes.extend(before.keys().filter(|path| !after.contains_key(*path)).map(|path| change(path, Verdict::Delete)));
    changes
}

fn change(path: &str, verdict: Verdict) -> Change {
    Change::new(Section::Files, "file", path, verdict)
}

fn changed(path: &str, old: &str, new: &str) -> Change {
    let verdict = if old.is_empty() { Verdict::Create } else { Verdict::InPlace };
    match owner_tasks::sentences(path, old, new) {
        Some(sentences) => Change { reasons: sentences.into_iter().map(Into::into).collect(), ..change(path, verdict) },
        None if old.is_empty() => change(path, verdict),
        None => Change { edits: edits(old, new), ..change(path, verdict) },
    }
}

/// Returns an edit for each run of changed lines, named after its first line in the new file.
fn edits(old: &str, new: &str) -> Vec<Edit> {
    let lines = TextDiff::from_lines(old, new);
    let (olds, news): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let text = |lines: &[&str], range: std::ops::Range<usize>| {
        let part = lines.get(range).unwrap_or_default();
        (!part.is_empty()).then(|| part.join("\n").into())
    };
    let changed = lines.ops().iter().filter(|op| !matches!(op, DiffOp::Equal { .. }));
    changed
        .map(|op| Edit {
            path: format!("line {}", op.new_range().start + 1),
            trail: Vec::new(),
            before: text(&olds, op.old_range()),
            after: text(&news, op.new_range()),
        })
        .collect()
}
