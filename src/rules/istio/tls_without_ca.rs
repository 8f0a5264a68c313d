//! A `DestinationRule` starts TLS without specifying trusted certificate authorities.
//!
//! # What it reports
//!
//! In manifests, a `DestinationRule` has `mode: SIMPLE` or `MUTUAL` without `caCertificates`, `insecureSkipVerify`, or
//! `credentialName` together with `workloadSelector`. The finding is a warning.
//!
//! # Why it matters
//!
//! The certificate of the server is verified with the certificate authorities of the proxy's operating system. Istio
//! before 1.21 did not verify it. A server with a certificate of a private authority is rejected.
//!
//! # Fix
//!
//! Set `caCertificates`, or `credentialName` together with `workloadSelector`. Also set `subjectAltNames`, so that
//! another server with a certificate of the same authority is rejected.
//!
//! Source: <https://istio.io/latest/docs/reference/config/analysis/ist0128/>,
//! <https://istio.io/latest/docs/reference/config/analysis/ist0129/>

use crate::diag::Diagnostic;
use crate::rules::index::pods::called;
use crate::rules::index::{Mesh, NETWORKING, items};
use crate::val::Data;

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Diagnostic>) {
    if mesh.is_program() {
        // In a program, the construct sets the certificate authority if the server does not use a public one.
        return;
    }
    for rule in mesh.all(NETWORKING, "DestinationRule") {
        let body = &rule.object.body;
        let is_selected = body.at("spec.workloadSelector").is_some();
        let policy = body.at("spec.trafficPolicy.tls").map(|tls| ("spec.trafficPolicy.tls".to_owned(), tls));
        let path = "spec.trafficPolicy.portLevelSettings";
        let of_ports = items(body.at(path), path).filter_map(|(path, port)| Some((format!("{path}.tls"), port.at("tls")?)));
        for (path, tls) in policy.into_iter().chain(of_ports) {
            let text = |key: &str| tls.at(key).and_then(Data::as_str);
            let is_trusting = tls.at("caCertificates").is_some()
                || tls.at("insecureSkipVerify").and_then(Data::as_bool) == Some(true)
                || text("credentialName").is_some() && is_selected;
            let Some(mode) = text("mode").filter(|mode| matches!(*mode, "SIMPLE" | "MUTUAL") && !is_trusting) else { continue };
            let message = format!("{} enables TLS ({mode}) without `caCertificates`", called(rule.object));
            out.push(
                mesh.model
                    .warning(rule.id, "MS0828", message)
                    .field(path)
                    .help("set `caCertificates` (`system` uses the authorities of the proxy image), or set `credentialName` with `workloadSelector`"),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::manifests::{fields, open};

    fn rule(spec: &str) -> String {
        format!(
            "apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {{ name: db }}\nspec: {{ host: '*.example.com', {spec} }}\n"
        )
    }

    #[test]
    fn warns_about_tls_without_a_certificate_authority() {
        let ports = "trafficPolicy: { portLevelSettings: [{ port: { number: 443 }, tls: { mode: MUTUAL, clientCertificate: a, privateKey: b } }] }";
        assert_eq!(open(&rule("trafficPolicy: { tls: { mode: SIMPLE } }")), ["MS0828"]);
        assert_eq!(open(&rule(ports)), ["MS0828"]);
        assert_eq!(fields(&rule(ports)), ["spec.trafficPolicy.portLevelSettings[0].tls"]);
    }

    #[test]
    fn accepts_a_certificate_authority_and_istio_mutual_tls() {
        assert_eq!(open(&rule("trafficPolicy: { tls: { mode: SIMPLE, caCertificates: system } }")), [""; 0]);
        assert_eq!(open(&rule("trafficPolicy: { tls: { mode: ISTIO_MUTUAL } }")), [""; 0]);
        let selected = "workloadSelector: { matchLabels: { app: a } }, trafficPolicy: { tls: { mode: SIMPLE, credentialName: db } }";
        assert!(!open(&rule(selected)).contains(&"MS0828"));
    }
}
