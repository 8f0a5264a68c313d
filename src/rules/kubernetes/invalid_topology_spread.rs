//! A topology spread constraint has values that the API server rejects.
//!
//! # What it reports
//!
//! - `maxSkew` or `minDomains` below 1
//! - `minDomains` with `whenUnsatisfiable: ScheduleAnyway`
//! - two constraints with the same `topologyKey` and `whenUnsatisfiable`
//!
//! # Why it matters
//!
//! The API server rejects the object. If only a controller creates the pods, the workload has none.
//!
//! # Fix
//!
//! Set `maxSkew` to 1 or more, use `minDomains` only with `DoNotSchedule`, and combine duplicate constraints.
//!
//! Source: <https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/#spread-constraint-definition>

use std::collections::BTreeSet;

use crate::diag::Diagnostic;
use crate::rules::index::pods::called;
use crate::rules::index::{Mesh, items};
use crate::val::Data;

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Diagnostic>) {
    for pods in mesh.pods.all() {
        let mut known = BTreeSet::new();
        let field = pods.field("spec.topologySpreadConstraints");
        for (path, spread) in items(pods.spec.get("topologySpreadConstraints"), &field) {
            let text = |key: &str| spread.at(key).and_then(Data::as_str);
            let mut tell = |key: &str, what: String, help: &str| {
                let message = format!("{} has {what}", called(pods.object));
                let field = if key.is_empty() { path.clone() } else { format!("{path}.{key}") };
                out.push(mesh.model.error(pods.id, "MS0454", message).field(field).help(help.to_owned()));
            };
            for key in ["maxSkew", "minDomains"] {
                if let Some(Data::Int(number)) = spread.at(key)
                    && *number < 1
                {
                    tell(key, format!("the `{key}` {number}; it must be at least 1"), "use a positive number");
                }
            }
            if spread.at("minDomains").is_some() && text("whenUnsatisfiable") == Some("ScheduleAnyway") {
                let what = "`minDomains` in a constraint with `ScheduleAnyway`".to_owned();
                tell("minDomains", what, "remove `minDomains`, or use `DoNotSchedule`");
            }
            if let (Some(topology), Some(when)) = (text("topologyKey"), text("whenUnsatisfiable"))
                && !known.insert((topology, when))
            {
                let what = format!("two constraints with `{when}` for the topology key `{topology}`");
                tell("", what, "combine the constraints");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::rules::testing::pods::{codes_of, orders};

    fn spread(constraints: serde_json::Value) -> Vec<&'static str> {
        codes_of([orders(json!({ "topologySpreadConstraints": constraints }))])
    }

    fn constraint(max_skew: i64, min_domains: Option<i64>, when: &str) -> serde_json::Value {
        let mut value = json!({
            "maxSkew": max_skew, "topologyKey": "topology.kubernetes.io/zone", "whenUnsatisfiable": when,
            "labelSelector": { "matchLabels": { "app": "orders" } }
        });
        if let Some(number) = min_domains {
            value["minDomains"] = number.into();
        }
        value
    }

    #[test]
    fn reports_values_that_the_api_server_rejects() {
        let wrong = [
            json!([constraint(0, None, "DoNotSchedule")]),
            json!([constraint(1, Some(0), "DoNotSchedule")]),
            json!([constraint(1, Some(2), "ScheduleAnyway")]),
            json!([constraint(1, None, "DoNotSchedule"), constraint(2, None, "DoNotSchedule")]),
        ];
        for constraints in wrong {
            assert_eq!(spread(constraints.clone()), ["MS0454"], "{constraints}");
        }
    }

    #[test]
    fn accepts_valid_constraints() {
        let fine = json!([constraint(1, Some(2), "DoNotSchedule"), constraint(1, None, "ScheduleAnyway")]);
        assert_eq!(spread(fine), [""; 0]);
    }
}
