//! Access logs are configured without a provider.
//!
//! # What it reports
//!
//! In manifests, an entry of `accessLogging` has no `providers`, and the mesh configuration has no
//! `defaultProviders.accessLogging`. The finding is a warning. Entries that turn off access logs are not reported.
//!
//! # Why it matters
//!
//! An entry without `providers` uses the default providers of the mesh. By default, the mesh has none for access logs,
//! and the entry is ignored.
//!
//! # Fix
//!
//! Specify a provider, such as `envoy`, or set the default in the mesh configuration.
//!
//! Source: <https://istio.io/latest/docs/reference/config/analysis/ist0157/>

use crate::diag::Diagnostic;
use crate::rules::index::pods::called;
use crate::rules::index::{CORE, Mesh, TELEMETRY, items};
use crate::val::Data;

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Diagnostic>) {
    let has_default = || {
        mesh.all(CORE, "ConfigMap").iter().any(|map| {
            let config = map.object.body.at("data.mesh").and_then(Data::as_str).unwrap_or_default();
            config.contains("defaultProviders") && config.contains("accessLogging")
        })
    };
    if mesh.is_program() || has_default() {
        // A program sets the default with the installation of Istio.
        return;
    }
    for telemetry in mesh.all(TELEMETRY, "Telemetry") {
        for (path, entry) in items(telemetry.object.body.at("spec.accessLogging"), "spec.accessLogging") {
            let is_off = entry.at("disabled").and_then(Data::as_bool) == Some(true);
            if is_off || entry.at("providers").is_some_and(|it| !it.items().is_empty()) {
                continue;
            }
            let message = format!("{} configures access logs without a provider", called(telemetry.object));
            out.push(mesh.model.warning(telemetry.id, "MS0839", message).field(path).help("set a provider: `providers: [{ name: envoy }]`"));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::manifests::{fields, open};

    fn telemetry(entry: &str) -> String {
        format!(
            "apiVersion: telemetry.istio.io/v1\nkind: Telemetry\nmetadata: {{ name: a }}\nspec: {{ accessLogging: [{{ {entry} }}] }}\n"
        )
    }

    #[test]
    fn warns_about_access_logs_without_a_provider() {
        assert_eq!(open(&telemetry("filter: { expression: 'response.code >= 400' }")), ["MS0839"]);
        assert_eq!(fields(&telemetry("filter: { expression: 'response.code >= 400' }")), ["spec.accessLogging[0]"]);
    }

    #[test]
    fn accepts_logs_with_a_provider_and_disabled_logs() {
        assert_eq!(open(&telemetry("providers: [{ name: envoy }]")), [""; 0]);
        assert_eq!(open(&telemetry("disabled: true")), [""; 0]);
    }
}
