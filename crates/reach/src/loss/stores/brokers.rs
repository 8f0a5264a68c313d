//! Amazon MSK clusters.
//!
//! Source: <https://docs.aws.amazon.com/msk/latest/developerguide/bestpractices.html>.

use std::collections::BTreeMap;

use crate::world::{Resource, ResourceId};

use super::super::outcome::{Cause, Judgement, Outcome, Stage, Step};
use super::super::places;
use super::super::site::Site;

/// Returns the broker properties of a configuration, which has one in each line.
fn settings(resource: &Resource) -> BTreeMap<String, String> {
    let text = resource.property("ServerProperties").as_str().unwrap_or_default();
    let pair = |line: &str| line.split_once('=').map(|(key, value)| (key.trim().to_owned(), value.trim().to_owned()));
    text.lines().filter(|it| !it.trim_start().starts_with('#')).filter_map(pair).collect()
}

/// The replication of a topic, or the default replication of undefined topics.
struct Copies {
    what: String,
    field: &'static str,
    at: crate::world::At,
    copies: u64,
    in_sync: u64,
}

fn number(settings: &BTreeMap<String, String>, key: &str, default: u64) -> u64 {
    settings.get(key).and_then(|it| it.parse().ok()).unwrap_or(default)
}

/// Returns the effects on a cluster in a remaining region.
pub fn zone(site: &Site<'_>, id: ResourceId) -> Judgement {
    let resource = site.resource(id);
    let (hit, field) = site.hit_resource(id);
    if hit.is_none() {
        return Judgement::untouched();
    }
    let zones = (hit.lost + hit.left + hit.unknown) as u64;
    if hit.is_whole() {
        return Judgement::new(Outcome::Lost, Cause::field(resource, field, "all its brokers are in the zone"));
    }
    let configuration = site.world.named_by(resource.property("ConfigurationInfo.Arn")).map(|it| site.resource(it));
    let settings = configuration.map(settings).unwrap_or_default();
    // The defaults of MSK: three replicas in three zones, two in two. Two of three must be in sync.
    let usual = if zones > 2 { 3 } else { 2 };
    let in_sync = number(&settings, "min.insync.replicas", if zones > 2 { 2 } else { 1 });
    let decides = configuration.unwrap_or(resource);
    let mut all = vec![Copies {
        what: decides.title(),
        field: "ServerProperties",
        at: decides.at.clone(),
        copies: number(&settings, "default.replication.factor", usual),
        in_sync,
    }];
    let topics = site.world.of_type("AWS::MSK::Topic").iter().map(|it| site.resource(*it));
    all.extend(topics.filter(|it| site.world.named_by(it.property("ClusterArn")) == Some(id)).map(|topic| Copies {
        what: topic.title(),
        field: "ReplicationFactor",
        at: topic.at.clone(),
        copies: topic.property("ReplicationFactor").as_u64().unwrap_or(usual),
        in_sync: topic.property("Configs.min.insync.replicas").as_u64().unwrap_or(in_sync),
    }));
    // Brokers know their zones, so replicas are distributed over them.
    let left = |it: &Copies| it.copies.saturating_sub(it.copies.div_ceil(zones.max(1)));
    if let Some(bad) = all.iter().find(|it| left(it) == 0) {
        let why = format!(
            "with {} and {zones} zones, some partitions have copies only in the lost zone",
            count(bad.copies, "copy")
        );
        return Judgement::new(Outcome::Lost, Cause::new(why).by(&bad.what, bad.field, &bad.at));
    }
    if let Some(bad) = all.iter().find(|it| left(it) < it.in_sync) {
        let why = format!(
            "{} left, but `min.insync.replicas` is {}: producers with `acks=all` cannot write",
            match left(bad) {
                1 => "1 copy is".to_owned(),
                many => format!("{many} copies are"),
            },
            bad.in_sync
        );
        return Judgement::new(Outcome::Lost, Cause::new(why).by(&bad.what, bad.field, &bad.at));
    }
    let why = format!(
        "{} of {} copies remain, and {} are required: other brokers become leaders",
        left(&all[0]),
        all[0].copies,
        all[0].in_sync
    );
    Judgement::new(Outcome::FailsOver, Cause::new(why).by(&all[0].what, all[0].field, &all[0].at))
}

fn count(number: u64, word: &str) -> String {
    if number == 1 { format!("1 {word}") } else { format!("{number} {}", word.replace("copy", "copies")) }
}

/// Returns the effects on a cluster in a lost region.
///
/// Source: <https://docs.aws.amazon.com/msk/latest/developerguide/msk-replicator.html>.
pub fn away(site: &Site<'_>, id: ResourceId) -> Judgement {
    let resource = site.resource(id);
    for replicator in site.world.of_type("AWS::MSK::Replicator") {
        let of = site.resource(*replicator);
        let named = |field: &str| site.world.named_by(of.property(field));
        let (source, target) = (
            named("ReplicationInfoList.0.SourceKafkaClusterArn"),
            named("ReplicationInfoList.0.TargetKafkaClusterArn"),
        );
        let Some(target) = target.filter(|it| source == Some(id) && !site.is_away(*it)) else { continue };
        let (region, to) = (places::region(site.world, target), site.resource(target));
        let why = format!("{} in {region} has the topics; records that were not yet replicated are lost", to.name());
        let cause = Cause::field(of, "ReplicationInfoList", why);
        return Judgement::new(Outcome::ByHand, cause).step(Step::new(
            Stage::Data,
            format!("connect producers and consumers of {} to {} in {region}", resource.name(), to.name()),
            format!("aws kafka get-bootstrap-brokers --region {region} --cluster-arn <arn of {}>", to.name()),
        ));
    }
    let is_copy = |it: &&ResourceId| {
        site.world.named_by(site.resource(**it).property("ReplicationInfoList.0.TargetKafkaClusterArn")) == Some(id)
    };
    if let Some(replicator) = site.world.of_type("AWS::MSK::Replicator").iter().find(is_copy) {
        let of = site.resource(*replicator);
        let why = format!("the copy that {} fills is in {}", of.name(), site.lost_regions());
        return Judgement::new(Outcome::Lost, Cause::field(of, "ReplicationInfoList", why));
    }
    let why = format!("it is only in {}: no replicator copies it to another region", site.lost_regions());
    Judgement::new(Outcome::Lost, Cause::new(why).by(resource.title(), "", &resource.at))
}
