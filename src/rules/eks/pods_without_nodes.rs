//! Pods require a node label or a device that no node group of their cluster has.
//!
//! # What it reports
//!
//! A node selector or a required node affinity uses a label that no node group has, or a container requests a device
//! such as `nvidia.com/gpu` that no matching node group has.
//!
//! Pods of a `DaemonSet` and pods with a `nodeName` are not checked. Clusters that create nodes themselves (EKS Auto
//! Mode, Karpenter), existing clusters, and clusters without a node group are not checked either.
//!
//! # Why it matters
//!
//! The pods remain `Pending`, and a cluster autoscaler adds no node for them.
//!
//! # Fix
//!
//! Add a node group with the label or with instances that have the device, or correct the selector.
//!
//! Source: <https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/>

use crate::diag::Diagnostic;
use crate::facts::instance_types::Device;
use crate::rules::index::nodes::{self, Group, Nodes};
use crate::rules::index::pods::{self, Pods, called};
use crate::synth::{Link, Model};
use crate::tree::NodeId;
use crate::val::{Bag, Data};

pub(super) fn check(model: &Model, _: &Link, out: &mut Vec<Diagnostic>) {
    let known = nodes::known(model);
    for_each(model, &known, |pods, nodes| {
        let fits = |group: &&Group<'_>| selected(group, pods.spec);
        if !nodes.groups.iter().any(|group| fits(&group)) {
            let message = format!("no node group of the cluster matches the node selection of {}: {}", called(pods.object), wanted(pods.spec));
            let help = "add a node group with these labels, or correct the node selector";
            out.push(model.error(pods.id, "MS0432", message).field(pods.field("spec.nodeSelector")).help(help));
        } else if let Some((device, _)) = devices(pods).into_iter().find(|(_, device)| {
            !nodes.groups.iter().filter(fits).any(|group| group.has_device(*device))
        }) {
            let message = format!("{} requests `{device}`, which no node of the cluster has", called(pods.object));
            let help = "add a node group with a matching instance type, such as `g5.xlarge` for `nvidia.com/gpu`";
            out.push(model.error(pods.id, "MS0432", message).field(pods.field("spec.containers")).help(help));
        }
    });
}

