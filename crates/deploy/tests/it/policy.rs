//! Tests the policies of `meshsynth bootstrap --print-policy`: they allow exactly the calls in the code.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use meshsynth_access::iam::Document;
use meshsynth_access::sets::{Cube, Dimension, Key, Region, Set};
use meshsynth_deploy::policy::{ANY_APP, Scope};
use serde_json::Value;

/// Actions that AWS performs for a call, or that have another name: the action and the call.
const BEHIND: [(&str, &str); 2] = [
    ("cloudformation:TagResource", "cloudformation:CreateChangeSet"),
    ("cloudformation:DetectStackResourceDrift", "cloudformation:DetectStackDrift"),
];

/// Calls that only `drift` and `diff --base deployed` make.
const OF_LOOKS: [&str; 3] = [
    "cloudformation:DescribeStackDriftDetectionStatus",
    "cloudformation:DescribeStackResourceDrifts",
    "cloudformation:DetectStackDrift",
];

fn actions(policy: &Value) -> BTreeSet<String> {
    let statements = policy["Statement"].as_array().unwrap();
    let actions = statements.iter().flat_map(|it| it["Action"].as_array().unwrap());
    actions.map(|it| it.as_str().unwrap().to_owned()).collect()
}

/// Returns the code that calls AWS.
fn source() -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/aws");
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    // Tests are at the end of each file.
    let code = |path| fs::read_to_string(path).unwrap().split("#[cfg(test)]").next().unwrap().to_owned();
    paths.map(code).collect()
}

/// Returns each `service:Action` in the code.
fn named() -> Vec<String> {
    let source = source();
    let texts = source.split('"').skip(1).step_by(2);
    let is_action = |text: &&str| {
        text.split_once(':').is_some_and(|(service, action)| {
            ["cloudformation", "eks", "kafka", "s3", "sts"].contains(&service)
                && action.chars().all(|it| it.is_ascii_alphanumeric())
                && action.starts_with(|it: char| it.is_ascii_uppercase())
        })
    };
    texts.filter(is_action).map(str::to_owned).collect()
}

fn snake(action: &str) -> String {
    let mut out = String::new();
    for it in action.chars() {
        if it.is_ascii_uppercase() && !out.is_empty() {
            out.push('_');
        }
        out.push(it.to_ascii_lowercase());
    }
    out
}

#[test]
fn sdk_calls_name_their_actions() {
    let source: String = source().split_whitespace().collect();
    let mut called = BTreeSet::new();
    // The first method of a client is the operation. Methods of this crate have names of one word.
    for client in [".cloudformation.", ".s3.", "sts.", "client."] {
        for (_, rest) in source.match_indices(client).map(|(at, it)| source.split_at(at + it.len())) {
            let name = rest.split(|it: char| !it.is_ascii_lowercase() && it != '_').next().unwrap();
            if rest[name.len()..].starts_with('(') && name.contains('_') {
                called.insert(name.to_owned());
            }
        }
    }
    let named: BTreeSet<String> = named().iter().map(|it| snake(it.split_once(':').unwrap().1)).collect();
    // `HeadObject` requires the permission to read the object.
    let unnamed: Vec<&String> = called.iter().filter(|it| !named.contains(*it) && *it != "head_object").collect();
    assert!(unnamed.is_empty(), "no error of these calls says what to allow: {unnamed:?}");
    let by_sdk = |it: &&String| !["describe_cluster", "get_bootstrap_brokers"].contains(&it.as_str());
    let uncalled: Vec<&String> = named.iter().filter(by_sdk).filter(|it| !called.contains(*it)).collect();
    assert!(uncalled.is_empty(), "named, and never called: {uncalled:?}");
}

#[test]
fn policies_allow_exactly_the_called_actions() {
    let named: BTreeSet<String> = named().into_iter().collect();
    // `GetCallerIdentity` needs no permission.
    let wanted: BTreeSet<String> = named.into_iter().filter(|it| it != "sts:GetCallerIdentity").collect();
    let (deployer, reader) = (actions(&Scope::named(ANY_APP).deployer(None)), actions(&Scope::named(ANY_APP).reader()));
    let missing: Vec<&String> = wanted.iter().filter(|it| !deployer.contains(*it) && !reader.contains(*it)).collect();
    assert!(missing.is_empty(), "called, and in no policy: {missing:?}");
    let of_deployer: BTreeSet<String> = wanted.iter().filter(|it| !OF_LOOKS.contains(&it.as_str())).cloned().collect();
    let absent: Vec<&String> = of_deployer.difference(&deployer).collect();
    assert!(absent.is_empty(), "a deployment calls, and may not: {absent:?}");
    for action in deployer.union(&reader) {
        let behind = BEHIND.iter().find(|(it, _)| it == action).map_or(action.as_str(), |(_, call)| call);
        assert!(wanted.contains(behind), "allowed, and never called: {action}");
    }
    let changes = |it: &&String| {
        ["Put", "Create", "Delete", "Update", "Set", "Execute", "Continue"]
            .iter()
            .any(|verb| it.split(':').nth(1).unwrap().starts_with(verb))
    };
    assert_eq!(reader.iter().filter(changes).count(), 0, "whoever only looks changes nothing");
}

