//! A remote secret uses an authentication method that istiod rejects.
//!
//! # What it reports
//!
//! A kubeconfig in a `Secret` with the label `istio/multiCluster: "true"` contains `exec`, `tokenFile`, or a path to a
//! certificate or key file.
//!
//! # Why it matters
//!
//! istiod accepts only a token or a client certificate that is contained in the secret. It rejects a kubeconfig with
//! `exec` (the output of `aws eks update-kubeconfig`) or with file paths. The endpoints of the other cluster are then
//! missing.
//!
//! # Fix
//!
//! Generate the secret with `istioctl create-remote-secret`, which contains a token of a service account.
//!
//! Source: <https://istio.io/latest/docs/setup/install/multicluster/before-you-begin/>

use crate::diag::Diagnostic;
use crate::val::{Bag, Data};
use crate::rules::index::{CORE, Mesh, label};
use crate::rules::index::pods::called;
use crate::rules::index::credentials::from_base64;

/// The fields of a kubeconfig that istiod rejects.
const REFUSED: [&str; 5] = ["certificate-authority:", "client-certificate:", "client-key:", "exec:", "tokenFile:"];

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Diagnostic>) {
    for secret in mesh.all(CORE, "Secret") {
        if label(&secret.object.body, "istio/multiCluster") != Some("true") {
            continue;
        }
        for field in ["data", "stringData"] {
            for (key, value) in secret.object.body.get(field).and_then(Data::as_map).into_iter().flat_map(Bag::iter) {
                let Some(text) = value.as_str() else { continue };
                let text = if field == "data" { from_base64(text).unwrap_or_default() } else { text.to_owned() };
                let refused = text.lines().map(|line| line.trim_start_matches([' ', '-'])).find_map(|line| {
                    REFUSED.into_iter().find(|word| line.starts_with(word))
                });
                let Some(word) = refused.map(|word| word.trim_end_matches(':')) else { continue };
                let message = format!("{} authenticates to `{key}` with `{word}`, which istiod rejects", called(secret.object));
                out.push(
                    mesh.model
                        .error(secret.id, "MS1061", message)
                        .field(format!("{field}.{key}"))
                        .help("use a service account token, as `istioctl create-remote-secret` does"),
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::manifests::open;

    fn secret(user: &str) -> String {
        format!(
            "apiVersion: v1\nkind: Secret\nmetadata: {{ name: istio-remote-secret-east, namespace: istio-system, labels: {{ istio/multiCluster: 'true' }} }}\n\
             stringData:\n  east: |\n    apiVersion: v1\n    kind: Config\n    users:\n    - name: east\n      user:\n        {user}\n"
        )
    }

    #[test]
    fn reports_a_login_command() {
        assert!(open(&secret("exec: { command: aws }")).contains(&"MS1061"));
        assert!(open(&secret("tokenFile: /var/run/token")).contains(&"MS1061"));
    }

    #[test]
    fn accepts_a_token() {
        assert!(!open(&secret("token: ${token}")).contains(&"MS1061"));
    }
}
