//! Each mistake results in one error at its source. Its consequences are not reported.

use meshsynth::diag::{Diagnostic, Severity, render};
use meshsynth::mesh::addons::{Keda, LoadBalancerController};
use meshsynth::mesh::{Events, Scale, Trigger, VersionProps};
use meshsynth::mesh::{
    Gateway, GatewayProps, Istio, IstioProps, Namespace, NamespaceProps, Tls, Workload, WorkloadProps,
};
use meshsynth::testing::diagnostics;
use meshsynth::{App, Env, Percent, Stack, aws, eks, iam, msk, rds, s3, sqs};

/// The names in the platform. Each test changes one of them.
#[derive(Clone)]
struct Names {
    app: String,
    account: String,
    region: String,
    stack: String,
    vpc: String,
    cluster: String,
    namespace: String,
    workload: String,
    image: String,
    version: String,
    database: String,
    bucket: String,
    queue: String,
    role: String,
    brokers: String,
    /// The construct that is defined a second time.
    twice: &'static str,
}

impl Default for Names {
    fn default() -> Self {
        Self {
            app: "shop".into(),
            account: "111122223333".into(),
            region: "ap-northeast-1".into(),
            stack: "platform".into(),
            vpc: "vpc".into(),
            cluster: "cluster".into(),
            namespace: "shop".into(),
            workload: "orders".into(),
            image: "registry.example/orders:1.4.0".into(),
            version: "v2".into(),
            database: "orders-db".into(),
            bucket: "files".into(),
            queue: "mails".into(),
            role: "operator".into(),
            brokers: "events".into(),
            twice: "",
        }
    }
}

/// Defines a platform with all constructs that have relations.
fn platform(app: &App, names: &Names) {
    let n = |what: &str| if names.twice == what { 2 } else { 1 };
    let env = Env::new(&names.account, &names.region);
    let network = Stack::new(app, "network", env.clone());
    let services = Stack::new(app, "services", env.clone());
    let edge = Stack::new(app, "edge", env.clone());
    let mut stack = None;
    for _ in 0..n("stack") {
        stack = Some(Stack::new(app, &names.stack, env.clone()));
    }
    let stack = stack.expect("there is one");
    let mut vpc = None;
    for _ in 0..n("vpc") {
        vpc = Some(aws::Vpc::new(&network, &names.vpc, aws::VpcProps::default()));
    }
    let vpc = vpc.expect("there is one");
    let mut cluster = None;
    for _ in 0..n("cluster") {
        cluster = Some(eks::Cluster::new(&stack, &names.cluster, &vpc, eks::ClusterProps::default()));
    }
    let cluster = cluster.expect("there is one");
    cluster.add_node_group("default", eks::NodeGroupProps::default());
    let mut istio = None;
    for _ in 0..n("istio") {
        istio = Some(Istio::new(&stack, "istio", &cluster, IstioProps::default()));
    }
    let istio = istio.expect("there is one");
    LoadBalancerController::new(&stack, "load-balancer-controller", &cluster);
    let mut keda = None;
    for _ in 0..n("keda") {
        keda = Some(Keda::new(&stack, "keda", &cluster));
    }
    let keda = keda.expect("there is one");
    let ingress = istio.add_gateway("ingress", GatewayProps::default());
    let entry = Gateway::new(&ingress, "entry", Tls::Secret("cert".into()));
    let mut shop = None;
    for _ in 0..n("namespace") {
        shop = Some(Namespace::new(
            &services,
            &names.namespace,
            &cluster,
            NamespaceProps { mesh: Some(istio.membership()), ..Default::default() },
        ));
    }
    let shop = shop.expect("there is one");
    let mut role = None;
    for _ in 0..n("role") {
        role = Some(iam::Role::new(&stack, &names.role, iam::Trust::Account, iam::RoleProps::default()));
    }
    cluster.add_access("operator", role.expect("there is one").arn(), eks::Access::ClusterAdmin);
    let payments = Workload::new(&shop, "payments", "registry.example/payments:1.0.0", WorkloadProps::default());
    let web = Workload::new(&shop, "web", "registry.example/web:1.0.0", WorkloadProps::default());
    let mut orders = None;
    let mut queue = None;
    for _ in 0..n("queue") {
        queue = Some(sqs::Queue::new(&stack, &names.queue, sqs::QueueProps::default()));
    }
    let queue = queue.expect("there is one");
    for _ in 0..n("workload") {
        let scale = Scale::Events(Events::new(&keda, [Trigger::cpu(Percent(70))]));
        orders = Some(Workload::new(
            &shop,
            &names.workload,
            names.image.clone(),
            WorkloadProps { scale, ..Default::default() },
        ));
    }
    let orders = orders.expect("there is one");
    orders.calls(&payments);
    web.calls(&orders);
    web.env("ORDERS_URL", orders.url());
    entry.expose("api.example.com", "/orders", &orders);
    for _ in 0..n("version") {
        let next = orders.version(&names.version, "registry.example/orders:2.0.0", VersionProps::default());
        orders.canary(&next, Percent(5));
    }
    let mut db = None;
    for _ in 0..n("database") {
        db = Some(rds::Database::new(&edge, &names.database, &vpc, rds::DatabaseProps::default()));
    }
    let db = db.expect("there is one");
    db.allow_from(&orders);
    db.grant_connect(&orders, "orders");
    orders.env("DB_HOST", db.address());
    let mut bucket = None;
    for _ in 0..n("bucket") {
        bucket = Some(s3::Bucket::new(&edge, &names.bucket, s3::BucketProps::default()));
    }
    let bucket = bucket.expect("there is one");
    bucket.grant_read(&orders);
    let _ = &queue;
    let mut brokers = None;
    for _ in 0..n("brokers") {
        brokers = Some(msk::Cluster::new(&edge, &names.brokers, &vpc, msk::ClusterProps::default()));
    }
    brokers.expect("there is one").allow_from(&orders);
}

