//! A pod names a `PriorityClass` that is not defined in its cluster.
//!
//! # What it reports
//!
//! The class is neither defined in the cluster nor in the values of a Helm release. `system-cluster-critical` and
//! `system-node-critical` always exist. In manifests and in imported clusters, a name is reported only if a class with a
//! similar name exists, because the rest of the cluster is unknown.
//!
//! # Why it matters
//!
//! The API server rejects the pods, so the workload has none. Only the events of its ReplicaSet show the reason.
//!
//! # Fix
//!
//! Define the class, or correct the name.
//!
//! Source: <https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/>

use super::missing_storage_class::is_in_values;
use crate::diag::Diagnostic;
use crate::rules::index::near::meant;
use crate::rules::index::pods::called;
use crate::rules::index::{Mesh, named};
use crate::val::Data;

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Diagnostic>) {
    let classes = mesh.all("scheduling.k8s.io", "PriorityClass");
    for pods in mesh.pods.all() {
        let Some(name) = pods.spec.get("priorityClassName").and_then(Data::as_str) else { continue };
        let target = mesh.model.target_of(pods.id);
        let mut known: Vec<&str> = classes.iter().filter(|it| it.place.0 == target).map(|it| it.object.name.as_str()).collect();
        known.extend(OF_KUBERNETES);
        if known.contains(&name) || is_in_values(mesh.model, target, name) {
            continue;
        }
        let help = match meant(name, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None if mesh.model.is_open || target.is_some_and(|target| mesh.model.is_imported(target)) => continue,
            None => format!("define the class, or use one of {}", named(known)),
        };
        let message = format!("{} uses the priority class `{name}`, which is not defined", called(pods.object));
        out.push(mesh.model.error(pods.id, "MS0438", message).field(pods.field("spec.priorityClassName")).help(help));
    }
}

const OF_KUBERNETES: [&str; 2] = ["system-cluster-critical", "system-node-critical"];

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::rules::testing::manifests::open;
    use crate::{aws, eks, mesh, testing};
    use crate::rules::testing::pods::{codes_of, orders};

    fn class(name: &str) -> Value {
        let metadata = json!({ "name": name });
        json!({ "apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass", "metadata": metadata, "value": 1000 })
    }

    fn of(name: &str) -> Value {
        orders(json!({ "priorityClassName": name }))
    }

    #[test]
    fn reports_a_missing_class() {
        assert_eq!(codes_of([of("shop-critical")]), ["MS0438"]);
        assert_eq!(codes_of([of("shop-critical"), class("shop-critical")]), [""; 0]);
        assert_eq!(codes_of([of("system-cluster-critical")]), [""; 0]);
    }

    #[test]
    fn reports_only_similar_names_in_imported_clusters() {
        let found = |class: &str| {
            testing::codes(|app| {
                let run = testing::stack(app, "run");
                let vpc = aws::Vpc::new(&run, "vpc", aws::VpcProps::default());
                let provider = "arn:aws:iam::111122223333:oidc-provider/oidc.eks.ap-northeast-1.amazonaws.com/id/EXAMPLE";
                let existing = eks::ExistingCluster::new("platform", "1.34", provider, "sg-0123456789abcdef0", &vpc);
                let cluster = eks::Cluster::import(&run, "platform", existing);
                let shop = mesh::Namespace::new(&run, "shop", &cluster, mesh::NamespaceProps::default());
                let pod = mesh::PodProps { priority_class: Some(class.to_owned()), ..Default::default() };
                let props = mesh::WorkloadProps { pod, ..Default::default() };
                mesh::Workload::new(&shop, "orders", "registry.example/orders:1.4.0", props);
            })
        };
        assert_eq!(found("shop-critical"), [""; 0]);
        assert_eq!(found("system-cluster-critcal"), ["MS0438"]);
    }

    #[test]
    fn reports_only_similar_names_in_manifests() {
        let pod = |name: &str| format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{ name: a }}\nspec: {{ priorityClassName: {name}, containers: [{{ name: a, image: 'a:1.0' }}] }}\n"
        );
        assert_eq!(open(&pod("system-cluster-critcal")), ["MS0438"]);
        assert_eq!(open(&pod("shop-critical")), [""; 0]);
    }
}
