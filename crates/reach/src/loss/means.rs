//! Supporting resources: keys, secrets, images, parameters, certificates, user pools and backups.

use crate::world::{Reference, ResourceId, WorkloadId};

use super::kinds::is_means;
use super::known::Known;
use super::outcome::{Cause, Finding, Judgement, Kind, Outcome};
use super::places;
use super::pods::Pods;

/// Returns the effects on supporting resources in a lost region, and on the images of remaining
/// workloads.
pub fn judge(known: &Known<'_>) -> Vec<Finding> {
    let site = known.site;
    let world = site.world;
    let mut found = Vec::new();
    if site.event.regions.is_empty() {
        return found;
    }
    for id in (0..world.resources.len()).map(ResourceId) {
        let resource = site.resource(id);
        if is_means(&resource.type_name) && site.is_away(id) {
            found.push(Finding::new(Kind::Means, resource.title(), known.resource(id).clone()));
        }
    }
    for id in world.workload_ids().filter(|id| !Known::is_down(known.workload(*id).outcome)) {
        found.extend(image(known, id));
    }
    found
}

/// Returns the effects on an image that a workload pulls from a lost region.
fn image(known: &Known<'_>, id: WorkloadId) -> Option<Finding> {
    let (site, object) = (known.site, known.site.world.object_of(id));
    let pods = Pods::of(site.world, id);
    let lists = ["containers", "initContainers"].map(|it| pods.spec[it].as_array().cloned().unwrap_or_default());
    let images = lists.iter().flatten().filter_map(|it| it["image"].as_str());
    let region = images.clone().find_map(|image| {
        let named = Reference::within(image).iter().find_map(|it| site.world.referred(it));
        let region = named.map(|it| places::region(site.world, it));
        let written = || image.split_once(".dkr.ecr.")?.1.split('.').next().map(str::to_owned);
        region.or_else(written).filter(|it| site.is_region_lost(it))
    })?;
    let why = format!("its image is in {region}: running pods continue, but new pods cannot start");
    let cause = Cause::new(why).by(object.title(), format!("{}.containers", pods.prefix), &object.at);
    Some(Finding::new(Kind::Means, format!("image of {}", known.title(id)), Judgement::new(Outcome::Lost, cause)))
}
