//! The effect of a resource change with its reasons, from schema facts and additional cases.

use meshsynth_facts::{self as facts, TypeFacts};
use serde_json::Value;

use crate::cases::{self, Case};
use crate::change::{Edit, Reason};
use crate::effect::Verdict;
use crate::fact_path::plain;
use crate::fate::{Fate, Remains};
use crate::guard::{self, Guarded};
use crate::losses;
use crate::serverless;
use crate::touch::touches;
use crate::update_policy;

/// A verdict with its reasons and the effects on data.
#[derive(Debug)]
pub struct Judged {
    /// The verdict.
    pub verdict: Verdict,
    /// The reasons.
    pub reasons: Vec<Reason>,
    /// The effects on data.
    pub data: Vec<Fate>,
}

/// Whether resources of a type store data.
pub fn holds_data(type_name: &str) -> bool {
    facts::resource(type_name).holds_data()
}

/// Returns the effect of property edits on a resource.
pub fn update(type_name: &str, is_stateful: bool, before: &Value, after: &Value, edits: &[Edit]) -> Judged {
    let member = facts::resource(type_name).member;
    let is_member = member.is_some_and(|it| [before, after].iter().all(|side| !side["Properties"][it].is_null()));
    let is_stateful = (is_stateful || holds_data(type_name)) && !is_member;
    let mut judged = Judged { verdict: Verdict::InPlace, reasons: Vec::new(), data: Vec::new() };
    if let Some(fixed) = serverless::fixed(type_name) {
        for edit in edits {
            let (verdict, reason) = serverless::of_edit(type_name, fixed, &plain(&edit.path), edit);
            judged.verdict = judged.verdict.max(verdict);
            judged.reasons.extend(reason.filter(|reason| !judged.reasons.contains(reason)));
        }
        if judged.verdict.is_replacement() && is_stateful {
            judged.lose(Fate::Replaced(replaced_data(before, after)));
        }
        return judged;
    }
    let Some(facts) = facts::cloudformation(type_name) else {
        if !edits.is_empty() {
            judged.verdict = Verdict::MayReplace;
            judged.reasons.push("this meshsynth version does not have the schema of the type".into());
        }
        judged.data = is_stateful.then(|| Fate::Replaced(replaced_data(before, after))).into_iter().collect();
        return judged;
    };
    for edit in edits {
        let (verdict, reason) = of_edit(type_name, facts, after, edit);
        judged.verdict = judged.verdict.max(verdict);
        judged.reasons.extend(reason.filter(|reason| !judged.reasons.contains(reason)));
    }
    if judged.verdict.is_replacement() && is_stateful {
        judged.lose(Fate::Replaced(replaced_data(before, after)));
    }
    for fate in losses::find(type_name, before, after, edits) {
        judged.lose(fate);
    }
    judged
}

impl Judged {
    fn lose(&mut self, fate: Fate) {
        if fate.is_loss() {
            self.verdict = Verdict::DataLoss;
        }
        self.data.push(fate);
    }
}

fn of_edit(type_name: &str, facts: &TypeFacts, after: &Value, edit: &Edit) -> (Verdict, Option<Reason>) {
    let path = plain(&edit.path);
    if let Some((verdict, reason)) = update_policy::effect(type_name, after, &path) {
        return (verdict, Some(reason));
    }
    if let Some(property) = facts.create_only.iter().find(|property| touches(property, &path, edit)) {
        return (Verdict::Replace, Some(format!("`{property}` can only be set at creation").into()));
    }
    if let Some(case) = Case::find(type_name, &path) {
        let verdict = match case.verdict() {
            // An outage occurs only if the value changes to or from 0.
            Verdict::Interruption if path == "BackupRetentionPeriod" && !has_zero(edit) => Verdict::InPlace,
            verdict => verdict,
        };
        let reason = (verdict != Verdict::InPlace).then(|| Reason { text: case.reason(), page: Some(case.link()) });
        return (verdict, reason);
    }
    match facts.conditional_create_only.iter().find(|property| touches(property, &path, edit)) {
        Some(property) => {
            (Verdict::MayReplace, Some(format!("a change of `{property}` may replace the resource").into()))
        }
        None if cases::is_documented(type_name, &path) => {
            let property = path.split('.').next().unwrap_or_default();
            let reason = format!(
                "a change of `{property}` replaces the resource according to the documentation, but \
                 not according to the schema"
            );
            (Verdict::MayReplace, Some(reason.into()))
        }
        None => (Verdict::InPlace, None),
    }
}

