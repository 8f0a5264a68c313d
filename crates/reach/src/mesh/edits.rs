//! Edits of mesh policies, and new policies.

use meshsynth_access::kubernetes::Labels;
use serde_json::{Value, json};

use super::peers::Said;
use super::request::Request;
use crate::edit::Edit;
use crate::world::{Object, Workload};

/// Allows clients without a certificate to call one port of a workload.
pub fn permit(said: &Said, object: &Object, workload: &Workload, port: u16) -> Option<Edit> {
    match said.by.as_ref().filter(|_| said.is_own) {
        Some((what, _, at)) => {
            Some(Edit::set(what, format!("spec.portLevelMtls.{port}.mode"), at, "PERMISSIVE".into()))
        }
        // A port-level policy requires a selector.
        None if workload.labels.is_empty() => None,
        None => {
            let spec = json!({
                "selector": selector(&workload.labels),
                "mtls": { "mode": "STRICT" },
                "portLevelMtls": { port.to_string(): { "mode": "PERMISSIVE" } },
            });
            Some(Edit::define(object.title(), &object.at, policy("PeerAuthentication", workload, spec)))
        }
    }
}

/// Returns a rule that allows a request.
pub fn rule(request: &Request) -> Value {
    let to = json!([{ "operation": { "ports": [request.port.to_string()] } }]);
    match &request.principal {
        Some(principal) => json!({ "from": [{ "source": { "principals": [principal] } }], "to": to }),
        None => json!({ "to": to }),
    }
}

/// Returns a policy that denies a request to a workload.
pub fn deny(request: &Request, object: &Object, workload: &Workload) -> Option<Edit> {
    if workload.labels.is_empty() {
        return None;
    }
    let source = match &request.principal {
        Some(principal) => json!({ "principals": [principal] }),
        None => json!({ "notPrincipals": ["*"] }),
    };
    let to = json!([{ "operation": { "ports": [request.port.to_string()] } }]);
    let spec = json!({
        "selector": selector(&workload.labels),
        "action": "DENY",
        "rules": [{ "from": [{ "source": source }], "to": to }],
    });
    Some(Edit::define(object.title(), &object.at, policy("AuthorizationPolicy", workload, spec)))
}

fn selector(labels: &Labels) -> Value {
    json!({ "matchLabels": labels })
}

fn policy(kind: &str, workload: &Workload, spec: Value) -> Value {
    json!({
        "apiVersion": "security.istio.io/v1",
        "kind": kind,
        "metadata": { "name": format!("{}-{}", workload.name, kind.to_lowercase()), "namespace": workload.namespace },
        "spec": spec,
    })
}
