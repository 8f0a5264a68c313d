//! An `AuthorizationPolicy` contains the host of a service that does not exist.
//!
//! # What it reports
//!
//! An entry of `hosts` is a short name or `<service>.<namespace>`, but no service and no `VirtualService` has this
//! host. The finding is a warning. If manifests do not contain the complete namespace, it is a note.
//!
//! # Why it matters
//!
//! `hosts` is compared with the host of the request. Callers within the mesh use these names for a service. Without
//! such a service, no request has this host, and an `ALLOW` rule allows nothing.
//!
//! # Fix
//!
//! Correct the name, or write the host that callers use.
//!
//! Source: <https://istio.io/latest/docs/reference/config/security/authorization-policy/#Operation>,
//! <https://kiali.io/docs/features/validations/#kia0104---this-host-has-no-matching-entry-in-the-service-registry>

use crate::hash::FastSet;
use crate::diag::{Diagnostic, Severity};
use crate::facts;
use crate::rules::index::pods::called;
use crate::rules::index::{Host, Item, Mesh, NETWORKING, Presence, SECURITY, items, texts};

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Diagnostic>) {
    let policies = mesh.all(SECURITY, "AuthorizationPolicy");
    if policies.is_empty() {
        return;
    }
    // Hosts of routes are valid, too.
    let routed: FastSet<String> = mesh
        .all(NETWORKING, "VirtualService")
        .iter()
        .flat_map(|service| texts(&service.object.body, "spec.hosts").map(|host| mesh.key(host, service.place.1)))
        .collect();
    for policy in policies {
        for (path, rule) in items(policy.object.body.at("spec.rules"), "spec.rules") {
            for (path, to) in items(rule.at("to"), &format!("{path}.to")) {
                for (path, host) in items(to.at("operation.hosts"), &format!("{path}.operation.hosts")) {
                    let Some(host) = host.as_str().map(|host| host.split_once(':').map_or(host, |(host, _)| host)) else {
                        continue;
                    };
                    if host != "localhost" && !routed.contains(&mesh.key(host, policy.place.1)) {
                        judge(mesh, policy, host, path, out);
                    }
                }
            }
        }
    }
}

fn judge<'a>(mesh: &Mesh<'a>, policy: &Item<'a>, host: &'a str, path: String, out: &mut Vec<Diagnostic>) {
    let Host::Service { namespace, name } = mesh.host(host, policy.place.1) else { return };
    let place = (policy.place.0, namespace);
    let is_known = match mesh.has_host(host, policy.place) {
        Presence::Here => return,
        Presence::Missing => true,
        Presence::Unknown => false,
    };
    if !is_known && !mesh.is_open_at(place) {
        return;
    }
    let message = format!("{} matches the host `{host}`, which no service or service entry defines", called(policy.object));
    let diagnostic = mesh.model.warning(policy.id, "MS0855", message).field(path);
    let beside = mesh.services_in(place).iter().map(|service| service.object.name.as_str());
    out.push(match (is_known, facts::nearest(name, beside)) {
        (true, Some(near)) => diagnostic.help(format!("did you mean `{near}`?")),
        (true, None) => diagnostic.help("use the host of the requests"),
        (false, _) => diagnostic.severity(Severity::Note).note("it may be defined outside of the given files"),
    });
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::manifests::{fields, noted, warned, with_orders};

    fn policy(hosts: &str) -> String {
        with_orders(&format!(
            "apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {{ name: orders }}\n\
             spec: {{ selector: {{ matchLabels: {{ app: orders }} }}, rules: [{{ to: [{{ operation: {{ hosts: [{hosts}] }} }}] }}] }}\n"
        ))
    }

    #[test]
    fn warns_about_a_missing_service() {
        assert_eq!(warned(&policy("order")), ["MS0855"]);
        assert_eq!(fields(&policy("orders, 'order:8080'")), ["spec.rules[0].to[0].operation.hosts[1]"]);
    }

    #[test]
    fn notes_a_service_that_may_exist_elsewhere() {
        assert_eq!(noted(&policy("web.front.svc.cluster.local")), ["MS0855"]);
    }

    #[test]
    fn accepts_services_patterns_and_external_names() {
        let hosts = "orders, 'orders:*', orders.shop, orders.shop.svc.cluster.local, '*.example.com', shop.example.com, localhost";
        assert_eq!(warned(&policy(hosts)), [""; 0]);
        assert_eq!(noted(&policy(hosts)), [""; 0]);
    }
}
