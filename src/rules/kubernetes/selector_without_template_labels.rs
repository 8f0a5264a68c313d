//! The selector of a workload does not match the labels of its own pod template.
//!
//! # What it reports
//!
//! A label of `spec.selector.matchLabels` of a Deployment, ReplicaSet, StatefulSet, DaemonSet or Rollout is missing in
//! the pod template, or has another value there.
//!
//! # Why it matters
//!
//! The API server rejects the object. Its controller would create pods forever without finding any of them.
//!
//! # Fix
//!
//! Add every label of `spec.selector.matchLabels` to the labels of `spec.template.metadata` with the same value. The
//! selector of an existing object cannot be changed, but the labels of the template can.
//!
//! Source: <https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#selector>

use crate::facts;
use crate::diag::Diagnostic;
use crate::rules::index::pods::{self, called};
use crate::synth::{Link, Model};
use crate::val::Data;

pub(super) fn check(model: &Model, _: &Link, out: &mut Vec<Diagnostic>) {
    for pods in pods::all(model) {
        let Some(path) = facts::kind(&pods.object.kind).selector else { continue };
        let selector = pods.object.body.at(path).and_then(Data::as_map);
        for (key, value) in selector.into_iter().flat_map(|selector| selector.iter()) {
            let own = pods.labels.and_then(|labels| labels.get(key));
            let is_known = value.as_str().is_some() && own.is_none_or(|own| own.as_str().is_some());
            if !is_known || own == Some(value) {
                continue;
            }
            let wanted = value.to_text();
            let message = match own {
                Some(own) => {
                    let own = own.to_text();
                    format!("the selector of {} requires the label `{key}: {wanted}`, but its pod template has `{key}: {own}`", called(pods.object))
                }
                None => format!("the selector of {} requires the label `{key}: {wanted}`, which its pod template does not have", called(pods.object)),
            };
            out.push(
                model
                    .error(pods.id, "MS0419", message)
                    .field("spec.selector.matchLabels")
                    .help(format!("set the label `{key}: {wanted}` in `spec.template.metadata.labels`")),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::manifests::{fields, open};

    fn deployment(labels: &str) -> String {
        format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{ name: orders }}\nspec:\n  selector: {{ matchLabels: {{ app: orders }} }}\n\
             \x20 template:\n    metadata: {{ labels: {{ {labels} }} }}\n    spec: {{ containers: [{{ name: a, image: 'a:1.0' }}] }}\n"
        )
    }

    #[test]
    fn reports_a_selector_that_does_not_match_the_pod_template() {
        assert_eq!(open(&deployment("app: order")), ["MS0419"]);
        assert_eq!(open(&deployment("name: orders")), ["MS0419"]);
        assert_eq!(fields(&deployment("app: order")), ["spec.selector.matchLabels"]);
    }

    #[test]
    fn accepts_additional_labels() {
        assert_eq!(open(&deployment("app: orders, version: v1")), [""; 0]);
    }
}
