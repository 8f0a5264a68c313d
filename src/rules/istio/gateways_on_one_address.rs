//! Two `Gateway` objects of the Gateway API request the same address.
//!
//! # What it reports
//!
//! Two gateways of one cluster have the same entry in `spec.addresses`. For the type `Hostname`, they are reported only
//! if they are in one namespace and have a listener with the same port and host name. The finding is a warning.
//!
//! # Why it matters
//!
//! istiod creates a separate load balancer for each `Gateway`, which requests the addresses of type `IPAddress`. Only
//! one of them gets the address, and the other one waits. With the type `Hostname`, Istio uses an existing Service. Two
//! gateways may share it, but not a listener with the same host and port.
//!
//! # Fix
//!
//! Put the listeners into one `Gateway`, or use a separate address for each gateway.
//!
//! Source: <https://istio.io/latest/docs/tasks/traffic-management/ingress/gateway-api/#deployment-methods>,
//! <https://kiali.io/docs/features/validations/#kia1502---more-than-one-k8s-gateway-for-the-address-and-type-combination>

use crate::hash::FastMap;
use crate::diag::Diagnostic;
use crate::rules::index::pods::called;
use crate::rules::index::{GATEWAY_API, Item, Mesh, items};
use crate::val::Data;

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Diagnostic>) {
    let mut by_address: FastMap<_, Vec<&Item<'_>>> = FastMap::default();
    let mut asked = Vec::new();
    for gateway in mesh.all(GATEWAY_API, "Gateway") {
        for (path, address) in items(gateway.object.body.at("spec.addresses"), "spec.addresses") {
            let text = |key: &str| address.at(key).and_then(Data::as_str);
            let (kind, Some(value)) = (text("type").unwrap_or("IPAddress"), text("value")) else { continue };
            // A short name refers to a service of the namespace.
            let namespace = if kind == "Hostname" { gateway.place.1 } else { "" };
            let key = (gateway.place.0, namespace, kind, value);
            by_address.entry(key).or_default().push(gateway);
            asked.push((gateway, path, key));
        }
    }
    for (gateway, path, key) in asked {
        let (_, _, kind, value) = key;
        let is_other = |other: &&&Item<'_>| !other.is_same(gateway) && (kind != "Hostname" || share_listener(gateway, other));
        let Some(other) = by_address[&key].iter().find(is_other) else { continue };
        let message = format!("{} requests the address `{value}`, which {} also requests", called(gateway.object), called(other.object));
        out.push(
            mesh.model
                .warning(gateway.id, "MS0864", message)
                .field(path)
                .note_at("the other object is defined here", mesh.model.node(other.id).at)
                .help("define the listeners in one `Gateway`, or use a different address for each `Gateway`"),
        );
    }
}

/// Whether both gateways have a listener with the same host name and port.
fn share_listener(one: &Item<'_>, other: &Item<'_>) -> bool {
    let listeners = |item: &Item<'_>| -> Vec<(Option<Data>, Option<Data>)> {
        let all = items(item.object.body.at("spec.listeners"), "");
        all.map(|(_, it)| (it.at("port").cloned(), it.at("hostname").cloned())).collect()
    };
    let others = listeners(other);
    listeners(one).iter().any(|listener| others.contains(listener))
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::manifests::{fields, warned};

    fn gateway(name: &str, host: &str, address: &str) -> String {
        format!(
            "---\napiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: {{ name: {name} }}\n\
             spec: {{ gatewayClassName: istio, listeners: [{{ name: http, port: 80, protocol: HTTP, hostname: {host} }}], addresses: [{address}] }}\n"
        )
    }

    fn two(one: &str, other: &str) -> String {
        gateway("a", "a.example.com", one) + &gateway("b", "b.example.com", other)
    }

    const IP: &str = "{ type: IPAddress, value: 10.0.0.1 }";
    const NAME: &str = "{ type: Hostname, value: ingress }";

    #[test]
    fn warns_at_both_gateways_about_the_same_address() {
        assert_eq!(warned(&two(IP, "{ value: 10.0.0.1 }")), ["MS0864", "MS0864"]);
        assert_eq!(fields(&two(IP, IP)), ["spec.addresses[0]", "spec.addresses[0]"]);
        let same_host = gateway("a", "a.example.com", NAME) + &gateway("b", "a.example.com", NAME);
        assert_eq!(warned(&same_host), ["MS0864", "MS0864"]);
    }

    #[test]
    fn accepts_different_addresses_and_a_shared_service() {
        assert_eq!(warned(&two(IP, "{ value: 10.0.0.2 }")), [""; 0]);
        assert_eq!(warned(&two(NAME, NAME)), [""; 0]);
    }
}
