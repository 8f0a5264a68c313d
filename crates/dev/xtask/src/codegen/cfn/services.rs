//! The services that constructs use, and the features of all other services.

/// The services that constructs use.
const USED: [&str; 37] = [
    "amazonmq",
    "backup",
    "certificatemanager",
    "cloudformation",
    "cloudfront",
    "cloudwatch",
    "codebuild",
    "codeconnections",
    "codepipeline",
    "codestarconnections",
    "cognito",
    "dynamodb",
    "ec2",
    "ecr",
    "efs",
    "eks",
    "elasticache",
    "elasticloadbalancingv2",
    "events",
    "globalaccelerator",
    "iam",
    "kms",
    "lambda",
    "logs",
    "msk",
    "opensearchservice",
    "rds",
    "route53",
    "s3",
    "scheduler",
    "secretsmanager",
    "sns",
    "sqs",
    "ssm",
    "stepfunctions",
    "wafv2",
    "xray",
];

/// The maximum number of features of a crate on crates.io.
///
/// Source: <https://doc.rust-lang.org/cargo/reference/features.html>.
const MOST_FEATURES: usize = 300;

/// Whether constructs use a service, so that its types are in `meshsynth-cfn`.
pub fn is_used(service: &str) -> bool {
    USED.contains(&service)
}

/// Returns the features for `crates/services/Cargo.toml`: one for each service, and one for all of them.
pub fn features(services: &[&str]) -> String {
    assert!(
        services.len() < MOST_FEATURES,
        "crates.io allows {MOST_FEATURES} features for each crate: divide the services among several crates"
    );
    let all: String = services.iter().map(|service| format!("    \"{service}\",\n")).collect();
    let each: String = services.iter().map(|service| format!("{service} = []\n")).collect();
    format!("all = [\n{all}]\n{each}")
}

#[cfg(test)]
mod tests {
    use super::USED;

    #[test]
    fn every_name_is_a_service() {
        let facts = crate::codegen::cfn::facts::read(&crate::root()).unwrap();
        let known = |name: &str| facts.iter().any(|facts| facts.service == name);
        assert_eq!(USED.into_iter().filter(|name| !known(name)).collect::<Vec<_>>(), [""; 0]);
    }
}
