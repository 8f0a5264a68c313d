//! A policy allows every action of a service, or an action on every resource.
//!
//! # What it reports
//!
//! The rule checks identity policies of roles, users, groups and managed policies:
//!
//! - `*` or `service:*` in `Action` is an error.
//! - `Resource: "*"` for an action that supports resources is a warning, unless the statement has a condition.
//!
//! Actions without resource-level permissions, such as `ecr:GetAuthorizationToken`, and `Describe` and `List` actions
//! are allowed on all resources.
//!
//! # Why it matters
//!
//! An attacker who controls a pod has the permissions of its role. A wildcard also includes future actions and
//! resources.
//!
//! # Fix
//!
//! List the actions, and the resources by ARN. The `grant_*` methods do both. Use `Statement::on_everything` for
//! actions without resource-level permissions.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege>, and
//! <https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html>

use serde_json::{Map, Value};

use crate::facts::resources::Identity;
use crate::diag::Diagnostic;
use crate::facts::actions::takes_resource;
use crate::node::Resource;
use crate::synth::{Link, Model};
use crate::val::Data;
use crate::rules::index::policies::{Document, texts};

pub(super) fn check(model: &Model, _: &Link, out: &mut Vec<Diagnostic>) {
    for (id, resource) in model.resources_with(|it| it.identity.is_some()) {
        for policy in policies(resource) {
            for statement in Document::read(policy).allowed() {
                if let Some(action) = texts(statement.get("Action")).find(|it| *it == "*" || it.ends_with(":*")) {
                    let message = format!("a policy allows `{action}`, which includes every present and future action");
                    out.push(model.error(id, "MS0503", message).help("list the required actions"));
                } else if let Some(action) = unbounded(statement) {
                    let message = format!("a policy allows `{action}` on every resource");
                    let help = "list the ARNs of the resources, or add a condition";
                    out.push(model.warning(id, "MS0503", message).help(help));
                }
            }
        }
    }
}

/// Returns the identity policies of a resource. Resource policies are excluded, because they apply only to the
/// resource.
fn policies(resource: &Resource) -> Vec<&Data> {
    let document = |from: &'static str| resource.props.get(from);
    let within =
        || document("Policies").map(Data::items).into_iter().flatten().filter_map(|it| it.at("PolicyDocument"));
    match crate::facts::resource(&resource.type_name).identity {
        Some(Identity::Policy) => document("PolicyDocument").into_iter().collect(),
        Some(Identity::Principal) => within().collect(),
        None => Vec::new(),
    }
}

/// Returns an action on `*` that supports resource-level permissions.
fn unbounded(statement: &Map<String, Value>) -> Option<&str> {
    if statement.contains_key("Condition") || !texts(statement.get("Resource")).any(|it| it == "*") {
        return None;
    }
    texts(statement.get("Action")).find(|action| {
        let verb = action.split_once(':').map_or(*action, |(_, verb)| verb);
        let looks = verb.starts_with("Describe") || verb.starts_with("List");
        !looks && takes_resource(action)
    })
}

#[cfg(test)]
mod tests {
    use crate::iam::{Role, RoleProps, Statement, Trust};
    use crate::testing::{codes, stack};

    const PAGE: &str = "https://docs.aws.amazon.com/service-authorization/latest/reference/";

    fn allowing(statement: Statement) -> Vec<&'static str> {
        codes(|app| {
            let trust = Trust::Service("ec2.amazonaws.com");
            Role::new(&stack(app, "run"), "role", trust, RoleProps::default()).allow(statement);
        })
    }

    #[test]
    fn reports_every_action_of_a_service() {
        assert_eq!(allowing(Statement::allow(["s3:*"]).on("arn:aws:s3:::orders")), ["MS0503"]);
    }

    #[test]
    fn warns_about_an_action_on_all_resources() {
        assert_eq!(allowing(Statement::allow(["ssm:GetParameter"]).on_everything(PAGE)), ["MS0503"]);
    }

    #[test]
    fn accepts_actions_without_resource_level_permissions() {
        let actions = ["ecr:GetAuthorizationToken", "ec2:DescribeSubnets", "rekognition:DetectText", "states:SendTaskSuccess"];
        assert_eq!(allowing(Statement::allow(actions).on_everything(PAGE)), [""; 0]);
    }
}
