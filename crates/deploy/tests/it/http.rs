//! Tests deployments with the real SDK over HTTP.

use std::time::Duration;

use aws_credential_types::Credentials;
use meshsynth_deploy::assembly::Assembly;
use meshsynth_deploy::aws::{Aws, AwsAccess};
use meshsynth_deploy::cloud::{AccountRegion, Cloud};
use meshsynth_deploy::executor::{Executor, NoClusters, Report};
use meshsynth_deploy::gate::Gate;
use meshsynth_deploy::live::{Live, stacks};
use meshsynth_deploy::plan::Plan;
use meshsynth_deploy::record::Record;
use meshsynth_deploy::stack::Settings;
use meshsynth_deploy::stop::Stop;

use crate::endpoint::{Endpoint, Turn};
use crate::fake::Random;
use crate::platform::{Notes, TOKYO, failure, platform, settings, shop, template};
use crate::world::Badly;

pub fn aws(endpoint: &Endpoint) -> Aws {
    let credentials = Credentials::new("AKIDEXAMPLE", "not a secret", None, None, "test");
    Aws::new(AwsAccess {
        timeout: Duration::from_secs(1),
        endpoint: Some(endpoint.address.clone()),
        credentials: Some(credentials),
        ..AwsAccess::default()
    })
}

pub async fn deploy(endpoint: &Endpoint, assembly: &Assembly, settings: &Settings) -> Report {
    let aws = aws(endpoint);
    let plan = Plan::new(assembly, None).unwrap();
    let (notes, stop, gate) = (Notes::default(), Stop::default(), Gate::open());
    let executor = Executor {
        cloud: &aws,
        clusters: &NoClusters,
        assembly,
        plan: &plan,
        settings,
        watch: &notes,
        stop: &stop,
        gate: &gate,
        max_concurrent: 4,
    };
    executor.deploy().await
}

fn at(region: &str) -> AccountRegion {
    AccountRegion { account: None, region: region.to_owned() }
}

#[tokio::test]
async fn creates_and_updates_stacks_with_large_template() {
    let endpoint = Endpoint::start();
    let mut assembly = shop();
    let large = template(&["Cache", "OrdersDb", "Queue", "Topic", "Zone"], 1) + &" ".repeat(60_000);
    assembly.files.insert("data.template.json".to_owned(), large.clone());
    let bucketless = deploy(&endpoint, &assembly, &settings("run0")).await;
    let text = failure(&bucketless);
    assert!(text.contains("bytes, but templates above 51200 bytes must be in S3"), "{text}");
    assert!(
        text.contains("run `meshsynth bootstrap --region ap-northeast-1`, or specify a bucket with `--bucket`"),
        "{text}"
    );
    let settings =
        Settings { buckets: [(at(TOKYO), "templates".to_owned())].into(), protect: None, ..settings("run1") };
    let report = deploy(&endpoint, &assembly, &settings).await;
    assert!(report.is_fine(), "{report:#?}");
    assert_eq!(report.outputs["data"]["Name"], "shop-data.Name");
    {
        let world = endpoint.world.lock().unwrap();
        let kept = world.find(TOKYO, "shop-data").unwrap();
        assert_eq!(kept.template, large);
        assert!(kept.stack.protected, "it holds data");
        assert!(!world.find(TOKYO, "shop-network").unwrap().stack.protected);
        assert_eq!((world.bucket.len(), world.calls["s3 PUT"]), (1, 1));
    }
    let report = deploy(&endpoint, &assembly, &settings).await;
    assert!(report.is_fine(), "{report:#?}");
    assert_eq!(endpoint.world.lock().unwrap().calls["s3 PUT"], 1, "what is there is not sent again");
}

