//! Cached effects of a loss, so that each workload and resource is evaluated once.

use std::collections::HashMap;

use crate::world::{ResourceId, WorkloadId};

use super::nodes::{self, Pool};
use super::outcome::{Judgement, Outcome};
use super::site::Site;
use super::{stores, workloads};

/// The effects of a loss on workloads and resources.
pub struct Known<'a> {
    /// The world and the loss.
    pub site: Site<'a>,
    /// The node pools of each cluster.
    pub pools: Vec<Vec<Pool>>,
    /// The effects on each workload.
    workloads: Vec<Judgement>,
    resources: HashMap<ResourceId, Judgement>,
    /// The resources by name.
    names: HashMap<String, Vec<ResourceId>>,
}

/// The workloads and the resource at a path of the program.
#[derive(Clone, Debug, Default)]
pub struct End {
    /// The workloads.
    pub workloads: Vec<WorkloadId>,
    /// The resource.
    pub resource: Option<ResourceId>,
}

impl<'a> Known<'a> {
    /// Evaluates all workloads, data stores and supporting resources.
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

    /// Returns the effects on a workload.
    pub fn workload(&self, id: WorkloadId) -> &Judgement {
        &self.workloads[id.0]
    }

    /// Returns the effects on a resource.
    pub fn resource(&self, id: ResourceId) -> &Judgement {
        &self.resources[&id]
    }

    /// Returns the workloads and the resource at a path of the program.
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

    /// Whether the diagram node at a path of the program is in a lost region.
    pub fn is_node_away(&self, path: &str) -> bool {
        self.site.world.nodes.iter().any(|it| it.path == path && self.site.is_region_lost(&it.region))
    }

    /// Returns the name of a workload, with its cluster if there are several.
    pub fn title(&self, id: WorkloadId) -> String {
        let world = self.site.world;
        let workload = world.workload(id);
        if world.clusters.len() < 2 {
            return workload.title();
        }
        format!("{}/{}", world.clusters[workload.cluster].id, workload.title())
    }

    /// Returns the best outcome of some workloads.
    pub fn best(&self, ids: &[WorkloadId]) -> Option<&Judgement> {
        ids.iter().map(|id| self.workload(*id)).min_by_key(|it| it.outcome)
    }

    /// Whether an outcome means that no requests are currently served.
    pub fn is_down(outcome: Outcome) -> bool {
        outcome >= Outcome::ByHand
    }
}
