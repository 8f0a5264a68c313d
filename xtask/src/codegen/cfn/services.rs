//! Which services are always there, and which feature turns on each of the others.

use std::collections::BTreeSet;

/// What the constructs are made of.
const ALWAYS: [&str; 29] = [
    "backup",
    "certificatemanager",
    "cloudfront",
    "cloudwatch",
    "codebuild",
    "codeconnections",
    "codepipeline",
    "codestarconnections",
    "dynamodb",
    "ec2",
    "ecr",
    "eks",
    "elasticache",
    "elasticloadbalancingv2",
    "events",
    "globalaccelerator",
    "iam",
    "kms",
    "logs",
    "msk",
    "rds",
    "route53",
    "s3",
    "secretsmanager",
    "sns",
    "sqs",
    "ssm",
    "wafv2",
    "xray",
];

/// Services with a common beginning share a feature: crates.io allows a crate 300 of them.
const FAMILIES: [&str; 33] = [
    "apigateway",
    "bcm",
    "bedrock",
    "cleanrooms",
    "codeguru",
    "connect",
    "docdb",
    "emr",
    "events",
    "gamelift",
    "greengrass",
    "health",
    "inspector",
    "iot",
    "ivs",
    "kendra",
    "kinesis",
    "licensemanager",
    "lookout",
    "media",
    "mwaa",
    "neptune",
    "network",
    "notifications",
    "pcaconnector",
    "pinpoint",
    "redshift",
    "resiliencehub",
    "route53",
    "s3",
    "servicecatalog",
    "ssm",
    "waf",
];

/// The feature that turns a service on; none if it is always there.
pub fn feature(service: &str) -> Option<String> {
    if ALWAYS.contains(&service) {
        return None;
    }
    let family = FAMILIES.iter().find(|family| service.starts_with(*family));
    Some(format!("cfn-{}", family.unwrap_or(&service).replace('_', "-")))
}

/// The features for `Cargo.toml`.
pub fn features(services: &[&str]) -> String {
    let features: BTreeSet<String> = services.iter().filter_map(|service| feature(service)).collect();
    let all: String = features.iter().map(|feature| format!("    \"{feature}\",\n")).collect();
    let each: String = features.iter().map(|feature| format!("{feature} = []\n")).collect();
    format!("cfn-all = [\n{all}]\n{each}")
}

/// The condition under which a service is compiled, as an attribute's line.
pub fn condition(service: &str) -> String {
    match feature(service) {
        Some(feature) => format!("#[cfg(feature = \"{feature}\")]\n"),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::{ALWAYS, FAMILIES, features};

    #[test]
    fn every_name_is_a_service_or_begins_one() {
        let facts = crate::codegen::cfn::facts::read(&crate::root()).unwrap();
        let known = |name: &str| facts.iter().any(|facts| facts.service == name);
        let begins = |family: &str| facts.iter().any(|facts| facts.service.starts_with(family));
        assert_eq!(ALWAYS.into_iter().filter(|name| !known(name)).collect::<Vec<_>>(), [""; 0]);
        assert_eq!(FAMILIES.into_iter().filter(|name| !begins(name)).collect::<Vec<_>>(), [""; 0]);
        let services: Vec<&str> = facts.iter().map(|facts| facts.service.as_str()).collect();
        assert!(features(&services).lines().filter(|line| line.ends_with("= []")).count() < 290);
    }
}
