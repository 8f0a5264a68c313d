//! Access log buckets of load balancers and distributions.

use crate::Resource;
use crate::cfn::s3;
use crate::cfn::s3::bucket::{
    AbortIncompleteMultipartUpload, BucketEncryption, LifecycleConfiguration, ObjectOwnership, OwnershipControls,
    OwnershipControlsRule, PublicAccessBlockConfiguration, Rule, ServerSideEncryptionByDefault,
    ServerSideEncryptionRule, SseAlgorithm, Status, VersioningConfiguration, VersioningConfigurationStatus,
};
use crate::iam::Statement;
use crate::text;
use crate::tree::Scope;
use crate::val::{Bag, Data, Val};

/// The service that writes the logs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Writer {
    /// Application Load Balancers.
    ///
    /// Source: <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html>
    ApplicationLoadBalancer,
    /// The AWS log delivery service, which Network Load Balancers use.
    ///
    /// Source: <https://docs.aws.amazon.com/elasticloadbalancing/latest/network/enable-access-logs.html>
    Delivery,
    /// CloudFront, through an access control list of the bucket.
    ///
    /// Source: <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logging-legacy-s3.html>
    CloudFront,
}

/// A private log bucket and its policy. A resource that needs write access to the bucket depends on the
/// policy.
pub(crate) struct LogBucket {
    pub bucket: Resource<s3::Bucket>,
    pub policy: Resource<s3::BucketPolicy>,
}

/// Defines a bucket to which `writer` may write. Its objects expire after `days`.
///
/// These writers do not support KMS keys of the account, so SSE-S3 encrypts the logs.
pub(crate) fn define(scope: &Scope, writer: Writer, days: u16) -> LogBucket {
    let scope = scope.construct("logs");
    let encryption = ServerSideEncryptionByDefault::new(SseAlgorithm::Aes256);
    let ownership = match writer {
        Writer::CloudFront => ObjectOwnership::BucketOwnerPreferred,
        _ => ObjectOwnership::BucketOwnerEnforced,
    };
    let expiry = Rule::new(Status::Enabled)
        .id("forget")
        .expiration_in_days(u32::from(days))
        .noncurrent_version_expiration_in_days(1)
        .abort_incomplete_multipart_upload(AbortIncompleteMultipartUpload::new(1));
    let bucket = s3::Bucket::new()
        .bucket_encryption(BucketEncryption::new([
            ServerSideEncryptionRule::new().server_side_encryption_by_default(encryption)
        ]))
        .ownership_controls(OwnershipControls::new([OwnershipControlsRule::new().object_ownership(ownership)]))
        .public_access_block_configuration(
            PublicAccessBlockConfiguration::new()
                .block_public_acls(true)
                .block_public_policy(true)
                .ignore_public_acls(true)
                .restrict_public_buckets(true),
        )
        .versioning_configuration(VersioningConfiguration::new(VersioningConfigurationStatus::Enabled))
        .lifecycle_configuration(LifecycleConfiguration::new([expiry]))
        .define(&scope, "resource");
    bucket.retain();
    let mut statements = vec![only_over_tls(&bucket)];
    match writer {
        Writer::ApplicationLoadBalancer => {
            let write = Statement::allow(["s3:PutObject"]).on(text![bucket.arn(), "/*"]);
            let by = "logdelivery.elasticloadbalancing.amazonaws.com";
            let write = write.when("StringEquals", "aws:SourceAccount", scope.account());
            statements.push(write.into_data(Some(Bag::default().with("Service", by))));
        }
        Writer::Delivery => {
            let ours = |it: Statement| it.when("StringEquals", "aws:SourceAccount", scope.account());
            let by = || Some(Bag::default().with("Service", "delivery.logs.amazonaws.com"));
            let write = ours(Statement::allow(["s3:PutObject"]).on(text![bucket.arn(), "/*"]));
            let write = write.when("StringEquals", "s3:x-amz-acl", "bucket-owner-full-control");
            statements.push(write.into_data(by()));
            statements.push(ours(Statement::allow(["s3:GetBucketAcl"]).on(bucket.arn())).into_data(by()));
        }
        Writer::CloudFront => {}
    }
    let document = Bag::default().with("Version", "2012-10-17").with("Statement", statements);
    let policy = s3::BucketPolicy::new(Val::<String>::from(bucket.reference()), document).define(&scope, "policy");
    LogBucket { bucket, policy }
}

/// Returns a statement that denies all requests without TLS.
fn only_over_tls(bucket: &Resource<s3::Bucket>) -> Data {
    let everything: Vec<Val<String>> = vec![bucket.arn(), text![bucket.arn(), "/*"]];
    let in_the_clear = Bag::default().with("Bool", Bag::default().with("aws:SecureTransport", "false"));
    let statement = Bag::default()
        .with("Effect", "Deny")
        .with("Principal", "*")
        .with("Action", "s3:*")
        .with("Resource", everything)
        .with("Condition", in_the_clear);
    Data::from(statement)
}
