//! A CustomResourceDefinition is in the manifests and in a Helm release.
//!
//! # What it reports
//!
//! The manifests of a cluster contain a CustomResourceDefinition of an API group that a Helm chart in the same cluster
//! installs. The rule supports the charts of Argo Rollouts, Istio (`base`), cert-manager and KEDA, and the value that
//! turns off their definitions.
//!
//! # Why it matters
//!
//! Helm cannot install over an object that it did not create (`invalid ownership metadata`). Applying the manifest
//! removes fields of Helm at each run. At the next upgrade, the older of the two definitions can win.
//!
//! # Fix
//!
//! Let one tool own the definitions: remove them from the manifests, or turn them off in the values of the chart
//! (`crds.install`, `crds.enabled`, `installCRDs`, `base.enableCRDTemplates`).
//!
//! Source: <https://helm.sh/docs/chart_best_practices/custom_resource_definitions/>

use crate::diag::Diagnostic;
use crate::val::{Bag, Data};
use crate::rules::index::Mesh;

/// A chart, the suffix of the API groups of its definitions, the value that turns them on, and its default.
const CHARTS: [(&str, &str, &str, bool); 4] = [
    ("argo-rollouts", "argoproj.io", "installCRDs", true),
    ("base", "istio.io", "base.enableCRDTemplates", true),
    ("cert-manager", "cert-manager.io", "crds.enabled", false),
    ("keda", "keda.sh", "crds.install", true),
];

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Diagnostic>) {
    let definitions = mesh.all("apiextensions.k8s.io", "CustomResourceDefinition");
    if definitions.is_empty() {
        return;
    }
    for (id, release) in mesh.model.releases() {
        let Some((_, group, switch, default)) = CHARTS.iter().find(|(chart, ..)| *chart == release.chart) else { continue };
        if !makes_them(&release.values, switch, *default) {
            continue;
        }
        for definition in definitions.iter().filter(|it| it.place.0 == mesh.model.target_of(id)) {
            let of = definition.object.body.at("spec.group").and_then(Data::as_str).unwrap_or_default();
            if of != *group && !of.ends_with(&format!(".{group}")) {
                continue;
            }
            let message = format!("the Helm release `{1}` also installs the CustomResourceDefinition `{0}`", definition.object.name, release.name);
            out.push(
                mesh.model
                    .error(definition.id, "MS0910", message)
                    .note_at("the release is defined here", mesh.model.node(id).at)
                    .help(format!("remove the definition from the manifests, or set `{switch}: false` in the release")),
            );
        }
    }
}

fn makes_them(values: &Bag, switch: &str, default: bool) -> bool {
    values.at(switch).and_then(Data::as_bool).unwrap_or(default)
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::manifests::with_releases;

    fn codes(group: &str, chart: &str) -> Vec<&'static str> {
        let text = format!(
            "apiVersion: v1\nkind: Namespace\nmetadata: {{ name: keda }}\n---\n\
             apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {{ name: things.{group} }}\n\
             spec: {{ group: {group}, scope: Namespaced, names: {{ kind: Thing, plural: things }}, versions: [] }}\n"
        );
        with_releases(&text, &[(chart, chart, "keda")])
    }

    #[test]
    fn reports_a_definition_with_two_owners() {
        assert_eq!(codes("keda.sh", "keda"), ["MS0910"]);
        assert_eq!(codes("networking.istio.io", "base"), ["MS0910"]);
    }

    #[test]
    fn accepts_a_definition_with_one_owner() {
        assert_eq!(codes("example.com", "keda"), [""; 0]);
        assert_eq!(codes("cert-manager.io", "cert-manager"), [""; 0]);
    }
}
