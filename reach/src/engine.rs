//! Questions put to a world.

use crate::answer::{Answer, Layer, Link, Verdict};
use crate::ends::{Source, Target};
use crate::world::World;

/// A world, prepared for questions.
#[derive(Debug)]
pub struct Engine<'a> {
    world: &'a World,
}

impl<'a> Engine<'a> {
    /// Prepares a world.
    pub fn new(world: &'a World) -> Self {
        Self { world }
    }

    /// The world.
    pub fn world(&self) -> &'a World {
        self.world
    }

    /// Whether a source reaches a target, and what decides.
    pub fn ask(&self, source: &Source, target: &Target) -> Answer {
        let unknown = Link::new(Layer::Route, Verdict::Unknown, "the engine does not know this way yet");
        Answer::of(self.say_source(source), self.say_target(target), vec![unknown])
    }

    /// A source in words.
    pub fn say_source(&self, source: &Source) -> String {
        match source {
            Source::Internet => "internet".to_owned(),
            Source::Addresses(block) => block.clone(),
            Source::Workload(id) => self.world.workload(*id).title(),
            Source::Pods { namespace, labels, .. } => {
                let labels: Vec<String> = labels.iter().map(|(key, value)| format!("{key}={value}")).collect();
                format!("pods {}({})", namespace, labels.join(","))
            }
            Source::Resource(id) | Source::Role(id) => self.world.resource(*id).name(),
            Source::Principal(arn) => arn.clone(),
            Source::Account(id) => format!("account {id}"),
        }
    }

    /// A target in words.
    pub fn say_target(&self, target: &Target) -> String {
        let with = |name: String, port: &Option<crate::ends::Port>| match port {
            Some(port) => format!("{name}:{}", port.number),
            None => name,
        };
        match target {
            Target::Workload(id, port) => with(self.world.workload(*id).title(), port),
            Target::Resource(id, port) => with(self.world.resource(*id).name(), port),
            Target::Action(action, id) => format!("{action} on {}", self.world.resource(*id).name()),
            Target::Address(address, port) => format!("{address}:{}", port.number),
        }
    }
}
