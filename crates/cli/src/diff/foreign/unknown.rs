//! Values that are unknown on both sides. A renamed placeholder is not a change.

use meshsynth_diff::{Diff, Edit, Section, Verdict};
use serde_json::Value;

/// The maximum number of listed values.
const MOST: usize = 3;

/// Removes such values from the changes of objects, and lists them in a note.
pub fn take_out(diff: &mut Diff) {
    let mut told = Vec::new();
    diff.changes.retain_mut(|change| {
        let Section::Namespace(..) = change.section else { return true };
        let is_open = |edit: &Edit| are_unknown(edit.before.as_ref(), edit.after.as_ref());
        let n_before = change.edits.len();
        for edit in change.edits.iter().filter(|edit| is_open(edit)) {
            let text = |value: &Option<Value>| value.as_ref().and_then(Value::as_str).unwrap_or_default().to_owned();
            let (before, after) = (text(&edit.before), text(&edit.after));
            told.push(format!("`{before}` → `{after}` in {} `{}`", change.kind, change.name));
        }
        change.edits.retain(|edit| !is_open(edit));
        let is_update = matches!(change.verdict, Verdict::InPlace | Verdict::RolloutRestart);
        change.edits.len() == n_before || !change.edits.is_empty() || !is_update
    });
    if !told.is_empty() {
        let more = told.len().checked_sub(MOST + 1).map(|n| format!(" and {} more", n + 1)).unwrap_or_default();
        told.truncate(MOST);
        let text = "unknown on both sides, so not compared (specify the output of a placeholder with `[[join]]`)";
        diff.notes.push(format!("{text}: {}{more}", told.join(", ")));
    }
}

/// Whether two texts differ only in placeholders. A text with spaces may be a script, and its variables are not
/// placeholders.
fn are_unknown(before: Option<&Value>, after: Option<&Value>) -> bool {
    let (Some(before), Some(after)) = (before.and_then(Value::as_str), after.and_then(Value::as_str)) else {
        return false;
    };
    match (without(before), without(after)) {
        (Some(before), Some(after)) => before == after && !before.contains(char::is_whitespace),
        _ => false,
    }
}

/// Replaces each placeholder by a marker; returns `None` if there is no placeholder.
fn without(text: &str) -> Option<String> {
    const MARK: char = '\0';
    let is_variable = |name: &str| !name.is_empty() && name.chars().all(|c| c.is_ascii_uppercase() || c == '_');
    if text.strip_prefix('$').is_some_and(is_variable) {
        return Some(MARK.to_string());
    }
    let mut plain = String::new();
    let mut rest = text;
    let mut has_any = false;
    while let Some((at, end)) = ["${", "{{"].iter().filter_map(|start| Some((rest.find(start)?, *start))).min() {
        let close = if end == "${" { "}" } else { "}}" };
        let Some(length) = rest[at + 2..].find(close) else { break };
        plain.push_str(&rest[..at]);
        plain.push(MARK);
        has_any = true;
        rest = &rest[at + 2 + length + close.len()..];
    }
    plain.push_str(rest);
    has_any.then_some(plain)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::are_unknown;

    #[test]
    fn ignores_placeholders_but_not_scripts() {
        let are = |before: &str, after: &str| are_unknown(Some(&json!(before)), Some(&json!(after)));
        assert!(are("${OLD}", "${NEW}"));
        assert!(are("$OLD", "${NEW}"));
        assert!(are("postgres://${A}:5432/${B}", "postgres://{{ .host }}:5432/${C}"));
        assert!(!are("postgres://${A}:5432", "postgres://${A}:5433"));
        assert!(!are("echo ${A}", "echo ${B}"));
        assert!(!are("${A}", "db.example.com"));
    }
}
