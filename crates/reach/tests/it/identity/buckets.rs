//! Access control lists of buckets, and the block of public access.

use meshsynth_reach::{Engine, Source, Target, Verdict};
use serde_json::{Value, json};

use crate::support::world;

fn ask(bucket: Value, policy: bool, action: &str) -> Verdict {
    let mut resources = json!({ "Bucket": { "Type": "AWS::S3::Bucket", "Properties": bucket } });
    if policy {
        resources["Policy"] = json!({ "Type": "AWS::S3::BucketPolicy", "Properties": {
            "Bucket": { "Ref": "Bucket" },
            "PolicyDocument": { "Statement": [{ "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": { "Fn::Sub": "${Bucket.Arn}/*" } }] },
        } });
    }
    let template = json!({ "Parameters": { "Open": { "Type": "String" } }, "Resources": resources });
    let world = world(&[("store.json", &template.to_string())]);
    let id = world.resources_called("Bucket")[0];
    Engine::new(&world).ask(&Source::Internet, &Target::Action(action.to_owned(), id)).verdict
}

#[test]
fn public_access_block_overrides_public_policies() {
    let with = |block: Value| ask(json!({ "PublicAccessBlockConfiguration": block }), true, "s3:GetObject");
    assert_eq!(ask(json!({}), true, "s3:GetObject"), Verdict::Allowed);
    assert_eq!(with(json!({ "RestrictPublicBuckets": true })), Verdict::Denied);
    assert_eq!(with(json!({ "BlockPublicPolicy": "true" })), Verdict::Denied);
    assert_eq!(with(json!({ "BlockPublicAcls": true })), Verdict::Allowed);
    assert_eq!(with(json!({ "RestrictPublicBuckets": { "Ref": "Open" } })), Verdict::Unknown);
}

#[test]
fn public_access_control_lists_allow_the_internet() {
    let list = |bucket: Value, action: &str| ask(bucket, false, action);
    assert_eq!(list(json!({ "AccessControl": "PublicRead" }), "s3:ListBucket"), Verdict::Allowed);
    assert_eq!(list(json!({ "AccessControl": "PublicRead" }), "s3:PutObject"), Verdict::Denied);
    assert_eq!(list(json!({ "AccessControl": "PublicReadWrite" }), "s3:PutObject"), Verdict::Allowed);
    assert_eq!(list(json!({ "AccessControl": "Private" }), "s3:ListBucket"), Verdict::Denied);
    assert_eq!(list(json!({ "AccessControl": { "Ref": "Open" } }), "s3:ListBucket"), Verdict::Unknown);
    let ignored =
        json!({ "AccessControl": "PublicRead", "PublicAccessBlockConfiguration": { "IgnorePublicAcls": true } });
    assert_eq!(list(ignored, "s3:ListBucket"), Verdict::Denied);
    let rules = json!({ "Rules": [{ "ObjectOwnership": "BucketOwnerEnforced" }] });
    let enforced = json!({ "AccessControl": "PublicRead", "OwnershipControls": rules });
    assert_eq!(list(enforced, "s3:ListBucket"), Verdict::Denied);
}
