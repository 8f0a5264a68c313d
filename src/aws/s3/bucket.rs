//! S3 buckets.

use super::cors::Cors;
use super::transition::Transition;
use crate::Resource;
use crate::aws::iam::Statement;
use crate::aws::kms::{Condition, Key};
use crate::aws::policy::{no_statements, only_with_tls, policy_of_bare};
use crate::cfn::s3;
use crate::cfn::s3::bucket as shape;
use crate::diagram::DiagramNode;
use crate::node::OnDelete;
use crate::owner_task::OwnerTask;
use crate::text;
use crate::tree::{Construct, Scope};
use crate::val::{Bag, Data, IntoVal, Val};

/// Properties of a [`Bucket`].
#[derive(Clone)]
pub struct BucketProps {
    /// Its globally unique name. Default: a name that CloudFormation generates.
    pub name: Option<String>,
    /// The key that encrypts the objects. Default: keys that S3 manages (SSE-S3).
    pub key: Option<Key>,
    /// Whether versioning is enabled, which keeps overwritten and deleted objects. Default: yes.
    pub versioned: bool,
    /// The days after which an object expires. Default: objects do not expire.
    pub expire_days: Option<u16>,
    /// The transitions to cheaper storage classes. Default: none.
    pub transitions: Vec<Transition>,
    /// The cross-origin access from browsers (CORS). Default: none.
    pub cors: Vec<Cors>,
    /// The days after which a noncurrent version is deleted. Default: 90.
    pub old_version_days: u16,
    /// The bucket that receives the access logs. It must be encrypted with SSE-S3. Default: no access logs.
    pub access_logs: Option<Bucket>,
    /// The deletion policy, which applies when the resource is removed from the stack. CloudFormation can delete only
    /// an empty bucket. Default: the resource is kept.
    pub on_delete: OnDelete,
}

impl Default for BucketProps {
    fn default() -> Self {
        Self {
            name: None,
            key: None,
            versioned: true,
            expire_days: None,
            transitions: Vec::new(),
            cors: Vec::new(),
            old_version_days: 90,
            access_logs: None,
            on_delete: OnDelete::Retain,
        }
    }
}

/// A private, encrypted bucket that is reachable only over TLS.
///
/// Policies and access control lists cannot make it public. The bucket owner owns every object. Incomplete uploads are
/// deleted after a week.
///
/// # Diagnostics
///
/// - `MS0711`: an event notification has a target that S3 does not support.
/// - `MS0706`: the access log bucket is encrypted with a KMS key, so S3 cannot deliver the logs.
///
/// # Example
///
/// ```
/// # use meshsynth::{App, Env, Stack, kms, s3};
/// # let app = App::new("shop");
/// # let data = Stack::new(&app, "data", Env::region("eu-west-1"));
/// let logs = s3::Bucket::new(&data, "access-logs", s3::BucketProps { expire_days: Some(365), ..Default::default() });
/// let receipts = s3::Bucket::new(&data, "receipts", s3::BucketProps {
///     key: Some(kms::Key::new(&data, "receipts-key", Default::default())),
///     access_logs: Some(logs),
///     ..Default::default()
/// });
/// ```
///
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-s3-bucket.html>
#[derive(Clone)]
pub struct Bucket {
    pub(super) scope: Scope,
    name: Val<String>,
    arn: Val<String>,
    domain_name: Val<String>,
    pub(super) defined: Option<Defined>,
    pub(super) key: Option<Box<Key>>,
    /// The account of an imported bucket, if it is another account.
    pub(super) account: Option<String>,
}

/// The resources of a bucket that the program defines.
#[derive(Clone)]
pub(super) struct Defined {
    pub bucket: Resource<s3::Bucket>,
    pub policy: Option<Resource<s3::BucketPolicy>>,
    /// The bucket name, if it is specified.
    pub name: Option<String>,
}

impl Bucket {
    /// Defines a bucket.
    #[track_caller]
    pub fn new(scope: &impl Construct, id: &str, props: BucketProps) -> Self {
        let scope = scope.scope().construct(id);
        scope.diagram(DiagramNode::quiet("bucket").detail("S3"));
        let mut bucket = basics(&props);
        if let Some(logs) = &props.access_logs {
            let prefix = format!("{}/", scope.path());
            bucket = bucket.logging_configuration(
                shape::LoggingConfiguration::new().destination_bucket_name(logs.name()).log_file_prefix(prefix.clone()),
            );
            logs.take_access_logs(&scope, &prefix);
        }
        let bucket = bucket.define(&scope, "resource");
        bucket.on_delete(props.on_delete);
        let everything = vec![bucket.arn(), text![bucket.arn(), "/*"]];
        let document =
            Bag::default().with("Version", "2012-10-17").with("Statement", vec![only_with_tls("s3:*", everything)]);
        let policy = s3::BucketPolicy::new(bucket.reference(), document).define(&scope, "policy");
        // The policy has the deletion policy of the bucket. Otherwise, a retained bucket would accept plain HTTP.
        policy.on_delete(props.on_delete);
        let (name, arn, domain_name) = (bucket.reference().into(), bucket.arn(), bucket.regional_domain_name());
        Self {
            scope,
            name,
            arn,
            domain_name,
            defined: Some(Defined { bucket, policy: Some(policy), name: props.name }),
            key: props.key.map(Box::new),
            account: None,
        }
    }

