//! Resources with a service API: their representative actions, and the target ARNs.
//!
//! Source: <https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html>.

use serde_json::Value;

use super::arn;
use crate::world::{ResourceId, World};

/// A representative action for a use of a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Use {
    /// The use in one word, such as `read`.
    pub word: &'static str,
    /// The action, such as `s3:GetObject`.
    pub action: &'static str,
    /// The target.
    pub on: On,
}

/// The target of an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum On {
    /// The resource itself.
    Itself,
    /// An object below its ARN, such as an object of a bucket.
    Below,
    /// A topic of a broker cluster.
    Topic,
    /// A database user.
    User,
}

const fn itself(word: &'static str, action: &'static str) -> Use {
    Use { word, action, on: On::Itself }
}

const fn below(word: &'static str, action: &'static str) -> Use {
    Use { word, action, on: On::Below }
}

const USES: &[(&str, &[Use])] = &[
    (
        "AWS::S3::Bucket",
        &[
            below("read", "s3:GetObject"),
            below("write", "s3:PutObject"),
            below("delete", "s3:DeleteObject"),
            itself("list", "s3:ListBucket"),
        ],
    ),
    (
        "AWS::SQS::Queue",
        &[
            itself("receive", "sqs:ReceiveMessage"),
            itself("send", "sqs:SendMessage"),
            itself("purge", "sqs:PurgeQueue"),
        ],
    ),
    ("AWS::SNS::Topic", &[itself("publish", "sns:Publish"), itself("subscribe", "sns:Subscribe")]),
    ("AWS::DynamoDB::Table", TABLE),
    ("AWS::DynamoDB::GlobalTable", TABLE),
    (
        "AWS::SecretsManager::Secret",
        &[itself("read", "secretsmanager:GetSecretValue"), itself("write", "secretsmanager:PutSecretValue")],
    ),
    ("AWS::KMS::Key", KEY),
    ("AWS::KMS::ReplicaKey", KEY),
    ("AWS::SSM::Parameter", &[itself("read", "ssm:GetParameter"), itself("write", "ssm:PutParameter")]),
    ("AWS::ECR::Repository", &[itself("pull", "ecr:BatchGetImage"), itself("push", "ecr:PutImage")]),
    ("AWS::Kinesis::Stream", &[itself("read", "kinesis:GetRecords"), itself("write", "kinesis:PutRecord")]),
    ("AWS::KinesisFirehose::DeliveryStream", &[itself("write", "firehose:PutRecord")]),
    (
        "AWS::Lambda::Function",
        &[itself("invoke", "lambda:InvokeFunction"), itself("change", "lambda:UpdateFunctionCode")],
    ),
    ("AWS::Events::EventBus", &[itself("send", "events:PutEvents")]),
    ("AWS::StepFunctions::StateMachine", &[itself("start", "states:StartExecution")]),
    ("AWS::IAM::Role", &[itself("assume", "sts:AssumeRole")]),
];

const TABLE: &[Use] = &[
    itself("read", "dynamodb:GetItem"),
    itself("read", "dynamodb:Query"),
    itself("write", "dynamodb:PutItem"),
    itself("delete", "dynamodb:DeleteItem"),
];

const KEY: &[Use] = &[itself("decrypt", "kms:Decrypt"), itself("encrypt", "kms:GenerateDataKey")];

/// Returns the uses of a resource through the API of its service; empty for other resources.
pub fn uses(type_name: &str) -> &'static [Use] {
    USES.iter().find(|it| it.0 == type_name).map_or(&[], |it| it.1)
}

/// Returns the target of an action: objects of a bucket, topics, users, or the resource itself.
pub fn on(type_name: &str, action: &str) -> On {
    let name = action.split_once(':').map_or(action, |it| it.1);
    match (type_name, action) {
        ("AWS::S3::Bucket", _) if name.contains("Object") || name.contains("MultipartUpload") => On::Below,
        ("AWS::MSK::Cluster" | "AWS::MSK::ServerlessCluster", _) if name.contains("Topic") || name.contains("Data") => {
            On::Topic
        }
        (_, "rds-db:connect") => On::User,
        _ => On::Itself,
    }
}