#[test]
fn policies_allow_passing_roles_only_to_cloudformation() {
    let role = "arn:aws:iam::111122223333:role/cloudformation";
    let policy = Scope::named("shop").deployer(Some(role));
    let statement = policy["Statement"].as_array().unwrap().last().unwrap();
    assert_eq!((&statement["Action"][0], &statement["Resource"]), (&Value::from("iam:PassRole"), &Value::from(role)));
    assert_eq!(statement["Condition"]["StringEquals"]["iam:PassedToService"], "cloudformation.amazonaws.com");
}

/// Checks `docs/policy-*.json`, which contain the printed policies. `UPDATE_DOCS=1` writes them.
#[test]
fn docs_contain_printed_policies() {
    for (name, policy) in
        [("deployer", Scope::named(ANY_APP).deployer(None)), ("reader", Scope::named(ANY_APP).reader())]
    {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../docs/policy-{name}.json"));
        let text = format!("{policy:#}\n");
        if std::env::var_os("UPDATE_DOCS").is_some() {
            fs::write(&path, &text).unwrap();
        }
        let written = fs::read_to_string(&path).unwrap_or_default();
        assert!(
            written == text,
            "docs/policy-{name}.json is stale: run `UPDATE_DOCS=1 cargo test -p meshsynth-deploy policies`"
        );
    }
}

/// Whether a policy allows an action on a resource with a value of the tag of the app.
fn allows(policy: &Value, action: &str, resource: &str, app: &str) -> bool {
    let key = |name: &str| Dimension::Key(Key::new(name));
    let request = Cube::new()
        .with(Dimension::Action, Set::literal(action))
        .with(Dimension::Resource, Set::literal(resource))
        .with(key("aws:ResourceTag/meshsynth:app"), Set::literal(app))
        .with(key("iam:PassedToService"), Set::literal("cloudformation.amazonaws.com"));
    let admitted = Document::parse(policy).unwrap().admits().and(Region::from(request));
    !meshsynth_access::compare(&Region::none(), &admitted).is_empty()
}

#[test]
fn policies_of_an_app_exclude_stacks_buckets_and_roles_of_other_apps() {
    let mut assembly = crate::platform::shop();
    let cluster = serde_json::json!({
        "id": "run", "name": "shop-run", "region": "ap-northeast-1", "needs": [], "objects": [], "releases": []
    });
    assembly.manifest.clusters.push(serde_json::from_value(cluster).unwrap());
    let role = "arn:aws:iam::111122223333:role/shop-cloudformation";
    let stack = |name: &str| format!("arn:aws:cloudformation:ap-northeast-1:111122223333:stack/{name}/0a1b2c");
    let bucket = "arn:aws:s3:::meshsynth-bootstrap-bucket-x1y2";
    let of_output = Scope::of(&assembly, None);
    for policy in [of_output.deployer(Some(role)), Scope::named("shop").deployer(Some(role))] {
        for action in actions(&policy).iter().filter(|it| it.starts_with("cloudformation:")) {
            let is_account_wide = policy["Statement"].as_array().unwrap().iter().any(|it| {
                it["Resource"] == "*" && it["Action"].as_array().unwrap().iter().any(|other| other == action.as_str())
            });
            assert_eq!(allows(&policy, action, &stack("blog-data"), "blog"), is_account_wide, "{action}");
            let is_change =
                !["Describe", "List", "Get", "Start"].iter().any(|verb| action.contains(&format!(":{verb}")));
            assert!(!(is_account_wide && is_change), "{action} is allowed on every stack of the account");
        }
        for action in ["CreateChangeSet", "ExecuteChangeSet", "DeleteStack", "UpdateTerminationProtection"] {
            let action = format!("cloudformation:{action}");
            assert!(allows(&policy, &action, &stack("shop-data"), "shop"), "{action}");
            assert!(allows(&policy, &action, &stack("shop-data"), ""), "{action} on a new stack without tags");
            assert!(allows(&policy, &action, &stack("old-name"), "shop"), "{action} on a stack of an earlier output");
            assert!(!allows(&policy, &action, &stack("shopping-data"), "shopping"), "{action}");
        }
        let put = |key: &str| allows(&policy, "s3:PutObject", &format!("{bucket}/meshsynth/{key}"), "");
        assert!(put("shop/lock.json") && put("shop/0a.json") && !put("blog/lock.json") && !put("shopping/lock.json"));
        assert!(allows(&policy, "iam:PassRole", role, ""));
        assert!(!allows(&policy, "iam:PassRole", "arn:aws:iam::111122223333:role/admin", ""));
        let describe = |name: &str| {
            let arn = format!("arn:aws:eks:ap-northeast-1:111122223333:cluster/{name}");
            allows(&policy, "eks:DescribeCluster", &arn, "")
        };
        assert!(describe("shop-run") && !describe("blog-run"));
    }
    // The policy of an output contains the exact names.
    let policy = of_output.deployer(None);
    assert!(!allows(&policy, "cloudformation:DeleteStack", &stack("shop-other"), "other"));
    assert!(!allows(&of_output.reader(), "cloudformation:GetTemplate", &stack("blog-data"), "blog"));
    let read = |key: &str| allows(&of_output.reader(), "s3:GetObject", &format!("{bucket}/meshsynth/{key}"), "");
    assert!(read("shop/lock.json") && !read("shop/0a.json") && !read("blog/lock.json"));
}
