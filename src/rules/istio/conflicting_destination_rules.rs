//! Two `DestinationRule` objects of one namespace define the same subset or policy for one host.
//!
//! # What it reports
//!
//! Two rules in one namespace have the same host, and both define a `trafficPolicy` or a subset with the same name. The
//! finding is a warning. Rules with a `workloadSelector`, and rules whose `exportTo` has no common namespace, are not
//! compared.
//!
//! # Why it matters
//!
//! Istio merges the rules of one namespace for one host. If both define the same subset or a `trafficPolicy`, Istio
//! uses that of the older object. The other one has no effect, so the result depends on the order of creation.
//!
//! # Fix
//!
//! Put both into one object. Subsets with different names may be in separate objects, and so may a `trafficPolicy` that
//! only one object has.
//!
//! Source: <https://istio.io/latest/docs/ops/best-practices/traffic-management/#split-virtual-services>,
//! <https://kiali.io/docs/features/validations/#kia0201---more-than-one-destinationrules-for-the-same-host-subset-combination>

use std::collections::BTreeSet;

use crate::hash::FastMap;
use crate::diag::Diagnostic;
use crate::rules::index::exports::Exports;
use crate::rules::index::pods::{Place, called};
use crate::rules::index::{Item, Mesh, NETWORKING, items};
use crate::val::Data;

/// A rule without a selector, its subsets, and whether it has a policy.
struct Rule<'a> {
    item: &'a Item<'a>,
    exports: Exports<'a>,
    subsets: BTreeSet<&'a str>,
    has_policy: bool,
}

/// A definition that two rules have in common.
enum Shared<'a> {
    Subset(&'a str),
    Policy,
}

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Diagnostic>) {
    let mut by_host: FastMap<(Place<'_>, String), Vec<Rule<'_>>> = FastMap::default();
    let mut keys = Vec::new();
    for item in mesh.all(NETWORKING, "DestinationRule") {
        let body = &item.object.body;
        let Some(host) = body.at("spec.host").and_then(Data::as_str) else { continue };
        // A rule with a selector applies only to the selected pods.
        if body.at("spec.workloadSelector").is_some() {
            continue;
        }
        let key = (item.place, mesh.key(host, item.place.1));
        let subsets = items(body.at("spec.subsets"), "").filter_map(|(_, subset)| subset.at("name")?.as_str()).collect();
        let has_policy = body.at("spec.trafficPolicy").is_some();
        keys.push((item, host, key.clone()));
        by_host.entry(key).or_default().push(Rule { item, exports: Exports::of(item), subsets, has_policy });
    }
    for (item, host, key) in keys {
        let rules = &by_host[&key];
        let Some(own) = rules.iter().find(|rule| rule.item.id == item.id) else { continue };
        let found = rules.iter().find_map(|other| Some((other, shared(own, other)?)));
        let Some((other, shared)) = found else { continue };
        let (what, field) = match shared {
            Shared::Subset(name) => (format!("subset `{name}` of `{host}`"), "spec.subsets"),
            Shared::Policy => (format!("the `trafficPolicy` of `{host}`"), "spec.trafficPolicy"),
        };
        let message = format!("{} defines {what}, and so does {}", called(item.object), called(other.item.object));
        out.push(
            mesh.model
                .warning(item.id, "MS0858", message)
                .field(field)
                .note_at("the other one is defined here; Istio uses the older of the two", mesh.model.node(other.item.id).at)
                .help("define both in one object"),
        );
    }
}

/// Returns the common definition of two rules that are exported to a common namespace.
fn shared<'a>(own: &Rule<'a>, other: &Rule<'a>) -> Option<Shared<'a>> {
    if own.item.is_same(other.item) || !own.exports.meet(&other.exports) {
        return None;
    }
    let subset = own.subsets.intersection(&other.subsets).next();
    let policy = (own.has_policy && other.has_policy).then_some(Shared::Policy);
    subset.map(|name| Shared::Subset(name)).or(policy)
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::manifests::warned;

    fn two(one: &str, other: &str) -> String {
        let rule = |name: &str, rest: &str| {
            format!(
                "---\napiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {{ name: {name} }}\n\
                 spec: {{ host: '*.example.com', {rest} }}\n"
            )
        };
        rule("a", one) + &rule("b", other)
    }

    const V1: &str = "subsets: [{ name: v1, labels: { version: v1 } }]";
    const V2: &str = "subsets: [{ name: v2, labels: { version: v2 } }]";
    const POLICY: &str = "trafficPolicy: { loadBalancer: { simple: RANDOM } }";

    #[test]
    fn warns_at_both_rules_about_a_duplicate_subset_or_policy() {
        assert_eq!(warned(&two(V1, V1)), ["MS0858", "MS0858"]);
        assert_eq!(warned(&two(POLICY, POLICY)), ["MS0858", "MS0858"]);
    }

    #[test]
    fn accepts_rules_that_can_be_merged() {
        assert_eq!(warned(&two(V1, V2)), [""; 0]);
        assert_eq!(warned(&two(V1, POLICY)), [""; 0]);
    }

    #[test]
    fn accepts_rules_without_a_common_namespace() {
        let (one, other) = (format!("{V1}, exportTo: [a]"), format!("{V1}, exportTo: [b]"));
        assert_eq!(warned(&two(&one, &other)), [""; 0]);
    }
}
