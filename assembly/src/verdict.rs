//! What a change does to a resource or an object: the vocabulary of `diff`, of the approvals of `deploy`, and of reports.

use serde::Serialize;

/// What happens to a resource or an object, the gravest last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// It is created.
    Create,
    /// It is changed where it is.
    InPlace,
    /// A release's values or chart: what its objects do is the chart's to say.
    Upgrade,
    /// Its pods are replaced by new ones.
    RolloutRestart,
    /// It is not available for a while.
    Interruption,
    /// It is the same under another logical id, or in another stack.
    Rename,
    /// It leaves the cluster.
    Prune,
    /// Leaves the stack, stays in AWS.
    DeleteRetained,
    /// It is deleted.
    Delete,
    /// The API server refuses the change: the object is deleted and made anew.
    KubernetesImmutable,
    /// Whether it is replaced depends on what only AWS knows.
    MayReplace,
    /// A new one takes its place.
    Replace,
    /// Data are deleted that nothing else holds.
    DataLoss,
}

impl Verdict {
    /// The word in reports.
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Create => "create",
            Verdict::InPlace => "in place",
            Verdict::Upgrade => "upgrade",
            Verdict::RolloutRestart => "rollout restart",
            Verdict::Interruption => "interruption",
            Verdict::Rename => "rename",
            Verdict::Prune => "prune",
            Verdict::DeleteRetained => "delete, retained",
            Verdict::Delete => "delete",
            Verdict::KubernetesImmutable => "delete and create",
            Verdict::MayReplace => "may replace",
            Verdict::Replace => "replace",
            Verdict::DataLoss => "data loss",
        }
    }

    /// The sign beside the word.
    pub fn sign(self) -> &'static str {
        match self {
            Verdict::Create => "+",
            Verdict::InPlace | Verdict::Upgrade => "~",
            Verdict::RolloutRestart | Verdict::Interruption => "*",
            Verdict::Rename => ">",
            Verdict::Prune | Verdict::DeleteRetained | Verdict::Delete => "-",
            Verdict::KubernetesImmutable | Verdict::MayReplace | Verdict::Replace => "±",
            Verdict::DataLoss => "!",
        }
    }

    /// Whether a new thing takes the place of the old one.
    pub fn is_replacement(self) -> bool {
        matches!(self, Verdict::KubernetesImmutable | Verdict::MayReplace | Verdict::Replace)
    }
}
