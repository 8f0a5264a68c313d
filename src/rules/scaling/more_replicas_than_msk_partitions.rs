//! A Kafka trigger can scale to more pods than its MSK topic has partitions.
//!
//! # What it reports
//!
//! The maximum of a `ScaledObject` with a `kafka` trigger is greater than the number of partitions of its topic. The
//! program defines the topic. Triggers with `allowIdleConsumers` are not reported.
//!
//! # Why it matters
//!
//! One consumer of a group reads each partition, so additional consumers would be idle. KEDA creates no more pods than
//! partitions, and the workload never reaches its maximum. Under load, it does not scale further, and the reason is not
//! visible.
//!
//! # Fix
//!
//! Set the maximum to at most the number of partitions, add partitions to the topic, or allow idle consumers
//! (`allowIdleConsumers`, `Trigger::with_idle_consumers`).
//!
//! Source: <https://keda.sh/docs/2.20/scalers/apache-kafka/>

use crate::diag::Diagnostic;
use crate::synth::{Link, Model};
use crate::tree::NodeId;
use crate::val::Data;
use crate::rules::index::pods::{self, called};

pub(super) fn check(model: &Model, _: &Link, out: &mut Vec<Diagnostic>) {
    for scaler in pods::scalers(model).filter(|scaler| scaler.object.kind == "ScaledObject") {
        for trigger in scaler.object.body.at("spec.triggers").map(Data::items).unwrap_or_default() {
            let text = |path: &str| trigger.at(path).and_then(Data::as_str);
            let may_idle = text("metadata.allowIdleConsumers") == Some("true");
            let (Some("kafka"), Some(topic), false, Some(max)) =
                (text("type"), text("metadata.topic"), may_idle, scaler.max)
            else {
                continue;
            };
            let cluster = trigger.at("metadata.bootstrapServers").and_then(Data::as_attr).map(|attr| attr.node);
            let Some((id, partitions)) = cluster.and_then(|cluster| partitions(model, cluster, topic)) else { continue };
            if max > partitions {
                let message = format!(
                    "{} has a maximum of {max} pods, but topic `{topic}` has only {partitions} partitions",
                    called(scaler.object)
                );
                out.push(
                    model
                        .error(scaler.id, "MS0954", message)
                        .note_at("the topic is defined here", model.node(id).at)
                        .help(format!(
                            "set the maximum to {partitions} or less, add partitions to the topic, or allow idle consumers"
                        )),
                );
            }
        }
    }
}

/// Returns the topic of a cluster that the program defines, and the number of its partitions.
fn partitions(model: &Model, cluster: NodeId, topic: &str) -> Option<(NodeId, i64)> {
    let (id, found) = model.of_type("AWS::MSK::Topic").find(|(_, it)| {
        let is_there = it.props.get("ClusterArn").and_then(Data::as_attr).is_some_and(|attr| attr.node == cluster);
        is_there && it.props.get("TopicName").and_then(Data::as_str) == Some(topic)
    })?;
    Some((id, found.props.get("PartitionCount")?.as_int()?))
}

#[cfg(test)]
mod tests {
    use crate::mesh::addons::Keda;
    use crate::mesh::{Events, Scale, Trigger, Workload, WorkloadProps};
    use crate::testing::{codes, namespace};
    use crate::{App, msk};

    fn consumer(app: &App, trigger: impl FnOnce(Trigger) -> Trigger, max: u32) {
        let shop = namespace(app);
        let cluster = shop.cluster();
        let kafka = msk::Cluster::new(cluster, "kafka", cluster.vpc(), Default::default());
        let topic = kafka.add_topic("orders", msk::TopicProps { partitions: 6, ..Default::default() });
        let keda = Keda::new(cluster, "keda", cluster);
        let trigger = trigger(Trigger::kafka(&topic, "billing", 100));
        let scale = Scale::Events(Events { max, ..Events::new(&keda, [trigger]) });
        let props = WorkloadProps { scale, ..Default::default() };
        Workload::new(&shop, "billing", "registry.example/billing:1.0.0", props);
    }

    #[test]
    fn reports_more_pods_than_partitions() {
        assert_eq!(codes(|app| consumer(app, |it| it, 7)), ["MS0954"]);
    }

    #[test]
    fn accepts_as_many_pods_as_partitions_and_idle_consumers() {
        assert_eq!(codes(|app| consumer(app, |it| it, 6)), [""; 0]);
        assert_eq!(codes(|app| consumer(app, Trigger::with_idle_consumers, 7)), [""; 0]);
    }
}
