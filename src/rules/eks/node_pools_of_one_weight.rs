//! Two `NodePool`s can create the same nodes and have the same weight.
//!
//! # What it reports
//!
//! Two pools of one cluster have the same weight and the same taints, and their requirements overlap. The finding is a
//! warning.
//!
//! # Why it matters
//!
//! If several pools match a pod, Karpenter uses the pool with the greatest weight. With equal weights, the choice is
//! random, and so are the labels, limits and prices for the pod.
//!
//! # Fix
//!
//! Increase the weight of one pool, or add taints or requirements that the other pool does not have.
//!
//! Source: <https://karpenter.sh/docs/concepts/nodepools/>

use crate::diag::Diagnostic;
use crate::node::Object;
use crate::rules::index::node_pools::{overlap, requirements};
use crate::rules::index::pods::called;
use crate::synth::{Link, Model};
use crate::val::Data;

pub(super) fn check(model: &Model, _: &Link, out: &mut Vec<Diagnostic>) {
    let pools: Vec<_> = model.of_kind("NodePool").collect();
    for (idx, (id, pool)) in pools.iter().enumerate() {
        let twin = pools[..idx].iter().find(|(other_id, other)| {
            model.target_of(*other_id) == model.target_of(*id)
                && weight(other) == weight(pool)
                && taints(other) == taints(pool)
                && overlap(&requirements(other), &requirements(pool))
        });
        if let Some((other_id, other)) = twin {
            let message = format!("{} and {} can create the same nodes and have the same weight, {}", called(other), called(pool), weight(pool));
            out.push(
                model
                    .warning(*id, "MS0217", message)
                    .field("spec.weight")
                    .note_at("the other pool is defined here", model.node(*other_id).at)
                    .help("give the preferred pool a greater weight, or use different taints or requirements"),
            );
        }
    }
}

fn weight(pool: &Object) -> i64 {
    pool.body.at("spec.weight").and_then(Data::as_int).unwrap_or(0)
}

/// Returns the taints of a pool as sorted texts.
fn taints(pool: &Object) -> Vec<String> {
    let taints = pool.body.at("spec.template.spec.taints").map(Data::items).unwrap_or_default();
    let text = |taint: &Data, key: &str| taint.at(key).map(Data::to_text).unwrap_or_default();
    let mut found: Vec<String> =
        taints.iter().map(|it| ["key", "value", "effect"].map(|key| text(it, key)).join(":")).collect();
    found.sort();
    found
}

#[cfg(test)]
mod tests {
    use crate::mesh::addons::{Arch, NodePoolProps};
    use crate::rules::testing::manifests::warned;
    use crate::rules::testing::programs::with_pools;

    fn with(second: NodePoolProps) -> Vec<&'static str> {
        with_pools(vec![NodePoolProps::default(), second])
    }

    #[test]
    fn warns_about_two_pools_with_the_same_weight() {
        assert_eq!(with(NodePoolProps::default()), ["MS0217"]);
    }

    #[test]
    fn accepts_pools_with_different_weights_or_architectures() {
        assert_eq!(with(NodePoolProps { weight: 10, ..Default::default() }), [""; 0]);
        assert_eq!(with(NodePoolProps { architectures: vec![Arch::Arm64], ..Default::default() }), [""; 0]);
    }

    #[test]
    fn accepts_another_operating_system() {
        let pool = |name: &str, requirements: &str| {
            let limits = "{ cpu: '100', memory: 100Gi }";
            format!(
                "---\napiVersion: karpenter.sh/v1\nkind: NodePool\nmetadata: {{ name: {name} }}\nspec:\n  limits: {limits}\n  template:\n    spec:\n      \
                 nodeClassRef: {{ group: karpenter.k8s.aws, kind: EC2NodeClass, name: {name} }}\n      requirements: [{requirements}]\n"
            )
        };
        let windows = "{ key: kubernetes.io/os, operator: In, values: [windows] }";
        let large = "{ key: karpenter.k8s.aws/instance-cpu, operator: Gt, values: ['3'] }";
        assert_eq!(warned(&(pool("a", windows) + &pool("b", large))), [""; 0]);
        assert_eq!(warned(&(pool("a", "") + &pool("b", large))), ["MS0217"]);
    }
}