#[tokio::test]
async fn reads_deployed_stacks_including_orphans() {
    let endpoint = Endpoint::start();
    let names = ["a", "b", "c", "d", "e"];
    let rows: Vec<(&str, &str, &[&str], &[&str])> =
        names.iter().map(|id| (*id, TOKYO, &[][..], &["Queue"][..])).collect();
    let all = platform(&rows);
    assert!(deploy(&endpoint, &all, &settings("run1")).await.is_fine());
    let aws = Aws::new(AwsAccess {
        endpoint: Some(endpoint.address.clone()),
        credentials: Some(Credentials::new("AKIDEXAMPLE", "not a secret", None, None, "test")),
        ..AwsAccess::default()
    });
    let (live, outputs) = stacks(&aws, &all, &Record::default()).await.unwrap();
    let ids = |live: &Live| live.stacks.iter().map(|stack| stack.id.clone()).collect::<Vec<_>>();
    assert_eq!(ids(&live), names);
    assert!(live.stacks.iter().all(|stack| stack.template == template(&["Queue"], 1) && stack.tags.is_empty()));
    assert_eq!((outputs.len(), live.notes.len(), live.unread.len()), (5, 0, 0));
    // Two stacks are no longer in the platform. The region of one of them is unknown.
    let few = platform(&rows[..4]);
    let had = vec!["shop-e".to_owned(), "shop-far".to_owned()];
    let last = Record { stacks: had, ..Record::default() };
    let (live, _) = stacks(&aws, &few, &last).await.unwrap();
    assert_eq!(ids(&live), names);
    assert!(live.unread.len() == 1 && live.unread[0].contains("stack `shop-far`"), "{:?}", live.unread);
    // States are reported. The read does not wait for operations of other users.
    let set = |name: &str, status: &str| {
        let mut world = endpoint.world.lock().unwrap();
        world.find_mut(TOKYO, name).unwrap().stack.status = status.to_owned();
    };
    set("shop-a", "ROLLBACK_COMPLETE");
    set("shop-b", "REVIEW_IN_PROGRESS");
    let (live, _) = stacks(&aws, &all, &Record::default()).await.unwrap();
    assert_eq!(ids(&live), ["c", "d", "e"]);
    assert_eq!(
        live.notes,
        ["the state of stack `shop-a` is `ROLLBACK_COMPLETE`: a deployment deletes the stack and creates it again"]
    );
    set("shop-c", "UPDATE_IN_PROGRESS");
    let error = stacks(&aws, &all, &Record::default()).await.unwrap_err().to_string();
    assert!(error.contains("stack `shop-c` (ap-northeast-1) has an operation in progress"), "{error}");
    set("shop-c", "UPDATE_COMPLETE");
    endpoint
        .world
        .lock()
        .unwrap()
        .find_mut(TOKYO, "shop-d")
        .unwrap()
        .stack
        .tags
        .insert("meshsynth:app".to_owned(), "blog".to_owned());
    let error = stacks(&aws, &all, &Record::default()).await.unwrap_err().to_string();
    assert!(error.contains("belongs to the app `blog`"), "{error}");
}

#[tokio::test]
async fn finds_cause_in_many_pages_of_events() {
    let endpoint = Endpoint::start();
    endpoint.world.lock().unwrap().failing.insert("Queue".to_owned(), (1, Badly::RolledBack));
    let assembly = platform(&[("data", TOKYO, &[], &["Alarm", "Bucket", "Cache", "OrdersDb", "Queue", "Topic"])]);
    let text = failure(&deploy(&endpoint, &assembly, &settings("run1")).await);
    assert!(text.contains("was not created: its state is `ROLLBACK_COMPLETE`"), "{text}");
    assert!(text.contains("= cause: `Queue` (AWS::SQS::Queue), `CREATE_FAILED`: the quota is reached"), "{text}");
    assert!(text.contains("--> src/main.rs:15:5"), "{text}");
    let report = deploy(&endpoint, &assembly, &settings("run2")).await;
    assert!(report.is_fine(), "{report:#?}");
}

