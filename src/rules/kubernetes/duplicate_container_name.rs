//! Two containers of a pod have the same name.
//!
//! # What it reports
//!
//! A pod template contains two containers or init containers with the same name.
//!
//! # Why it matters
//!
//! The API server rejects the pod template. Names are unique over containers and init containers.
//!
//! # Fix
//!
//! Give one of the containers another name.
//!
//! Source: <https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#Container>

use crate::hash::FastSet;
use crate::diag::Diagnostic;
use crate::rules::index::pods::{self, called};
use crate::synth::{Link, Model};
use crate::val::Data;

pub(super) fn check(model: &Model, _: &Link, out: &mut Vec<Diagnostic>) {
    for pods in pods::all(model) {
        let mut names = FastSet::default();
        for (path, container) in pods.numbered() {
            let Some(name) = container.get("name").and_then(Data::as_str) else { continue };
            if !names.insert(name) {
                let message = format!("{} has two containers named `{name}`", called(pods.object));
                let diagnostic = model.error(pods.id, "MS0422", message).field(format!("{path}.name"));
                out.push(diagnostic.help("rename one of them"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::rules::testing::pods::{codes_of, orders};

    #[test]
    fn reports_two_containers_with_the_same_name() {
        let one = json!({ "name": "a", "image": "a:1.0" });
        assert_eq!(codes_of([orders(json!({ "containers": [one, one] }))]), ["MS0422"]);
        assert_eq!(codes_of([orders(json!({ "initContainers": [one], "containers": [one] }))]), ["MS0422"]);
    }

    #[test]
    fn accepts_containers_with_different_names() {
        let (one, two) = (json!({ "name": "a", "image": "a:1.0" }), json!({ "name": "b", "image": "a:1.0" }));
        assert_eq!(codes_of([orders(json!({ "containers": [one, two] }))]), [""; 0]);
    }
}
