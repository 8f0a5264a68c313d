//! Execution roles of a resource: an instance, a task, a function, a node group.

use serde_json::Value;

use super::arn;
use crate::network::launched;
use crate::world::{ResourceId, World};

/// An execution role of a resource.
#[derive(Clone, Debug)]
pub struct Role {
    /// The ARN of the role.
    pub arn: String,
    /// The value of the property that specifies it.
    pub value: Value,
    /// The resource that specifies it.
    pub by: ResourceId,
    /// The property that specifies it.
    pub field: &'static str,
    /// Whether it only reads the secrets that the resource receives when it starts.
    pub is_for_secrets: bool,
}

/// The properties of all types that specify a role.
const FIELDS: [&str; 6] =
    ["Role", "NodeRole", "RoleArn", "ServiceRole", "ExecutionRoleArn", "InstanceConfiguration.InstanceRoleArn"];

/// Returns the execution roles of a resource.
pub fn roles(world: &World, id: ResourceId) -> Vec<Role> {
    let resource = world.resource(id);
    let role = |by: ResourceId, field: &'static str, value: &Value| {
        let arn = match world.named_by(value) {
            Some(role) => arn::of(world, role)?,
            None => arn::text(world, value.as_str()?),
        };
        Some(Role { arn, value: value.clone(), by, field, is_for_secrets: false })
    };
    if resource.type_name == "AWS::ECS::Service" {
        let Some(task) = world.named_by(resource.property("TaskDefinition")) else { return Vec::new() };
        let own = role(task, "TaskRoleArn", world.resource(task).property("TaskRoleArn"));
        let agent = role(task, "ExecutionRoleArn", world.resource(task).property("ExecutionRoleArn"));
        let agent = agent.filter(|_| has_secrets(world.resource(task).property("ContainerDefinitions")));
        return own.into_iter().chain(agent.map(|it| Role { is_for_secrets: true, ..it })).collect();
    }
    let direct = FIELDS.iter().filter_map(|field| role(id, field, resource.property(field)));
    direct.chain(of_profile(world, id, role)).collect()
}

/// Returns the role in the instance profile, which an instance or its launch template specifies.
fn of_profile(
    world: &World,
    id: ResourceId,
    role: impl Fn(ResourceId, &'static str, &Value) -> Option<Role>,
) -> Option<Role> {
    let profile = |value: &Value| [value, &value["Arn"], &value["Name"]].into_iter().find_map(|it| world.named_by(it));
    let launched = launched(world, id).map(|(by, it)| (by, &it["IamInstanceProfile"]));
    let (by, profile) = [(id, world.resource(id).property("IamInstanceProfile"))]
        .into_iter()
        .chain(launched)
        .find_map(|(by, value)| Some((by, profile(value)?)))?;
    role(by, "IamInstanceProfile", &world.resource(profile).property("Roles")[0])
}

fn has_secrets(containers: &Value) -> bool {
    let containers = containers.as_array().into_iter().flatten();
    containers.into_iter().any(|it| it["Secrets"].as_array().is_some_and(|it| !it.is_empty()))
}
