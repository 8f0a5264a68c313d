//! Resource policies: of buckets and queues, of keys, of roles, of endpoints.

use serde_json::{Value, json};

use super::document::Document;
use super::identity::elsewhere;
use crate::sets::Region;

/// Returns the requests that a resource policy admits together with identity policies. A request is admitted if at
/// least one of them allows it and no statement denies it. Without a resource policy, the identity policies decide.
pub fn resource(document: Option<&Document>) -> Region {
    let Some(document) = document else { return elsewhere() };
    document.effect(false).or(elsewhere()).without(document.effect(true))
}

/// Returns the requests that a trust policy or a key policy admits. Only this policy can admit requests.
pub fn trust(document: &Document) -> Region {
    document.admits()
}

/// Returns the requests that a key policy admits. If the policy names the account, IAM policies decide. Without a
/// document, the default policy names the account.
///
/// Source: <https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html>.
pub fn delegation(document: Option<&Document>) -> Region {
    let root = json!({ "Statement": {
        "Effect": "Allow", "Action": "kms:*", "Resource": "*",
        "Principal": { "AWS": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root" },
    } });
    document.map_or_else(|| Document::parse(&root).unwrap_or_default().admits(), Document::admits)
}

/// Returns the requests that a filtering policy admits, such as an endpoint policy. Without a document, all requests
/// pass.
///
/// Source: <https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html>.
pub fn filter(document: Option<&Document>) -> Region {
    document.map_or_else(Region::all, Document::admits)
}

/// Converts the properties of an `AWS::Lambda::Permission` to the resulting statement.
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
