//! A TLS credential is not where the gateway reads it, or contains no certificate.
//!
//! A gateway reads the `Secret` of `credentialName` from the namespace of its
//! own pods, not from that of the `Gateway` object or the route. A `Certificate`
//! in another namespace makes the secret there, and the listener stays without
//! TLS: handshakes fail. A `Gateway` of the Gateway API reads another namespace
//! only where a `ReferenceGrant` allows it.
//!
//! Create the secret, or the `Certificate` that makes it, in the gateway's
//! namespace. It holds `tls.crt` and `tls.key`.
//!
//! Source: <https://istio.io/latest/docs/tasks/traffic-management/ingress/secure-ingress/>

use std::collections::{BTreeSet, HashMap};

use crate::diag::Diagnostic;
use crate::tree::NodeId;
use crate::val::{Bag, Data};
use crate::rules::index::{CORE, GATEWAY_API, Item, Mesh, NETWORKING, items, named};
use crate::rules::index::pods::{Place, called};

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Diagnostic>) {
    let made = Made::of(mesh);
    for gateway in mesh.all(NETWORKING, "Gateway") {
        let selector = gateway.object.body.at("spec.selector").and_then(Data::as_map);
        let found = selector.and_then(|selector| mesh.gateways(gateway.place.0, selector));
        let Some(found) = found.filter(|found| !found.namespaces.is_empty()) else { continue };
        for (path, server) in items(gateway.object.body.at("spec.servers"), "spec.servers") {
            let Some(name) = server.at("tls.credentialName").and_then(Data::as_str) else { continue };
            let field = format!("{path}.tls.credentialName");
            made.judge(mesh, gateway, (name, &found.namespaces), field, out);
        }
    }
    for gateway in mesh.all(GATEWAY_API, "Gateway") {
        for (path, listener) in items(gateway.object.body.at("spec.listeners"), "spec.listeners") {
            for (path, reference) in items(listener.at("tls.certificateRefs"), &format!("{path}.tls.certificateRefs")) {
                let text = |key: &str| reference.at(key).and_then(Data::as_str);
                let Some(name) = text("name").filter(|_| text("kind").is_none_or(|kind| kind == "Secret")) else {
                    continue;
                };
                let namespace = text("namespace").unwrap_or(gateway.place.1);
                made.judge(mesh, gateway, (name, &BTreeSet::from([namespace])), format!("{path}.name"), out);
                if namespace != gateway.place.1 && !granted(mesh, gateway, namespace) {
                    let message = format!("{} reads a secret of namespace `{namespace}`, which has no `ReferenceGrant` for it", called(gateway.object));
                    out.push(mesh.model.error(gateway.id, "MS0806", message).field(path).help(format!(
                        "define a `ReferenceGrant` in `{namespace}` from `Gateway` of `{}` to `Secret`",
                        gateway.place.1
                    )));
                }
            }
        }
    }
}

/// Whether a namespace lets the gateway read its secrets, as far as it is known.
fn granted<'a>(mesh: &Mesh<'a>, gateway: &Item<'a>, namespace: &'a str) -> bool {
    let is_from = |from: &Data| {
        let text = |key: &str| from.at(key).and_then(Data::as_str);
        text("kind") == Some("Gateway") && text("namespace") == Some(gateway.place.1)
    };
    let grants = |grant: &Item<'_>| {
        (grant.place.0, grant.place.1) == (gateway.place.0, namespace)
            && grant.object.body.at("spec.from").map(Data::items).unwrap_or_default().iter().any(is_from)
    };
    !mesh.is_whole((gateway.place.0, namespace)) || mesh.all(GATEWAY_API, "ReferenceGrant").iter().any(grants)
}

/// The name of a secret in a cluster.
type Named<'a> = (Option<NodeId>, &'a str);

/// The secrets that are there or that something makes.
struct Made<'a> {
    by_name: HashMap<Named<'a>, Vec<(&'a str, Item<'a>)>>,
    with_secrets: BTreeSet<Place<'a>>,
}

impl<'a> Made<'a> {
    fn of(mesh: &Mesh<'a>) -> Self {
        let mut made = Self { by_name: HashMap::new(), with_secrets: BTreeSet::new() };
        let makers = [
            (CORE, "Secret", ""),
            ("cert-manager.io", "Certificate", "spec.secretName"),
            ("external-secrets.io", "ExternalSecret", "spec.target.name"),
            ("bitnami.com", "SealedSecret", "spec.template.metadata.name"),
        ];
        for (group, kind, path) in makers {
            for item in mesh.all(group, kind) {
                let name = item.object.body.at(path).and_then(Data::as_str).unwrap_or(&item.object.name);
                made.by_name.entry((item.place.0, name)).or_default().push((item.place.1, *item));
                made.with_secrets.insert(item.place);
            }
        }
        made
    }

