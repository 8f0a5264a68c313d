//! Tests the checks before a deployment with local endpoints.

use std::time::{Duration, UNIX_EPOCH};

use aws_credential_types::Credentials;
use meshsynth_deploy::assembly::Assembly;
use meshsynth_deploy::aws::{Aws, AwsAccess};
use meshsynth_deploy::clusters::ClusterAccess;
use meshsynth_deploy::executor::Outputs;
use meshsynth_deploy::kube::{Kube, KubeError, Object, Settings, Worker};
use meshsynth_deploy::plan::Plan;
use meshsynth_deploy::preflight::{ClusterChecks, Finding, check, identities};
use meshsynth_deploy::stop::Stop;
use meshsynth_deploy::time;
use serde_json::Value;

use crate::cluster::{Cluster, refuse};
use crate::endpoint::{Endpoint, Turn};
use crate::platform::{Notes, OSAKA, TOKYO, platform, shop};

fn show(findings: &[Finding]) -> String {
    let line = |it: &Finding| {
        let help = if it.help.is_empty() { String::new() } else { format!("\n  = help: {}", it.help) };
        format!("{:?} {}: {}{help}\n", it.state, it.about, it.text)
    };
    findings.iter().map(line).collect()
}

fn access(endpoint: &Endpoint, expires: Option<u64>) -> AwsAccess {
    let expires = expires.map(|seconds| UNIX_EPOCH + Duration::from_secs(seconds));
    AwsAccess {
        timeout: Duration::from_secs(1),
        attempts: 1,
        endpoint: Some(endpoint.address.clone()),
        credentials: Some(Credentials::new("AKIDEXAMPLE", "not a secret", None, expires, "test")),
        ..AwsAccess::default()
    }
}

async fn of_aws(access: AwsAccess, assembly: &Assembly, now: u64) -> String {
    let plan = Plan::new(assembly, None).unwrap();
    show(&identities(&Aws::new(access), assembly, &plan, None, now).await)
}

