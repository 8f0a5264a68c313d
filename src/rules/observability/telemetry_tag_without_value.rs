//! A tag of an Istio `Telemetry` object has no value.
//!
//! # What it reports
//!
//! A tag override of a metric has no `value`, and its operation is not `REMOVE`. A custom tag of a span has none of
//! `literal`, `header`, `environment` and `formatter`.
//!
//! # Why it matters
//!
//! The default operation of a tag override is `UPSERT`, which needs a `value`. Without it, Istio rejects the object, or
//! the metric loses a tag that a dashboard or alert uses.
//!
//! # Fix
//!
//! Write the value as an expression, such as `request.host`, or as a quoted text: `"'premium'"`. To remove a tag, set
//! `operation: REMOVE`.
//!
//! Source: <https://istio.io/latest/docs/reference/config/telemetry/#MetricsOverrides-TagOverride>

use crate::diag::Diagnostic;
use crate::val::{Bag, Data};
use crate::rules::index::{Mesh, items};
use crate::rules::index::pods::called;

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Diagnostic>) {
    for telemetry in mesh.all("telemetry.istio.io", "Telemetry") {
        let mut report = |path: String, message: String, help: &str| {
            out.push(mesh.model.error(telemetry.id, "MS0815", message).field(path).help(help));
        };
        for (path, metrics) in items(telemetry.object.body.at("spec.metrics"), "spec.metrics") {
            for (path, with) in items(metrics.at("overrides"), &format!("{path}.overrides")) {
                for (name, tag) in with.at("tagOverrides").and_then(Data::as_map).into_iter().flat_map(Bag::iter) {
                    let removes = tag.at("operation").and_then(Data::as_str) == Some("REMOVE");
                    let value = tag.at("value").map(Data::to_text).unwrap_or_default();
                    let is_known = !matches!(tag.at("value"), Some(Data::Deferred(_)));
                    if !removes && value.is_empty() && is_known {
                        let message = format!("tag `{name}` of {} is set without a value", called(telemetry.object));
                        let help = "set its `value`, or `operation: REMOVE`";
                        report(format!("{path}.tagOverrides.{name}"), message, help);
                    }
                }
            }
        }
        for (path, tracing) in items(telemetry.object.body.at("spec.tracing"), "spec.tracing") {
            for (name, tag) in tracing.at("customTags").and_then(Data::as_map).into_iter().flat_map(Bag::iter) {
                let sources = ["literal", "header", "environment", "formatter"];
                if tag.as_map().is_some_and(|tag| sources.iter().all(|source| tag.get(source).is_none())) {
                    let message = format!("tag `{name}` of {} has no value", called(telemetry.object));
                    report(format!("{path}.customTags.{name}"), message, "set `literal`, `header` or `environment`");
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::manifests::open;

    fn metrics(tag: &str) -> String {
        format!(
            "apiVersion: telemetry.istio.io/v1\nkind: Telemetry\nmetadata: {{ name: mesh }}\n\
             spec: {{ metrics: [{{ providers: [{{ name: prometheus }}], overrides: [{{ tagOverrides: {{ tier: {tag} }} }}] }}] }}\n"
        )
    }

    #[test]
    fn reports_a_tag_without_a_value() {
        assert_eq!(open(&metrics("{ operation: UPSERT }")), ["MS0815"]);
    }

    #[test]
    fn accepts_tags_with_a_value_and_removed_tags() {
        assert_eq!(open(&metrics("{ operation: UPSERT, value: request.host }")), [""; 0]);
        assert_eq!(open(&metrics("{ operation: REMOVE }")), [""; 0]);
    }
}