    fn judge(
        &self,
        mesh: &Mesh<'a>,
        gateway: &Item<'a>,
        (name, namespaces): (&'a str, &BTreeSet<&'a str>),
        field: String,
        out: &mut Vec<Diagnostic>,
    ) {
        let places = self.by_name.get(&(gateway.place.0, name)).map(Vec::as_slice).unwrap_or_default();
        let error = |message: String| mesh.model.error(gateway.id, "MS0806", message).field(field.clone());
        let wanted = named(namespaces.iter().copied());
        if let Some((_, item)) = places.iter().find(|(place, _)| namespaces.contains(place)) {
            if let Some(lacks) = lacks(item) {
                let message = format!("{} reads secret `{name}`, which has no `{lacks}`", called(gateway.object));
                out.push(
                    error(message)
                        .note_at("the secret is defined here", mesh.model.node(item.id).at)
                        .help("add `tls.crt` and `tls.key`"),
                );
            }
            return;
        }
        if let Some((other, item)) = places.first() {
            let message = format!("{} reads secret `{name}` of namespace {wanted}, and it is defined in `{other}`", called(gateway.object));
            out.push(
                error(message)
                    .note_at(format!("{} makes it", called(item.object)), mesh.model.node(item.id).at)
                    .help(format!("define it in namespace {wanted}, where the gateway runs")),
            );
            return;
        }
        // Secrets are often made by hand: only where manifests make some is a missing one a mistake.
        let is_told = |namespace: &&str| {
            let place = (gateway.place.0, *namespace);
            let makes_some = self.with_secrets.contains(&place);
            match mesh.model.is_open {
                true => makes_some && mesh.is_whole(place),
                false => makes_some || !mesh.has_helm(place),
            }
        };
        if namespaces.iter().all(is_told) {
            let message = format!("{} reads secret `{name}` of namespace {wanted}, which is not defined", called(gateway.object));
            out.push(error(message).help("define a `Certificate` or an `ExternalSecret` for it, in that namespace"));
        }
    }
}

/// What a `Secret` that is written out lacks to be a certificate.
fn lacks(item: &Item<'_>) -> Option<&'static str> {
    if item.object.kind != "Secret" {
        return None;
    }
    let keys: Vec<&str> = ["data", "stringData"]
        .into_iter()
        .filter_map(|field| item.object.body.get(field)?.as_map())
        .flat_map(Bag::iter)
        .map(|(key, _)| key)
        .collect();
    let has = |names: [&str; 2]| names.iter().any(|name| keys.contains(name));
    match () {
        () if keys.is_empty() || has(["cacert", "ca.crt"]) => None,
        () if !has(["tls.crt", "cert"]) => Some("tls.crt"),
        () if !has(["tls.key", "key"]) => Some("tls.key"),
        () => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::manifests::{open, with_gateway};

    const GATEWAY: &str = "
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: public, namespace: shop }
spec:
  selector: { istio: ingress }
  servers: [{ port: { number: 443, name: https, protocol: HTTPS }, hosts: ['*'], tls: { mode: SIMPLE, credentialName: public } }]
---
";

    fn certificate(namespace: &str, name: &str) -> String {
        with_gateway(&format!(
            "{GATEWAY}apiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata: {{ name: public, namespace: {namespace} }}\n\
             spec: {{ secretName: {name}, dnsNames: [shop.example.com], issuerRef: {{ name: public }} }}\n"
        ))
    }

    #[test]
    fn a_certificate_in_another_namespace_is_an_error() {
        assert_eq!(open(&certificate("shop", "public")), ["MS0806"]);
        assert_eq!(open(&certificate("istio-ingress", "public")), [""; 0]);
    }

    #[test]
    fn a_secret_that_nothing_makes_among_those_that_are_made_is_an_error() {
        assert_eq!(open(&certificate("istio-ingress", "other")), ["MS0806"]);
        assert_eq!(open(&with_gateway(GATEWAY.trim_end().trim_end_matches("---"))), [""; 0]);
    }

    #[test]
    fn a_gateway_api_gateway_needs_a_grant_for_another_namespace() {
        let gateway = |namespace: &str| {
            with_gateway(&format!(
                "apiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: {{ name: public, namespace: {namespace} }}\n\
                 spec: {{ gatewayClassName: istio, listeners: [{{ name: https, port: 443, protocol: HTTPS, \
                 tls: {{ certificateRefs: [{{ name: public, namespace: shop }}] }} }}] }}\n\
                 ---\napiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata: {{ name: public }}\n\
                 spec: {{ secretName: public, dnsNames: [shop.example.com], issuerRef: {{ name: public }} }}\n"
            ))
        };
        assert_eq!(open(&gateway("shop")), [""; 0]);
        assert_eq!(open(&gateway("istio-ingress")), ["MS0806"]);
    }
}
