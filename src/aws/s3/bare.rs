//! Bare buckets, each defined from a typed resource.

use super::bucket::Bucket;
use crate::Resource;
use crate::cfn::s3;
use crate::tree::Construct;
use crate::val::{Bag, Data, Value};

impl Bucket {
    /// Defines a bare bucket. Only the typed resource configures encryption, versioning and expiration. The bucket has
    /// no policy that requires TLS. It supports grants and notifications like every bucket.
    ///
    /// # Example
    ///
    /// ```
    /// # use meshsynth::{App, Env, Stack, cfn, s3};
    /// # let app = App::new("shop");
    /// # let data = Stack::new(&app, "data", Env::region("eu-west-1"));
    /// let assets = s3::Bucket::bare(&data, "assets", cfn::s3::Bucket::new().bucket_name("shop-assets"));
    /// assets.resource().logical_id("Assets").retain();
    /// # app.synth().expect("it synthesizes");
    /// ```
    #[track_caller]
    pub fn bare(scope: &impl Construct, id: &str, bucket: s3::Bucket) -> Self {
        let scope = scope.scope().construct(id);
        let name = bucket.clone().into_data().at("BucketName").and_then(Data::as_str).map(str::to_owned);
        let bucket = bucket.define(&scope, "resource");
        Self::of_resource(scope, bucket, name)
    }

    /// Returns the resource of the bucket, for example to keep its logical ID, or to set a property for which the
    /// construct has no method.
    #[track_caller]
    pub fn resource(&self) -> Resource<s3::Bucket> {
        Resource::of(self, "resource")
    }

    /// Adds the policy of a bare bucket. Statements for other principals are added to it.
    #[track_caller]
    pub fn add_policy(&self, document: Bag) -> Resource<s3::BucketPolicy> {
        s3::BucketPolicy::new(self.resource().reference(), document).define(self, "policy")
    }

    /// Adds a bare policy to a bare bucket, for example one that refers to the bucket by its name. Statements for other
    /// principals are added to it.
    ///
    /// # Example
    ///
    /// ```
    /// # use meshsynth::{App, Env, Stack, cfn, map, s3};
    /// # let app = App::new("shop");
    /// # let data = Stack::new(&app, "data", Env::region("eu-west-1"));
    /// let assets = s3::Bucket::bare(&data, "assets", cfn::s3::Bucket::new().bucket_name("shop-assets"));
    /// # assets.resource().retain();
    /// let statement = map![
    ///     ("Effect", "Deny"), ("Principal", "*"), ("Action", "s3:*"), ("Resource", "arn:aws:s3:::shop-assets/*"),
    ///     ("Condition", map![("Bool", map![("aws:SecureTransport", "false")])])
    /// ];
    /// let policy = map![("Version", "2012-10-17"), ("Statement", vec![statement])];
    /// assets.add_policy_with(cfn::s3::BucketPolicy::new("shop-assets", policy)).logical_id("AssetsPolicy");
    /// # app.synth().expect("it synthesizes");
    /// ```
    #[track_caller]
    pub fn add_policy_with(&self, policy: s3::BucketPolicy) -> Resource<s3::BucketPolicy> {
        policy.define(self, "policy")
    }
}
