//! The mesh membership of pods.
//!
//! Source: <https://istio.io/latest/docs/setup/additional-setup/sidecar-injection/#controlling-the-injection-policy> and
//! <https://istio.io/latest/docs/ambient/usage/add-workloads/>.

use meshsynth_access::kubernetes::Labels;

use crate::world::Workload;

/// Whether a namespace belongs to Kubernetes; Istio injects no proxy there.
pub(super) fn is_system(namespace: &str) -> bool {
    ["kube-system", "kube-public", "kube-node-lease"].contains(&namespace)
}

/// The mesh membership of a pod.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Membership {
    /// The pod is not in the mesh.
    None,
    /// The pod has a sidecar proxy.
    Sidecar,
    /// The pod uses the proxy of its node.
    Ambient,
    /// The pod is a proxy: a gateway or a waypoint.
    Proxy,
}

impl Membership {
    /// Whether a workload is certainly not in the mesh, whatever the labels of its namespace are.
    pub(super) fn is_refused(workload: &Workload) -> bool {
        let of = |key: &str| workload.labels.get(key).or_else(|| workload.annotations.get(key)).map(String::as_str);
        workload.is_on_host
            || (of("sidecar.istio.io/inject") == Some("false") && of("istio.io/dataplane-mode") == Some("none"))
    }

    /// Returns the membership of a workload, according to its labels and those of its namespace.
    pub fn of(workload: &Workload, namespace: &Labels, is_mesh: bool) -> Self {
        let label = |key: &str| workload.labels.get(key).map(String::as_str);
        let of_namespace = |key: &str| namespace.get(key).map(String::as_str);
        if !is_mesh {
            return Self::None;
        }
        if matches!(workload.kind.as_str(), "Gateway" | "Release") {
            return Self::Proxy;
        }
        if workload.is_on_host {
            return Self::None;
        }
        let annotation = workload.annotations.get("sidecar.istio.io/inject").map(String::as_str);
        let inject = label("sidecar.istio.io/inject").or(annotation);
        let is_sidecar = match inject {
            Some("false") => false,
            Some(_) => true,
            None => {
                of_namespace("istio-injection") == Some("enabled")
                    || (of_namespace("istio-injection") != Some("disabled")
                        && (of_namespace("istio.io/rev").is_some() || label("istio.io/rev").is_some()))
            }
        };
        let mode = label("istio.io/dataplane-mode").or_else(|| of_namespace("istio.io/dataplane-mode"));
        match (is_sidecar, mode) {
            (true, _) => Self::Sidecar,
            (false, Some("ambient")) => Self::Ambient,
            _ => Self::None,
        }
    }
}
