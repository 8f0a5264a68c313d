//! A TLS credential is not where the gateway reads it, or contains no certificate.
//!
//! # What it reports
//!
//! The rule checks `credentialName` of Istio gateways, and `certificateRefs` of the Gateway API. It reports:
//!
//! - a secret that is defined in another namespace than that of the gateway's pods
//! - a secret that is not defined, if manifests of that namespace define other secrets. Otherwise, it is a note in
//!   manifests and not reported in namespaces with a Helm release.
//! - a secret of another namespace without a `ReferenceGrant`, for the Gateway API
//! - a `Secret` without `tls.crt` or `tls.key` in PEM format
//!
//! # Why it matters
//!
//! A gateway reads the `Secret` of `credentialName` from the namespace of its own pods. It does not read the namespace
//! of the `Gateway` object or the route. Without the secret, the listener has no TLS, and handshakes fail. A `Gateway`
//! of the Gateway API reads another namespace only if a `ReferenceGrant` allows it.
//!
//! # Fix
//!
//! Define the secret, or the `Certificate` that creates it, in the namespace of the gateway. The secret contains
//! `tls.crt` and `tls.key`, both in PEM format.
//!
//! Source: <https://istio.io/latest/docs/reference/config/analysis/ist0161/>,
//! <https://istio.io/latest/docs/tasks/traffic-management/ingress/secure-ingress/>

use std::collections::BTreeSet;

use crate::hash::FastMap;
use crate::diag::Diagnostic;
use crate::facts;
use crate::tree::NodeId;
use crate::val::{Bag, Data};
use crate::rules::index::credentials::from_base64;
use crate::rules::index::{CORE, GATEWAY_API, Item, Mesh, NETWORKING, items, named};
use crate::rules::index::pods::{Place, called};

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Diagnostic>) {
    let made = Made::of(mesh);
    for gateway in mesh.all(NETWORKING, "Gateway") {
        let selector = gateway.object.body.at("spec.selector").and_then(Data::as_map);
        let found = selector.and_then(|selector| mesh.gateways(gateway.place.0, selector));
        let found = found.filter(|found| !found.namespaces.is_empty());
        for (path, server) in items(gateway.object.body.at("spec.servers"), "spec.servers") {
            let Some(name) = server.at("tls.credentialName").and_then(Data::as_str) else { continue };
            let field = format!("{path}.tls.credentialName");
            match &found {
                Some(found) => made.judge(mesh, gateway, (name, &found.namespaces), field, out),
                None if mesh.model.is_open => made.judge_anywhere(mesh, gateway, name, field, out),
                None => {}
            }
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
                    let message = format!("{} reads a secret of namespace `{namespace}`, but that namespace has no `ReferenceGrant` for it", called(gateway.object));
                    out.push(mesh.model.error(gateway.id, "MS0806", message).field(path).help(format!(
                        "define a `ReferenceGrant` in `{namespace}` from `Gateway` of `{}` to `Secret`",
                        gateway.place.1
                    )));
                }
            }
        }
    }
}

/// Whether a namespace allows the gateway to read its secrets, or is not completely known.
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

/// The secrets that are defined or that another object creates.
struct Made<'a> {
    by_name: FastMap<Named<'a>, Vec<(&'a str, Item<'a>)>>,
    with_secrets: BTreeSet<Place<'a>>,
}

impl<'a> Made<'a> {
    fn of(mesh: &Mesh<'a>) -> Self {
        let mut made = Self { by_name: FastMap::default(), with_secrets: BTreeSet::new() };
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

    /// Checks the secret of a gateway with unknown pods, in any namespace.
    fn judge_anywhere(&self, mesh: &Mesh<'a>, gateway: &Item<'a>, name: &'a str, field: String, out: &mut Vec<Diagnostic>) {
        match self.by_name.get(&(gateway.place.0, name)).map(Vec::as_slice) {
            Some([(_, item)]) => out.extend(unfit(mesh, gateway, name, item, field)),
            Some(_) => {}
            None => {
                let message = format!("{} reads the secret `{name}`, which is not defined", called(gateway.object));
                let diagnostic = mesh.model.error(gateway.id, "MS0806", message).field(field);
                let names = self.by_name.keys().filter(|(target, _)| *target == gateway.place.0).map(|(_, name)| *name);
                let near = facts::nearest(name, names).map(|near| format!("did you mean `{near}`?"));
                out.push(mesh.unresolved(diagnostic, near));
            }
        }
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
            out.extend(unfit(mesh, gateway, name, item, field));
            return;
        }
        if let Some((other, item)) = places.first() {
            let message = format!("{} reads the secret `{name}` from namespace {wanted}, but it is defined in `{other}`", called(gateway.object));
            out.push(
                error(message)
                    .note_at(format!("{} creates the secret", called(item.object)), mesh.model.node(item.id).at)
                    .help(format!("define the secret in {wanted}, the namespace of the gateway")),
            );
            return;
        }
        // Users often create secrets manually. A missing secret is an error only if the manifests define other secrets.
        let is_told = |namespace: &&str| {
            let place = (gateway.place.0, *namespace);
            let makes_some = self.with_secrets.contains(&place);
            match mesh.model.is_open {
                true => makes_some && mesh.is_whole(place),
                false => makes_some || !mesh.has_helm(place),
            }
        };
        let message = format!("{} reads the secret `{name}` from namespace {wanted}, where it is not defined", called(gateway.object));
        let diagnostic = error(message);
        if mesh.model.is_open && may_be_created(mesh, gateway.place.0, name) {
            out.push(mesh.unresolved(diagnostic, None));
        } else if namespaces.iter().all(is_told) {
            out.push(diagnostic.help("in that namespace, define a `Certificate` or an `ExternalSecret` that creates the secret"));
        } else if mesh.model.is_open {
            out.push(mesh.unresolved(diagnostic, None));
        }
    }
}

