//! The workloads, resources and roles of a construct in a relation.

use std::collections::HashMap;

use crate::ends::Source;
use crate::world::{ResourceId, WorkloadId, World};

/// The content of constructs by path.
pub struct Ends<'a> {
    world: &'a World,
    /// By the path and by each ancestor path.
    workloads: HashMap<&'a str, Vec<WorkloadId>>,
    resources: HashMap<&'a str, Vec<ResourceId>>,
}

impl<'a> Ends<'a> {
    /// Collects the constructs of a world.
    pub fn new(world: &'a World) -> Self {
        let mut ends = Self { world, workloads: HashMap::new(), resources: HashMap::new() };
        for id in world.workload_ids() {
            let path = world.object_of(id).at.construct.as_str();
            above(path).for_each(|it| ends.workloads.entry(it).or_default().push(id));
        }
        for (at, resource) in world.resources.iter().enumerate() {
            let path = resource.at.construct.trim_end_matches("/resource");
            above(path).for_each(|it| ends.resources.entry(it).or_default().push(ResourceId(at)));
        }
        ends
    }

    /// Returns the workloads of a construct.
    pub fn workloads(&self, path: &str) -> &[WorkloadId] {
        self.workloads.get(path).map_or(&[], Vec::as_slice)
    }

    /// Returns the resources of a construct, its own resource first.
    pub fn resources(&self, path: &str) -> Vec<ResourceId> {
        let all = self.resources.get(path).cloned().unwrap_or_default();
        let (own, below): (Vec<_>, Vec<_>) = all.into_iter().partition(|id| self.world.resource(*id).name() == path);
        own.into_iter().chain(below).collect()
    }

    /// Returns the sources that act for a construct: its workloads, or its own resource, such as a
    /// function.
    pub fn sources(&self, path: &str) -> Vec<Source> {
        let workloads = self.workloads(path);
        if !workloads.is_empty() {
            return workloads.iter().copied().map(Source::Workload).collect();
        }
        let own = self.resources(path).into_iter().filter(|id| self.world.resource(*id).name() == path);
        own.map(|id| crate::find::source_of(self.world, id)).collect()
    }

    /// Returns the roles that a construct defines.
    pub fn roles(&self, path: &str) -> Vec<ResourceId> {
        let is_role = |id: &ResourceId| self.world.resource(*id).type_name == "AWS::IAM::Role";
        self.resources(path).into_iter().filter(is_role).collect()
    }
}

/// Returns a path and all its ancestors.
pub fn above(path: &str) -> impl Iterator<Item = &str> {
    let cuts = path.char_indices().filter(|(_, it)| *it == '/').map(|(at, _)| &path[..at]);
    cuts.chain([path]).filter(|it| !it.is_empty())
}
