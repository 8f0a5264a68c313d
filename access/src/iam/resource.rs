//! Policies of resources: of buckets and queues, of keys, of roles, of endpoints.

use serde_json::{Value, json};

use super::document::Document;
use super::identity::elsewhere;
use crate::sets::Region;

/// A policy beside which policies of identities count: a request is admitted if either allows it and none denies it.
/// Without one, that is what policies of identities allow.
pub fn resource(document: Option<&Document>) -> Region {
    let Some(document) = document else { return elsewhere() };
    document.effect(false).or(elsewhere()).without(document.effect(true))
}

/// A policy without which nobody gets in: of a role, or of a key.
pub fn trust(document: &Document) -> Region {
    document.admits()
}

/// The policy of a key, which passes the question on to IAM where it names the account; without one, it does just that.
///
/// Source: <https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html>.
pub fn delegation(document: Option<&Document>) -> Region {
    let root = json!({ "Statement": {
        "Effect": "Allow", "Action": "kms:*", "Resource": "*",
        "Principal": { "AWS": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root" },
    } });
    document.map_or_else(|| Document::parse(&root).unwrap_or_default().admits(), Document::admits)
}

/// A policy that only lets pass, as an endpoint's does; without one, everything passes.
///
/// Source: <https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html>.
pub fn filter(document: Option<&Document>) -> Region {
    document.map_or_else(Region::all, Document::admits)
}

/// The properties of an `AWS::Lambda::Permission`, as the statement that they become.
///
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-permission.html>.
pub fn permission(properties: &Value) -> Document {
    let mut condition = json!({});
    for (property, operator, key) in [
        ("SourceArn", "ArnLike", "aws:SourceArn"),
        ("SourceAccount", "StringEquals", "aws:SourceAccount"),
        ("PrincipalOrgID", "StringEquals", "aws:PrincipalOrgID"),
        ("EventSourceToken", "StringEquals", "lambda:EventSourceToken"),
        ("FunctionUrlAuthType", "StringEquals", "lambda:FunctionUrlAuthType"),
        ("InvokedViaFunctionUrl", "Bool", "lambda:InvokedViaFunctionUrl"),
    ] {
        if let Some(value) = properties.get(property) {
            condition[operator][key] = value.clone();
        }
    }
    let statement = json!({
        "Effect": "Allow", "Principal": properties["Principal"], "Action": properties["Action"], "Condition": condition,
    });
    Document::parse(&json!({ "Statement": statement })).unwrap_or_default()
}
