//! A definition of the Gateway API is older than Istio requires.
//!
//! # What it reports
//!
//! A CustomResourceDefinition of the Gateway API has a `bundle-version` that is older than Istio 1.30 requires for its
//! kind. The finding is a warning.
//!
//! # Why it matters
//!
//! istiod reads a kind of the Gateway API only from a minimum version of its definition. With an older version, it
//! ignores every object of the kind: `attachedRoutes` remains 0, and no listener is opened.
//!
//! # Fix
//!
//! Install newer definitions. `addons::GatewayApiDefinitions` installs suitable versions.
//!
//! Source: <https://istio.io/latest/docs/reference/config/analysis/ist0176/>

use crate::diag::Diagnostic;
use crate::rules::index::{Mesh, annotation};

/// The minimum versions of the Gateway API for each kind in Istio 1.30.
const NEEDED: [(&str, (u32, u32)); 4] = [
    ("backendtlspolicies.gateway.networking.k8s.io", (1, 4)),
    ("grpcroutes.gateway.networking.k8s.io", (1, 1)),
    ("tcproutes.gateway.networking.k8s.io", (1, 6)),
    ("tlsroutes.gateway.networking.k8s.io", (1, 5)),
];

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Diagnostic>) {
    for definition in mesh.all("apiextensions.k8s.io", "CustomResourceDefinition") {
        let needed = NEEDED.iter().find(|(name, _)| *name == definition.object.name);
        let version = annotation(&definition.object.body, "gateway.networking.k8s.io/bundle-version");
        let (Some((name, needed)), Some(version)) = (needed, version) else { continue };
        let Some(found) = major_and_minor(version).filter(|found| found < needed) else { continue };
        let message = format!("`{name}` has version {}.{} of the Gateway API, but this Istio version requires {}.{}", found.0, found.1, needed.0, needed.1);
        out.push(
            mesh.model
                .warning(definition.id, "MS0843", message)
                .field("metadata.annotations")
                .help(format!("install version {}.{} or later of the Gateway API definitions", needed.0, needed.1)),
        );
    }
}

/// Returns the first two numbers of a version such as `v1.4.1`.
fn major_and_minor(version: &str) -> Option<(u32, u32)> {
    let mut numbers = version.trim_start_matches('v').split('.');
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::manifests::open;

    fn definition(version: &str) -> String {
        format!(
            "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n\
             metadata: {{ name: tlsroutes.gateway.networking.k8s.io, annotations: {{ gateway.networking.k8s.io/bundle-version: {version} }} }}\n\
             spec: {{ group: gateway.networking.k8s.io, scope: Namespaced, names: {{ kind: TLSRoute, plural: tlsroutes }}, \
             versions: [{{ name: v1, served: true, storage: true, schema: {{ openAPIV3Schema: {{ type: object }} }} }}] }}\n"
        )
    }

    #[test]
    fn warns_about_an_old_definition() {
        assert_eq!(open(&definition("v1.4.1")), ["MS0843"]);
    }

    #[test]
    fn accepts_a_new_definition() {
        assert_eq!(open(&definition("v1.5.0")), [""; 0]);
        assert_eq!(open(&definition("v1.6.1")), [""; 0]);
    }
}
