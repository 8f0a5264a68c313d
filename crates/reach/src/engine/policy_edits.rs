//! Edits of network policies, and new policies.

use meshsynth_access::kubernetes::{Labels, Traffic};
use serde_json::{Value, json};

use crate::edit::Edit;
use crate::ends::Port;
use crate::kubernetes::{Pod, Side};
use crate::network::say_spans;
use crate::world::World;

const NAME: &str = "kubernetes.io/metadata.name";

/// Returns a rule that admits a port, to or from the pod.
pub fn admit(pod: &Pod, traffic: Traffic, other: &Side, port: Port) -> Option<Value> {
    let peer = match other {
        Side::Pod(other) if other.namespace == pod.namespace => json!({ "podSelector": selector(other.labels) }),
        Side::Pod(other) => json!({
            "namespaceSelector": { "matchLabels": { NAME: other.namespace } },
            "podSelector": selector(other.labels),
        }),
        Side::Addresses(from, to) => {
            let block = say_spans(&[(*from, *to)]);
            block.contains('/').then(|| json!({ "ipBlock": { "cidr": block } }))?
        }
    };
    let peers = match traffic {
        Traffic::Ingress => "from",
        Traffic::Egress => "to",
    };
    Some(json!({ peers: [peer], "ports": [{ "protocol": port.protocol.name(), "port": port.number }] }))
}

/// Returns a policy that blocks a direction for pods that no policy isolates.
pub fn isolate(world: &World, pod: &Pod, traffic: Traffic) -> Option<Edit> {
    let workload = pod.workload?;
    let object = &world.clusters[workload.cluster].objects[workload.object];
    let (name, kind) = match traffic {
        Traffic::Ingress => ("ingress", "Ingress"),
        Traffic::Egress => ("egress", "Egress"),
    };
    let policy = json!({
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": { "name": format!("{}-{name}", workload.name), "namespace": workload.namespace },
        "spec": { "podSelector": selector(pod.labels), "policyTypes": [kind] },
    });
    Some(Edit::define(object.title(), &object.at, policy))
}

fn selector(labels: &Labels) -> Value {
    json!({ "matchLabels": labels })
}