/// Returns the target ARN of an action, in which parts that only the request determines are open.
pub fn target(world: &World, id: ResourceId, on: On) -> Option<String> {
    let resource = world.resource(id);
    let of = arn::of(world, id)?;
    Some(match on {
        On::Itself => of,
        On::Below => format!("{of}/${{?name}}"),
        On::Topic => format!("{}/${{?topic}}", of.replacen(":cluster/", ":topic/", 1)),
        On::User => {
            let attribute =
                if resource.type_name == "AWS::RDS::DBInstance" { "DbiResourceId" } else { "DBClusterResourceId" };
            let made = format!("${{={}.{attribute}}}", resource.name());
            format!("{}dbuser:{made}/${{?user}}", arn::prefix(world, id, "rds-db"))
        }
    })
}

/// The key that encrypts a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Key {
    /// Callers need no key permission: AWS owns the key, or the service uses it for itself.
    None,
    /// A key of the platform, and the service that uses it for the caller.
    Own(ResourceId, &'static str),
    /// A key outside the platform.
    Foreign(String),
}

/// Returns the key that encrypts a resource and that callers of its API must be allowed to use.
///
/// Source: <https://docs.aws.amazon.com/kms/latest/developerguide/service-integration.html>.
pub fn key(world: &World, id: ResourceId) -> Key {
    let resource = world.resource(id);
    let (path, service) = match resource.type_name.as_str() {
        "AWS::S3::Bucket" => {
            ("BucketEncryption.ServerSideEncryptionConfiguration.0.ServerSideEncryptionByDefault.KMSMasterKeyID", "s3")
        }
        "AWS::SQS::Queue" => ("KmsMasterKeyId", "sqs"),
        "AWS::SNS::Topic" => ("KmsMasterKeyId", "sns"),
        "AWS::SecretsManager::Secret" => ("KmsKeyId", "secretsmanager"),
        "AWS::DynamoDB::Table" => ("SSESpecification.KMSMasterKeyId", "dynamodb"),
        "AWS::DynamoDB::GlobalTable" => ("Replicas.0.SSESpecification.KMSMasterKeyId", "dynamodb"),
        "AWS::Kinesis::Stream" => ("StreamEncryption.KeyId", "kinesis"),
        _ => return Key::None,
    };
    of_value(world, resource.property(path), service)
}

/// Returns the key that a property specifies, by reference or by ARN, directly or with an alias.
pub fn of_value(world: &World, value: &Value, service: &'static str) -> Key {
    let Some(text) = value.as_str() else { return Key::None };
    let is_key = |id: &ResourceId| world.resource(*id).type_name.ends_with("Key");
    if let Some(named) = world.named_by(value) {
        let aliased = world.named_by(world.resource(named).property("TargetKeyId"));
        if let Some(own) = [Some(named), aliased].into_iter().flatten().find(is_key) {
            return Key::Own(own, service);
        }
    }
    let text = arn::text(world, text);
    if text.starts_with("alias/aws/") { Key::None } else { Key::Foreign(text) }
}

/// Returns the key action that an action requires.
pub fn key_action(action: &str) -> &'static str {
    let name = action.split_once(':').map_or(action, |it| it.1);
    let writes = ["Put", "Send", "Publish"].iter().any(|it| name.starts_with(it));
    // Sending requires a new data key. A table uses its existing key.
    if writes && !action.starts_with("dynamodb:") { "kms:GenerateDataKey" } else { "kms:Decrypt" }
}

/// Whether an action needs no key, because it neither reads nor writes encrypted data.
pub fn is_without_key(action: &str) -> bool {
    let name = action.split_once(':').map_or(action, |it| it.1);
    ["List", "Describe", "Delete", "Purge", "Subscribe"].iter().any(|it| name.starts_with(it))
        || name == "GetQueueAttributes"
}