    /// Creates the handle of a bare bucket.
    pub(super) fn of_resource(scope: Scope, bucket: Resource<s3::Bucket>, name: Option<String>) -> Self {
        let defined = Some(Defined { bucket: bucket.clone(), policy: None, name });
        let (name, arn, domain_name) = (bucket.reference().into(), bucket.arn(), bucket.regional_domain_name());
        Self { scope, name, arn, domain_name, defined, key: None, account: None }
    }

    /// Creates the handle of an imported bucket.
    pub(super) fn of_existing(
        scope: Scope,
        name: Val<String>,
        arn: Val<String>,
        key: Option<Key>,
        account: Option<String>,
    ) -> Self {
        let region = scope.region();
        let end = if region.starts_with("cn-") { ".amazonaws.com.cn" } else { ".amazonaws.com" };
        let domain_name = text![name.clone(), format!(".s3.{region}{end}")];
        Self { scope, name, arn, domain_name, defined: None, key: key.map(Box::new), account }
    }

    /// Returns the name of the bucket.
    pub fn name(&self) -> Val<String> {
        self.name.clone()
    }

    /// Returns the ARN of the bucket, without its objects.
    pub fn arn(&self) -> Val<String> {
        self.arn.clone()
    }

    /// Returns the ARN of the objects with a prefix, such as `receipts/`. An empty prefix includes all objects.
    pub fn objects(&self, prefix: &str) -> Val<String> {
        text![self.arn(), format!("/{prefix}*")]
    }

    /// Returns the regional host name, such as `name.s3.eu-west-1.amazonaws.com`.
    pub fn domain_name(&self) -> Val<String> {
        self.domain_name.clone()
    }

    /// Returns the key that encrypts the objects, or `None` with SSE-S3.
    pub fn key(&self) -> Option<&Key> {
        self.key.as_deref()
    }

    /// Lets an AWS service write objects with a prefix, such as the log delivery of a load balancer.
    ///
    /// `conditions` must restrict the account and the source.
    pub fn allow_service_to_write(
        &self,
        service: impl IntoVal<String>,
        prefix: &str,
        conditions: impl IntoIterator<Item = Condition>,
    ) {
        let mut statement = Statement::allow(["s3:PutObject"]).on(self.objects(prefix));
        for (operator, key, value) in conditions {
            statement = statement.when(operator, key, value);
        }
        let principal = Bag::default().with("Service", service.into_val());
        self.add_to_policy(statement.into_data(Some(principal)));
    }

    /// Adds a statement to the bucket policy, or adds an owner task if the bucket is imported.
    #[track_caller]
    pub(super) fn add_to_policy(&self, statement: Data) {
        let policy = self.defined.as_ref().and_then(|it| it.policy.as_ref()).map(|policy| policy.scope().clone());
        match policy.or_else(|| policy_of_bare(&self.scope, || self.add_policy(no_statements()).scope().clone())) {
            Some(policy) => policy.add("PolicyDocument.Statement", statement),
            None => self.scope.owner_task(OwnerTask {
                owner: self.arn(),
                what: "add the statement to the policy of the bucket".to_owned(),
                document: Some(statement),
            }),
        }
    }

    /// Lets S3 deliver the access logs of the bucket of `scope`. The condition contains only the account of that
    /// bucket. Its ARN would cause a dependency cycle within a stack.
    ///
    /// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html>
    fn take_access_logs(&self, scope: &Scope, prefix: &str) {
        let account = [("StringEquals", "aws:SourceAccount", Data::from(scope.account()))];
        self.allow_service_to_write("logging.s3.amazonaws.com", prefix, account);
    }
}

impl Construct for Bucket {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}

/// Returns the properties that depend only on the props.
fn basics(props: &BucketProps) -> s3::Bucket {
    let by_default = match &props.key {
        Some(key) => {
            shape::ServerSideEncryptionByDefault::new(shape::SseAlgorithm::AwsKms).kms_master_key_id(key.arn())
        }
        None => shape::ServerSideEncryptionByDefault::new(shape::SseAlgorithm::Aes256),
    };
    // A bucket key reduces the number of calls to KMS.
    let encryption = shape::ServerSideEncryptionRule::new()
        .bucket_key_enabled(props.key.is_some())
        .server_side_encryption_by_default(by_default);
    let bucket = s3::Bucket::new()
        .bucket_encryption(shape::BucketEncryption::new([encryption]))
        .public_access_block_configuration(
            shape::PublicAccessBlockConfiguration::new()
                .block_public_acls(true)
                .block_public_policy(true)
                .ignore_public_acls(true)
                .restrict_public_buckets(true),
        )
        .ownership_controls(shape::OwnershipControls::new([
            shape::OwnershipControlsRule::new().object_ownership(shape::ObjectOwnership::BucketOwnerEnforced)
        ]))
        .lifecycle_configuration(shape::LifecycleConfiguration::new(lifecycle(props)));
    let bucket = match props.cors.is_empty() {
        true => bucket,
        false => bucket
            .cors_configuration(shape::CorsConfiguration::new(props.cors.iter().map(Cors::shape).collect::<Vec<_>>())),
    };
    let bucket = match &props.name {
        Some(name) => bucket.bucket_name(name),
        None => bucket,
    };
    match props.versioned {
        true => bucket.versioning_configuration(shape::VersioningConfiguration::new(
            shape::VersioningConfigurationStatus::Enabled,
        )),
        false => bucket,
    }
}

