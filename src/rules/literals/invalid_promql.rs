//! A Prometheus query is not valid.
//!
//! # What it reports
//!
//! The rule checks queries in a `PrometheusRule`, `AnalysisTemplate` and `ClusterAnalysisTemplate`, and in Prometheus
//! triggers of a `ScaledObject` or `ScaledJob`. It reports unclosed brackets and quotes, and unknown functions whose
//! name is similar to a function.
//!
//! # Why it matters
//!
//! If its webhook runs, the Prometheus Operator rejects a rule with an invalid query. Otherwise, Prometheus does not
//! evaluate any rule of the file. A KEDA scaler and an analysis of Argo Rollouts fail at each query.
//!
//! # Fix
//!
//! Close every bracket and quote, and write functions as Prometheus names them.
//!
//! Source: <https://prometheus.io/docs/prometheus/latest/querying/functions/>

use crate::diag::Diagnostic;
use crate::rules::index::literals::texts_at;
use crate::rules::index::promql::problem;
use crate::synth::{Link, Model};
use crate::val::Data;

/// The kinds and their fields with queries.
const QUERIES: [(&str, &str); 3] = [
    ("AnalysisTemplate", "spec.metrics.provider.prometheus.query"),
    ("ClusterAnalysisTemplate", "spec.metrics.provider.prometheus.query"),
    ("PrometheusRule", "spec.groups.rules.expr"),
];

pub(super) fn check(model: &Model, _: &Link, out: &mut Vec<Diagnostic>) {
    for (kind, path) in QUERIES {
        for (id, object) in model.of_kind(kind) {
            for query in texts_at(&object.body, path) {
                out.extend(problem(query).map(|(wrong, help)| {
                    model.error(id, "MS0142", format!("the PromQL query is invalid: {wrong}")).note(query.trim()).help(help)
                }));
            }
        }
    }
    for (id, object) in ["ScaledObject", "ScaledJob"].into_iter().flat_map(|kind| model.of_kind(kind)) {
        for trigger in object.body.at("spec.triggers").map(Data::items).unwrap_or_default() {
            if trigger.at("type").and_then(Data::as_str) != Some("prometheus") {
                continue;
            }
            let query = trigger.at("metadata.query").and_then(Data::as_str).unwrap_or_default();
            out.extend(problem(query).map(|(wrong, help)| {
                model.error(id, "MS0142", format!("the PromQL query is invalid: {wrong}")).note(query.trim()).help(help)
            }));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::manifests::open;

    fn alert(expr: &str) -> Vec<&'static str> {
        open(&format!(
            "apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nmetadata: {{ name: a }}\nspec:\n  groups:\n    \
             - name: a\n      rules:\n        - alert: A\n          expr: |\n            {expr}\n"
        ))
    }

    #[test]
    fn reports_unclosed_brackets_and_misspelled_functions() {
        for wrong in [
            "sum(rate(requests_total[5m])",
            "sum(rate(requests_total{job=\"orders}[5m]))",
            "sum(rat(requests_total[5m]))",
            "histogram_quantil(0.9, rate(a_bucket[5m]))",
            "rate(requests_total[5min])",
        ] {
            assert_eq!(alert(wrong), ["MS0142"], "{wrong}");
        }
    }

    #[test]
    fn accepts_valid_queries() {
        for fine in [
            "sum by (job) (rate(requests_total{code=~\"5..\"}[5m])) / sum by (job) (rate(requests_total[5m])) > 0.01",
            "histogram_quantile(0.99, sum(rate(a_bucket[1h30m])) by (le)) and on() vector(1)",
            "max_over_time(rate(a[5m])[1h:1m]) unless absent(b) offset 5m",
            "topk(3, count_values(\"v\", build)) # the newest",
        ] {
            assert_eq!(alert(fine), [""; 0], "{fine}");
        }
    }
}
