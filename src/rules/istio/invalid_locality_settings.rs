//! Locality settings are rejected by Istio, or have no effect.
//!
//! # What it reports
//!
//! The rule checks `localityLbSetting` of a `DestinationRule`:
//!
//! - The weights of an entry of `distribute` do not add up to 100.
//! - `distribute` and `failover` are both set.
//! - A failover has no `outlierDetection`.
//!
//! # Why it matters
//!
//! Istio rejects the first two. A failover happens only if Istio detects failing endpoints. Without `outlierDetection`,
//! traffic continues to a region that is down.
//!
//! # Fix
//!
//! Let the weights add up to 100, keep either `distribute` or `failover`, and set `trafficPolicy.outlierDetection` with
//! a failover.
//!
//! Source: <https://istio.io/latest/docs/tasks/traffic-management/locality-load-balancing/>

use crate::diag::Diagnostic;
use crate::val::{Bag, Data};
use crate::rules::index::{Item, Mesh, NETWORKING, items};
use crate::rules::index::pods::called;

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Diagnostic>) {
    for rule in mesh.all(NETWORKING, "DestinationRule") {
        judge(mesh, rule, rule.object.body.at("spec.trafficPolicy"), "spec.trafficPolicy", out);
        for (path, subset) in items(rule.object.body.at("spec.subsets"), "spec.subsets") {
            judge(mesh, rule, subset.at("trafficPolicy"), &format!("{path}.trafficPolicy"), out);
        }
    }
}

fn judge(mesh: &Mesh<'_>, rule: &Item<'_>, policy: Option<&Data>, path: &str, out: &mut Vec<Diagnostic>) {
    let Some(policy) = policy else { return };
    let Some(setting) = policy.at("loadBalancer.localityLbSetting") else { return };
    let path = format!("{path}.loadBalancer.localityLbSetting");
    let error = |field: &str, message: String| mesh.model.error(rule.id, "MS0812", message).field(format!("{path}{field}"));
    let has = |key: &str| setting.at(key).is_some_and(|list| !list.items().is_empty());
    if has("distribute") && has("failover") {
        let message = format!("{} sets both `distribute` and `failover`, which Istio rejects", called(rule.object));
        out.push(error("", message).help("remove one of the two"));
    }
    for (at, share) in items(setting.at("distribute"), ".distribute") {
        let shares = share.at("to").and_then(Data::as_map);
        let numbers: Option<Vec<i64>> =
            shares.map(|to| to.iter().map(|(_, share)| share.as_int()).collect::<Option<_>>()).unwrap_or_default();
        let sum: i64 = numbers.as_deref().unwrap_or_default().iter().sum();
        if shares.is_some_and(|shares| !Bag::is_empty(shares)) && numbers.is_some() && sum != 100 {
            let from = share.at("from").map(Data::to_text).unwrap_or_default();
            let message = format!("the weights of {} for callers from `{from}` add up to {sum}; Istio requires 100", called(rule.object));
            out.push(error(&format!("{at}.to"), message).help("change the weights so that they add up to 100"));
        }
    }
    let fails_over = has("failover") || has("failoverPriority");
    if fails_over && policy.at("outlierDetection").is_none() && rule.object.body.at("spec.trafficPolicy.outlierDetection").is_none() {
        let message = format!("{} sets a failover without outlier detection, so the failover has no effect", called(rule.object));
        out.push(error("", message).help("set `trafficPolicy.outlierDetection`, such as `consecutive5xxErrors: 5`"));
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::manifests::open;

    fn rule(policy: &str) -> String {
        format!(
            "apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {{ name: orders }}\n\
             spec: {{ host: orders, trafficPolicy: {{ {policy} }} }}\n"
        )
    }

    fn locality(setting: &str, beside: &str) -> Vec<&'static str> {
        open(&rule(&format!("loadBalancer: {{ localityLbSetting: {{ enabled: true, {setting} }} }}{beside}")))
    }

    const OUTLIERS: &str = ", outlierDetection: { consecutive5xxErrors: 5 }";

    #[test]
    fn reports_shares_that_do_not_add_up_to_100() {
        assert_eq!(locality("distribute: [{ from: a/*, to: { 'a/*': 70, 'b/*': 20 } }]", OUTLIERS), ["MS0812"]);
        assert_eq!(locality("distribute: [{ from: a/*, to: { 'a/*': 70, 'b/*': 30 } }]", OUTLIERS), [""; 0]);
    }

    #[test]
    fn reports_a_failover_without_outlier_detection() {
        assert_eq!(locality("failover: [{ from: a, to: b }]", ""), ["MS0812"]);
        assert_eq!(locality("failover: [{ from: a, to: b }]", OUTLIERS), [""; 0]);
    }

    #[test]
    fn reports_distribute_with_failover() {
        let both = "distribute: [{ from: a/*, to: { 'b/*': 100 } }], failover: [{ from: a, to: b }]";
        assert_eq!(locality(both, OUTLIERS), ["MS0812"]);
    }
}
