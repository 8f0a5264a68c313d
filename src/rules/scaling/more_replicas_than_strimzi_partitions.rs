//! A Kafka trigger can scale to more pods than its Strimzi topic has partitions.
//!
//! # What it reports
//!
//! The maximum of a `ScaledObject` is greater than the number of partitions of a `KafkaTopic` of the Strimzi operator.
//! The finding is a warning. Objects with several triggers, and triggers with `allowIdleConsumers`, are not reported.
//! `MS0954` checks topics of Amazon MSK.
//!
//! # Why it matters
//!
//! One consumer of a group reads each partition. KEDA stops at the number of partitions, so the workload never reaches
//! its maximum. With `allowIdleConsumers`, the additional pods have no work.
//!
//! # Fix
//!
//! Add partitions to the topic, or decrease `maxReplicaCount`.
//!
//! Source: <https://keda.sh/docs/latest/scalers/apache-kafka/>

use crate::hash::FastMap;
use crate::diag::Diagnostic;
use crate::tree::NodeId;
use crate::val::Data;
use crate::rules::index::{Mesh, items};
use crate::rules::index::pods::called;

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Diagnostic>) {
    let topics = topics(mesh);
    for scaler in mesh.all("keda.sh", "ScaledObject") {
        let body = &scaler.object.body;
        let max = body.at("spec.maxReplicaCount").map_or(Some(100), Data::as_int);
        let triggers: Vec<_> = items(body.at("spec.triggers"), "spec.triggers").collect();
        // Another trigger may need the additional pods.
        let [(path, trigger)] = triggers.as_slice() else { continue };
        let text = |key: &str| trigger.at("metadata").and_then(|it| it.at(key)).map(Data::to_text).unwrap_or_default();
        let is_kafka = matches!(trigger.at("type").and_then(Data::as_str), Some("kafka" | "apache-kafka"));
        let allows = text("allowIdleConsumers") == "true";
        let (Some(max), Some((n_partitions, topic))) = (max, topics.get(&text("topic"))) else { continue };
        if !is_kafka || allows || max <= *n_partitions {
            continue;
        }
        let message = format!("{} has a maximum of {max} pods, but only {n_partitions} partitions of topic `{}`", called(scaler.object), text("topic"));
        let field = if body.at("spec.maxReplicaCount").is_some() { "spec.maxReplicaCount".to_owned() } else { path.clone() };
        out.push(
            mesh.model
                .warning(scaler.id, "MS0904", message)
                .field(field)
                .note_at("the topic is defined here", mesh.model.node(*topic).at)
                .help(format!("set `maxReplicaCount` to {n_partitions}, or add partitions to the topic")),
        );
    }
}

/// Returns the number of partitions of each topic of the Strimzi operator.
fn topics(mesh: &Mesh<'_>) -> FastMap<String, (i64, NodeId)> {
    let mut found = FastMap::default();
    for topic in mesh.all("kafka.strimzi.io", "KafkaTopic") {
        let name = topic.object.body.at("spec.topicName").map_or_else(|| topic.object.name.clone(), Data::to_text);
        if let Some(partitions) = topic.object.body.at("spec.partitions").and_then(Data::as_int) {
            found.insert(name, (partitions, topic.id));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::manifests::open;

    fn scaler(max: u16, more: &str) -> String {
        format!(
            "apiVersion: kafka.strimzi.io/v1\nkind: KafkaTopic\nmetadata: {{ name: orders, namespace: kafka }}\nspec: {{ partitions: 6 }}\n\
             ---\napiVersion: keda.sh/v1alpha1\nkind: ScaledObject\nmetadata: {{ name: orders }}\n\
             spec: {{ scaleTargetRef: {{ name: orders }}, maxReplicaCount: {max}, triggers: [{{ type: kafka, \
             metadata: {{ bootstrapServers: 'kafka:9092', consumerGroup: orders, topic: orders{more} }} }}] }}\n"
        )
    }

    #[test]
    fn warns_about_more_pods_than_partitions() {
        assert_eq!(open(&scaler(10, "")), ["MS0904"]);
    }

    #[test]
    fn accepts_as_many_pods_as_partitions() {
        assert_eq!(open(&scaler(6, "")), [""; 0]);
        assert_eq!(open(&scaler(10, ", allowIdleConsumers: 'true'")), [""; 0]);
    }
}
