//! A webhook of an external control plane has no address, or an IP address instead of a host name.
//!
//! # What it reports
//!
//! A webhook of Istio without a `service` has no `url`: a warning. A `url` with an IP address is a note.
//!
//! # Why it matters
//!
//! If the control plane is in another cluster, the webhooks of Istio call a URL. With an empty URL, every injection
//! fails. An IP address needs a certificate for that address, and stops working when the address of the gateway
//! changes.
//!
//! # Fix
//!
//! Write the host name of the gateway of the control plane: `https://istiod.example.com:15017/inject`.
//!
//! Source: <https://istio.io/latest/docs/reference/config/analysis/ist0163/>,
//! <https://istio.io/latest/docs/reference/config/analysis/ist0164/>

use std::net::IpAddr;

use crate::diag::{Diagnostic, Severity};
use crate::rules::index::pods::called;
use crate::rules::index::{ADMISSION, Mesh, items};
use crate::val::Data;

/// The webhook configurations of Istio, and the prefixes of their names.
const WEBHOOKS: [(&str, [&str; 2]); 2] = [
    ("MutatingWebhookConfiguration", ["istio-sidecar-injector", "istio-revision-tag"]),
    ("ValidatingWebhookConfiguration", ["istio-validator", "istiod-default-validator"]),
];

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Diagnostic>) {
    for (kind, names) in WEBHOOKS {
        for item in mesh.all(ADMISSION, kind).iter().filter(|item| names.iter().any(|name| item.object.name.starts_with(name))) {
            for (path, hook) in items(item.object.body.at("webhooks"), "webhooks") {
                let Some(client) = hook.at("clientConfig").filter(|client| client.at("service").is_none()) else { continue };
                let url = client.at("url").and_then(Data::as_str).unwrap_or_default();
                let host = host(url);
                let (problem, severity) = match host {
                    "" => ("no control plane address", Severity::Warning),
                    host if host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok() => {
                        ("an IP address instead of a host name", Severity::Note)
                    }
                    _ => continue,
                };
                let message = format!("a webhook of {} has {problem}", called(item.object));
                out.push(
                    mesh.model
                        .warning(item.id, "MS0846", message)
                        .severity(severity)
                        .field(format!("{path}.clientConfig.url"))
                        .help("use the host name of the gateway for the control plane, such as `https://istiod.example.com:15017/inject`"),
                );
            }
        }
    }
}

/// Returns the host of a URL, without its port.
fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split('/').next().unwrap_or_default();
    match authority.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, _)) => address,
        None => authority.rsplit_once(':').map_or(authority, |(host, _)| host),
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::manifests::{noted, warned};

    fn webhook(client: &str) -> String {
        format!(
            "apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingWebhookConfiguration\nmetadata: {{ name: istio-validator-external }}\n\
             webhooks: [{{ name: rev.validation.istio.io, sideEffects: None, admissionReviewVersions: [v1], clientConfig: {{ {client} }} }}]\n"
        )
    }

    #[test]
    fn warns_about_a_webhook_without_an_address() {
        assert_eq!(warned(&webhook("")), ["MS0846"]);
    }

    #[test]
    fn notes_an_ip_address_in_the_url() {
        assert_eq!(noted(&webhook("url: 'https://10.0.0.1:15017/validate'")), ["MS0846"]);
        assert_eq!(noted(&webhook("url: 'https://[2001:db8::1]:15017/validate'")), ["MS0846"]);
    }

    #[test]
    fn accepts_a_host_name_and_a_service() {
        assert_eq!(warned(&webhook("url: 'https://istiod.example.com:15017/validate'")), [""; 0]);
        assert_eq!(warned(&webhook("service: { name: istiod, namespace: istio-system }")), [""; 0]);
    }
}
