//! An object has an API version that the cluster no longer serves.
//!
//! # What it reports
//!
//! The Kubernetes version of the cluster does not serve the API version: an error. The rule also checks API versions of
//! Istio: a version that Istio does not serve is an error. An older version that Istio serves in addition to `v1`, such
//! as `networking.istio.io/v1alpha3`, is a warning.
//!
//! # Why it matters
//!
//! The API server answers `no matches for kind`, and the following objects are not applied. Charts and tools gradually
//! remove support for old versions of Istio objects.
//!
//! # Fix
//!
//! Write the version that is served. For most kinds, no other change is necessary.
//!
//! Source: <https://kubernetes.io/docs/reference/using-api/deprecation-guide/>

use crate::diag::Diagnostic;
use crate::facts::versions::{istio, served};
use crate::facts::versions::kubernetes::removed;
use crate::node::Kind;
use crate::synth::{Link, Model};
use crate::rules::index::pods::called;

pub(super) fn check(model: &Model, _: &Link, out: &mut Vec<Diagnostic>) {
    for (id, _, object) in model.objects() {
        let minor = model.target_of(id).and_then(|target| match &model.node(target).kind {
            Kind::Target(target) => target.version.split('.').nth(1)?.parse::<u32>().ok(),
            _ => None,
        });
        if let Some(row) = removed(&object.api_version, &object.kind) {
            if minor.is_some_and(|minor| minor >= row.minor) {
                let (version, removed_in) = (row.api_version, row.minor);
                let message = format!("{} uses API version `{version}`, which Kubernetes 1.{removed_in} removed", called(object));
                let help = match row.now {
                    _ if row.kind == "PodSecurityPolicy" => "use labels of pod security on the namespace".to_owned(),
                    Some(now) => format!("write `apiVersion: {now}`"),
                    None => "use another kind".to_owned(),
                };
                out.push(model.error(id, "MS0209", message).field("apiVersion").help(help));
            }
            continue;
        }
        if let Some(now) = istio::in_place_of(&object.api_version, &object.kind) {
            let message = format!("{} uses API version `{}`, which Istio does not support", called(object), object.api_version);
            out.push(model.error(id, "MS0209", message).field("apiVersion").help(format!("write `apiVersion: {now}`")));
        } else if istio::other_version(&object.api_version, &object.kind).is_some() {
            let now = served::schema(&object.api_version, &object.kind);
            let message = format!("{} uses API version `{}`, which is older than `v1`", called(object), object.api_version);
            out.push(model.warning(id, "MS0209", message).field("apiVersion").help(format!("write `apiVersion: {now}`")));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::manifests::{open, warned};

    fn ingress(version: &str, kind: &str) -> Vec<&'static str> {
        open(&format!("apiVersion: {version}\nkind: {kind}\nmetadata: {{ name: shop }}\n"))
    }

    #[test]
    fn reports_a_removed_version() {
        assert_eq!(ingress("extensions/v1beta1", "Ingress"), ["MS0209"]);
        assert_eq!(ingress("policy/v1beta1", "PodDisruptionBudget"), ["MS0209"]);
    }

    #[test]
    fn warns_about_an_older_version_of_istio() {
        let text = |version: &str| {
            open(&format!("apiVersion: networking.istio.io/{version}\nkind: Sidecar\nmetadata: {{ name: default }}\nspec: {{ egress: [{{ hosts: ['./*'] }}] }}\n"))
        };
        assert_eq!(text("v1alpha3"), ["MS0209"]);
        assert_eq!(text("v1"), [""; 0]);
    }

    #[test]
    fn reports_a_version_that_istio_does_not_serve() {
        let policy = |version: &str| format!("apiVersion: security.istio.io/{version}\nkind: PeerAuthentication\nmetadata: {{ name: default }}\nspec: {{ mtls: {{ mode: STRICT }} }}\n");
        let is_error = |version: &str| open(&policy(version)).contains(&"MS0209") && warned(&policy(version)).is_empty();
        assert!(is_error("v1alpha3"));
        assert!(!is_error("v1beta1"));
    }
}
