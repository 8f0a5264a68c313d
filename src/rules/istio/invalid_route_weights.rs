//! The weights of a route do not add up to 100.
//!
//! # What it reports
//!
//! The rule checks routes of a `VirtualService`. If all weights of several destinations are zero, the finding is an
//! error. If the sum is not 100, or a single destination has a weight other than 0 and 100, it is a warning.
//!
//! # Why it matters
//!
//! Istio rejects a route with several destinations whose weights are all zero. It treats other sums as relative shares:
//! 70 and 40 become 64 % and 36 %. A destination without a weight next to other destinations gets no requests. A single
//! destination gets all requests, whatever its weight.
//!
//! # Fix
//!
//! Let the weights of each route add up to 100.
//!
//! Source: <https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPRouteDestination>

use crate::diag::Diagnostic;
use crate::val::Data;
use crate::rules::index::{Item, Mesh, NETWORKING, items};
use crate::rules::index::pods::called;

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Diagnostic>) {
    for service in mesh.all(NETWORKING, "VirtualService") {
        for protocol in ["http", "tls", "tcp"] {
            for (path, rule) in items(service.object.body.at(&format!("spec.{protocol}")), &format!("spec.{protocol}")) {
                let route = rule.at("route").map(Data::items).unwrap_or_default();
                let weights: Vec<Option<&Data>> = route.iter().map(|to| to.at("weight")).collect();
                let is_known = weights.iter().flatten().all(|weight| weight.as_int().is_some());
                if let ([Some(weight)], true) = (weights.as_slice(), is_known) {
                    out.extend(alone(mesh, service, weight, &path));
                }
                if weights.len() < 2 || !is_known {
                    continue;
                }
                let numbers: Vec<i64> = weights.iter().map(|it| it.and_then(Data::as_int).unwrap_or(0)).collect();
                let sum: i64 = numbers.iter().sum();
                let path = format!("{path}.route");
                let name = called(service.object);
                if sum == 0 {
                    let message = format!("all weights of a route of {name} are 0, which Istio rejects");
                    out.push(mesh.model.error(service.id, "MS0811", message).field(path).help("change the weights so that they add up to 100"));
                } else if sum != 100 {
                    let shares: Vec<_> =
                        numbers.iter().map(|weight| format!("{} %", (weight * 100 + sum / 2) / sum)).collect();
                    let message = format!("the weights of a route of {name} add up to {sum} instead of 100");
                    out.push(
                        mesh.model
                            .warning(service.id, "MS0811", message)
                            .field(path)
                            .note(format!("the resulting shares are {}", shares.join(", ")))
                            .help("change the weights so that they add up to 100"),
                    );
                }
            }
        }
    }
}

/// Reports a single destination with a weight other than 0 and 100.
fn alone(mesh: &Mesh<'_>, service: &Item<'_>, weight: &Data, path: &str) -> Option<Diagnostic> {
    let weight = weight.as_int().filter(|weight| !matches!(weight, 0 | 100))?;
    let message = format!("the only destination of a route of {} has the weight {weight}, but receives all requests", called(service.object));
    Some(
        mesh.model
            .warning(service.id, "MS0811", message)
            .field(format!("{path}.route[0].weight"))
            .help("remove the weight, or add the other destinations"),
    )
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::manifests::open;

    fn route(first: &str, second: &str) -> String {
        format!(
            "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {{ name: orders }}\n\
             spec: {{ hosts: [orders], http: [{{ route: [{{ destination: {{ host: a }}{first} }}, {{ destination: {{ host: b }}{second} }}] }}] }}\n"
        )
    }

    #[test]
    fn reports_weights_that_do_not_add_up_to_100() {
        assert_eq!(open(&route(", weight: 70", ", weight: 40")), ["MS0811"]);
        assert_eq!(open(&route(", weight: 90", "")), ["MS0811"]);
        assert_eq!(open(&route("", "")), ["MS0811"]);
    }

    #[test]
    fn accepts_weights_of_100() {
        assert_eq!(open(&route(", weight: 70", ", weight: 30")), [""; 0]);
        assert_eq!(open(&route(", weight: 100", "")), [""; 0]);
    }
}
