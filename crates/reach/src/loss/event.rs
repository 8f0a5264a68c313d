//! The loss to analyze.

use std::collections::BTreeSet;

use crate::find::Unfound;
use crate::world::{ResourceId, WorkloadId, World, region_of};

use super::kinds;
use super::places;

/// A requested loss, with names as the user writes them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// Availability zones, such as `eu-west-1a`.
    pub zones: Vec<String>,
    /// Regions.
    pub regions: Vec<String>,
    /// Clusters, by their id or their name.
    pub clusters: Vec<String>,
    /// Node groups.
    pub node_groups: Vec<String>,
    /// Workloads.
    pub workloads: Vec<String>,
    /// Data stores.
    pub stores: Vec<String>,
}

/// A loss, resolved in a world.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Event {
    /// Availability zones.
    pub zones: BTreeSet<String>,
    /// Regions.
    pub regions: BTreeSet<String>,
    /// Clusters, by their index in the world.
    pub clusters: BTreeSet<usize>,
    /// Node groups.
    pub node_groups: BTreeSet<ResourceId>,
    /// Workloads.
    pub workloads: BTreeSet<WorkloadId>,
    /// Data stores.
    pub stores: BTreeSet<ResourceId>,
}

impl Asked {
    /// Describes the requested loss.
    pub fn words(&self) -> String {
        let lists = [&self.zones, &self.regions, &self.clusters, &self.node_groups, &self.workloads, &self.stores];
        lists.into_iter().flatten().cloned().collect::<Vec<_>>().join(", ")
    }

    /// Resolves the loss in a world. If a name is not found, returns the name and the reason.
    pub fn event(&self, world: &World) -> Result<Event, (String, Unfound)> {
        let mut event = Event::default();
        let zones = places::zones(world);
        let regions = places::regions(world);
        for zone in &self.zones {
            let letter = zone.chars().last().map(String::from).unwrap_or_default();
            let is_known = zones.contains(zone) || (zones.contains(&letter) && region_of(zone).is_some());
            if !is_known && (!zones.is_empty() || region_of(zone).is_none()) {
                return Err((zone.clone(), Unfound::Unknown(zones.into_iter().collect())));
            }
            event.zones.insert(zone.clone());
        }
        for region in &self.regions {
            if !regions.contains(region) {
                return Err((region.clone(), Unfound::Unknown(regions.into_iter().collect())));
            }
            event.regions.insert(region.clone());
        }
        for name in &self.clusters {
            let called = |it: &&usize| world.clusters[**it].id == *name || world.clusters[**it].name == *name;
            let all: Vec<usize> = (0..world.clusters.len()).collect();
            let found: Vec<usize> = all.iter().filter(called).copied().collect();
            if found.is_empty() {
                let names = world.clusters.iter().map(|it| it.id.clone()).collect();
                return Err((name.clone(), Unfound::Unknown(names)));
            }
            event.clusters.extend(found);
        }
        for name in &self.node_groups {
            let is_group = |type_name: &str| type_name == "AWS::EKS::Nodegroup";
            event.node_groups.insert(resource(world, name, is_group).map_err(|it| (name.clone(), it))?);
        }
        for name in &self.workloads {
            event.workloads.extend(workloads(world, name).map_err(|it| (name.clone(), it))?);
        }
        for name in &self.stores {
            let is_store = |type_name: &str| kinds::is_store(type_name);
            event.stores.insert(resource(world, name, is_store).map_err(|it| (name.clone(), it))?);
        }
        Ok(event)
    }
}

fn workloads(world: &World, name: &str) -> Result<Vec<WorkloadId>, Unfound> {
    let found = world.workloads_called(name);
    let titles: BTreeSet<String> = found.iter().map(|id| world.workload(*id).title()).collect();
    match titles.len() {
        0 => Err(Unfound::Unknown(world.workload_ids().map(|id| world.workload(id).title()).collect())),
        1 => Ok(found),
        _ => Err(Unfound::Several(titles.into_iter().collect())),
    }
}

fn resource(world: &World, name: &str, is_it: impl Fn(&str) -> bool) -> Result<ResourceId, Unfound> {
    let of_kind = |id: &ResourceId| is_it(&world.resource(*id).type_name);
    let found: Vec<ResourceId> = world.resources_called(name).into_iter().filter(of_kind).collect();
    match found.as_slice() {
        [one] => Ok(*one),
        [] => {
            let all = (0..world.resources.len()).map(ResourceId).filter(of_kind);
            Err(Unfound::Unknown(all.map(|id| world.resource(id).name()).collect()))
        }
        _ => Err(Unfound::Several(found.iter().map(|id| world.resource(*id).name()).collect())),
    }
}
