//! Policies among the manifests that mutate objects before the API server validates them.
//!
//! Sources: <https://kyverno.io/docs/policy-types/cluster-policy/mutate/>,
//! <https://open-policy-agent.github.io/gatekeeper/website/docs/mutation/>,
//! <https://kubernetes.io/docs/reference/access-authn-authz/mutating-admission-policy/>.

use meshsynth::diag::{Diagnostic, Severity};

use super::documents::Documents;
use crate::yaml::Marked;

/// The policies with the kinds that they mutate, in lower case. Names of resources are plural.
#[derive(Default)]
pub(super) struct Mutations(Vec<Mutation>);

/// The kind and name of a policy, and the kinds that it mutates.
pub(super) type Mutation = (String, Vec<String>);

impl Mutations {
    /// Adds a policy.
    pub fn extend(&mut self, policy: Option<Mutation>) {
        self.0.extend(policy);
    }

    /// Sorts the policies, so that results do not depend on the order of the files.
    pub fn sort(&mut self) {
        self.0.sort();
    }

    /// Downgrades a missing required field to a note if a policy may set it.
    pub fn relaxed(&self, diagnostic: Diagnostic, documents: &Documents) -> Diagnostic {
        match self.setter(&diagnostic, documents) {
            Some(policy) => diagnostic.severity(Severity::Note).note(format!("`{policy}` may set it")),
            None => diagnostic,
        }
    }

    /// Returns the policy that may set the missing field of a finding.
    fn setter(&self, diagnostic: &Diagnostic, documents: &Documents) -> Option<&String> {
        if self.0.is_empty() || diagnostic.code != "MS0106" {
            return None;
        }
        let field = diagnostic.field.as_ref()?;
        let kind = |object: &Marked| {
            // An existing field with a wrong value is not affected by mutations.
            let is_set = object.data().at(field).is_some();
            object.text("kind").filter(|_| !is_set).map(str::to_ascii_lowercase)
        };
        let kind = documents.with(diagnostic.place.as_ref()?, kind)??;
        let is_of = |name: &String| *name == "*" || *name == kind || name.strip_suffix('s') == Some(&kind);
        self.0.iter().find(|(_, kinds)| kinds.iter().any(is_of)).map(|(policy, _)| policy)
    }
}

/// Returns the name of a mutating policy and its kinds, or `None` for other documents.
pub(super) fn policy(document: &Marked) -> Option<Mutation> {
    let group = document.text("apiVersion").unwrap_or_default().split('/').next().unwrap_or_default();
    let kind = document.text("kind")?;
    let spec = document.get("spec")?;
    let kinds = match (group, kind) {
        ("kyverno.io", "ClusterPolicy" | "Policy") => {
            let rules = spec.items_of("rules").into_iter().filter(|rule| rule.get("mutate").is_some());
            rules.flat_map(|rule| rule.get("match").map(matched).unwrap_or_default()).collect()
        }
        ("mutations.gatekeeper.sh", _) => spec.items_of("applyTo").iter().flat_map(|it| names(it, "kinds")).collect(),
        ("admissionregistration.k8s.io", "MutatingAdmissionPolicy") => {
            let rules = spec.get("matchConstraints").map(|it| it.items_of("resourceRules")).unwrap_or_default();
            rules.iter().flat_map(|it| names(it, "resources")).collect()
        }
        _ => return None,
    };
    let name = document.get("metadata").and_then(|it| it.text("name")).unwrap_or_default();
    Some((format!("{kind} {name}"), kinds))
}

/// Returns the kinds of a `match` block in Kyverno.
fn matched(block: &Marked) -> Vec<String> {
    let filters = ["any", "all"].into_iter().flat_map(|key| block.items_of(key));
    let resources = filters.filter_map(|it| it.get("resources").cloned()).chain(block.get("resources").cloned());
    resources.flat_map(|it| names(&it, "kinds")).collect()
}

/// Returns the kinds or resources of a list: `Pod` for `v1/Pod`, `*` for `*/*`.
fn names(of: &Marked, key: &str) -> Vec<String> {
    let names = of.items_of(key).into_iter().filter_map(|it| it.data().as_str().map(str::to_ascii_lowercase));
    names.map(|name| name.rsplit('/').next().unwrap_or_default().to_owned()).collect()
}
