//! Egress of client proxies: `Sidecar` resources, and the handling of unknown hosts.
//!
//! Source: <https://istio.io/latest/docs/reference/config/networking/sidecar/>.

use meshsynth_access::kubernetes::Selector;
use serde_json::Value;

use super::config::Config;
use crate::world::{At, Cluster, Object, Workload};

/// The `Sidecar` resources of a cluster.
#[derive(Debug)]
pub struct Sidecars {
    all: Vec<Sidecar>,
    root: String,
    /// Whether the mesh rejects hosts that are not in the registry.
    is_registry_only: bool,
}

#[derive(Debug)]
struct Sidecar {
    namespace: String,
    selector: Option<Selector>,
    title: String,
    at: At,
    spec: Value,
}

/// The behavior of a client's proxy for calls to a host.
#[derive(Clone, Debug)]
pub enum Sends {
    /// The host is in the registry. The proxy calls it with its certificate.
    Known(Option<(String, String, At)>),
    /// The host is not in the registry. The proxy passes the call unchanged.
    Passes(Option<(String, String, At)>),
    /// The host is not in the registry. The proxy rejects the call.
    Refuses(Option<(String, String, At)>),
}

impl Sidecars {
    /// Parses the `Sidecar` resources of a cluster.
    pub fn new(cluster: &Cluster, config: &Config) -> Self {
        let of_kind = cluster.objects.iter().filter(|it| it.kind == "Sidecar" && it.group.ends_with("istio.io"));
        let sidecar = |object: &Object| {
            let spec = object.document["spec"].clone();
            let labels = spec["workloadSelector"]["labels"].as_object().filter(|it| !it.is_empty());
            Sidecar {
                namespace: object.namespace.clone(),
                selector: labels.map(|_| Selector::labels(&spec["workloadSelector"]["labels"])),
                title: object.title(),
                at: object.at.clone(),
                spec,
            }
        };
        Self {
            all: of_kind.map(sidecar).collect(),
            root: config.root.clone(),
            is_registry_only: config.is_registry_only,
        }
    }

    /// Returns whether the cluster has no `Sidecar` object.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Returns the `Sidecar` of a workload. Those that select the workload precede that of the namespace, which
    /// precedes that of the mesh.
    fn of(&self, workload: &Workload) -> Option<&Sidecar> {
        let own = || self.all.iter().filter(|it| it.namespace == workload.namespace);
        let selects = |it: &&Sidecar| it.selector.as_ref().is_some_and(|it| it.selects(&workload.labels));
        let wide = || own().find(|it| it.selector.is_none());
        let root = || self.all.iter().find(|it| it.namespace == self.root && it.selector.is_none());
        own().find(selects).or_else(wide).or_else(root)
    }

    /// Returns the behavior of a workload's proxy for calls to any of the hosts, each with its namespace.
    pub fn sends(&self, from: &Workload, hosts: &[(String, String)]) -> Sends {
        let sidecar = self.of(from);
        let Some(sidecar) = sidecar else {
            return match (hosts.is_empty(), self.is_registry_only) {
                (false, _) => Sends::Known(None),
                (true, true) => Sends::Refuses(None),
                (true, false) => Sends::Passes(None),
            };
        };
        let by = |field: String| Some((sidecar.title.clone(), field, sidecar.at.clone()));
        let lists = sidecar.spec["egress"].as_array().into_iter().flatten().enumerate();
        let mut patterns = lists.flat_map(|(at, it)| {
            let all = it["hosts"].as_array().into_iter().flatten().filter_map(Value::as_str);
            all.map(move |host| (format!("spec.egress[{at}].hosts"), host.to_owned()))
        });
        if sidecar.spec["egress"].is_null() && !hosts.is_empty() {
            return Sends::Known(by(String::new()));
        }
        let knows =
            |pattern: &str| hosts.iter().any(|(namespace, host)| knows(pattern, namespace, host, &from.namespace));
        if let Some((field, _)) = patterns.find(|(_, pattern)| knows(pattern)) {
            return Sends::Known(by(field));
        }
        let own = sidecar.spec["outboundTrafficPolicy"]["mode"].as_str();
        match own.map_or(self.is_registry_only, |it| it == "REGISTRY_ONLY") {
            true => Sends::Refuses(by("spec.outboundTrafficPolicy".to_owned())),
            false => Sends::Passes(by("spec.egress".to_owned())),
        }
    }
}

/// Whether a pattern `namespace/host` matches a host.
fn knows(pattern: &str, namespace: &str, host: &str, own: &str) -> bool {
    let (of, name) = pattern.split_once('/').unwrap_or(("*", pattern));
    let in_namespace = match of {
        "*" => true,
        "." => namespace == own,
        "~" => false,
        other => other == namespace,
    };
    let is_host = match name.strip_prefix('*') {
        Some(end) => host.ends_with(end),
        None => host == name,
    };
    in_namespace && is_host
}