#[tokio::test]
async fn reports_identity_once_with_all_regions() {
    let endpoint = Endpoint::start();
    let assembly = platform(&[("network", TOKYO, &[], &["Vpc"]), ("data", OSAKA, &["network"], &["Cache"])]);
    insta::assert_snapshot!(of_aws(access(&endpoint, None), &assembly, 0).await, @"
    Good aws: `shop`: arn:aws:iam::111122223333:user/ann in `ap-northeast-1`, `ap-northeast-3`
    Good region: `shop`: CloudFormation answers in `ap-northeast-1`, `ap-northeast-3`
    ");
    let world = endpoint.world.lock().unwrap();
    assert!(world.stacks.is_empty() && world.bucket.is_empty(), "nothing is changed");
}

#[tokio::test]
async fn warns_about_credentials_that_expire_soon() {
    let (endpoint, now) = (Endpoint::start(), time::now());
    let good = of_aws(access(&endpoint, Some(now + 90_000)), &shop(), now).await;
    assert!(
        good.contains(&format!("Good aws: `shop`: arn:aws:iam::111122223333:user/ann in `{TOKYO}`, until 20")),
        "{good}"
    );
    let soon = of_aws(access(&endpoint, Some(now + 1_830)), &shop(), now).await;
    assert!(soon.contains("Doubtful aws") && soon.contains(", for another 30 min\n  = help: sign in again"), "{soon}");
    let over = of_aws(access(&endpoint, Some(now + 1_830)), &shop(), now + 4_000).await;
    assert!(
        over.contains("Wrong aws") && over.contains(", expired 20") && over.contains("\n  = help: sign in again"),
        "{over}"
    );
}

#[tokio::test]
async fn explains_unknown_credentials_and_other_accounts() {
    let endpoint = Endpoint::start();
    *endpoint.turns.lock().unwrap() = vec![Turn::Stranger];
    insta::assert_snapshot!(of_aws(access(&endpoint, None), &shop(), 0).await, @"
    Wrong aws: `shop`: not signed in for `ap-northeast-1`: InvalidClientTokenId: The security token included in the request is invalid
      = help: sign in, for example with `aws sso login`; specify a profile with `AWS_PROFILE`; or set `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`
    ");
    // The first region accepts the credentials, the second one does not.
    let two = platform(&[("network", TOKYO, &[], &["Vpc"]), ("data", OSAKA, &["network"], &["Cache"])]);
    *endpoint.turns.lock().unwrap() = vec![Turn::Stranger, Turn::Fine];
    insta::assert_snapshot!(of_aws(access(&endpoint, None), &two, 0).await, @"
    Good aws: `shop`: arn:aws:iam::111122223333:user/ann in `ap-northeast-1`
    Wrong aws: `shop`: not signed in for `ap-northeast-3`: InvalidClientTokenId: The security token included in the request is invalid
      = help: the credentials work in other regions: if this region is not enabled in the account, run `aws account enable-region --region-name ap-northeast-3`
    Good region: `shop`: CloudFormation answers in `ap-northeast-1`
    ");
    let mut foreign = shop();
    foreign.manifest.stacks[0].account = Some("999988887777".to_owned());
    insta::assert_snapshot!(of_aws(access(&endpoint, None), &foreign, 0).await, @"
    Good aws: `shop`: arn:aws:iam::111122223333:user/ann in `ap-northeast-1`
    Wrong aws: `shop`: not signed in for `ap-northeast-1` of 999988887777: a stack belongs to account 999988887777, but the credentials are for account 111122223333
      = help: specify a profile of that account with `AWS_PROFILE`, or a role in it with `role` in `[deploy.shop]` of meshsynth.toml
    Good region: `shop`: CloudFormation answers in `ap-northeast-1`
    ");
    let role = AwsAccess { role: Some("arn:aws:iam::{account}:role/deployer".to_owned()), ..access(&endpoint, None) };
    insta::assert_snapshot!(of_aws(role, &shop(), 0).await, @"
    Wrong aws: `shop`: not signed in for `ap-northeast-1`: the role `arn:aws:iam::{account}:role/deployer` contains `{account}`, but a stack in ap-northeast-1 does not specify an account
      = help: specify the account of the stack with `Env::new(account, region)`, or use a role without `{account}`
    ");
}

#[tokio::test]
async fn reports_denied_region_and_missing_bucket() {
    let endpoint = Endpoint::start();
    *endpoint.turns.lock().unwrap() = vec![Turn::Forbidden, Turn::Fine];
    insta::assert_snapshot!(of_aws(access(&endpoint, None), &shop(), 0).await, @"
    Good aws: `shop`: arn:aws:iam::111122223333:user/ann in `ap-northeast-1`
    Wrong region: `shop`: CloudFormation does not respond in `ap-northeast-1`: `cloudformation:DescribeStacks`: AccessDenied: ann may not
      = help: allow `cloudformation:DescribeStacks`, or use another role; `meshsynth bootstrap --print-policy` prints the permissions that a deployment requires
    ");
    let mut large = shop();
    large.files.get_mut("data.template.json").unwrap().push_str(&" ".repeat(60_000));
    insta::assert_snapshot!(of_aws(access(&endpoint, None), &large, 0).await, @"
    Good aws: `shop`: arn:aws:iam::111122223333:user/ann in `ap-northeast-1`
    Wrong region: `shop`: the template of `data` has 60272 bytes, which exceeds the limit of an API call, and `ap-northeast-1` has no bucket for templates
      = help: run `meshsynth bootstrap --region ap-northeast-1`, or specify a bucket with `bucket` in `[deploy.shop]`
    ");
    let plan = Plan::new(&large, None).unwrap();
    let aws = Aws::new(access(&endpoint, None));
    let given = show(&identities(&aws, &large, &plan, Some("templates"), 0).await);
    assert!(given.contains("Good region") && !given.contains("Wrong"), "{given}");
    *endpoint.turns.lock().unwrap() = vec![Turn::Dropped];
    let gone = of_aws(access(&endpoint, None), &shop(), 0).await;
    assert!(
        gone.contains("AWS does not respond in") && gone.contains("= help: check the network, the proxy"),
        "{gone}"
    );
}

fn objects() -> Vec<Object> {
    let row = |row| Object::of_row(row).unwrap();
    vec![
        row("v1|Namespace||shop"),
        row("apps/v1|Deployment|shop|orders"),
        row("apps/v1|Deployment|shop|payments"),
        row("example.com/v1|Thing|shop|one"),
    ]
}

async fn of_cluster(kube: &impl Kube, wanted: &str) -> String {
    let (notes, stop) = (Notes::default(), Stop::default());
    let settings = Settings { call_timeout: Duration::ZERO, ..Settings::default() };
    let worker = Worker::new(kube, "run", "shop", &settings, &notes, &stop);
    show(&check(&worker, "shop", wanted, &objects()).await)
}

#[tokio::test(start_paused = true)]
async fn reports_cluster_version_and_missing_permissions() {
    let cluster = Cluster::default();
    insta::assert_snapshot!(of_cluster(&cluster, "1.36").await, @"Good cluster: `shop`: `run` runs Kubernetes \
         v1.36.2-eks-1a2b3c4, and you have all permissions");
    insta::assert_snapshot!(of_cluster(&cluster, "1.35").await, @"
    Doubtful cluster: `shop`: `run` runs Kubernetes v1.36.2-eks-1a2b3c4, but the platform specifies 1.35
      = help: check that this is the correct cluster: a deployment upgrades an EKS cluster to the version of the platform, one minor version at a time
    Good cluster: `shop`: `run` runs Kubernetes v1.36.2-eks-1a2b3c4, and you have all permissions
    ");
    let all = ["get", "create", "patch", "delete"];
    let mut allowed: Vec<&'static str> = Vec::new();
    allowed.extend(all.map(|verb| &*format!("{verb} /namespaces").leak()));
    allowed.extend(["get apps/deployments shop", "patch apps/deployments shop"]);
    *cluster.allowed.borrow_mut() = Some(allowed.clone());
    insta::assert_snapshot!(of_cluster(&cluster, "1.36").await, @r#"
    Wrong cluster: `shop`: in `run` (Kubernetes v1.36.2-eks-1a2b3c4) you may not
      create, delete Deployment in `shop`
      = help: grant access to the deployment role: `cluster.add_access("deployer", <its role>, eks::Access::ClusterAdmin)`, or a role of the cluster
    "#);
    allowed.extend(["create apps/deployments shop", "delete apps/deployments shop"]);
    *cluster.allowed.borrow_mut() = Some(allowed);
    insta::assert_snapshot!(of_cluster(&cluster, "").await, @"Good cluster: `shop`: `run` runs Kubernetes \
         v1.36.2-eks-1a2b3c4, and you may apply and prune all 2 kinds of objects; it does not serve Thing yet");
    assert!(cluster.log.borrow().is_empty(), "nothing is changed");
}

/// A cluster that denies access.
struct Shut(u16);

impl Kube for Shut {
    async fn get(&self, _: &str) -> Result<Option<Value>, KubeError> {
        Err(refuse(self.0, "Unauthorized", "who are you"))
    }

    async fn apply(&self, _: &str, _: &Value, _: bool) -> Result<Value, KubeError> {
        unreachable!("nothing is changed")
    }

    async fn would_apply(&self, _: &str, _: &Value) -> Result<Value, KubeError> {
        unreachable!("nothing is applied")
    }

    async fn merge(&self, _: &str, _: &Value) -> Result<Value, KubeError> {
        unreachable!("nothing is changed")
    }

    async fn try_apply(&self, _: &str, _: &Value, _: bool) -> Result<Value, KubeError> {
        self.ask("", &Value::Null).await
    }

    async fn delete(&self, _: &str, _: &str) -> Result<Option<Value>, KubeError> {
        unreachable!("nothing is changed")
    }

    async fn ask(&self, _: &str, _: &Value) -> Result<Value, KubeError> {
        Err(refuse(self.0, "Unauthorized", "who are you"))
    }
}

#[tokio::test(start_paused = true)]
async fn explains_how_to_access_a_cluster() {
    let shown = [0, 401, 403, 503].map(Shut);
    let mut text = String::new();
    for cluster in &shown {
        text += &of_cluster(cluster, "1.36").await;
    }
    insta::assert_snapshot!(text, @r#"
    Wrong cluster: `shop`: `run` denies access: who are you
      = help: check the network, because a private endpoint can be reached only from its own network; with `--kubeconfig`, check that the file is for this cluster
    Wrong cluster: `shop`: `run` denies access: 401 Unauthorized: who are you
      = help: sign in again, or specify another context with `--context`; for an EKS cluster, grant access with `cluster.add_access`
    Wrong cluster: `shop`: `run` denies access: 403 Unauthorized: who are you
      = help: grant access to the deployment role: `cluster.add_access("deployer", <its role>, eks::Access::ClusterAdmin)`, or a role of the cluster
    Wrong cluster: `shop`: `run` denies access: 503 Unauthorized: who are you
      = help: the API server is not ready: run the command again later
    "#);
}

#[tokio::test]
async fn finds_cluster_by_stack_or_context() {
    let endpoint = Endpoint::start();
    let mut assembly = shop();
    let row = |region: Option<&str>| serde_json::json!({ "id": "run", "name": "${network/cluster.Name}", "region": region, "objects": [], "releases": [] });
    let binding = serde_json::json!({ "stack": "network", "output": "Cluster" });
    assembly.bindings.insert("${network/cluster.Name}".to_owned(), serde_json::from_value(binding).unwrap());
    let aws = Aws::new(access(&endpoint, None));
    let (notes, stop) = (Notes::default(), Stop::default());
    let mut text = String::new();
    for (region, access) in [
        (Some(TOKYO), ClusterAccess::default()),
        (None, ClusterAccess::default()),
        (None, ClusterAccess { kubeconfig: Some("/nowhere/config".into()), ..ClusterAccess::default() }),
    ] {
        assembly.manifest.clusters = vec![serde_json::from_value(row(region)).unwrap()];
        let outputs = Outputs::new();
        let (assembly, watch) = (&assembly, &notes);
        let clusters = ClusterChecks { aws: &aws, assembly, access: &access, outputs: &outputs, watch, stop: &stop };
        text += &show(&clusters.run(&Plan::new(assembly, None).unwrap()).await);
    }
    insta::assert_snapshot!(text, @r#"
    Good cluster: `shop`: `run` does not exist yet; its stack creates it
    Good cluster: `shop`: `run` does not exist yet; its stack creates it
    Wrong cluster: `shop`: `run` denies access: 401 Unreachable: cannot read `/nowhere/config`: failed to read kubeconfig from '"/nowhere/config"': No such file or directory (os error 2): No such file or directory (os error 2)
      = help: sign in again, or specify another context with `--context`; for an EKS cluster, grant access with `cluster.add_access`
    "#);
}
