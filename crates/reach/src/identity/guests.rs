//! Credentials for unauthenticated clients: those of an identity pool that allows guests.
//!
//! Source: <https://docs.aws.amazon.com/cognito/latest/developerguide/iam-roles.html>.

use super::arn;
use super::written::Written;
use crate::link::{Layer, Link, Verdict};
use crate::world::World;

/// Returns the ARNs of guest roles, each with the links that grant it.
pub fn guests(world: &World) -> Vec<(String, Vec<Link>)> {
    let mut found = Vec::new();
    for id in world.of_type("AWS::Cognito::IdentityPoolRoleAttachment") {
        let attachment = world.resource(*id);
        let Some(pool) = world.named_by(attachment.property("IdentityPoolId")) else { continue };
        let lets_in = world.resource(pool).property("AllowUnauthenticatedIdentities");
        if lets_in != true && lets_in != "true" {
            continue;
        }
        let role = attachment.property("Roles.unauthenticated");
        let Some(arn) = role.as_str().map(|it| arn::text(world, it)) else { continue };
        let of =
            |it: &Written, why: String| Link::new(Layer::Trust, Verdict::Allowed, why).by(&it.what, &it.field, &it.at);
        let pool = Written::of(world, pool, "AllowUnauthenticatedIdentities");
        let by = Written::of(world, *id, "Roles.unauthenticated");
        let links = vec![
            of(&pool, "accepts unauthenticated guests".to_owned()),
            of(&by, format!("gives guests the role `{}`", super::shown(&arn))),
        ];
        found.push((arn, links));
    }
    found
}
