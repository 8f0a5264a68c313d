//! A container runs as user 1337, which is reserved for Istio's proxy.
//!
//! Istio lets the traffic of user 1337 pass by the proxy, so that the proxy's
//! own traffic does not go round in a circle. A workload under that user is
//! outside of the mesh without a word: no mutual TLS, no policies, no routes.
//! Istio's own analyzer calls this IST0144.
//!
//! Choose another user. `mesh::Workload` runs as 10001.
//!
//! Source: <https://istio.io/latest/docs/reference/config/analysis/ist0144/>

use crate::diag::Diagnostic;
use crate::synth::{Link, Model};
use crate::val::Data;
use crate::rules::index::pods::{self, called};

const PROXY: i64 = 1337;

pub(super) fn check(model: &Model, _: &Link, out: &mut Vec<Diagnostic>) {
    for pods in pods::all(model) {
        let is_proxy = |data: Option<&Data>| data.and_then(Data::as_int) == Some(PROXY);
        let of_pods = is_proxy(pods.spec.at("securityContext.runAsUser"));
        let of_container = |name: &Data| format!("container `{}` of {}", name.to_text(), called(pods.object));
        let mut found: Vec<String> = pods
            .containers()
            .filter(|container| is_proxy(container.at("securityContext.runAsUser")))
            .filter_map(|container| container.get("name"))
            .filter(|name| name.as_str() != Some("istio-proxy"))
            .map(of_container)
            .collect();
        found.extend(of_pods.then(|| called(pods.object)));
        for what in found {
            out.push(
                model
                    .error(pods.id, "MS0409", format!("{what} runs as user {PROXY}, which is reserved for Istio's proxy"))
                    .help("set `runAsUser` to another number, such as 10001"),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::rules::testing::pods::{codes_of, orders};

    #[test]
    fn the_user_of_the_proxy_is_an_error() {
        assert_eq!(codes_of([orders(json!({ "securityContext": { "runAsUser": 1337 } }))]), ["MS0409"]);
        let container = json!({ "name": "a", "image": "a:1", "securityContext": { "runAsUser": 1337 } });
        assert_eq!(codes_of([orders(json!({ "containers": [container] }))]), ["MS0409"]);
    }

    #[test]
    fn another_user_is_fine() {
        assert_eq!(codes_of([orders(json!({ "securityContext": { "runAsUser": 10001 } }))]), [""; 0]);
    }
}
