//! A `NodePool` has no limits.
//!
//! # What it reports
//!
//! A pool has neither `spec.limits` nor a fixed number of nodes (`spec.replicas`). The finding is a warning.
//!
//! # Why it matters
//!
//! Karpenter starts an instance for each pod that does not fit on a node. A loop that creates pods, or a wrong number
//! of replicas, can use the complete quota of the account.
//!
//! # Fix
//!
//! Set `spec.limits` for `cpu` and `memory`. `mesh::addons::NodePool` requires them.
//!
//! Source: <https://karpenter.sh/docs/concepts/nodepools/#speclimits>

use crate::diag::Diagnostic;
use crate::rules::index::pods::called;
use crate::synth::{Link, Model};
use crate::val::Data;

pub(super) fn check(model: &Model, _: &Link, out: &mut Vec<Diagnostic>) {
    for (id, object) in model.of_kind("NodePool") {
        let limits = object.body.at("spec.limits").and_then(Data::as_map);
        // A fixed number of nodes limits the pool.
        if limits.is_none_or(|it| it.is_empty()) && object.body.at("spec.replicas").is_none() {
            let message = format!("{} has no limits, so it can create any number of nodes", called(object));
            out.push(model.warning(id, "MS0214", message).field("spec").help("set `spec.limits.cpu` and `spec.limits.memory`"));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::manifests::warned;

    fn pool(limits: &str) -> String {
        format!(
            "apiVersion: karpenter.sh/v1\nkind: NodePool\nmetadata: {{ name: general }}\nspec:\n{limits}\x20 disruption: {{ consolidateAfter: 1m }}\n\
             \x20 template:\n    spec:\n      nodeClassRef: {{ group: karpenter.k8s.aws, kind: EC2NodeClass, name: default }}\n\
             \x20     requirements: []\n"
        )
    }

    #[test]
    fn warns_about_a_pool_without_limits() {
        assert!(warned(&pool("")).contains(&"MS0214"));
    }

    #[test]
    fn accepts_a_pool_with_limits() {
        assert!(!warned(&pool("  limits: { cpu: '100' }\n")).contains(&"MS0214"));
    }
}
