//! Istio is installed with a method that no longer exists.
//!
//! # What it reports
//!
//! The manifests contain an `IstioOperator` object.
//!
//! # Why it matters
//!
//! A controller in the cluster evaluated this object, and Istio 1.24 removed the controller. In a cluster, the object
//! has no effect. Its settings still work in a file for `istioctl`, so the object may remain in files that are not
//! applied to a cluster.
//!
//! # Fix
//!
//! Install the Helm charts `base`, `istiod`, `cni` and `gateway`. Their values contain most settings under the same
//! names.
//!
//! Source: <https://istio.io/latest/blog/2024/in-cluster-operator-deprecation-announcement/>

use crate::diag::Diagnostic;
use crate::rules::index::Mesh;
use crate::rules::index::pods::called;

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Diagnostic>) {
    for operator in mesh.all("install.istio.io", "IstioOperator") {
        let message = format!("{} has no effect: Istio 1.24 removed its controller", called(operator.object));
        out.push(
            mesh.model
                .error(operator.id, "MS0210", message)
                .field("kind")
                .help("install the Helm charts `base`, `istiod` and `gateway` with these settings as values"),
        );
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::manifests::open;

    #[test]
    fn reports_an_istio_operator() {
        let text = "apiVersion: install.istio.io/v1alpha1\nkind: IstioOperator\nmetadata: { name: mesh }\nspec: { profile: default }\n";
        assert_eq!(open(text), ["MS0210"]);
    }

    #[test]
    fn accepts_the_settings_of_the_mesh() {
        let text = "apiVersion: telemetry.istio.io/v1\nkind: Telemetry\nmetadata: { name: mesh }\nspec: { accessLogging: [{ providers: [{ name: envoy }] }] }\n";
        assert_eq!(open(text), [""; 0]);
    }
}
