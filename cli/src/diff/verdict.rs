//! What a change does, and why: from the schemas' facts and the cases beside them.

use meshsynth::facts::{self, TypeFacts};
use serde_json::Value;

use super::cases::{self, Case};
use super::{Edit, Verdict};

/// A verdict with its reasons, and what becomes of the data.
#[derive(Debug)]
pub struct Judged {
    pub verdict: Verdict,
    pub reasons: Vec<String>,
    pub data: Option<String>,
}

/// What the edits of a resource's properties do to it.
pub fn update(type_name: &str, is_stateful: bool, before: &Value, after: &Value, edits: &[Edit]) -> Judged {
    let mut judged = Judged { verdict: Verdict::InPlace, reasons: Vec::new(), data: None };
    let Some(facts) = facts::cloudformation(type_name) else {
        if !edits.is_empty() {
            judged.verdict = Verdict::MayReplace;
            judged.reasons.push("this build knows nothing about the type".to_owned());
        }
        judged.data = is_stateful.then(|| replaced_data(before, after)).map(|(_, text)| text);
        return judged;
    };
    for edit in edits {
        let (verdict, reason) = of_edit(type_name, facts, edit);
        judged.verdict = judged.verdict.max(verdict);
        judged.reasons.extend(reason.filter(|reason| !judged.reasons.contains(reason)));
    }
    if judged.verdict.is_replacement() && (is_stateful || facts.stateful) {
        judged.lose(replaced_data(before, after));
    }
    for edit in edits {
        if let Some(text) = cases::loses_data(type_name, edit) {
            judged.lose((true, format!("{text} (`{}` {})", edit.path, shown_step(edit))));
        }
    }
    judged
}

impl Judged {
    fn lose(&mut self, (is_lost, text): (bool, String)) {
        if is_lost {
            self.verdict = Verdict::DataLoss;
        }
        self.data = Some(self.data.take().map_or_else(|| text.clone(), |other| format!("{other}; {text}")));
    }
}

fn of_edit(type_name: &str, facts: &TypeFacts, edit: &Edit) -> (Verdict, Option<String>) {
    let path = plain(&edit.path);
    if let Some(property) = facts.create_only.iter().find(|property| touches(property, &path, edit)) {
        return (Verdict::Replace, Some(format!("`{property}` can only be set at creation")));
    }
    if let Some(case) = Case::find(type_name, &path) {
        let verdict = match (type_name, case.verdict()) {
            // An outage only when it goes to or from 0.
            ("AWS::RDS::DBInstance", Verdict::Interruption) if path == "BackupRetentionPeriod" && !has_zero(edit) => {
                Verdict::InPlace
            }
            (_, verdict) => verdict,
        };
        let reason = (verdict != Verdict::InPlace).then(|| format!("{} ([why]({}))", case.reason(), case.link()));
        return (verdict, reason);
    }
    match facts.conditional_create_only.iter().find(|property| touches(property, &path, edit)) {
        Some(property) => (Verdict::MayReplace, Some(format!("`{property}` can replace the resource in some cases"))),
        None if cases::is_documented(type_name, &path) => {
            let property = path.split('.').next().unwrap_or_default();
            let reason = format!("the documentation says that `{property}` replaces, the schema that it does not");
            (Verdict::MayReplace, Some(reason))
        }
        None => (Verdict::InPlace, None),
    }
}

/// Whether an edit touches a property: at it, below it, or above it with the property in its values.
pub fn touches(property: &str, path: &str, edit: &Edit) -> bool {
    let is_below = |longer: &str, shorter: &str| {
        longer.strip_prefix(shorter).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    if is_below(path, property) {
        return true;
    }
    if !is_below(property, path) {
        return false;
    }
    let rest = property[path.len()..].trim_start_matches('.');
    let holds = |value: &Option<Value>| value.as_ref().is_some_and(|value| has(value, rest));
    holds(&edit.before) || holds(&edit.after)
}

fn has(value: &Value, path: &str) -> bool {
    match (path.split_once('.').unwrap_or((path, "")), value) {
        (("", _), _) => true,
        (("*", rest), Value::Array(items)) => items.iter().any(|item| has(item, rest)),
        ((key, rest), Value::Object(map)) => map.get(key).is_some_and(|value| has(value, rest)),
        _ => false,
    }
}

/// A path as the facts write it: `Rules.*.Port` of `Rules[2].Port`.
pub fn plain(path: &str) -> String {
    let mut out = String::new();
    let mut depth = 0;
    for c in path.chars() {
        match c {
            '[' => {
                depth += 1;
                if depth == 1 {
                    out.push_str(".*");
                }
            }
            ']' => depth -= 1,
            c if depth == 0 => out.push(c),
            _ => {}
        }
    }
    out
}

fn has_zero(edit: &Edit) -> bool {
    let is_zero = |value: &Option<Value>| value.as_ref().is_some_and(|value| value == 0 || value == "0");
    is_zero(&edit.before) || is_zero(&edit.after)
}

fn shown_step(edit: &Edit) -> String {
    let shown = |value: &Option<Value>| value.as_ref().map_or("unset".to_owned(), Value::to_string);
    format!("{} → {}", shown(&edit.before), shown(&edit.after))
}

/// What becomes of the data of a resource that is replaced, and whether they are lost.
///
/// Where the policy changes with the replacement, the weaker one counts.
pub fn replaced_data(before: &Value, after: &Value) -> (bool, String) {
    let strength = |word: &&str| ["Delete", "Snapshot", "Retain"].iter().position(|it| it == word);
    let words = [before, after].map(|it| policy(it, "UpdateReplacePolicy").unwrap_or("Delete"));
    let (is_lost, fate) = match *words.iter().min_by_key(|word| strength(word)).unwrap_or(&"Delete") {
        "Retain" => (false, "the old one stays, outside of the stack"),
        "Snapshot" => (false, "the old one is deleted, and a snapshot of it stays"),
        _ => (true, "the old one is deleted with its data"),
    };
    (is_lost, format!("the new one starts empty; {fate}"))
}

/// What a deletion does to a resource that is in a stack.
///
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html>.
pub fn deletion(type_name: &str, is_stateful: bool, before: &Value) -> Judged {
    let is_stateful = is_stateful || facts::cloudformation(type_name).is_some_and(|facts| facts.stateful);
    let is_database = type_name == "AWS::RDS::DBCluster"
        || (type_name == "AWS::RDS::DBInstance" && before["Properties"]["DBClusterIdentifier"].is_null());
    let default = if is_database { "Snapshot" } else { "Delete" };
    let (verdict, reason, data) = match policy(before, "DeletionPolicy").unwrap_or(default) {
        "Retain" | "RetainExceptOnCreate" => {
            (Verdict::DeleteRetained, "it stays in AWS, outside of the stack", "stays in AWS, outside of the stack")
        }
        "Snapshot" => (Verdict::Delete, "a snapshot is taken first", "deleted; a snapshot of it stays"),
        _ if is_stateful => (Verdict::DataLoss, "nothing retains it", "deleted with its data"),
        _ => (Verdict::Delete, "", ""),
    };
    Judged {
        verdict,
        reasons: Some(reason.to_owned()).filter(|reason| !reason.is_empty()).into_iter().collect(),
        data: is_stateful.then(|| data.to_owned()),
    }
}

fn policy<'a>(resource: &'a Value, key: &str) -> Option<&'a str> {
    resource[key].as_str()
}
