//! What stands behind a construct of a relation: its workloads, its resources, its roles.

use std::collections::HashMap;

use crate::ends::Source;
use crate::world::{ResourceId, WorkloadId, World};

/// Constructs by their paths.
pub struct Ends<'a> {
    world: &'a World,
    /// By the path and by each path above it.
    workloads: HashMap<&'a str, Vec<WorkloadId>>,
    resources: HashMap<&'a str, Vec<ResourceId>>,
}

impl<'a> Ends<'a> {
    /// The constructs of a world.
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

    /// The workloads that a construct has.
    pub fn workloads(&self, path: &str) -> &[WorkloadId] {
        self.workloads.get(path).map_or(&[], Vec::as_slice)
    }

    /// The resources that a construct has, itself first.
    pub fn resources(&self, path: &str) -> Vec<ResourceId> {
        let all = self.resources.get(path).cloned().unwrap_or_default();
        let (own, below): (Vec<_>, Vec<_>) = all.into_iter().partition(|id| self.world.resource(*id).name() == path);
        own.into_iter().chain(below).collect()
    }

    /// Who acts for a construct: its workloads, or the resource that it is, such as a function.
    pub fn sources(&self, path: &str) -> Vec<Source> {
        let workloads = self.workloads(path);
        if !workloads.is_empty() {
            return workloads.iter().copied().map(Source::Workload).collect();
        }
        let own = self.resources(path).into_iter().filter(|id| self.world.resource(*id).name() == path);
        own.map(|id| crate::find::source_of(self.world, id)).collect()
    }

    /// The roles that a construct defines for itself.
    pub fn roles(&self, path: &str) -> Vec<ResourceId> {
        let is_role = |id: &ResourceId| self.world.resource(*id).type_name == "AWS::IAM::Role";
        self.resources(path).into_iter().filter(is_role).collect()
    }
}

/// A path, and each path above it.
pub fn above(path: &str) -> impl Iterator<Item = &str> {
    let cuts = path.char_indices().filter(|(_, it)| *it == '/').map(|(at, _)| &path[..at]);
    cuts.chain([path]).filter(|it| !it.is_empty())
}
