//! Accelerators and distributions, which are global.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::entries;
use crate::world::{Reference, ResourceId};

use super::super::known::Known;
use super::super::outcome::{Cause, Judgement, Outcome};
use super::any;

/// Returns the effects on each accelerator and distribution.
pub fn judge(known: &Known<'_>, of: &BTreeMap<ResourceId, Judgement>) -> Vec<(ResourceId, Judgement)> {
    let world = known.site.world;
    let accelerators = world.of_type("AWS::GlobalAccelerator::Accelerator").iter();
    let accelerators = accelerators.map(|id| (*id, accelerator(known, of, *id)));
    let distributions = world.of_type("AWS::CloudFront::Distribution").iter();
    accelerators.chain(distributions.map(|id| (*id, distribution(known, of, *id)))).collect()
}

/// Source: <https://docs.aws.amazon.com/global-accelerator/latest/dg/about-endpoint-groups.html>.
fn accelerator(known: &Known<'_>, of: &BTreeMap<ResourceId, Judgement>, id: ResourceId) -> Judgement {
    let (world, site) = (known.site.world, known.site);
    let mut groups = Vec::new();
    let mut decides = None;
    for group in world.of_type("AWS::GlobalAccelerator::EndpointGroup") {
        let resource = site.resource(*group);
        let listener = world.named_by(resource.property("ListenerArn"));
        let own = listener.and_then(|it| world.named_by(site.resource(it).property("AcceleratorArn")));
        if own != Some(id) || resource.property("TrafficDialPercentage") == 0 {
            continue;
        }
        let region = resource.property("EndpointGroupRegion").as_str().unwrap_or_default().to_owned();
        let endpoints = resource.property("EndpointConfigurations").as_array().into_iter().flatten();
        let ends: Vec<(String, Judgement)> = endpoints
            .filter_map(|it| world.named_by(&it["EndpointId"]))
            .map(|it| (site.resource(it).name(), of.get(&it).unwrap_or_else(|| known.resource(it)).clone()))
            .collect();
        let judgement = if site.is_region_lost(&region) {
            Judgement::new(Outcome::Lost, Cause::field(resource, "EndpointGroupRegion", "its region is lost"))
        } else {
            any(&ends, |left| {
                Cause::field(resource, "EndpointConfigurations", format!("it continues to {}", left.join(", ")))
            })
        };
        if !Known::is_down(judgement.outcome) {
            decides = decides.or(Some(*group));
        }
        groups.push((region, judgement));
    }
    any(&groups, |left| {
        let why = format!(
            "clients are routed to the endpoint group in {} after health checks of the other groups fail",
            left.join(", ")
        );
        match decides {
            Some(group) => Cause::field(site.resource(group), "EndpointGroupRegion", why),
            None => Cause::new(why),
        }
    })
}

/// Source: <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/high_availability_origin_failover.html>.
fn distribution(known: &Known<'_>, of: &BTreeMap<ResourceId, Judgement>, id: ResourceId) -> Judgement {
    let (world, site) = (known.site.world, known.site);
    let resource = site.resource(id);
    let config = resource.property("DistributionConfig");
    let mut origins: BTreeMap<&str, (String, Judgement)> = BTreeMap::new();
    let balancers = of.keys().copied().filter(|it| entries::distributions(world, *it).iter().any(|it| it.id == id));
    let balancers: Vec<ResourceId> = balancers.collect();
    for (at, origin) in config["Origins"].as_array().into_iter().flatten().enumerate() {
        let field = format!("DistributionConfig.Origins[{at}]");
        let behind = balancers
            .iter()
            .copied()
            .find(|it| entries::distributions(world, *it).iter().any(|it| it.id == id && it.field == field));
        let named = || {
            Reference::within(origin["DomainName"].as_str().unwrap_or_default())
                .iter()
                .find_map(|it| world.referred(it))
        };
        let Some(to) = behind.or_else(named) else { continue };
        let judgement = of.get(&to).unwrap_or_else(|| known.resource(to)).clone();
        origins.insert(origin["Id"].as_str().unwrap_or_default(), (site.resource(to).name(), judgement));
    }
    let groups = config["OriginGroups"]["Items"].as_array().into_iter().flatten();
    let groups: Vec<&Value> = groups.collect();
    let led = |target: &str| -> Judgement {
        let group = groups.iter().find(|it| it["Id"] == target);
        let members = group.map(|it| it["Members"]["Items"].as_array().cloned().unwrap_or_default());
        let Some(members) = members else {
            return origins.get(target).map_or_else(Judgement::untouched, |(name, it)| told(name, it));
        };
        let all: Vec<(String, Judgement)> =
            members.iter().filter_map(|it| origins.get(it["OriginId"].as_str()?).cloned()).collect();
        any(&all, |left| {
            let why = format!("the origin group sends reads to {}", left.join(", "));
            Cause::field(resource, "DistributionConfig.OriginGroups", why)
        })
    };
    let behaviors = config["CacheBehaviors"].as_array().into_iter().flatten().chain([&config["DefaultCacheBehavior"]]);
    let targets: Vec<&str> = behaviors.filter_map(|it| it["TargetOriginId"].as_str()).collect();
    targets.into_iter().map(led).fold(Judgement::untouched(), Judgement::and)
}

/// Returns the effects on an entry with a single target.
fn told(name: &str, judgement: &Judgement) -> Judgement {
    let mut judgement = Judgement { steps: Vec::new(), ..judgement.clone() };
    if let Some(cause) = judgement.causes.first_mut() {
        cause.why = format!("it routes to {name}: {}", cause.why);
    }
    judgement
}
