//! What a change does, in the words of `meshsynth diff`, from the real change set.

use std::fmt::Write as _;

use serde::Serialize;

use crate::cloud::Change;

/// A resource or an object that changes, and what that does.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Verdict {
    /// What happens to it.
    pub word: Word,
    /// The type or the kind.
    pub kind: String,
    /// Its path in the program, or its name.
    pub name: String,
    /// The properties that change.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub properties: Vec<String>,
    /// Whether it says who may do what.
    #[serde(skip_serializing_if = "is_false")]
    pub access: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde wants it so")]
fn is_false(value: &bool) -> bool {
    !*value
}

/// What happens, the gravest last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Word {
    /// It is made.
    Create,
    /// It is changed where it is.
    InPlace,
    /// It leaves the cluster.
    Prune,
    /// It leaves the stack and stays in AWS.
    DeleteRetained,
    /// It is deleted.
    Delete,
    /// Whether it is replaced is known once it happens.
    MayReplace,
    /// A new one takes its place.
    Replace,
    /// Data go with it.
    DataLoss,
}

/// When somebody is asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Approval {
    /// Never.
    Never,
    /// When access widens or narrows, or data are at risk.
    #[default]
    Access,
    /// When data are at risk.
    DataLoss,
    /// Before every change.
    Always,
}

impl Word {
    /// The words in reports.
    pub fn text(self) -> &'static str {
        match self {
            Word::Create => "create",
            Word::InPlace => "in place",
            Word::Prune => "prune",
            Word::DeleteRetained => "delete, retained",
            Word::Delete => "delete",
            Word::MayReplace => "may replace",
            Word::Replace => "replace",
            Word::DataLoss => "data loss",
        }
    }

    /// The sign beside the words.
    pub fn sign(self) -> &'static str {
        match self {
            Word::Create => "+",
            Word::InPlace => "~",
            Word::Prune | Word::DeleteRetained | Word::Delete => "-",
            Word::MayReplace | Word::Replace => "±",
            Word::DataLoss => "!",
        }
    }
}

impl Verdict {
    /// What a row of a change set does.
    pub fn new(change: &Change, name: &str, is_stateful: bool) -> Self {
        let is_kept = change.policy.contains("Retain") || change.policy.contains("Snapshot");
        let word = match (change.action.as_str(), change.replacement.as_str()) {
            ("Add" | "Import", _) => Word::Create,
            ("Remove", _) if change.policy.contains("Retain") => Word::DeleteRetained,
            ("Remove", _) if is_stateful && !is_kept => Word::DataLoss,
            ("Remove", _) => Word::Delete,
            (_, "True") if is_stateful && !is_kept => Word::DataLoss,
            (_, "True") => Word::Replace,
            (_, "Conditional") => Word::MayReplace,
            ("Dynamic", _) => Word::MayReplace,
            _ => Word::InPlace,
        };
        Self {
            word,
            kind: change.kind.clone(),
            name: name.to_owned(),
            properties: change.properties.clone(),
            access: is_access(&change.kind),
        }
    }

    /// Whether data may go with it, or a store begins empty.
    fn is_data_at_risk(&self, stateful: &[String]) -> bool {
        self.word == Word::DataLoss
            || (matches!(self.word, Word::Replace | Word::MayReplace) && stateful.contains(&self.name))
    }

    /// A line for people.
    pub fn line(&self) -> String {
        let mut text = format!("{} {:<16} {} {}", self.word.sign(), self.word.text(), self.kind, self.name);
        if !self.properties.is_empty() {
            let _ = write!(text, " ({})", self.properties.join(", "));
        }
        text
    }
}

impl Approval {
    /// Why somebody must be asked about changes; none if nobody must be. `stateful` names what holds data.
    pub fn why(self, changes: &[Verdict], stateful: &[String]) -> Option<String> {
        let at_risk = changes.iter().filter(|change| change.is_data_at_risk(stateful)).count();
        let access = changes.iter().filter(|change| change.access).count();
        match self {
            Approval::Never => None,
            Approval::Access | Approval::DataLoss if at_risk > 0 => {
                Some(format!("data are at risk in {at_risk} of them"))
            }
            Approval::Access if access > 0 => Some(format!("{access} of them say who may do what")),
            Approval::Always if !changes.is_empty() => Some("every change is asked for".to_owned()),
            _ => None,
        }
    }
}

/// Whether a type says who may do what.
fn is_access(kind: &str) -> bool {
    kind.starts_with("AWS::IAM::")
        || kind.contains("SecurityGroup")
        || kind.ends_with("Policy")
            && !kind.starts_with("AWS::ApplicationAutoScaling::")
            && !kind.contains("::AutoScaling::")
        || ["AWS::EKS::AccessEntry", "AWS::EKS::PodIdentityAssociation", "AWS::Lambda::Permission"].contains(&kind)
}
