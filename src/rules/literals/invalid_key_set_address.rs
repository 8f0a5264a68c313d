//! A `RequestAuthentication` reads the keys of an issuer from an address that does not use HTTPS.
//!
//! # What it reports
//!
//! `jwksUri` is not an `https://` URL. Plain `http://` is allowed for addresses in the cluster: names without a dot,
//! names that end with `.svc` or `.svc.cluster.local`, and loopback addresses.
//!
//! # Why it matters
//!
//! An attacker who can change the key set in transit can sign tokens that the mesh accepts. If the address is not a
//! URL, Istio cannot read the keys and rejects every token.
//!
//! # Fix
//!
//! Use the `https://` address that the issuer publishes as `jwks_uri`. The mesh encrypts connections to addresses in
//! the cluster.
//!
//! Source: <https://istio.io/latest/docs/reference/config/security/jwt/>

use crate::diag::Diagnostic;
use crate::rules::index::literals::texts_at;
use crate::synth::{Link, Model};

pub(super) fn check(model: &Model, _: &Link, out: &mut Vec<Diagnostic>) {
    for (id, object) in model.of_kind("RequestAuthentication") {
        for path in ["spec.jwtRules.jwksUri", "spec.jwtRules.jwks_uri"] {
            for uri in texts_at(&object.body, path).into_iter().filter(|uri| !is_safe(uri)) {
                let message = format!("the key set of an issuer has the URL `{uri}`, which does not use HTTPS");
                out.push(
                    model.error(id, "MS0138", message).help("use the HTTPS URL that the issuer publishes as `jwks_uri`"),
                );
            }
        }
    }
}

/// Whether an address uses HTTPS, uses HTTP in the cluster, or is known only at deployment.
fn is_safe(uri: &str) -> bool {
    let host = |rest: &str| rest.split(['/', ':']).next().unwrap_or_default().to_owned();
    match uri.split_once("://") {
        Some(("https", rest)) => !host(rest).is_empty(),
        Some(("http", rest)) => {
            let host = host(rest);
            !host.contains('.') || host.ends_with(".svc") || host.ends_with(".svc.cluster.local") || host.starts_with("127.")
        }
        _ => uri.starts_with("${"),
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::manifests::open;

    fn reading(uri: &str) -> Vec<&'static str> {
        open(&format!(
            "apiVersion: security.istio.io/v1\nkind: RequestAuthentication\nmetadata: {{ name: a }}\nspec:\n  jwtRules:\n    \
             - {{ issuer: 'https://issuer.example', jwksUri: '{uri}' }}\n"
        ))
    }

    #[test]
    fn reports_a_url_without_https() {
        assert!(reading("http://issuer.example/keys").contains(&"MS0138"));
        assert!(reading("issuer.example/keys").contains(&"MS0138"));
    }

    #[test]
    fn accepts_https_urls_and_urls_of_cluster_services() {
        assert!(!reading("https://issuer.example/keys").contains(&"MS0138"));
        assert!(!reading("http://issuer.shop.svc.cluster.local/keys").contains(&"MS0138"));
    }
}
