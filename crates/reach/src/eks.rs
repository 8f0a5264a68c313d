//! Identification of EKS clusters by account, region and name, or by a reference to a resource of a stack.
//!
//! Clusters in different accounts or regions can have the same name. Every part of the engine uses these functions, so
//! that all parts find the same resource.

use serde_json::Value;

use crate::identity::{Truth, arn, same};
use crate::world::{Cluster, Reference, ResourceId, World};

const TYPE: &str = "AWS::EKS::Cluster";

/// Returns the EKS resource of a Kubernetes cluster, or `None` if the files do not identify exactly one.
pub fn resource_of(world: &World, cluster: &Cluster) -> Option<ResourceId> {
    if let Some(reference) = Reference::parse(&cluster.name) {
        return world.referred(&reference).filter(|id| world.resource(*id).type_name == TYPE);
    }
    let name = arn::text(world, &cluster.name);
    let near = |id: &ResourceId| {
        let place = world.place(*id);
        agree(&place.account, &cluster.account) && agree(&place.region, &cluster.region)
    };
    let called = |id: &ResourceId| match arn::name(world, *id) {
        _ if name.is_empty() => Truth::Unknown,
        None => Truth::Unknown,
        Some(own) => same(&own, &name),
    };
    let of = |truth: Truth| -> Vec<ResourceId> {
        world.of_type(TYPE).iter().copied().filter(|id| near(id) && called(id) == truth).collect()
    };
    let is_exact = |id: &ResourceId| {
        let place = world.place(*id);
        place.account == cluster.account && place.region == cluster.region
    };
    // The cluster ID in an assembly consists of the words in the construct path.
    let is_at_path = |id: &ResourceId| world.resource(*id).name().replace('/', "-") == cluster.id;
    let pick = |all: &[ResourceId], test: &dyn Fn(&ResourceId) -> bool| only(all.iter().copied().filter(|id| test(id)));
    let (same_name, open_name) = (of(Truth::Yes), of(Truth::Unknown));
    if !same_name.is_empty() {
        return pick(&same_name, &is_at_path)
            .or_else(|| pick(&same_name, &is_exact))
            .or_else(|| pick(&same_name, &|_| true));
    }
    // If each side has exactly one cluster, both are treated as the same cluster, unless their names differ.
    let is_single = world.clusters.len() == 1;
    pick(&open_name, &is_at_path).or_else(|| pick(&open_name, &|_| true).filter(|_| is_single))
}

/// Returns the EKS cluster that a property of a resource specifies, by reference, ARN or name. A name refers to a
/// cluster in the account and region of the resource.
pub fn named(world: &World, value: &Value, near: ResourceId) -> Option<ResourceId> {
    let is_cluster = |id: &ResourceId| world.resource(*id).type_name == TYPE;
    if let Some(id) = world.named_by(value).filter(is_cluster) {
        return Some(id);
    }
    let text = arn::text(world, value.as_str()?);
    let here = world.place(near);
    let is_near = |id: &ResourceId| {
        let place = world.place(*id);
        agree(&place.account, &here.account) && agree(&place.region, &here.region)
    };
    let is_called = |id: &ResourceId| {
        arn::name(world, *id).is_some_and(|it| it == text) || arn::of(world, *id).is_some_and(|it| it == text)
    };
    let all = || world.of_type(TYPE).iter().copied().filter(is_called);
    only(all().filter(|id| world.resource(*id).stack == world.resource(near).stack))
        .or_else(|| {
            only(all().filter(|id| world.place(*id).account == here.account && world.place(*id).region == here.region))
        })
        .or_else(|| only(all().filter(is_near)))
}

/// Whether two accounts, or two regions, may be the same. An empty text is unknown.
pub fn agree(a: &str, b: &str) -> bool {
    a.is_empty() || b.is_empty() || a == b
}

/// Returns the item of an iterator with one item.
fn only<T>(mut all: impl Iterator<Item = T>) -> Option<T> {
    let first = all.next()?;
    all.next().is_none().then_some(first)
}
