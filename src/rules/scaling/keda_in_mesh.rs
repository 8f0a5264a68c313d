//! KEDA runs in a namespace that injects sidecars.
//!
//! # What it reports
//!
//! A Helm release of `keda`, or the metrics server of KEDA, is in a namespace with `istio-injection: enabled` or
//! `istio.io/rev`. It is not reported if its annotations exclude port 6443, or its pods disable injection. Ambient mode
//! is allowed.
//!
//! # Why it matters
//!
//! The API server calls KEDA's metrics server on port 6443 and its webhook on port 9443, without a certificate of the
//! mesh. With a sidecar and the mode `STRICT`, the metrics API is unavailable (`FailedDiscoveryCheck`), autoscalers
//! stop, and the deletion of namespaces does not complete.
//!
//! # Fix
//!
//! Remove the injection label from the namespace, or exclude the ports with the pod annotation
//! `traffic.sidecar.istio.io/excludeInboundPorts: "6443,9443"`.
//!
//! Source: <https://keda.sh/docs/latest/integrations/istio-integration/>

use crate::diag::Diagnostic;
use crate::val::Data;
use crate::rules::index::{Mesh, label};

const EXCLUDED: &str = "traffic.sidecar.istio.io/excludeInboundPorts";

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Diagnostic>) {
    for (id, release) in mesh.model.releases().filter(|(_, release)| release.chart == "keda") {
        let place = (mesh.model.target_of(id), release.namespace.as_str());
        let excludes = |path: &str| {
            let annotations = release.values.at(path).and_then(Data::as_map);
            annotations.and_then(|it| it.get(EXCLUDED)).is_some_and(|ports| ports.to_text().contains("6443"))
        };
        if !excludes("podAnnotations.metricsAdapter") {
            judge(mesh, place, id, "Helm release `keda`", out);
        }
    }
    for pods in mesh.pods.all().filter(|pods| pods.object.name == "keda-metrics-apiserver") {
        let place = crate::rules::index::pods::place(mesh.model, pods.id, pods.object);
        let ports = pods.annotations().and_then(|it| it.get(EXCLUDED)).map(Data::to_text).unwrap_or_default();
        let opts_out = pods.labels.and_then(|it| it.get("sidecar.istio.io/inject")).map(Data::to_text) == Some("false".to_owned());
        if !ports.contains("6443") && !opts_out {
            judge(mesh, place, pods.id, "KEDA's metrics server", out);
        }
    }
}

fn judge<'a>(mesh: &Mesh<'a>, place: crate::rules::index::pods::Place<'a>, id: crate::tree::NodeId, what: &str, out: &mut Vec<Diagnostic>) {
    let Some(namespace) = mesh.namespace(place) else { return };
    // An ambient mesh accepts plain connections of the API server.
    let label = |key: &str| label(&namespace.object.body, key);
    if label("istio-injection") != Some("enabled") && label("istio.io/rev").is_none() {
        return;
    }
    out.push(
        mesh.model
            .error(id, "MS0901", format!("{what} is in namespace `{}`, which injects sidecars", place.1))
            .note_at("the namespace is defined here", mesh.model.node(namespace.id).at)
            .help(format!("remove the label from the namespace, or annotate the pods with `{EXCLUDED}: \"6443,9443\"`")),
    );
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::manifests::with_releases;

    fn codes(label: &str) -> Vec<&'static str> {
        let text = format!("apiVersion: v1\nkind: Namespace\nmetadata: {{ name: keda, labels: {{ {label} }} }}\n");
        with_releases(&text, &[("keda", "keda", "keda")])
    }

    #[test]
    fn reports_keda_behind_a_sidecar() {
        assert_eq!(codes("istio-injection: enabled"), ["MS0901"]);
    }

    #[test]
    fn accepts_keda_outside_the_mesh() {
        assert_eq!(codes("istio-injection: disabled"), [""; 0]);
    }
}
