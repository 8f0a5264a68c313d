//! The prefix lists of CloudFront.

/// The ids of `com.amazonaws.global.cloudfront.origin-facing`, which differ by region.
///
/// CloudFormation cannot look them up by name; compare with `aws ec2 describe-managed-prefix-lists`. AWS does not
/// publish them. In 2026-11, three public programs independently contained these ids.
///
/// Source: <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/LocationsOfEdgeServers.html>
pub const CLOUDFRONT_LISTS: [(&str, &str); 17] = [
    ("ap-northeast-1", "pl-58a04531"),
    ("ap-northeast-2", "pl-22a6434b"),
    ("ap-northeast-3", "pl-31a14458"),
    ("ap-south-1", "pl-9aa247f3"),
    ("ap-southeast-1", "pl-31a34658"),
    ("ap-southeast-2", "pl-b8a742d1"),
    ("ca-central-1", "pl-38a64351"),
    ("eu-central-1", "pl-a3a144ca"),
    ("eu-north-1", "pl-fab65393"),
    ("eu-west-1", "pl-4fa04526"),
    ("eu-west-2", "pl-93a247fa"),
    ("eu-west-3", "pl-75b1541c"),
    ("sa-east-1", "pl-5da64334"),
    ("us-east-1", "pl-3b927c52"),
    ("us-east-2", "pl-b6a144df"),
    ("us-west-1", "pl-4ea04527"),
    ("us-west-2", "pl-82a045eb"),
];
