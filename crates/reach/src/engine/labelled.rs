//! Pods selected by labels, even if no workload creates them: modeled as one additional pod of the platform.

use serde_json::json;

use super::Engine;
use crate::answer::Answer;
use crate::ends::{Source, Target};
use crate::world::World;

/// A platform with one additional pod, for several queries.
#[derive(Debug)]
pub struct Labelled {
    world: World,
    pod: Source,
    source: Source,
}

impl Labelled {
    /// Adds the pod of a source. Returns `None` if the source is not a set of pods, or if their cluster is not on the
    /// platform.
    pub fn new(world: &World, source: &Source) -> Option<Self> {
        let Source::Pods { cluster, namespace, labels, account } = source else { return None };
        // A name that a user cannot query.
        let document = json!({
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": { "name": " ", "namespace": namespace, "labels": labels },
            "spec": { "serviceAccountName": account }
        });
        let (world, id) = world.with_pod(cluster, document)?;
        Some(Self { world, pod: Source::Workload(id), source: source.clone() })
    }

    /// Returns the platform with the pod.
    pub fn world(&self) -> &World {
        &self.world
    }

    /// Returns the answer for the pods from an engine of [`Self::world`].
    pub fn ask(&self, engine: &Engine<'_>, target: &Target) -> Answer {
        let answer = engine.ask(&self.pod, target);
        Answer { from: super::words::say_source(&self.world, &self.source), ..answer }
    }
}
