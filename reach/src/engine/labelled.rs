//! Pods by their labels, whether a workload makes them or not: as one more pod of the platform.

use serde_json::json;

use super::Engine;
use crate::answer::Answer;
use crate::ends::{Source, Target};
use crate::world::World;

/// A platform with one more pod, for many questions about it.
#[derive(Debug)]
pub struct Labelled {
    world: World,
    pod: Source,
    source: Source,
}

impl Labelled {
    /// The pod of a source; none where the source is not pods, or their cluster is not on the platform.
    pub fn new(world: &World, source: &Source) -> Option<Self> {
        let Source::Pods { cluster, namespace, labels, account } = source else { return None };
        // Nobody can ask for it by name.
        let document = json!({
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": { "name": " ", "namespace": namespace, "labels": labels },
            "spec": { "serviceAccountName": account }
        });
        let (world, id) = world.with_pod(cluster, document)?;
        Some(Self { world, pod: Source::Workload(id), source: source.clone() })
    }

    /// The platform with the pod.
    pub fn world(&self) -> &World {
        &self.world
    }

    /// What an engine of [`Self::world`] answers for the pods.
    pub fn ask(&self, engine: &Engine<'_>, target: &Target) -> Answer {
        let answer = engine.ask(&self.pod, target);
        Answer { from: super::words::say_source(&self.world, &self.source), ..answer }
    }
}
