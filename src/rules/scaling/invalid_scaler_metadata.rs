//! The metadata of a KEDA trigger does not match its scaler.
//!
//! # What it reports
//!
//! The rule reports:
//!
//! - an unknown scaler, a parameter with a misspelled name, an invalid value, or a missing required parameter: an error
//! - a deprecated parameter, or an unknown parameter that is not similar to another one, which KEDA ignores: a warning
//!
//! A required parameter may come from a `TriggerAuthentication` or an environment variable (`<parameter>FromEnv`).
//! Required parameters are checked only for common scalers.
//!
//! # Why it matters
//!
//! Kubernetes accepts any metadata, because each scaler has its own parameters. A mistake appears only when KEDA
//! evaluates the trigger: the `ScaledObject` never becomes ready, and the workload does not scale.
//!
//! # Fix
//!
//! Use the name and parameters in the reference page of the scaler. `mesh::Trigger` generates the metadata.
//!
//! Source: <https://keda.sh/docs/2.20/scalers/>

use crate::diag::Diagnostic;
use crate::facts::{self, Scaler};
use crate::synth::{Link, Model};
use crate::tree::NodeId;
use crate::val::{Bag, Data};
use crate::rules::index::items;
use crate::rules::index::pods::called;

/// The scalers whose required parameters do not depend on their use.
const EXACT: [&str; 8] =
    ["aws-cloudwatch", "aws-sqs-queue", "cpu", "cron", "kafka", "memory", "prometheus", "redis"];
/// The reference pages of the scalers.
const PAGE: &str = "https://keda.sh/docs/2.20/scalers/";

pub(super) fn check(model: &Model, _: &Link, out: &mut Vec<Diagnostic>) {
    for (id, object) in model.of_kind("ScaledObject").chain(model.of_kind("ScaledJob")) {
        for (path, trigger) in items(object.body.at("spec.triggers"), "spec.triggers") {
            let Some(kind) = trigger.at("type").and_then(Data::as_str) else { continue };
            let none = Bag::default();
            let metadata = trigger.at("metadata").and_then(Data::as_map).unwrap_or(&none);
            let found = Found { model, id, name: called(object), kind, path };
            match facts::scaler(kind) {
                None => out.push(found.unknown()),
                Some(scaler) => found.check(scaler, metadata, out),
            }
        }
    }
}

/// A trigger of an object.
struct Found<'a> {
    model: &'a Model,
    id: NodeId,
    name: String,
    kind: &'a str,
    /// The path of the trigger in the object.
    path: String,
}

