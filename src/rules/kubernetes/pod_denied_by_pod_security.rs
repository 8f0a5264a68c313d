//! A pod uses a feature of the node that the pod security level of its namespace forbids.
//!
//! # What it reports
//!
//! The namespace enforces `baseline` or `restricted`, and the pod uses the network, process or IPC namespace of the
//! node, a `hostPath` volume, a privileged container, or a `hostPort`.
//!
//! # Why it matters
//!
//! The API server accepts the workload but rejects all its pods.
//!
//! # Fix
//!
//! Define the workload in a separate namespace with `PodSecurity::Privileged`, or remove the feature of the node.
//!
//! Source: <https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline>

use crate::diag::Diagnostic;
use crate::hash::FastMap;
use crate::rules::index::pods::{self, Place, Pods, called};
use crate::rules::index::{CORE, Mesh, label};
use crate::val::Data;

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Diagnostic>) {
    let levels: FastMap<Place<'_>, &str> = mesh
        .all(CORE, "Namespace")
        .iter()
        .filter_map(|it| {
            let level = label(&it.object.body, "pod-security.kubernetes.io/enforce")?;
            let is_closed = matches!(level, "baseline" | "restricted");
            is_closed.then_some(((it.place.0, it.object.name.as_str()), level))
        })
        .collect();
    for pods in mesh.pods.all() {
        let place = pods::place(mesh.model, pods.id, pods.object);
        let Some(level) = levels.get(&place) else { continue };
        let Some((field, what)) = of_the_node(pods) else { continue };
        let message = format!("{} {what}, but the pod security level of namespace `{}` is `{level}`, which rejects such pods", called(pods.object), place.1);
        out.push(
            mesh.model
                .error(pods.id, "MS0447", message)
                .field(field)
                .help("define the workload in a separate namespace with `pod_security: PodSecurity::Privileged`"),
        );
    }
}

/// Returns the first feature of the node that the pods use: the field and a description.
fn of_the_node(pods: &Pods<'_>) -> Option<(String, String)> {
    for key in ["hostNetwork", "hostPID", "hostIPC"] {
        if pods.spec.get(key).and_then(Data::as_bool) == Some(true) {
            return Some((pods.field(&format!("spec.{key}")), format!("sets `{key}`")));
        }
    }
    let volumes = pods.spec.get("volumes").map(Data::items).unwrap_or_default();
    for (idx, volume) in volumes.iter().enumerate() {
        if let Some(path) = volume.at("hostPath.path") {
            let field = pods.field(&format!("spec.volumes[{idx}].hostPath"));
            return Some((field, format!("mounts `{}` of the node", path.to_text())));
        }
    }
    for (path, container) in pods.numbered() {
        if container.at("securityContext.privileged").and_then(Data::as_bool) == Some(true) {
            return Some((format!("{path}.securityContext.privileged"), "has a privileged container".to_owned()));
        }
        let ports = container.get("ports").map(Data::items).unwrap_or_default();
        if let Some(port) = ports.iter().find_map(|port| port.at("hostPort").and_then(Data::as_int)).filter(|it| *it > 0) {
            return Some((format!("{path}.ports"), format!("uses port {port} of the node")));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use crate::mesh::{DaemonSet, DaemonSetProps, HostPath, Namespace, NamespaceProps, PodSecurity};
    use crate::testing::{codes, namespace};

    fn with(pod_security: PodSecurity, props: DaemonSetProps) -> Vec<&'static str> {
        codes(|app| {
            let shop = namespace(app);
            let props_of_namespace = NamespaceProps { pod_security, ..Default::default() };
            let agents = Namespace::new(shop.cluster(), "agents", shop.cluster(), props_of_namespace);
            DaemonSet::new(&agents, "figures", "registry.example/figures:1.9.0", props);
        })
    }

    fn of_node() -> DaemonSetProps {
        DaemonSetProps { host_paths: vec![HostPath::new("sys", "/sys")], ..Default::default() }
    }

    #[test]
    fn reports_host_paths_and_host_ports_in_a_restricted_namespace() {
        assert_eq!(with(PodSecurity::Restricted, of_node()), ["MS0447"]);
        let port = DaemonSetProps { port: Some(9100), host_port: Some(9100), ..Default::default() };
        assert_eq!(with(PodSecurity::Baseline, port), ["MS0447"]);
    }

    #[test]
    fn accepts_host_paths_in_a_privileged_namespace() {
        assert_eq!(with(PodSecurity::Privileged, of_node()), [""; 0]);
        assert_eq!(with(PodSecurity::Restricted, DaemonSetProps::default()), [""; 0]);
    }
}
