//! Pods use a topology key that no node has.
//!
//! # What it reports
//!
//! The rule checks topology spread constraints with `whenUnsatisfiable: DoNotSchedule`, and required affinity and
//! anti-affinity of pods. It reports a key that is similar to a well-known key, and a key that none of the cluster's
//! node groups has, if the node groups are known.
//!
//! # Why it matters
//!
//! Nodes without the label cannot run pods of the workload, so all pods remain `Pending`. Usually, the label is
//! misspelled.
//!
//! # Fix
//!
//! Use `topology.kubernetes.io/zone`, `kubernetes.io/hostname`, or a label of the node groups.
//!
//! Source: <https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/>

use crate::diag::Diagnostic;
use crate::facts;
use crate::rules::index::nodes::{self, TOPOLOGIES};
use crate::rules::index::pods::{Pods, called};
use crate::rules::index::{Mesh, items};
use crate::val::Data;

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Diagnostic>) {
    let known = nodes::known(mesh.model);
    for pods in mesh.pods.all() {
        let target = mesh.model.target_of(pods.id);
        let nodes = known.iter().find(|(it, _)| Some(*it) == target).map(|(_, nodes)| nodes);
        for (path, key) in keys(pods) {
            let is_there = nodes.map(|nodes| nodes.groups.iter().any(|group| group.has_label(key, None)));
            let near = facts::nearest(key, TOPOLOGIES.into_iter()).filter(|near| *near != key);
            let help = match (is_there, near) {
                (Some(true), _) | (None, None) => continue,
                (_, Some(near)) => format!("did you mean `{near}`?"),
                (Some(false), None) => "use `topology.kubernetes.io/zone`, `kubernetes.io/hostname`, or a label of the node groups".to_owned(),
            };
            let message = format!("{} uses the topology key `{key}`, which no node has", called(pods.object));
            out.push(mesh.model.error(pods.id, "MS0439", message).field(path).help(help));
        }
    }
}

/// Returns the topology keys that scheduling requires, each with its path.
fn keys<'a>(pods: &Pods<'a>) -> Vec<(String, &'a str)> {
    let mut found = Vec::new();
    let field = pods.field("spec.topologySpreadConstraints");
    for (path, spread) in items(pods.spec.get("topologySpreadConstraints"), &field) {
        if spread.at("whenUnsatisfiable").and_then(Data::as_str) != Some("ScheduleAnyway") {
            found.extend(spread.at("topologyKey").and_then(Data::as_str).map(|key| (format!("{path}.topologyKey"), key)));
        }
    }
    for kind in ["podAffinity", "podAntiAffinity"] {
        let path = format!("affinity.{kind}.requiredDuringSchedulingIgnoredDuringExecution");
        for (path, term) in items(pods.spec.at(&path), &pods.field(&format!("spec.{path}"))) {
            found.extend(term.at("topologyKey").and_then(Data::as_str).map(|key| (format!("{path}.topologyKey"), key)));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::manifests::open;

    fn spread(key: &str, or: &str) -> Vec<&'static str> {
        open(&format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{ name: orders }}\nspec:\n  selector: {{ matchLabels: {{ app: orders }} }}\n\
             \x20 template:\n    metadata: {{ labels: {{ app: orders }} }}\n    spec:\n      containers: [{{ name: orders, image: 'orders:1.0.0' }}]\n\
             \x20     topologySpreadConstraints: [{{ maxSkew: 1, topologyKey: {key}, whenUnsatisfiable: {or}, labelSelector: {{ matchLabels: {{ app: orders }} }} }}]\n"
        ))
    }

    #[test]
    fn reports_a_misspelled_key() {
        assert_eq!(spread("topology.kubernetes.io/zones", "DoNotSchedule"), ["MS0439"]);
    }

    #[test]
    fn accepts_well_known_keys_custom_keys_and_preferred_constraints() {
        assert_eq!(spread("topology.kubernetes.io/zone", "DoNotSchedule"), [""; 0]);
        assert_eq!(spread("example.com/rack", "DoNotSchedule"), [""; 0]);
        assert_eq!(spread("topology.kubernetes.io/zones", "ScheduleAnyway"), [""; 0]);
    }
}
