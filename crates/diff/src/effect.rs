//! Verdicts: the effect of a change on a resource or an object. `diff`, the approvals of `deploy`, and reports use
//! them.

use serde::Serialize;

/// The effect of a change on a resource or an object, in ascending order of severity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The resource is created.
    Create,
    /// The resource is changed in place.
    InPlace,
    /// The values or the chart of a release change. The chart decides how its objects change.
    Upgrade,
    /// The pods are replaced.
    RolloutRestart,
    /// The resource is temporarily unavailable.
    Interruption,
    /// The same resource gets another logical ID, or moves to another stack.
    Rename,
    /// The object is removed from the cluster.
    Prune,
    /// The resource is removed from the stack and remains in AWS.
    DeleteRetained,
    /// The resource is deleted.
    Delete,
    /// The API server rejects the change, so the object is deleted and created again.
    KubernetesImmutable,
    /// Only AWS can decide whether the resource is replaced.
    MayReplace,
    /// The resource is replaced by a new one.
    Replace,
    /// The change deletes the only copy of data.
    DataLoss,
}

impl Verdict {
    /// Returns the label in reports.
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

    /// Returns the symbol in front of the label.
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

    /// Whether the change replaces the resource.
    pub fn is_replacement(self) -> bool {
        matches!(self, Verdict::KubernetesImmutable | Verdict::MayReplace | Verdict::Replace)
    }
}