/// Returns the effect of any new value at a path. `resource` is the new side.
pub fn of_path(type_name: &str, resource: &Value, path: &str) -> Verdict {
    let path = plain(path);
    let Some(facts) = facts::cloudformation(type_name) else { return serverless::of_path(type_name, &path) };
    let is_at =
        |fixed: &String| path.strip_prefix(fixed.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
    if facts.create_only.iter().any(is_at) {
        return Verdict::Replace;
    }
    if let Some((verdict, _)) = update_policy::effect(type_name, resource, &path) {
        return verdict;
    }
    match Case::find(type_name, &path).map(Case::verdict) {
        Some(verdict) => verdict,
        None if facts.conditional_create_only.iter().any(is_at) => Verdict::MayReplace,
        _ => Verdict::InPlace,
    }
}

/// Returns the reason for the effect of a new value at a path, or `None` if the change has no further effect.
pub fn reason_of_path(type_name: &str, resource: &Value, path: &str) -> Option<Reason> {
    let path = plain(path);
    if let Some((_, reason)) = update_policy::effect(type_name, resource, &path) {
        return Some(reason);
    }
    let case = Case::find(type_name, &path).filter(|case| case.verdict() == Verdict::Interruption)?;
    Some(Reason { text: case.reason(), page: Some(case.link()) })
}

fn has_zero(edit: &Edit) -> bool {
    let is_zero = |value: &Option<Value>| value.as_ref().is_some_and(|value| value == 0 || value == "0");
    is_zero(&edit.before) || is_zero(&edit.after)
}

/// Returns the remains of a replaced resource.
///
/// If the replacement changes the policy, the weaker policy counts.
pub fn replaced_data(before: &Value, after: &Value) -> Remains {
    let strength = |word: &&str| ["Delete", "Snapshot", "Retain"].iter().position(|it| it == word);
    let words = [before, after].map(|it| policy(it, "UpdateReplacePolicy").unwrap_or("Delete"));
    let is_guarded =
        matches!(guard::of(before["Type"].as_str().unwrap_or_default(), &before["Properties"]), Guarded::By(_));
    match *words.iter().min_by_key(|word| strength(word)).unwrap_or(&"Delete") {
        _ if is_guarded => Remains::Store,
        "Retain" => Remains::Store,
        "Snapshot" => Remains::Snapshot,
        _ => Remains::Nothing,
    }
}

/// Returns the effect of deleting a resource from its stack.
///
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html>.
pub fn guarded_deletion(type_name: &str, is_stateful: bool, before: &Value) -> Judged {
    let mut judged = deletion(type_name, is_stateful, before);
    let is_guarded = matches!(guard::of(type_name, &before["Properties"]), Guarded::By(_));
    if is_guarded && judged.verdict != Verdict::DeleteRetained {
        judged.verdict = Verdict::DeleteRetained;
        judged.reasons = vec!["its deletion fails, because deletion protection is enabled".into()];
        judged.data.iter_mut().for_each(|fate| *fate = Fate::Removed(Remains::Store));
    }
    judged
}

/// Returns the effect of deleting a resource, if its deletion protection is disabled.
pub fn deletion(type_name: &str, is_stateful: bool, before: &Value) -> Judged {
    let facts = facts::resource(type_name);
    // The data of a cluster's member belong to the cluster.
    let is_member = facts.member.is_some_and(|it| !before["Properties"][it].is_null());
    let is_stateful = (is_stateful || facts.holds_data()) && !is_member;
    let default = if facts.has_snapshot && !is_member { "Snapshot" } else { "Delete" };
    let (verdict, reason, remains) = match policy(before, "DeletionPolicy").unwrap_or(default) {
        "Retain" | "RetainExceptOnCreate" => {
            (Verdict::DeleteRetained, Some("it is retained in AWS, outside the stack"), Remains::Store)
        }
        "Snapshot" => (Verdict::Delete, Some("a snapshot is taken first"), Remains::Snapshot),
        _ if is_stateful => (Verdict::DataLoss, Some("it has no deletion policy that retains it"), Remains::Nothing),
        _ => (Verdict::Delete, None, Remains::Nothing),
    };
    Judged {
        verdict,
        reasons: reason.into_iter().map(Reason::from).collect(),
        data: is_stateful.then_some(Fate::Removed(remains)).into_iter().collect(),
    }
}

fn policy<'a>(resource: &'a Value, key: &str) -> Option<&'a str> {
    resource[key].as_str()
}
