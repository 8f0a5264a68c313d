//! A container runs as user 1337, which is reserved for the Istio proxy.
//!
//! # What it reports
//!
//! A container or a pod of the mesh sets `runAsUser: 1337`. The container `istio-proxy`, programs of Istio, gateways,
//! and pods outside the mesh are not reported. Istio's own analyzer reports this mistake as IST0144.
//!
//! # Why it matters
//!
//! Istio does not redirect traffic of user 1337, because the traffic of the proxy itself must not loop. A workload with
//! this user silently bypasses the mesh: it has no mutual TLS, policies or routes.
//!
//! # Fix
//!
//! Choose another user. `mesh::Workload` runs as user 10001.
//!
//! Source: <https://istio.io/latest/docs/reference/config/analysis/ist0144/>

use crate::diag::Diagnostic;
use crate::rules::index::pods::{Pods, called};
use crate::rules::index::{Mesh, is_gateway};
use crate::val::{Bag, Data};

const PROXY: i64 = 1337;

/// The image names of Istio's own programs, without registry and tag.
const IMAGES: [&str; 5] = ["install-cni", "operator", "pilot", "proxyv2", "ztunnel"];

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Diagnostic>) {
    let model = mesh.model;
    for pods in mesh.pods.all() {
        // The user is reserved only in pods with a proxy. Istio's own programs use this user by design.
        if mesh.in_mesh(pods) == Some(false) || is_of_istio(pods) {
            continue;
        }
        let is_proxy = |data: Option<&Data>| data.and_then(Data::as_int) == Some(PROXY);
        let of_pods = is_proxy(pods.spec.at("securityContext.runAsUser"));
        let of_container = |(path, container): (String, &Bag)| {
            let name = container.get("name").filter(|name| name.as_str() != Some("istio-proxy"))?.to_text();
            let is_its_user = is_proxy(container.at("securityContext.runAsUser"));
            is_its_user.then(|| (format!("container `{name}` of {}", called(pods.object)), path))
        };
        let mut found: Vec<(String, String)> = pods.numbered().filter_map(of_container).collect();
        found.extend(of_pods.then(|| (called(pods.object), pods.field("spec"))));
        for (what, path) in found {
            let message = format!("{what} runs as user {PROXY}, which Istio reserves for its proxy");
            out.push(
                model
                    .error(pods.id, "MS0409", message)
                    .field(format!("{path}.securityContext.runAsUser"))
                    .help("set `runAsUser` to another number, such as 10001"),
            );
        }
    }
}

/// Whether pods belong to Istio: control plane, node agents or gateways.
fn is_of_istio(pods: &Pods<'_>) -> bool {
    let is_proxy = |container: &Bag| {
        let image = container.get("image").and_then(Data::as_str).unwrap_or_default();
        let name = image.rsplit('/').next().unwrap_or_default().split([':', '@']).next().unwrap_or_default();
        image == "auto" || image.contains("istio") && IMAGES.contains(&name) || name == "proxyv2"
    };
    let label = |key: &str| pods.labels.and_then(|labels| labels.get(key)).and_then(Data::as_str);
    is_gateway(pods)
        || label("app") == Some("istiod")
        || label("istio").is_some()
        || label("operator.istio.io/component").is_some()
        || pods.containers().any(is_proxy)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::rules::testing::pods::{codes_of, orders};

    /// Returns pods with a proxy.
    fn meshed(spec: Value) -> Value {
        let mut pods = orders(spec);
        pods["spec"]["template"]["metadata"]["labels"]["sidecar.istio.io/inject"] = json!("true");
        pods
    }

    #[test]
    fn reports_a_container_with_the_user_id_of_the_proxy() {
        assert_eq!(codes_of([meshed(json!({ "securityContext": { "runAsUser": 1337 } }))]), ["MS0409"]);
        let container = json!({ "name": "a", "image": "a:1", "securityContext": { "runAsUser": 1337 } });
        assert_eq!(codes_of([meshed(json!({ "containers": [container] }))]), ["MS0409"]);
    }

    #[test]
    fn accepts_istios_own_programs_and_pods_outside_the_mesh() {
        let user = json!({ "runAsUser": 1337 });
        let pilot = json!({ "name": "discovery", "image": "docker.io/istio/pilot:1.28.0", "securityContext": user });
        assert_eq!(codes_of([meshed(json!({ "containers": [pilot] }))]), [""; 0]);
        let gateway = json!({ "name": "istio-proxy", "image": "auto" });
        assert_eq!(codes_of([meshed(json!({ "containers": [gateway], "securityContext": user }))]), [""; 0]);
        assert_eq!(codes_of([orders(json!({ "securityContext": user, "hostNetwork": true }))]), [""; 0]);
    }

    #[test]
    fn accepts_another_user() {
        assert_eq!(codes_of([orders(json!({ "securityContext": { "runAsUser": 10001 } }))]), [""; 0]);
    }
}