#[tokio::test]
async fn survives_throttling_and_network_faults() {
    for seed in 1..=3 {
        let endpoint = Endpoint::start();
        let dice = Random::new(seed);
        let kinds = [
            Turn::Throttled,
            Turn::Broken,
            Turn::Dropped,
            Turn::Silent,
            Turn::Fine,
            Turn::Fine,
            Turn::Fine,
            Turn::Fine,
        ];
        let turn = |_| kinds[usize::try_from(dice.below(8)).unwrap()];
        *endpoint.turns.lock().unwrap() = (0..12).map(turn).collect();
        let report = deploy(&endpoint, &shop(), &settings(&format!("run{seed}"))).await;
        assert!(report.is_fine(), "seed {seed}: {report:#?}");
        let world = endpoint.world.lock().unwrap();
        assert!(world.stacks.values().all(|kept| kept.stack.status == "CREATE_COMPLETE"), "seed {seed}");
    }
}

#[tokio::test]
async fn names_the_call_that_needs_permission() {
    let endpoint = Endpoint::start();
    let aws = Aws::new(AwsAccess {
        role: Some("arn:aws:iam::{account}:role/deployer".to_owned()),
        endpoint: Some(endpoint.address.clone()),
        credentials: Some(Credentials::new("AKIDEXAMPLE", "not a secret", None, None, "test")),
        ..AwsAccess::default()
    });
    let place = AccountRegion { account: None, region: TOKYO.to_owned() };
    let error = Cloud::account(&aws, &place).await.unwrap_err();
    assert!(error.text.contains("a stack in ap-northeast-1 does not specify an account"), "{error}");
    let direct = Aws::new(AwsAccess {
        endpoint: Some(endpoint.address.clone()),
        credentials: Some(Credentials::new("AKIDEXAMPLE", "not a secret", None, None, "test")),
        ..AwsAccess::default()
    });
    let other = AccountRegion { account: Some("999988887777".to_owned()), region: TOKYO.to_owned() };
    let error = Cloud::account(&direct, &other).await.unwrap_err();
    assert_eq!(error.text, "a stack belongs to account 999988887777, but the credentials are for account 111122223333");
}

/// Synthesizes a platform into a folder, and reads the folder like a deployment.
fn synthesized(name: &str, define: impl FnOnce(&meshsynth::App)) -> Assembly {
    let app = meshsynth::App::new(name);
    define(&app);
    let folder = std::env::temp_dir().join(format!("meshsynth-{name}-{}", std::process::id()));
    for (path, text) in app.synth().unwrap().files {
        let path = folder.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let assembly = Assembly::read(&folder).unwrap();
    std::fs::remove_dir_all(folder).unwrap();
    assembly
}

#[tokio::test]
async fn deploys_example_platforms_and_reports_source_line() {
    let demo = genai_demo::Environment::production();
    let demo = synthesized("genai-demo-production", |app| genai_demo::platform(app, &demo));
    let mesh = synthesized("cross-region-mesh", cross_region_mesh::platform);
    for assembly in [demo, mesh] {
        let endpoint = Endpoint::start();
        let stacks = &assembly.manifest.stacks;
        let places =
            stacks.iter().map(|stack| AccountRegion { account: stack.account.clone(), region: stack.region.clone() });
        let settings =
            Settings { buckets: places.map(|place| (place, "templates".to_owned())).collect(), ..settings("run1") };
        let last = stacks.iter().rfind(|stack| stack.needs.len() > 1).unwrap();
        let (id, resource) = last.resources.iter().next_back().unwrap();
        endpoint.world.lock().unwrap().failing.insert(id.clone(), (1, Badly::RolledBack));
        let report = deploy(&endpoint, &assembly, &settings).await;
        let failed = &report.failed[0].1;
        assert_eq!(failed.source, resource.source, "{failed}");
        assert!(failed.source.starts_with("stacks/") && failed.cause.contains(id), "{failed}");
        let report = deploy(&endpoint, &assembly, &Settings { run: "run2".to_owned(), ..settings }).await;
        assert!(report.is_fine(), "{report:#?}");
        let world = endpoint.world.lock().unwrap();
        assert_eq!(world.stacks.len(), stacks.len());
        for stack in stacks {
            let kept = world.stacks.values().find(|kept| kept.stack.name == stack.name).unwrap();
            assert_eq!(kept.template, assembly.files[&stack.template], "nothing is lost of `{}`", stack.id);
        }
    }
}