fn lifecycle(props: &BucketProps) -> Vec<shape::Rule> {
    let rule = |id: &str| shape::Rule::new(shape::Status::Enabled).id(id);
    let mut rules =
        vec![rule("broken-uploads").abort_incomplete_multipart_upload(shape::AbortIncompleteMultipartUpload::new(7))];
    for transition in &props.transitions {
        let step = shape::Transition::new(transition.class.clone()).transition_in_days(transition.after_days);
        rules.push(rule(&format!("to-{}", transition.class.to_ascii_lowercase())).transitions([step]));
    }
    if let Some(days) = props.expire_days {
        rules.push(rule("expire").expiration_in_days(days));
    }
    if props.versioned {
        let old = shape::NoncurrentVersionExpiration::new(props.old_version_days);
        rules.push(rule("old-versions").noncurrent_version_expiration(old));
    }
    rules
}

#[cfg(test)]
mod tests {
    use super::{Bucket, BucketProps, Cors, Transition};
    use crate::iam::{Role, RoleProps, Trust};
    use crate::kms::{Key, KeyProps};
    use crate::testing::{Platform, stack};

    #[test]
    fn bucket_has_secure_defaults_and_requires_tls() {
        let platform = Platform::synth("shop", |app| {
            Bucket::new(&stack(app, "data"), "receipts", BucketProps::default());
        });
        let bucket = platform.resource("AWS::S3::Bucket");
        let block = bucket.props["PublicAccessBlockConfiguration"].as_object().expect("it is closed");
        assert!(block.len() == 4 && block.values().all(|it| *it == true), "{block:?}");
        assert_eq!(bucket.props["VersioningConfiguration"]["Status"], "Enabled");
        assert_eq!(bucket.entry["UpdateReplacePolicy"], "Retain");
        let policy = platform.resource("AWS::S3::BucketPolicy");
        assert_eq!(policy.props["PolicyDocument"]["Statement"][0]["Effect"], "Deny");
        assert_eq!(policy.entry["UpdateReplacePolicy"], "Retain");
    }

    #[test]
    fn write_grant_allows_encryption_but_not_reading() {
        let platform = Platform::synth("shop", |app| {
            let data = stack(app, "data");
            let key = Key::new(&data, "key", KeyProps::default());
            let bucket = Bucket::new(&data, "receipts", BucketProps { key: Some(key), ..Default::default() });
            let role = Role::new(&data, "till", Trust::Service("lambda.amazonaws.com"), RoleProps::default());
            bucket.grant_write(&role);
        });
        let policy = platform.resource("AWS::IAM::RolePolicy").props["PolicyDocument"].to_string();
        assert!(policy.contains("s3:PutObject") && policy.contains("kms:GenerateDataKey"), "{policy}");
        assert!(!policy.contains("s3:GetObject") && !policy.contains("s3:ListBucket"), "{policy}");
    }

    #[test]
    fn accepts_access_logs_below_path_of_their_bucket() {
        let platform = Platform::synth("shop", |app| {
            let data = stack(app, "data");
            let logs = Bucket::new(&data, "logs", BucketProps::default());
            Bucket::new(&data, "receipts", BucketProps { access_logs: Some(logs), ..Default::default() });
        });
        let policies = platform.resources("AWS::S3::BucketPolicy");
        let admits = |it: &&crate::testing::Found<'_>| it.props.to_string().contains("logging.s3.amazonaws.com");
        let policy = policies.iter().find(admits).expect("one of them admits the logs").props.to_string();
        assert!(policy.contains("/data/receipts/*"), "{policy}");
    }
    #[test]
    fn supports_transitions_and_cors() {
        let platform = Platform::synth("shop", |app| {
            let props = BucketProps {
                transitions: vec![Transition::to("GLACIER_IR", 90)],
                cors: vec![Cors::from("https://shop.example", &["GET", "PUT"])],
                ..Default::default()
            };
            Bucket::new(&stack(app, "data"), "receipts", props);
        });
        let bucket = platform.resource("AWS::S3::Bucket").props;
        let rules = bucket["LifecycleConfiguration"]["Rules"].to_string();
        assert!(rules.contains("GLACIER_IR"), "{rules}");
        assert_eq!(bucket["CorsConfiguration"]["CorsRules"][0]["AllowedMethods"], serde_json::json!(["GET", "PUT"]));
    }
}