/// Values that are invalid in every name.
const BAD: [&str; 7] = ["", "Ünder", "a b", "x/y", "-x", "x~1", "trailing-"];

type Set = fn(&mut Names, String);

/// The names that become construct ids.
const IDS: [(&str, Set); 11] = [
    ("stack", |n, v| n.stack = v),
    ("vpc", |n, v| n.vpc = v),
    ("cluster", |n, v| n.cluster = v),
    ("namespace", |n, v| n.namespace = v),
    ("workload", |n, v| n.workload = v),
    ("version", |n, v| n.version = v),
    ("database", |n, v| n.database = v),
    ("bucket", |n, v| n.bucket = v),
    ("queue", |n, v| n.queue = v),
    ("role", |n, v| n.role = v),
    ("brokers", |n, v| n.brokers = v),
];

/// Returns the diagnostics for the platform with one change.
fn with(change: impl FnOnce(&mut Names)) -> Vec<Diagnostic> {
    let mut names = Names::default();
    change(&mut names);
    diagnostics(&names.app, |app| platform(app, &names))
}

#[track_caller]
fn is_one_error(what: &str, found: &[Diagnostic], code: &str) {
    let codes: Vec<&str> = found.iter().map(|it| it.code).collect();
    assert_eq!(codes, [code], "{what}\n{}", render(found));
    assert_eq!(found[0].severity, Severity::Error, "{what}");
    assert!(found[0].place.is_some() && found[0].help.is_some(), "{what}\n{}", render(found));
}

#[test]
fn correct_platform_has_no_diagnostics() {
    let found = with(|_| ());
    assert!(found.is_empty(), "{}", render(&found));
}

#[test]
fn invalid_id_causes_one_error() {
    let long = "a".repeat(300);
    for (what, set) in IDS {
        for value in BAD.into_iter().chain([long.as_str()]) {
            // Only the names of Services and Namespaces must end with a letter or digit.
            if value == "trailing-" && !matches!(what, "namespace" | "workload" | "version") {
                continue;
            }
            let found = with(|names| set(names, value.to_owned()));
            is_one_error(&format!("{what} {value:?}"), &found, "MS0102");
        }
    }
}

