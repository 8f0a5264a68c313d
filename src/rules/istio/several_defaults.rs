//! A namespace has several defaults of an Istio kind that allows one.
//!
//! # What it reports
//!
//! Two `Sidecar`, `Telemetry` or `PeerAuthentication` objects of one namespace have neither a selector nor a target
//! reference.
//!
//! # Why it matters
//!
//! Each of them applies to every workload of the namespace. Istio does not define which of two it uses. Of two
//! `PeerAuthentication` objects, it uses the older one.
//!
//! # Fix
//!
//! Put the settings into one object, or add a selector to one of them.
//!
//! Source: <https://istio.io/latest/docs/reference/config/analysis/ist0111/>,
//! <https://istio.io/latest/docs/reference/config/analysis/ist0160/>

use super::conflicting_selectors::EXCLUSIVE;
use crate::hash::FastMap;
use crate::diag::Diagnostic;
use crate::rules::index::pods::{Place, called};
use crate::rules::index::{Item, Mesh};

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Diagnostic>) {
    for (group, kind, path) in EXCLUSIVE {
        let is_default = |policy: &&Item<'_>| {
            let body = &policy.object.body;
            body.at(path).is_none() && body.at("spec.targetRef").is_none() && body.at("spec.targetRefs").is_none()
        };
        let defaults = || mesh.all(group, kind).iter().filter(is_default);
        let mut by_place: FastMap<Place<'_>, Vec<&Item<'_>>> = FastMap::default();
        for policy in defaults() {
            by_place.entry(policy.place).or_default().push(policy);
        }
        for policy in defaults() {
            let Some(other) = by_place[&policy.place].iter().find(|other| !other.is_same(policy)) else { continue };
            let message = format!("{} is one of several {kind} objects without a selector in namespace `{}`; only one is allowed", called(policy.object), policy.place.1);
            out.push(
                mesh.model
                    .error(policy.id, "MS0825", message)
                    .note_at(format!("{} is another one", called(other.object)), mesh.model.node(other.id).at)
                    .help("combine the settings in one object, or add a selector to one of them"),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::manifests::open;

    fn sidecars(second: &str) -> String {
        let sidecar = |name: &str, namespace: &str| {
            format!(
                "---\napiVersion: networking.istio.io/v1\nkind: Sidecar\nmetadata: {{ name: {name}, namespace: {namespace} }}\n\
                 spec: {{ egress: [{{ hosts: ['./*'] }}] }}\n"
            )
        };
        sidecar("a", "shop") + &sidecar("b", second)
    }

    #[test]
    fn reports_both_default_sidecars_of_a_namespace() {
        assert_eq!(open(&sidecars("shop")), ["MS0825", "MS0825"]);
    }

    #[test]
    fn accepts_one_default_for_each_namespace() {
        assert_eq!(open(&sidecars("other")), [""; 0]);
    }
}
