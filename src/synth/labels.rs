//! The labels of the app, on every object and every pod.

use crate::node::Kind;
use crate::val::{Bag, Data};

use super::Model;

/// The paths of pod templates in the objects that run pods.
const TEMPLATES: &[&str] = &["spec.template", "spec.jobTemplate.spec.template", "spec.jobTargetRef.template"];

impl Model {
    /// Adds labels to every object and its pods, without overriding labels that they already have.
    pub(super) fn spread_labels(&mut self, of_app: &[(String, String)]) {
        if of_app.is_empty() {
            return;
        }
        for node in self.nodes.iter_mut() {
            if let Kind::Object(object) = &mut node.kind {
                label(object.body.place("metadata.labels"), of_app);
                for template in TEMPLATES {
                    if object.body.at(&format!("{template}.spec.containers")).is_some() {
                        label(object.body.place(&format!("{template}.metadata.labels")), of_app);
                    }
                }
            }
        }
    }
}

fn label(place: &mut Data, labels: &[(String, String)]) {
    if !matches!(place, Data::Map(_)) {
        *place = Data::Map(Bag::default());
    }
    if let Data::Map(own) = place {
        for (key, value) in labels {
            if own.get(key).is_none() {
                own.set(key.clone(), value.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{Platform, codes, workload};

    #[test]
    fn adds_app_labels_without_overriding_existing_labels() {
        let platform = Platform::synth("shop", |app| {
            app.label("acme.example/team", "shop").label("app.kubernetes.io/name", "all");
            workload(app).env("LEVEL", "info");
        });
        let deployment = platform.object("Deployment", "orders");
        for labels in ["metadata.labels", "spec.template.metadata.labels"] {
            let labels = deployment.get(labels);
            assert_eq!(labels["acme.example/team"], "shop", "{labels}");
            assert_eq!(labels["app.kubernetes.io/name"], "orders", "{labels}");
        }
        assert_eq!(platform.object("ConfigMap", "orders-config").get("metadata.labels")["acme.example/team"], "shop");
        assert_eq!(platform.object("Namespace", "shop").get("metadata.labels")["acme.example/team"], "shop");
        let selector = deployment.get("spec.selector.matchLabels");
        assert!(selector["acme.example/team"].is_null(), "a selector cannot be changed: {selector}");
    }

    #[test]
    fn reports_invalid_label_once() {
        let found = |key: &str, value: &str| {
            codes(|app| {
                app.label(key, value);
                workload(app);
            })
        };
        assert_eq!(found("team", "two words"), ["MS0413"]);
        assert_eq!(found("Acme Team", "shop"), ["MS0413"]);
        assert_eq!(found("acme.example/", "shop"), ["MS0413"]);
        assert_eq!(found("acme.example/cost-center", "4711"), [""; 0]);
    }
}
