//! A container requests more of a resource than its limit allows.
//!
//! # What it reports
//!
//! The request for a resource is greater than the limit for the same resource. Amounts that are not valid quantities
//! are not compared.
//!
//! # Why it matters
//!
//! The API server rejects the pod template. A request is the guaranteed amount, and a limit is the maximum.
//!
//! # Fix
//!
//! Increase the limit or decrease the request. Check the units: `1` of memory is one byte, and `500m` of memory is half
//! a byte.
//!
//! Source: <https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/>

use crate::diag::Diagnostic;
use crate::rules::index::pods::{self, called};
use crate::rules::index::quantity::quantity;
use crate::synth::{Link, Model};
use crate::val::Data;

pub(super) fn check(model: &Model, _: &Link, out: &mut Vec<Diagnostic>) {
    for pods in pods::all(model) {
        for (path, container) in pods.numbered() {
            let of = |what: &str| container.get("resources").and_then(|it| it.at(what)).and_then(Data::as_map);
            let (Some(requests), Some(limits)) = (of("requests"), of("limits")) else { continue };
            for (resource, request) in requests.iter() {
                let Some(limit) = limits.get(resource) else { continue };
                let (Some(wanted), Some(most)) = (quantity(&request.to_text()), quantity(&limit.to_text())) else { continue };
                if wanted <= most {
                    continue;
                }
                let name = container.get("name").map(Data::to_text).unwrap_or_default();
                let message = format!(
                    "container `{name}` of {} requests `{}` {resource}, more than its limit of `{}`",
                    called(pods.object),
                    request.to_text(),
                    limit.to_text()
                );
                out.push(
                    model
                        .error(pods.id, "MS0421", message)
                        .field(format!("{path}.resources.limits.{resource}"))
                        .help("raise the limit to the request or higher, or reduce the request"),
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::rules::testing::pods::{codes_of, orders};

    fn with(requests: Value, limits: Value) -> Value {
        let resources = json!({ "requests": requests, "limits": limits });
        orders(json!({ "containers": [{ "name": "a", "image": "a:1.0", "resources": resources }] }))
    }

    #[test]
    fn reports_a_request_above_the_limit() {
        assert_eq!(codes_of([with(json!({ "memory": "1Gi" }), json!({ "memory": "1G" }))]), ["MS0421"]);
        assert_eq!(codes_of([with(json!({ "cpu": 1 }), json!({ "cpu": "500m" }))]), ["MS0421"]);
    }

    #[test]
    fn accepts_a_request_up_to_the_limit() {
        assert_eq!(codes_of([with(json!({ "memory": "128Mi", "cpu": "250m" }), json!({ "memory": "0.125Gi", "cpu": 0.25 }))]), [""; 0]);
    }
}