impl Found<'_> {
    fn unknown(&self) -> Diagnostic {
        if let Some(near) = facts::nearest(self.kind, facts::scalers().keys().map(String::as_str)) {
            return self.unknown_with(format!("did you mean `{near}`?"));
        }
        let near = facts::scalers().keys().filter(|known| known.contains(self.kind) || self.kind.contains(*known));
        let near: Vec<_> = near.take(3).map(|known| format!("`{known}`")).collect();
        let help = match near.is_empty() {
            true => format!("use a scaler from {PAGE}"),
            false => format!("use a scaler from {PAGE}, such as {}", near.join(" or ")),
        };
        self.unknown_with(help)
    }

    fn unknown_with(&self, help: String) -> Diagnostic {
        let message = format!("{} has a trigger of type `{}`, which KEDA does not support", self.name, self.kind);
        self.model.error(self.id, "MS0950", message).field(format!("{}.type", self.path)).help(help)
    }

    fn check(&self, scaler: &Scaler, metadata: &Bag, out: &mut Vec<Diagnostic>) {
        for (key, value) in metadata.iter() {
            let of_env = key.strip_suffix("FromEnv").and_then(|name| scaler.get(name)).filter(|it| it.from_env);
            let Some(parameter) = of_env.or_else(|| scaler.get::<str>(key).filter(|it| it.in_metadata)) else {
                let known = scaler.iter().filter(|(_, it)| it.in_metadata).map(|(name, _)| name);
                let near = facts::nearest(key, known.map(String::as_str));
                let what = format!("has the parameter `{key}`, which the scaler does not support");
                out.push(match near {
                    Some(near) => self.error(what).help(format!("did you mean `{near}`?")),
                    None => self.warning(format!("{what}; KEDA ignores it")).help(self.takes(scaler)),
                }.field(self.of(key)));
                continue;
            };
            if parameter.deprecated {
                let message = format!("{}: the parameter `{key}` of scaler `{}` is deprecated", self.name, self.kind);
                let help = format!("use the parameter that {PAGE}{} lists instead", self.kind);
                out.push(self.model.warning(self.id, "MS0950", message).field(self.of(key)).help(help));
            }
            // MS0905 checks the authentication of `apache-kafka`.
            let is_login = self.kind == "apache-kafka" && key == "sasl";
            let value = value.as_str().filter(|_| of_env.is_none() && !parameter.allowed.is_empty() && !is_login);
            if let Some(value) = value.filter(|value| !parameter.allowed.iter().any(|it| it == value)) {
                let allowed: Vec<_> = parameter.allowed.iter().map(|it| format!("`{it}`")).collect();
                let message = format!("has the invalid value `{value}` for `{key}`");
                out.push(self.error(message).field(self.of(key)).help(format!("use one of {}", allowed.join(", "))));
            }
        }
        for (name, parameter) in scaler.iter().filter(|_| EXACT.contains(&self.kind)) {
            let is_given = metadata.get(name).is_some() || metadata.get(&format!("{name}FromEnv")).is_some();
            if parameter.in_metadata && !parameter.optional && !parameter.from_authentication && !is_given {
                out.push(self.error(format!("does not set the required `{name}`")).field(self.of(name)).help(format!("set `{name}` in the metadata of the trigger")));
            }
        }
    }

    /// Returns the path of a parameter.
    fn of(&self, parameter: &str) -> String {
        format!("{}.metadata.{parameter}", self.path)
    }

    fn error(&self, what: String) -> Diagnostic {
        self.model.error(self.id, "MS0950", self.message(&what))
    }

    fn warning(&self, what: String) -> Diagnostic {
        self.model.warning(self.id, "MS0950", self.message(&what))
    }

    fn message(&self, what: &str) -> String {
        format!("{}: the trigger of type `{}` {what}", self.name, self.kind)
    }

    fn takes(&self, scaler: &Scaler) -> String {
        let known: Vec<_> =
            scaler.iter().filter(|(_, it)| it.in_metadata).map(|(name, _)| format!("`{name}`")).collect();
        format!("the scaler supports {}", known.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::rules::testing::pods::{codes_of, orders};

    fn scaled(trigger: Value) -> Vec<&'static str> {
        let resources = json!({ "requests": { "cpu": "250m" } });
        let containers = json!([{ "name": "orders", "image": "orders:1.0.0", "resources": resources }]);
        let scaler = json!({
            "apiVersion": "keda.sh/v1alpha1",
            "kind": "ScaledObject",
            "metadata": { "name": "orders" },
            "spec": { "scaleTargetRef": { "name": "orders" }, "minReplicaCount": 1, "triggers": [trigger] },
        });
        codes_of([orders(json!({ "containers": containers })), scaler])
    }

    fn kafka(more: Value) -> Value {
        let mut metadata = json!({ "bootstrapServers": "b-1:9092", "consumerGroup": "billing", "topic": "orders" });
        crate::rules::testing::pods::merge(&mut metadata, more);
        json!({ "type": "kafka", "metadata": metadata })
    }

    #[test]
    fn reports_a_misspelled_scaler_parameter_or_value() {
        assert_eq!(scaled(json!({ "type": "kafak", "metadata": {} })), ["MS0950"]);
        assert_eq!(scaled(kafka(json!({ "lagTreshold": "10" }))), ["MS0950"]);
        assert_eq!(scaled(kafka(json!({ "sasl": "aws_msk_iam" }))), ["MS0950"]);
    }

    #[test]
    fn reports_missing_required_parameters() {
        assert_eq!(scaled(json!({ "type": "cron", "metadata": { "timezone": "UTC", "start": "0 8 * * *", "desiredReplicas": "2" } })), ["MS0950"]);
    }

    #[test]
    fn warns_about_a_parameter_that_keda_ignores() {
        let scaler = "{ apiVersion: keda.sh/v1alpha1, kind: ScaledObject, metadata: { name: gateway, namespace: shop }, spec: { scaleTargetRef: \
            { name: gateway }, minReplicaCount: 0, triggers: [{ type: prometheus, metadata: { serverAddress: 'http://prometheus:9090', \
            metricName: requests, query: 'sum(rate(requests_total[2m]))', threshold: '90' } }] } }";
        assert_eq!(crate::rules::testing::manifests::warned(scaler), ["MS0950"]);
    }

    #[test]
    fn warns_about_a_deprecated_parameter() {
        let trigger = json!({ "type": "cpu", "metadata": { "type": "Utilization", "value": "70" } });
        assert_eq!(scaled(trigger), ["MS0950"]);
    }

    #[test]
    fn accepts_parameters_of_the_scaler() {
        assert_eq!(scaled(kafka(json!({ "sasl": "oauthbearer", "lagThreshold": "10" }))), [""; 0]);
        assert_eq!(scaled(json!({ "type": "kafka", "metadata": { "bootstrapServersFromEnv": "BROKERS", "consumerGroup": "billing" } })), [""; 0]);
        assert_eq!(scaled(json!({ "type": "cpu", "metricType": "Utilization", "metadata": { "value": "70" } })), [""; 0]);
        let redis = json!({ "type": "redis", "metadata": { "address": "cache:6379", "listName": "mails" } });
        assert_eq!(scaled(redis), [""; 0]);
    }
}
