//! Backends of Ingresses.
//!
//! Source: <https://kubernetes.io/docs/reference/kubernetes-api/service-resources/ingress-v1/>.

use serde_json::Value;

use crate::world::Object;

/// Returns the field of an Ingress that refers to a Service port.
pub fn leads(spec: &Value, service: &Object, entry: &Value) -> Option<String> {
    let is_backend = |backend: &Value| {
        let port = &backend["service"]["port"];
        let old = &backend["servicePort"];
        let is_port = |it: &Value| it.is_null() || *it == entry["port"] || *it == entry["name"];
        let is_new = backend["service"]["name"] == service.name.as_str()
            && (port["number"] == entry["port"] || (!port["name"].is_null() && port["name"] == entry["name"]));
        is_new || (backend["serviceName"] == service.name.as_str() && is_port(old))
    };
    let default = if spec["defaultBackend"].is_null() { "backend" } else { "defaultBackend" };
    if is_backend(&spec[default]) {
        return Some(format!("spec.{default}"));
    }
    for (at, rule) in spec["rules"].as_array().into_iter().flatten().enumerate() {
        for (path, it) in rule["http"]["paths"].as_array().into_iter().flatten().enumerate() {
            if is_backend(&it["backend"]) {
                return Some(format!("spec.rules[{at}].http.paths[{path}]"));
            }
        }
    }
    None
}