/// Visits the workloads in clusters with known nodes. Excludes daemons, which run on every existing node.
pub(super) fn for_each<'a>(model: &'a Model, known: &[(NodeId, Nodes<'a>)], mut visit: impl FnMut(&Pods<'a>, &Nodes<'a>)) {
    for pods in pods::all(model).filter(|it| it.object.kind != "DaemonSet") {
        let nodes = known.iter().find(|(target, _)| model.target_of(pods.id) == Some(*target));
        if let Some((_, nodes)) = nodes.filter(|_| pods.spec.get("nodeName").is_none()) {
            visit(&pods, nodes);
        }
    }
}

/// Whether the nodes of a group match the node selector and the required node affinity of pods.
pub(super) fn selected(group: &Group<'_>, spec: &Bag) -> bool {
    let labels = spec.get("nodeSelector").and_then(Data::as_map);
    let mut selector = labels.into_iter().flat_map(Bag::iter);
    let has = |(key, value): (&str, &Data)| match value.as_str() {
        Some(value) => group.has_label(key, Some(&[value])),
        None => group.has_label(key, None),
    };
    let terms = spec
        .at("affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms")
        .map(Data::items)
        .unwrap_or_default();
    selector.all(has) && (terms.is_empty() || terms.iter().any(|term| satisfies(group, term)))
}

/// Whether the nodes of a group may satisfy all expressions of a term.
fn satisfies(group: &Group<'_>, term: &Data) -> bool {
    let expressions = term.at("matchExpressions").map(Data::items).unwrap_or_default();
    expressions.iter().all(|expression| {
        let text = |key: &str| expression.at(key).and_then(Data::as_str);
        let Some(key) = text("key") else { return true };
        let values = expression.at("values").map(Data::items).unwrap_or_default();
        let values: Option<Vec<&str>> = values.iter().map(Data::as_str).collect();
        match (text("operator"), values) {
            (Some("In"), Some(values)) => group.has_label(key, Some(&values)),
            (Some("In" | "Exists" | "Gt" | "Lt"), _) => group.has_label(key, None),
            // Negative expressions, such as `NotIn`, match most nodes. They exclude a group only if all its nodes have
            // the same value.
            _ => true,
        }
    })
}

/// Describes the node requirements of pods.
fn wanted(spec: &Bag) -> String {
    let labels = spec.get("nodeSelector").and_then(Data::as_map);
    let labels: Vec<_> = labels.into_iter().flat_map(Bag::iter).map(|(key, value)| format!("`{key}={}`", value.to_text())).collect();
    if labels.is_empty() { "its required node affinity".to_owned() } else { labels.join(", ") }
}

/// Returns the requested devices whose instance types are known.
fn devices<'a>(pods: &Pods<'a>) -> Vec<(&'a str, Device)> {
    let mut found = Vec::new();
    for container in pods.containers() {
        for path in ["resources.requests", "resources.limits"] {
            let all = container.at(path).and_then(Data::as_map).into_iter().flat_map(Bag::iter);
            let asked = all.filter(|(_, amount)| !matches!(amount.to_text().as_str(), "" | "0"));
            found.extend(asked.filter_map(|(name, _)| Some((name, Device::named(name)?))));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use crate::eks::{Cluster, NodeGroupProps};
    use crate::mesh::{Namespace, Placement, Workload, WorkloadProps};
    use crate::testing::{codes, stack};
    use crate::tree::Construct;
    use crate::{aws, eks};

    fn on(placement: Placement, group: Option<NodeGroupProps>) -> Vec<&'static str> {
        codes(|app| {
            let run = stack(app, "run");
            let vpc = aws::Vpc::new(&run, "vpc", Default::default());
            let cluster = Cluster::new(&run, "cluster", &vpc, Default::default());
            if let Some(group) = group {
                cluster.add_node_group("main", group);
            }
            let shop = Namespace::new(&run, "shop", &cluster, Default::default());
            let props = WorkloadProps { placement, ..Default::default() };
            Workload::new(&shop, "orders", "registry.example/orders:1.0.0", props);
        })
    }

    fn labelled(value: &str) -> Option<NodeGroupProps> {
        Some(NodeGroupProps { labels: vec![("pool".to_owned(), value.to_owned())], ..Default::default() })
    }

    #[test]
    fn reports_a_label_that_no_node_has() {
        let batch = || Placement::default().on("pool", "batch");
        assert_eq!(on(batch(), labelled("main")), ["MS0432"]);
        assert_eq!(on(batch(), labelled("batch")), [""; 0]);
        assert_eq!(on(Placement::spot(), Some(NodeGroupProps::default())), ["MS0432"]);
        let spot = NodeGroupProps { capacity: eks::Capacity::Spot, ..Default::default() };
        assert_eq!(on(Placement::spot(), Some(spot)), [""; 0]);
    }

    #[test]
    fn accepts_common_and_unknown_labels() {
        let zone = Placement::default().on("topology.kubernetes.io/zone", "ap-northeast-1a");
        assert_eq!(on(zone, Some(NodeGroupProps::default())), [""; 0]);
        assert_eq!(on(Placement::default().on("pool", "batch"), None), [""; 0]);
        assert_eq!(on(Placement::default().on("kubernetes.io/arch", "arm64"), Some(NodeGroupProps::default())), ["MS0432"]);
    }

    fn asking_for(device: &str, instance_type: &str) -> Vec<&'static str> {
        codes(|app| {
            let run = stack(app, "run");
            let vpc = aws::Vpc::new(&run, "vpc", Default::default());
            let cluster = Cluster::new(&run, "cluster", &vpc, Default::default());
            cluster.add_node_group("main", NodeGroupProps { instance_types: vec![instance_type.to_owned()], ..Default::default() });
            let shop = Namespace::new(&run, "shop", &cluster, Default::default());
            let model = Workload::new(&shop, "model", "registry.example/model:1.0.0", Default::default());
            model.deployment().scope().put("spec.template.spec.containers.0.resources.limits", device.to_owned(), 1);
        })
    }

    #[test]
    fn reports_a_requested_device_that_no_node_has() {
        assert_eq!(asking_for("nvidia.com/gpu", "m7i.large"), ["MS0432"]);
        assert_eq!(asking_for("nvidia.com/gpu", "g5.xlarge"), [""; 0]);
        assert_eq!(asking_for("example.com/camera", "m7i.large"), [""; 0]);
    }
}
