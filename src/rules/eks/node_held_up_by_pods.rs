//! Pods that must not be disrupted keep their nodes forever.
//!
//! # What it reports
//!
//! Pods of a Deployment, ReplicaSet, StatefulSet or Rollout have the annotation `karpenter.sh/do-not-disrupt: "true"`,
//! and a `NodePool` of the cluster has no `terminationGracePeriod`. The finding is a warning. Jobs may have the
//! annotation.
//!
//! # Why it matters
//!
//! Karpenter does not remove a node while such a pod runs on it. The pod of a job ends. The pod of a service remains,
//! so its node keeps an old image and is neither consolidated nor replaced.
//!
//! # Fix
//!
//! Use the annotation only for jobs, and protect services with a disruption budget. Alternatively, limit the wait with
//! `terminationGracePeriod` of the pool: `NodePoolProps::grace`.
//!
//! Source: <https://karpenter.sh/docs/concepts/disruption/#pod-level-controls>

use crate::facts;
use crate::diag::Diagnostic;
use crate::rules::index::pods::{self, called};
use crate::synth::{Link, Model};
use crate::val::{Bag, Data};

const ANNOTATION: &str = "karpenter.sh/do-not-disrupt";
pub(super) fn check(model: &Model, _: &Link, out: &mut Vec<Diagnostic>) {
    let patient: Vec<_> = model
        .of_kind("NodePool")
        .filter(|(_, pool)| pool.body.at("spec.template.spec.terminationGracePeriod").is_none())
        .collect();
    if patient.is_empty() {
        return;
    }
    for pods in pods::all(model).filter(|pods| facts::kind(&pods.object.kind).replicas.is_some()) {
        let is_held = |annotations: &Bag| annotations.get(ANNOTATION).and_then(Data::as_str) == Some("true");
        if !pods.annotations().is_some_and(is_held) {
            continue;
        }
        let Some((_, pool)) = patient.iter().find(|(id, _)| model.target_of(*id) == model.target_of(pods.id)) else { continue };
        let message = format!("the pods of {} must not be disrupted, so {} can never remove their nodes", called(pods.object), called(pool));
        out.push(
            model
                .warning(pods.id, "MS0218", message)
                .field(pods.field("metadata.annotations"))
                .help("remove the annotation, or set `terminationGracePeriod` of the pool (`NodePoolProps::grace`)"),
        );
    }
}

#[cfg(test)]
mod tests {
    use crate::mesh::addons::NodePoolProps;
    use crate::mesh::{Namespace, NamespaceProps, Workload, WorkloadProps};
    use crate::rules::testing::programs::pools;
    use crate::testing::codes;
    use crate::units::Duration;

    fn with(grace: Option<Duration>) -> Vec<&'static str> {
        codes(|app| {
            let cluster = pools(app, vec![NodePoolProps { grace, ..Default::default() }]);
            let shop = Namespace::new(&cluster, "shop", &cluster, NamespaceProps::default());
            let orders = Workload::new(&shop, "orders", "registry.example/orders:1.4.0", WorkloadProps::default());
            let annotations = crate::val::Bag::default().with("karpenter.sh/do-not-disrupt", "true");
            orders.deployment().patch("spec.template.metadata.annotations", annotations);
        })
    }

    #[test]
    fn warns_about_pods_that_block_disruption_forever() {
        assert_eq!(with(None), ["MS0218"]);
    }

    #[test]
    fn accepts_a_termination_grace_period() {
        assert_eq!(with(Some(Duration::hours(4))), [""; 0]);
    }
}
