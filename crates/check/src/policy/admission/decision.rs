//! The decisions of a policy about an object, and the resulting findings.

use std::collections::BTreeMap;

use meshsynth::diag::{Diagnostic, Note, Severity};
use meshsynth::policy_file;

use super::binding::Binding;
use super::bound::Bound;
use super::definition::{Definition, Validation};
use super::request::Request;
use crate::expressions::Answer;

/// A decision other than a plain admission.
#[derive(Clone, Debug, PartialEq)]
pub enum Decision {
    /// A validation fails: its index, its message and its reason.
    Denied { idx: usize, message: String, reason: Option<String> },
    /// An expression fails, and the failure policy is not `Ignore`. If `is_absolute`, the actions of the binding do not
    /// matter.
    Failed { message: String, is_absolute: bool },
    /// The result depends on an unknown value.
    Unknown { idx: Option<usize>, what: String },
    /// An annotation for the audit log.
    Audited { key: String, value: String },
}

impl Decision {
    /// Creates the decision for a binding that cannot be used for an object.
    pub fn of_configuration(definition: &Definition, why: String) -> Self {
        if definition.is_strict {
            return Decision::Failed { message: format!("failed to configure binding: {why}"), is_absolute: true };
        }
        Decision::Unknown { idx: None, what: format!("a parameter: {why}, and its `failurePolicy` is `Ignore`") }
    }

    /// Returns the severity of the decision, given the severity of the binding.
    pub fn severity(&self, of_binding: Severity) -> Severity {
        match self {
            Decision::Failed { is_absolute: true, .. } => Severity::Error,
            Decision::Denied { .. } | Decision::Failed { .. } => of_binding,
            Decision::Unknown { .. } | Decision::Audited { .. } => Severity::Note,
        }
    }
}

/// Evaluates a policy.
pub fn decide(bound: &Bound<'_>, out: &mut Vec<Decision>) {
    let definition = bound.definition;
    let failed =
        |message: String, is_absolute: bool| definition.is_strict.then_some(Decision::Failed { message, is_absolute });
    let (mut unknown, mut broken) = (None, None);
    for condition in &definition.conditions {
        let answer = bound.answer(condition);
        match (answer.as_bool(), answer) {
            (Some(true), _) => {}
            // A false condition decides even if another one fails.
            (Some(false), _) => return,
            (None, Answer::Unknown(what)) => unknown = unknown.or(Some(what)),
            (None, Answer::Failed(why)) => broken = broken.or(Some(why)),
            (None, Answer::Value(_)) => broken = broken.or_else(|| Some(not_a("bool", &condition.text))),
        }
    }
    if let Some(what) = unknown {
        return out.push(Decision::Unknown { idx: None, what });
    }
    if let Some(why) = broken {
        return out.extend(failed(why, false));
    }
    for (idx, validation) in definition.validations.iter().enumerate() {
        let answer = bound.answer(&validation.expression);
        match (answer.as_bool(), answer) {
            (Some(true), _) => {}
            (Some(false), _) => {
                out.push(Decision::Denied {
                    idx,
                    message: message(bound, validation),
                    reason: validation.reason.clone(),
                });
            }
            (None, Answer::Unknown(what)) => out.push(Decision::Unknown { idx: Some(idx), what }),
            (None, Answer::Failed(why)) => {
                let text = &validation.expression.text;
                out.extend(failed(format!("expression '{}' resulted in error: {why}", text.trim()), false));
            }
            (None, Answer::Value(_)) => out.extend(failed(not_a("bool", &validation.expression.text), false)),
        }
    }
    for (key, piece) in &definition.audits {
        let answer = bound.answer(piece);
        match (answer.as_text().map(|text| text.trim().to_owned()), answer) {
            (Some(value), _) if value.is_empty() => {}
            (Some(value), _) => out.push(Decision::Audited { key: key.clone(), value }),
            (None, answer) if answer.is_null() => {}
            // An unknown audit annotation does not prevent the admission.
            (None, Answer::Unknown(_)) => {}
            (None, Answer::Failed(why)) => {
                out.extend(failed(format!("expression '{}' resulted in error: {why}", piece.text.trim()), true));
            }
            (None, Answer::Value(_)) => out.extend(failed(not_a("string", &piece.text), true)),
        }
    }
}

fn not_a(wanted: &str, text: &str) -> String {
    format!("expression `{}` is not of the type `{wanted}`", text.trim())
}

/// Returns the message of a failed validation.
fn message(bound: &Bound<'_>, validation: &Validation) -> String {
    let evaluated = validation.message_expression.as_ref().map(|piece| bound.answer(piece));
    let evaluated = evaluated.as_ref().and_then(Answer::as_text).map(str::trim);
    let evaluated = evaluated.filter(|text| !text.is_empty() && !text.contains('\n')).map(str::to_owned);
    evaluated
        .or_else(|| validation.message.clone())
        .unwrap_or_else(|| format!("failed expression: {}", validation.expression.text.trim()))
}

/// The identity of a finding: policy, object and message.
type Key = (String, String, String);

/// The findings of all policies, without duplicates from several bindings.
#[derive(Default)]
pub struct Findings {
    all: Vec<Diagnostic>,
    known: BTreeMap<Key, usize>,
}

impl Findings {
    /// Adds the decisions of a policy.
    pub fn add(
        &mut self,
        definition: &Definition,
        binding: Option<&Binding>,
        request: &Request<'_>,
        severity: Severity,
        decision: Decision,
    ) {
        let (name, subject) = (&definition.name, request.subject);
        let mut place = definition.place.clone();
        let mut finding = match decision {
            Decision::Denied { idx, message, reason } => {
                place = definition.validations[idx].expression.place.clone();
                let finding =
                    policy_file::denied(definition.code, format!("the policy `{name}` denies the object: {message}"));
                match reason {
                    Some(reason) => finding.note(format!("the API server returns the reason `{reason}`")),
                    None => finding,
                }
            }
            Decision::Failed { message, .. } => {
                policy_file::denied(definition.code, format!("the policy `{name}` denies the object: {message}"))
            }
            Decision::Unknown { idx, what } => {
                if let Some(validation) = idx.and_then(|idx| definition.validations.get(idx)) {
                    place = validation.expression.place.clone();
                }
                policy_file::not_judged(format!("the policy `{name}` cannot be evaluated: it requires {what}"))
            }
            Decision::Audited { key, value } => policy_file::denied(
                definition.code,
                format!("the policy `{name}` writes `{value}` as `{key}` into the audit log"),
            ),
        }
        .severity(severity)
        .construct(subject.construct.as_str());
        finding.place = Some(subject.place.clone());
        finding.notes.push(Note { text: "the policy is defined here".to_owned(), place: Some(place) });
        if let Some(binding) = binding {
            finding = finding.note(format!("the binding `{}` enforces the policy", binding.name));
        }
        let key = (name.clone(), format!("{}@{}", subject.construct, subject.place), finding.message.clone());
        match self.known.get(&key) {
            Some(idx) => {
                let known = &mut self.all[*idx];
                known.severity = known.severity.min(severity);
                let more = finding.notes.pop();
                known.notes.extend(more.filter(|note| !known.notes.contains(note)));
            }
            None => {
                self.known.insert(key, self.all.len());
                self.all.push(finding);
            }
        }
    }

    /// Returns the findings.
    pub fn told(self) -> Vec<Diagnostic> {
        self.all
    }
}