#[test]
fn too_long_name_causes_one_error() {
    for (what, set, n) in [("workload", IDS[4].1, 64), ("namespace", IDS[3].1, 64), ("version", IDS[5].1, 57)] {
        is_one_error(what, &with(|names| set(names, "a".repeat(n))), "MS0102");
        let found = with(|names| set(names, "a".repeat(n - 4)));
        assert!(found.is_empty(), "{what}\n{}", render(&found));
    }
}

#[test]
fn ids_within_their_limit_produce_valid_names() {
    for (what, set) in IDS.into_iter().filter(|(what, _)| !matches!(*what, "namespace" | "workload" | "version")) {
        let found = with(|names| set(names, "a".repeat(120)));
        let errors = found.iter().filter(|it| it.severity == Severity::Error).count();
        assert_eq!(errors, 0, "{what}\n{}", render(&found));
    }
}

#[test]
fn reports_an_invalid_app_name_once() {
    for value in BAD.into_iter().chain(["2shop", &"a".repeat(64)]) {
        is_one_error(&format!("app {value:?}"), &with(|names| names.app = value.to_owned()), "MS0102");
    }
    assert!(with(|names| names.app = "Shop".to_owned()).is_empty());
}

#[test]
fn reports_an_invalid_region_or_account_once_for_all_stacks() {
    for value in ["", "tokyo", "ap-northeast-1a", "ä b", &"a".repeat(300)] {
        is_one_error(&format!("region {value:?}"), &with(|names| names.region = value.to_owned()), "MS0115");
    }
    for value in ["", "12345678901", "1111-2222-3333", "ä", "1111222233334"] {
        is_one_error(&format!("account {value:?}"), &with(|names| names.account = value.to_owned()), "MS0117");
    }
}

#[test]
fn invalid_image_causes_one_error() {
    for value in ["", " ", "Orders", "a b:1", "ä:1", "-x:1", "x~1", "orders:"] {
        is_one_error(&format!("image {value:?}"), &with(|names| names.image = value.to_owned()), "MS0418");
    }
}

#[test]
fn reports_a_duplicate_construct_without_its_internal_id() {
    let kinds = [
        "stack",
        "vpc",
        "cluster",
        "istio",
        "keda",
        "namespace",
        "role",
        "queue",
        "workload",
        "version",
        "database",
        "bucket",
        "brokers",
    ];
    for twice in kinds {
        let found = with(|names| names.twice = twice);
        is_one_error(twice, &found, "MS0101");
        assert_eq!(found[0].notes.len(), 1, "the first is named: {found:?}");
    }
}

#[test]
fn reports_other_mistakes_with_the_names_of_the_program() {
    let found = with(|names| {
        names.twice = "workload";
        names.image = "registry.example/orders".to_owned();
    });
    let text = render(&found);
    let codes: Vec<&str> = found.iter().map(|it| it.code).collect();
    assert_eq!(codes, ["MS0101", "MS0412"], "{text}");
    assert!(found[1].message.starts_with("Deployment `orders` runs the image"), "{text}");
    assert_eq!(found[1].construct, "services/shop/orders/deployment");
}

#[test]
fn two_mistakes_cause_two_errors() {
    let found = with(|names| {
        names.region = String::new();
        names.workload = "Orders".to_owned();
        names.twice = "bucket";
    });
    let mut codes: Vec<&str> = found.iter().map(|it| it.code).collect();
    codes.sort_unstable();
    assert_eq!(codes, ["MS0101", "MS0102", "MS0115"], "{}", render(&found));
}

#[test]
fn diagnostics_contain_no_substitute_ids() {
    for (what, set) in IDS {
        for value in ["Under", "a b", "x/y"] {
            let found = with(|names| {
                set(names, value.to_owned());
                names.twice = what;
                names.image = "registry.example/orders".to_owned();
            });
            let text = render(&found);
            assert!(!text.contains('~') && !has_stand_in(&text), "{what} {value:?}\n{text}");
        }
    }
}

/// Whether a text contains `-x` and eight hexadecimal digits, the suffix of substitute IDs.
fn has_stand_in(text: &str) -> bool {
    let is_hash = |rest: &str| rest.len() >= 8 && rest.bytes().take(8).all(|byte| byte.is_ascii_hexdigit());
    text.match_indices("-x").any(|(at, _)| text.get(at + 2..).is_some_and(is_hash))
}
