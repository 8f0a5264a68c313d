//! Access control lists of buckets, and the block of public access.
//!
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html#canned-acl> and
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html>.

use serde_json::{Value, json};

use super::arn;
use super::policy::Policy;
use super::written::{Written, policy};
use crate::link::{Layer, Link, Verdict};
use crate::network::flag;
use crate::world::{ResourceId, World, is_unknown};

/// Returns the policy that a canned access control list amounts to, or `None` if it has no effect for other accounts.
pub(super) fn access_list(world: &World, id: ResourceId) -> Option<Policy<Written>> {
    let resource = world.resource(id);
    let reads = ["s3:ListBucket", "s3:ListBucketVersions", "s3:ListBucketMultipartUploads"];
    let writes = ["s3:PutObject", "s3:DeleteObject"];
    let list = resource.property("AccessControl");
    let actions: Vec<&str> = match list.as_str() {
        Some("PublicRead" | "AuthenticatedRead") => reads.to_vec(),
        Some("PublicReadWrite") => reads.into_iter().chain(writes).collect(),
        _ if is_unknown(list) => reads.into_iter().chain(writes).collect(),
        _ => return None,
    };
    let ownership = resource.property("OwnershipControls.Rules.0.ObjectOwnership");
    let blocks = ["BlockPublicAcls", "IgnorePublicAcls"].map(|it| block(world, id, it));
    if ownership == "BucketOwnerEnforced" || blocks.contains(&Some(true)) {
        return None;
    }
    let bucket = arn::of(world, id)?;
    let is_open = is_unknown(list) || is_unknown(ownership) || blocks.contains(&None);
    // No request has a value for this condition key, so the result of the statement is unknown.
    let condition = if is_open { json!({ "StringEquals": { "AccessControl": "public" } }) } else { json!({}) };
    let statement = json!({
        "Effect": "Allow", "Principal": "*", "Action": actions, "Resource": [bucket, format!("{bucket}/*")],
        "Condition": condition,
    });
    Some(policy(world, id, "AccessControl", &json!({ "Statement": [statement] })))
}

/// Returns the link of the public access block for a request that a public policy allows, or `None` if the block has no
/// effect.
pub(super) fn blocked(world: &World, id: ResourceId) -> Option<Link> {
    let resource = world.resource(id);
    let settings = ["RestrictPublicBuckets", "BlockPublicPolicy"];
    let blocks = settings.map(|it| (it, block(world, id, it)));
    let link = |verdict, why: &str, setting: &str| {
        let field = format!("PublicAccessBlockConfiguration.{setting}");
        Link::new(Layer::Permission, verdict, why).by(resource.title(), field, &resource.at)
    };
    if let Some((setting, _)) = blocks.iter().find(|it| it.1 == Some(true)) {
        return Some(link(
            Verdict::Denied,
            "the public access block of the bucket applies to its public policy",
            setting,
        ));
    }
    let (setting, _) = blocks.iter().find(|it| it.1.is_none())?;
    Some(link(Verdict::Unknown, "the files do not specify whether public access is blocked", setting))
}

/// Returns a setting of the public access block, or `None` if only the deployment determines it.
fn block(world: &World, id: ResourceId, key: &str) -> Option<bool> {
    let config = world.resource(id).property("PublicAccessBlockConfiguration");
    let value: &Value = &config[key];
    if is_unknown(config) || is_unknown(value) { None } else { Some(flag(value) == Some(true)) }
}
