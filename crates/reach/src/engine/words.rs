//! Descriptions of sources and targets.

use crate::ends::{Port, Source, Target};
use crate::world::World;

/// Describes a source.
pub fn say_source(world: &World, source: &Source) -> String {
    match source {
        Source::Internet => "internet".to_owned(),
        Source::Addresses(block) => block.clone(),
        Source::Workload(id) => world.workload(*id).title(),
        Source::Pods { namespace, labels, .. } => {
            let labels: Vec<String> = labels.iter().map(|(key, value)| format!("{key}={value}")).collect();
            format!("pods {}({})", namespace, labels.join(","))
        }
        Source::Resource(id) | Source::Role(id) => world.resource(*id).name(),
        Source::Principal(arn) => arn.clone(),
        Source::Account(id) => format!("account {id}"),
    }
}

/// Describes a target.
pub fn say_target(world: &World, target: &Target) -> String {
    let with = |name: String, port: &Option<Port>| match port {
        Some(port) => format!("{name}:{}", port.number),
        None => name,
    };
    match target {
        Target::Workload(id, port) => with(world.workload(*id).title(), port),
        Target::Resource(id, port) => with(world.resource(*id).name(), port),
        Target::Action(action, id) => format!("{action} on {}", world.resource(*id).name()),
        Target::Address(address, port) => format!("{address}:{}", port.number),
    }
}
