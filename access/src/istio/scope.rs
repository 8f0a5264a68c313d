//! Which workloads a policy is about.
//!
//! Source: <https://istio.io/latest/docs/reference/config/type/workload-selector/>.

use serde_json::Value;

use crate::json::{field, items};
use crate::kubernetes::{Labels, Selector};

/// A workload, or a thing that a policy can name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Target {
    /// Where it is.
    pub namespace: String,
    /// `Workload` for pods, else the kind that a policy names: `Gateway`, `Service` …
    pub kind: String,
    /// Its name.
    pub name: String,
    /// The labels of its pods.
    pub labels: Labels,
}

/// What a policy is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    namespace: String,
    selector: Option<Selector>,
    /// Kinds and names.
    targets: Vec<(String, String)>,
}

/// How narrowly a policy is meant. The narrowest decides where only one counts.
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

    /// Whether a target is meant, where a mesh has a root namespace.
    pub fn selects(&self, target: &Target, root: &str) -> bool {
        if self.namespace != target.namespace && self.namespace != root {
            return false;
        }
        if !self.targets.is_empty() {
            return self.targets.contains(&(target.kind.clone(), target.name.clone()));
        }
        self.selector.as_ref().is_none_or(|selector| selector.selects(&target.labels))
    }

    /// The namespace of the policy.
    pub fn namespace(&self) -> &str {
        &self.namespace
    }

    /// Something that it is about, where nothing else is known.
    pub fn example(&self) -> Target {
        let (kind, name) = self.targets.first().cloned().unwrap_or(("Workload".to_owned(), String::new()));
        let labels = self.selector.as_ref().map(Selector::example).unwrap_or_default();
        Target { namespace: self.namespace.clone(), kind, name, labels }
    }

    /// Whether it takes all of its namespace, or of the mesh.
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
