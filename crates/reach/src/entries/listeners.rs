//! Load balancer listeners and rules, indexed by their target groups.

use std::collections::{BTreeSet, HashMap};

use serde_json::Value;

use crate::world::{ResourceId, World};

/// The listeners and rules that forward to each target group.
#[derive(Debug, Default)]
pub struct Listeners {
    by_group: HashMap<ResourceId, Vec<(ResourceId, Option<ResourceId>)>>,
}

impl Listeners {
    /// Indexes the listeners of a world.
    pub fn new(world: &World) -> Self {
        let mut rules: HashMap<ResourceId, Vec<ResourceId>> = HashMap::new();
        for id in world.of_type("AWS::ElasticLoadBalancingV2::ListenerRule") {
            if let Some(listener) = world.named_by(&world.resource(*id).properties["ListenerArn"]) {
                rules.entry(listener).or_default().push(*id);
            }
        }
        let mut listeners = Self::default();
        for id in world.of_type("AWS::ElasticLoadBalancingV2::Listener") {
            listeners.add(world, &world.resource(*id).properties["DefaultActions"], (*id, None));
            for rule in rules.get(id).into_iter().flatten() {
                listeners.add(world, &world.resource(*rule).properties["Actions"], (*id, Some(*rule)));
            }
        }
        listeners
    }

    fn add(&mut self, world: &World, actions: &Value, by: (ResourceId, Option<ResourceId>)) {
        let named = actions.as_array().into_iter().flatten().flat_map(groups);
        for group in named.filter_map(|it| world.named_by(it)).collect::<BTreeSet<ResourceId>>() {
            self.by_group.entry(group).or_default().push(by);
        }
    }

    /// Returns the listeners that forward to a target group, by default or with a rule, in order.
    pub fn forwarding(&self, group: ResourceId) -> &[(ResourceId, Option<ResourceId>)] {
        self.by_group.get(&group).map_or(&[], Vec::as_slice)
    }
}

/// Returns the values of an action that refer to target groups.
pub(super) fn groups(action: &Value) -> impl Iterator<Item = &Value> {
    let several = action["ForwardConfig"]["TargetGroups"].as_array().into_iter().flatten();
    [&action["TargetGroupArn"]].into_iter().chain(several.map(|it| &it["TargetGroupArn"]))
}
