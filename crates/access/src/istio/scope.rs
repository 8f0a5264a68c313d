//! The workloads that a policy applies to.
//!
//! Source: <https://istio.io/latest/docs/reference/config/type/workload-selector/>.

use serde_json::Value;

use crate::json::{field, items};
use crate::kubernetes::{Labels, Selector};

/// A workload, or another object that a policy can reference.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Target {
    /// The namespace.
    pub namespace: String,
    /// `Workload` for pods, otherwise the referenced kind: `Gateway`, `Service` …
    pub kind: String,
    /// The name.
    pub name: String,
    /// The labels of its pods.
    pub labels: Labels,
}

/// The objects that a policy applies to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    namespace: String,
    selector: Option<Selector>,
    /// Kinds and names.
    targets: Vec<(String, String)>,
}

/// The breadth of a policy. If only one policy applies, the narrowest one is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Breadth {
    Mesh,
    Namespace,
    Workload,
}

impl Scope {
    pub(super) fn parse(document: &Value) -> Self {
        let spec = &document["spec"];
        let labels = spec["selector"].get("matchLabels").filter(|it| it.as_object().is_some_and(|map| !map.is_empty()));
        let one = spec.get("targetRef").into_iter();
        let targets = items(&spec["targetRefs"]).iter().chain(one);
        Self {
            namespace: document["metadata"]["namespace"].as_str().unwrap_or("default").to_owned(),
            selector: labels.map(Selector::labels),
            targets: targets.map(|it| (field(it, "kind").to_owned(), field(it, "name").to_owned())).collect(),
        }
    }

    /// Whether it selects a target, in a mesh with this root namespace.
    pub fn selects(&self, target: &Target, root: &str) -> bool {
        if self.namespace != target.namespace && self.namespace != root {
            return false;
        }
        if !self.targets.is_empty() {
            return self.targets.contains(&(target.kind.clone(), target.name.clone()));
        }
        self.selector.as_ref().is_none_or(|selector| selector.selects(&target.labels))
    }

    /// Returns the namespace of the policy.
    pub fn namespace(&self) -> &str {
        &self.namespace
    }

    /// Returns an example of a selected object, for use without a known object.
    pub fn example(&self) -> Target {
        let (kind, name) = self.targets.first().cloned().unwrap_or(("Workload".to_owned(), String::new()));
        let labels = self.selector.as_ref().map(Selector::example).unwrap_or_default();
        Target { namespace: self.namespace.clone(), kind, name, labels }
    }

    /// Whether it applies to its whole namespace or the whole mesh.
    pub fn is_general(&self) -> bool {
        self.selector.is_none() && self.targets.is_empty()
    }

    pub(super) fn breadth(&self, root: &str) -> Breadth {
        match (self.is_general(), self.namespace == root) {
            (true, true) => Breadth::Mesh,
            (true, false) => Breadth::Namespace,
            (false, _) => Breadth::Workload,
        }
    }
}