/// Whether an object of an unknown kind names a secret, and its controller may create it.
fn may_be_created(mesh: &Mesh<'_>, target: Option<NodeId>, name: &str) -> bool {
    fn names(data: &Data, name: &str) -> bool {
        match data {
            Data::Text(text) => text.as_ref() == name,
            Data::List(items) => items.iter().any(|item| names(item, name)),
            Data::Map(bag) => bag.iter().any(|(_, value)| names(value, name)),
            _ => false,
        }
    }
    mesh.model.objects().any(|(id, _, object)| {
        mesh.model.target_of(id) == target
            && facts::kubernetes(&object.api_version, &object.kind).is_none()
            && (object.name == name || object.body.iter().any(|(_, value)| names(value, name)))
    })
}

/// Returns the problem of a `Secret` in the input: a missing certificate or key, or another format than PEM.
fn unfit<'a>(mesh: &Mesh<'a>, gateway: &Item<'a>, name: &str, item: &Item<'a>, field: String) -> Option<Diagnostic> {
    if item.object.kind != "Secret" {
        return None;
    }
    let values: FastMap<&str, Option<String>> =
        ["data", "stringData"].into_iter().flat_map(|part| written(item, part)).collect();
    let of = |names: [&'static str; 2]| names.into_iter().find(|name| values.contains_key(name));
    if values.is_empty() || of(["cacert", "ca.crt"]).is_some() {
        return None;
    }
    let is_pem = |key: &str, head: &str| values[key].as_deref().is_none_or(|text| text.contains("-----BEGIN ") && text.contains(head));
    let (message, help) = match (of(["tls.crt", "cert"]), of(["tls.key", "key"])) {
        (None, _) => ("has no `tls.crt`".to_owned(), "add `tls.crt` and `tls.key`"),
        (_, None) => ("has no `tls.key`".to_owned(), "add `tls.crt` and `tls.key`"),
        (Some(key), _) if !is_pem(key, "CERTIFICATE-----") => (format!("has no certificate in `{key}`"), "write the certificate in PEM format"),
        (_, Some(key)) if !is_pem(key, "PRIVATE KEY-----") => (format!("has no private key in `{key}`"), "write the key in PEM format"),
        _ => return None,
    };
    let message = format!("{} reads the secret `{name}`, which {message}", called(gateway.object));
    let at = mesh.model.node(item.id).at;
    Some(mesh.model.error(gateway.id, "MS0806", message).field(field).note_at("the secret is defined here", at).help(help))
}

/// Returns the decoded values of a part of a `Secret`. Unknown values are `None`.
fn written<'a>(item: &Item<'a>, part: &str) -> Vec<(&'a str, Option<String>)> {
    let values = item.object.body.get(part).and_then(Data::as_map).into_iter().flat_map(Bag::iter);
    values
        .map(|(key, value)| {
            let text = value.as_str().map(|text| match part {
                "data" => from_base64(text).unwrap_or_default(),
                _ => text.to_owned(),
            });
            (key, text)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::manifests::{noted, open, with_gateway};

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
    fn reports_a_certificate_in_another_namespace() {
        assert_eq!(open(&certificate("shop", "public")), ["MS0806"]);
        assert_eq!(open(&certificate("istio-ingress", "public")), [""; 0]);
    }

    #[test]
    fn reports_a_missing_secret_next_to_defined_secrets() {
        assert_eq!(open(&certificate("istio-ingress", "other")), ["MS0806"]);
    }

    #[test]
    fn notes_a_secret_that_a_custom_resource_may_create() {
        let with = |sealed: &str| {
            let custom = format!("apiVersion: secrets.example.com/v1\nkind: VaultCopy\nmetadata: {{ name: a, namespace: vault }}\nspec: {{ to: {sealed} }}\n---\n");
            let gateway = certificate("istio-ingress", "other");
            open(&gateway.replace(GATEWAY, &format!("{GATEWAY}{custom}")))
        };
        assert_eq!(with("public"), [""; 0]);
        assert_eq!(with("private"), ["MS0806"]);
    }

    #[test]
    fn notes_a_secret_that_may_be_created_manually() {
        let gateway = GATEWAY.trim_end().trim_end_matches("---");
        assert_eq!(noted(&with_gateway(gateway)), ["MS0806"]);
        assert_eq!(noted(gateway), ["MS0805", "MS0806"]);
    }

    #[test]
    fn reports_a_secret_without_a_certificate() {
        let secret = |data: &str| {
            with_gateway(&format!(
                "{GATEWAY}apiVersion: v1\nkind: Secret\nmetadata: {{ name: public, namespace: istio-ingress }}\nstringData: {{ {data} }}\n"
            ))
        };
        let codes = |data: &str| open(&secret(data)).into_iter().filter(|code| *code == "MS0806").count();
        assert_eq!(codes("tls.crt: '-----BEGIN CERTIFICATE-----', tls.key: '-----BEGIN PRIVATE KEY-----'"), 0);
        assert_eq!(codes("tls.crt: text, tls.key: '-----BEGIN PRIVATE KEY-----'"), 1);
        assert_eq!(codes("tls.crt: '-----BEGIN CERTIFICATE-----'"), 1);
        assert_eq!(codes("tls.cert: '-----BEGIN CERTIFICATE-----', tls.key: '-----BEGIN PRIVATE KEY-----'"), 1);
    }

    #[test]
    fn requires_a_reference_grant_for_a_secret_in_another_namespace() {
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
