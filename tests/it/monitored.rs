//! Every construct has alarms, or a documented reason for having none.

use std::collections::BTreeSet;
use std::fs;

use crate::support::{files, root};

/// Constructs in `aws` without alarms, and the reasons.
const UNWATCHED: &[(&str, &str)] = &[
    ("backup", "a job that fails is an event, which a rule takes"),
    ("bedrock", "counted by model and not by who calls it"),
    ("cloudformation", "a request that fails is a failed deployment"),
    ("cognito::Domain", "its requests are counted by client"),
    ("cognito::UserPool", "its requests are counted by client: `cognito::Client`"),
    ("delivery", "an execution that fails is an event, which a rule takes"),
    ("ecr", "counts pulls alone"),
    ("edge", "watched by health checks, and by the mesh behind it"),
    ("efs::AccessPoint", "counted by file system"),
    ("eks", "watched by what runs in the cluster: Prometheus"),
    ("elasticache::GlobalDatastore", "counted by its members"),
    ("events::Bus", "deliveries are counted by rule: `events::Rule`"),
    ("iam", "no metrics"),
    ("kms", "no metrics that tell of a failure"),
    ("lambda::FunctionUrl", "counted by function"),
    ("logs", "watched by filters: `cloudwatch::MetricFilter`"),
    ("msk::Interfaces", "part of a cluster"),
    ("msk::Replicator", "its lag is a metric of the target cluster's topics"),
    ("msk::Serverless", "no metrics of brokers"),
    ("observability", "is what watches"),
    ("rds::GlobalCluster", "counted by its members"),
    ("secrets", "no metrics"),
    ("security", "no metrics"),
    ("ssm", "no metrics"),
    ("vpc", "no metrics that tell of a failure"),
];

/// Returns the types in a folder that implement a trait, as `<module>::<name>`.
fn implementors(folder: &str, of: &str) -> BTreeSet<String> {
    let folder = root().join(folder);
    let mut found = BTreeSet::new();
    for path in files(&folder, &["rs"]) {
        let text = fs::read_to_string(&path).expect("a source can be read");
        let below = path.strip_prefix(&folder).expect("it is below");
        let module = below.components().next().expect("it has a name").as_os_str().to_string_lossy().into_owned();
        for line in text.lines().filter_map(|line| line.strip_prefix(of)) {
            let name = line.trim_end_matches([' ', '{', '}']);
            found.insert(match name.contains("::") {
                true => name.to_owned(),
                false => format!("{}::{name}", module.trim_end_matches(".rs")),
            });
        }
    }
    found
}

#[test]
fn every_construct_has_alarms_or_a_reason_why_not() {
    let constructs = implementors("src/aws", "impl Construct for ");
    let watched = implementors("src/aws", "impl Monitored for ");
    assert!(constructs.len() > 40 && watched.len() > 15, "{} {}", constructs.len(), watched.len());
    let is_of = |name: &str, of: &str| name == of || name.split("::").next() == Some(of);
    let lacking: Vec<_> = constructs
        .iter()
        .filter(|it| !watched.contains(*it) && !UNWATCHED.iter().any(|(of, _)| is_of(it, of)))
        .collect();
    assert!(lacking.is_empty(), "no `Monitored`, and no reason in `UNWATCHED`: {lacking:?}");
    let needless: Vec<_> = UNWATCHED
        .iter()
        .filter(|(of, _)| {
            !constructs.iter().any(|it| is_of(it, of))
                || constructs.iter().filter(|it| is_of(it, of)).all(|it| watched.contains(it))
        })
        .collect();
    assert!(needless.is_empty(), "a reason for nothing: {needless:?}");
}
