//! Workloads: objects that create pods.

use meshsynth_access::kubernetes::Labels;
use meshsynth_facts as facts;
use serde_json::Value;

use super::object::{Object, labels};
use crate::connections::Protocol;

/// The index of a workload in a [`World`](super::World).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WorkloadId(pub usize);

/// An object that creates pods, or a pod without such an object.
#[derive(Clone, Debug)]
pub struct Workload {
    /// The index of its cluster in the world.
    pub cluster: usize,
    /// The index of its object in the cluster.
    pub object: usize,
    /// The namespace.
    pub namespace: String,
    /// The name.
    pub name: String,
    /// The kind, such as `Deployment`.
    pub kind: String,
    /// The labels of its pods.
    pub labels: Labels,
    /// The annotations of its pods.
    pub annotations: Labels,
    /// The service account of its pods.
    pub account: String,
    /// Whether its pods use the host network.
    pub is_on_host: bool,
    /// The addresses of its pods, if specified.
    pub addresses: Vec<String>,
    /// The ports that its containers declare.
    pub ports: Vec<ContainerPort>,
}

/// A port that a container declares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContainerPort {
    /// The name; empty if it has none.
    pub name: String,
    /// The protocol.
    pub protocol: Protocol,
    /// The port number.
    pub number: u16,
}

impl Workload {
    /// Parses a workload, or returns `None` if the object creates no pods.
    pub fn of(cluster: usize, index: usize, object: &Object) -> Option<Self> {
        let document = &object.document;
        // A rollout without a template uses the pod template of the Deployment that it refers to.
        if object.kind == "Rollout" && document["spec"]["template"].is_null() {
            return None;
        }
        let path = facts::kind(&object.kind).pods?;
        let template = path.split('.').filter(|it| !it.is_empty()).fold(document, |value, key| &value[key]);
        let (metadata, spec) = (&template["metadata"], &template["spec"]);
        let account = spec["serviceAccountName"].as_str().or_else(|| spec["serviceAccount"].as_str());
        let lists = [&spec["containers"], &spec["initContainers"]];
        let containers = lists.into_iter().flat_map(|list| list.as_array().into_iter().flatten());
        let ports = containers.flat_map(|it| it["ports"].as_array().into_iter().flatten());
        let status = &document["status"];
        let addresses = [&status["podIP"], &status["hostIP"]].into_iter().filter_map(Value::as_str).take(1);
        Some(Self {
            cluster,
            object: index,
            namespace: object.namespace.clone(),
            name: object.name.clone(),
            kind: object.kind.clone(),
            labels: labels(&metadata["labels"]),
            annotations: labels(&metadata["annotations"]),
            account: account.filter(|it| !it.is_empty()).unwrap_or("default").to_owned(),
            is_on_host: spec["hostNetwork"] == true,
            addresses: addresses.map(str::to_owned).collect(),
            ports: ports.filter_map(port).collect(),
        })
    }

    /// Returns the displayed name, such as `shop/orders`.
    pub fn title(&self) -> String {
        format!("{}/{}", self.namespace, self.name)
    }

    /// Returns the numbers of a named port, or the number itself.
    pub fn port(&self, value: &Value, protocol: Protocol) -> Vec<u16> {
        match value {
            Value::Number(number) => number.as_u64().and_then(|it| u16::try_from(it).ok()).into_iter().collect(),
            Value::String(name) => match name.parse::<u16>() {
                Ok(number) => vec![number],
                Err(_) => {
                    let named = self.ports.iter().filter(|it| it.name == *name && it.protocol == protocol);
                    named.map(|it| it.number).collect()
                }
            },
            _ => Vec::new(),
        }
    }
}

fn port(value: &Value) -> Option<ContainerPort> {
    let number = u16::try_from(value["containerPort"].as_u64()?).ok()?;
    let protocol = value["protocol"].as_str().map_or(Some(Protocol::Tcp), Protocol::parse)?;
    Some(ContainerPort { name: value["name"].as_str().unwrap_or_default().to_owned(), protocol, number })
}
