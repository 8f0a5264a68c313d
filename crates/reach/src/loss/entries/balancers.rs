//! Load balancers and APIs in templates.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::entries::members;
use crate::world::{ResourceId, WorkloadId, World};

use super::super::known::Known;
use super::super::outcome::{Cause, Judgement};
use super::led;

/// The regional types that clients connect to.
const TYPES: [&str; 4] = [
    "AWS::ApiGateway::RestApi",
    "AWS::ApiGatewayV2::Api",
    "AWS::ElasticLoadBalancing::LoadBalancer",
    "AWS::ElasticLoadBalancingV2::LoadBalancer",
];

/// Returns the effects on each load balancer and API.
pub fn judge(known: &Known<'_>) -> Vec<(ResourceId, Judgement)> {
    let world = known.site.world;
    let groups = groups(world);
    let bound = bound(world);
    let all = TYPES.iter().flat_map(|it| world.of_type(it)).copied();
    all.map(|id| {
        let own = groups.get(&id).into_iter().flatten().filter_map(|it| bound.get(it));
        let mut to: BTreeSet<WorkloadId> = own.flatten().copied().collect();
        let name = world.resource(id).name();
        for edge in world.edges.iter().filter(|it| it.kind == "entry" && it.from == name) {
            to.extend(known.end(&edge.to).workloads);
        }
        let to: Vec<WorkloadId> = to.into_iter().collect();
        let own = known.resource(id).clone();
        let lost = if to.is_empty() { without_targets(known, id, groups.get(&id)) } else { None };
        (id, lost.unwrap_or_else(|| led(known, own, &to)))
    })
    .collect()
}

/// Returns the effect on a load balancer if all its targets are lost, or `None` otherwise.
fn without_targets(
    known: &Known<'_>,
    balancer: ResourceId,
    groups: Option<&BTreeSet<ResourceId>>,
) -> Option<Judgement> {
    let world = known.site.world;
    let is_own = |of: ResourceId| of == balancer || groups.is_some_and(|it| it.contains(&of));
    let types =
        ["AWS::EC2::Instance", "AWS::AutoScaling::AutoScalingGroup", "AWS::ECS::Service", "AWS::Lambda::Function"];
    let all = types.iter().flat_map(|it| world.of_type(it)).copied();
    let targets: Vec<ResourceId> = all.filter(|id| members(world, *id).iter().any(|it| is_own(it.of))).collect();
    let worst = targets.iter().map(|it| known.resource(*it).outcome).min().filter(|it| Known::is_down(*it))?;
    let names: Vec<String> = targets.iter().map(|it| world.resource(*it).name()).collect();
    Some(Judgement::new(worst, Cause::new(format!("all its targets are lost: {}", names.join(", ")))))
}

/// Returns the target groups of each load balancer.
fn groups(world: &World) -> BTreeMap<ResourceId, BTreeSet<ResourceId>> {
    let mut found: BTreeMap<ResourceId, BTreeSet<ResourceId>> = BTreeMap::new();
    let mut add = |listener: &Value, actions: &Value| {
        let balancer = world.named_by(&listener["LoadBalancerArn"]);
        let Some(balancer) = balancer else { return };
        for action in actions.as_array().into_iter().flatten() {
            let many = action["ForwardConfig"]["TargetGroups"].as_array().into_iter().flatten();
            let all = many.map(|it| &it["TargetGroupArn"]).chain([&action["TargetGroupArn"]]);
            found.entry(balancer).or_default().extend(all.filter_map(|it| world.named_by(it)));
        }
    };
    for id in world.of_type("AWS::ElasticLoadBalancingV2::Listener") {
        let listener = &world.resource(*id).properties;
        add(listener, &listener["DefaultActions"]);
    }
    for id in world.of_type("AWS::ElasticLoadBalancingV2::ListenerRule") {
        let rule = world.resource(*id);
        if let Some(listener) = world.named_by(rule.property("ListenerArn")) {
            add(&world.resource(listener).properties, rule.property("Actions"));
        }
    }
    found
}

/// Returns the workloads that Kubernetes objects bind to each target group.
fn bound(world: &World) -> BTreeMap<ResourceId, Vec<WorkloadId>> {
    let mut found: BTreeMap<ResourceId, Vec<WorkloadId>> = BTreeMap::new();
    for (at, cluster) in world.clusters.iter().enumerate() {
        for binding in cluster.objects.iter().filter(|it| it.kind == "TargetGroupBinding") {
            let spec = &binding.document["spec"];
            let Some(group) = world.named_by(&spec["targetGroupARN"]) else { continue };
            let is_behind = |id: &WorkloadId| {
                let mut services = world.services_of(*id).iter().map(|it| &cluster.objects[*it]);
                world.workload(*id).cluster == at
                    && services
                        .any(|it| it.namespace == binding.namespace && spec["serviceRef"]["name"] == it.name.as_str())
            };
            found.entry(group).or_default().extend(world.workload_ids().filter(is_behind));
        }
    }
    found
}
