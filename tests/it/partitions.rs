//! Names, hosts and endpoints of regions outside the partition `aws`.

use meshsynth::aws::{Vpc, VpcProps};
use meshsynth::iam::{Role, RoleProps, Trust};
use meshsynth::{App, Env, Stack};

use crate::grants::GRANTS;

/// Returns the template of a stack with every construct that grants permissions, each with a role.
fn template(region: &'static str) -> String {
    let app = App::new("shop");
    // The geography in this grant belongs to the partition `aws`.
    let grants = GRANTS.iter().filter(|(name, _)| !name.starts_with("bedrock::"));
    for (idx, (_, grant)) in grants.enumerate() {
        let stack = Stack::new(&app, &format!("data-{idx}"), Env::region(region));
        let vpc = Vpc::new(&stack, "vpc", VpcProps::default());
        let role = Role::new(&stack, "caller", Trust::Service("ec2.amazonaws.com"), RoleProps::default());
        grant(&stack, &vpc, &role);
    }
    let assembly = match app.synth() {
        Ok(assembly) => assembly,
        Err(failure) => panic!("{region}: {:?}", failure.diagnostics),
    };
    assembly.files.iter().filter(|(name, _)| name.ends_with(".template.json")).map(|(_, text)| text.as_str()).collect()
}

/// Returns the hosts in a text with the suffix of the partition `aws`, without service principals in policies.
fn hosts(text: &str) -> Vec<&str> {
    let words = text.split(['"', '/', ' ', ':']);
    let of_aws = words.filter(|word| word.ends_with(".amazonaws.com"));
    // Service principals are the same in all partitions, except for CloudWatch Logs.
    of_aws.filter(|word| word.starts_with("logs.") || word.trim_end_matches(".amazonaws.com").contains('.')).collect()
}

/// Service principals that contain a dot.
const PRINCIPALS: [&str; 5] = [
    "delivery.logs.amazonaws.com",
    "monitoring.rds.amazonaws.com",
    "pods.eks.amazonaws.com",
    "vpc-flow-logs.amazonaws.com",
    "email.cognito-idp.amazonaws.com",
];

#[test]
fn china_regions_have_separate_names() {
    let text = template("cn-north-1");
    assert!(!text.contains("arn:aws:"), "an ARN of another partition");
    let found: Vec<_> = hosts(&text).into_iter().filter(|host| !PRINCIPALS.contains(host)).collect();
    assert!(found.is_empty(), "{found:?}");
    assert!(text.contains("logs.cn-north-1.amazonaws.com.cn"));
    assert!(text.contains("\"cn.com.amazonaws.cn-north-1.sts\""));
    assert!(text.contains("\"com.amazonaws.cn-north-1.secretsmanager\""));
}

#[test]
fn gov_cloud_regions_have_a_separate_partition() {
    let text = template("us-gov-west-1");
    assert!(!text.contains("arn:aws:"), "an ARN of another partition");
    assert!(text.contains("\"com.amazonaws.us-gov-west-1.sts\""));
}
