//! What is already known of a world in which something is lost, so that nothing is judged twice.

use std::collections::HashMap;

use crate::world::{ResourceId, WorkloadId};

use super::nodes::{self, Pool};
use super::outcome::{Judgement, Outcome};
use super::site::Site;
use super::{stores, workloads};

/// What becomes of workloads and of resources.
pub struct Known<'a> {
    /// The world, and what is lost of it.
    pub site: Site<'a>,
    /// The nodes of each cluster.
    pub pools: Vec<Vec<Pool>>,
    /// What becomes of each workload.
    workloads: Vec<Judgement>,
    resources: HashMap<ResourceId, Judgement>,
    /// The resources by the names that people call them.
    names: HashMap<String, Vec<ResourceId>>,
}

/// What a path of the program names.
#[derive(Clone, Debug, Default)]
pub struct End {
    /// The workloads there.
    pub workloads: Vec<WorkloadId>,
    /// The resource there.
    pub resource: Option<ResourceId>,
}

impl<'a> Known<'a> {
    /// Judges all workloads, and what holds data or is needed.
    pub fn new(site: Site<'a>) -> Self {
        let world = site.world;
        let pools: Vec<Vec<Pool>> = (0..world.clusters.len()).map(|at| nodes::pools(&site, at)).collect();
        let of = |id: WorkloadId| workloads::judge(&site, &pools[world.workload(id).cluster], id);
        let workloads = world.workload_ids().map(of).collect();
        let ids = (0..world.resources.len()).map(ResourceId);
        let resources = ids.map(|id| (id, stores::judge(&site, id))).collect();
        let mut names: HashMap<String, Vec<ResourceId>> = HashMap::new();
        for id in (0..world.resources.len()).map(ResourceId) {
            names.entry(world.resource(id).name()).or_default().push(id);
        }
        Self { site, pools, workloads, resources, names }
    }

    /// What becomes of a workload.
    pub fn workload(&self, id: WorkloadId) -> &Judgement {
        &self.workloads[id.0]
    }

    /// What becomes of a resource.
    pub fn resource(&self, id: ResourceId) -> &Judgement {
        &self.resources[&id]
    }

    /// What is at a path of the program.
    pub fn end(&self, path: &str) -> End {
        let world = self.site.world;
        let is_at = |it: &str| it == path || it.strip_prefix(path).is_some_and(|rest| rest.starts_with('/'));
        let workloads: Vec<WorkloadId> =
            world.workload_ids().filter(|id| is_at(&world.object_of(*id).at.construct)).collect();
        let named = self.names.get(path).into_iter().flatten().copied();
        let resource = named.min_by_key(|id| {
            let type_name = &world.resource(*id).type_name;
            !super::kinds::is_store(type_name) && !super::kinds::is_means(type_name)
        });
        End { workloads, resource }
    }

    /// The region of a path of the program, by its picture.
    pub fn is_node_away(&self, path: &str) -> bool {
        self.site.world.nodes.iter().any(|it| it.path == path && self.site.is_region_lost(&it.region))
    }

    /// What people call a workload: with its cluster, where there are several.
    pub fn title(&self, id: WorkloadId) -> String {
        let world = self.site.world;
        let workload = world.workload(id);
        if world.clusters.len() < 2 {
            return workload.title();
        }
        format!("{}/{}", world.clusters[workload.cluster].id, workload.title())
    }

    /// The best that becomes of some workloads.
    pub fn best(&self, ids: &[WorkloadId]) -> Option<&Judgement> {
        ids.iter().map(|id| self.workload(*id)).min_by_key(|it| it.outcome)
    }

    /// Whether something is so bad that it serves nobody now.
    pub fn is_down(outcome: Outcome) -> bool {
        outcome >= Outcome::ByHand
    }
}
