//! Custom rules of a retail company: two rules for single resources, and five rules for the graph.

use meshsynth::cfn;
use meshsynth::diag::Severity;
use meshsynth::node::EdgeKind;
use meshsynth::policy::{Platform, Report, Rule};
use meshsynth::testing::{findings, stack};
use meshsynth::{App, Construct, Env, Stack, aws, eks, iam, kms, mesh, rds, s3, sqs};

// --- Two rules for single resources ---

/// Every bucket and queue is encrypted with the company's key.
fn our_key(platform: &Platform<'_>, report: &mut Report) {
    let of_bucket = "BucketEncryption.ServerSideEncryptionConfiguration.0.ServerSideEncryptionByDefault.KMSMasterKeyID";
    let buckets = platform.resources_of::<cfn::s3::Bucket>().map(|it| it.property(of_bucket));
    let queues = platform.resources_of::<cfn::sqs::Queue>().map(|it| it.property("KmsMasterKeyId"));
    for key in buckets.chain(queues) {
        if !key.refers_to().iter().any(|it| it.path() == "keys/company") {
            let message = format!("{} is not encrypted with the key of the company", key.item().type_name());
            report.at(&key, message).help("pass `keys/company` as `key`");
        }
    }
}

/// Every workload has an owner label.
fn owner_label(platform: &Platform<'_>, report: &mut Report) {
    for workload in platform.workloads().filter(|it| it.label("acme.example/owner").is_none()) {
        let message = format!("{} `{}` has no owner", workload.type_name(), workload.name());
        report.at(&workload, message).field("metadata.labels").help("add the label `acme.example/owner`");
    }
}

// --- Five rules for the graph ---

/// No public entry reaches a store in fewer than two hops.
fn stores_are_behind_services(platform: &Platform<'_>, report: &mut Report) {
    let stores: Vec<_> = platform.stores().collect();
    for entry in platform.public_entries() {
        for reached in entry.reaches(&[EdgeKind::Entry, EdgeKind::Call, EdgeKind::Data, EdgeKind::Grant]) {
            if stores.contains(&reached.item) && reached.hops() < 2 {
                let message = format!("`{}` reaches `{}` directly", entry.path(), reached.item.path());
                report.at(&reached.way[0], message).note_at(&reached.item, "the store is defined here");
            }
        }
    }
}

/// No staging role in production.
fn no_staging_role(platform: &Platform<'_>, report: &mut Report) {
    for role in platform.resources_of::<cfn::iam::Role>().filter(|_| platform.name().ends_with("-production")) {
        let trust = role.property("AssumeRolePolicyDocument");
        if trust.texts().iter().any(|text| text.contains(STAGING)) {
            report.at(&trust, format!("`{}` trusts the account of staging", role.path()));
        }
    }
}

const STAGING: &str = "444455556666";

/// Services that process cards do not call external services.
fn cards_stay_inside(platform: &Platform<'_>, report: &mut Report) {
    for workload in platform.workloads().filter(|it| it.label("acme.example/cards") == Some("yes")) {
        for call in workload.reaches(&[EdgeKind::Call]).iter().filter(|it| it.item.diagram_kind() == Some("host")) {
            let message = format!("`{}` handles cards and reaches `{}`", workload.name(), call.item.path());
            let finding = report.at(&call.way[call.hops() - 1], message);
            finding.note_at(&workload, "the workload is defined here");
        }
    }
}

/// Every store with two writing services has an owner.
fn shared_stores_have_an_owner(platform: &Platform<'_>, report: &mut Report) {
    for store in platform.stores().filter(|it| !it.below().iter().any(|it| it.tag("owner").is_some())) {
        let granted =
            platform.grants().filter(|it| it.resource() == Some(store) && it.writes()).map(|it| it.principal());
        let connected = store.edges_in().filter(|it| it.kind() == EdgeKind::Data).map(|it| it.from());
        let mut writers: Vec<_> = granted.chain(connected).map(|it| it.path()).collect();
        writers.sort_unstable();
        writers.dedup();
        if writers.len() > 1 {
            report.at(&store, format!("`{}` has no owner, and {} write it", store.path(), writers.join(" and ")));
        }
    }
}

/// No workload depends on a single-zone store.
fn stores_survive_a_zone(platform: &Platform<'_>, report: &mut Report) {
    for edge in platform.edges_of(EdgeKind::Data) {
        let multi_az = edge.to().parts("AWS::RDS::DBInstance").map(|it| it.property("MultiAZ")).next();
        if let Some(multi_az) = multi_az.filter(|it| !it.is(true)) {
            report
                .at(&edge, format!("`{}` depends on a store in one zone", edge.from().id()))
                .note_at(&multi_az, "the store is defined here")
                .help("set `multi_az`");
        }
    }
}

fn rules() -> Vec<Rule> {
    vec![
        Rule::new("ACME001", "every bucket and queue is encrypted with the key of the company", our_key),
        Rule::new("ACME002", "every workload has an owner label", owner_label),
        Rule::new("ACME003", "no public entry reaches a store in fewer than two hops", stores_are_behind_services),
        Rule::new("ACME004", "no staging role in production", no_staging_role),
        Rule::new("ACME005", "whoever handles cards calls nobody outside", cards_stay_inside),
        Rule::new("ACME006", "every store that two services write has an owner", shared_stores_have_an_owner),
        Rule::new("ACME007", "no workload depends on a single-zone store", stores_survive_a_zone),
    ]
}

fn rule(code: &str) -> Rule {
    rules().into_iter().find(|rule| rule.code() == code).expect("it is one of the list")
}

/// Returns the findings of a rule as `construct: message`, with the marker comment of the reported line.
fn found(code: &str, define: impl FnOnce(&App)) -> Vec<String> {
    let source = include_str!("company_rules.rs");
    let said = findings(&rule(code), define).into_iter().map(|it| {
        let place = it.place.expect("a finding has the user's line");
        assert!(place.file.ends_with("company_rules.rs"), "{place}");
        let line = source.lines().nth(place.line as usize - 1).unwrap_or_default();
        let marked = line.split("// <").nth(1).unwrap_or_default();
        format!("{}: {} <{marked}", it.construct, it.message)
    });
    said.collect()
}

fn key(app: &App) -> kms::Key {
    kms::Key::new(&stack(app, "keys"), "company", kms::KeyProps::default())
}

#[test]
fn reports_a_bucket_and_a_queue_at_their_lines() {
    let said = found("ACME001", |app| {
        let (key, data) = (key(app), stack(app, "data"));
        let ours = s3::BucketProps { key: Some(key.clone()), ..Default::default() };
        s3::Bucket::new(&data, "receipts", ours);
        s3::Bucket::new(&data, "uploads", s3::BucketProps::default()); // <uploads
        sqs::Queue::new(&data, "mails", sqs::QueueProps { key: Some(key), ..Default::default() });
        sqs::Queue::new(&data, "orders", sqs::QueueProps::default()); // <orders
    });
    assert_eq!(
        said,
        [
            "data/uploads: AWS::S3::Bucket is not encrypted with the key of the company <uploads",
            "data/orders: AWS::SQS::Queue is not encrypted with the key of the company <orders",
            "data/orders/failures: AWS::SQS::Queue is not encrypted with the key of the company <orders",
        ]
    );
}

struct Shop {
    data: Stack,
    vpc: aws::Vpc,
    namespace: mesh::Namespace,
}

impl Shop {
    fn new(app: &App) -> Self {
        let data = Stack::new(app, "data", Env::new("111122223333", "eu-west-1"));
        let run = Stack::new(app, "run", Env::new("111122223333", "eu-west-1"));
        let vpc = aws::Vpc::new(&data, "vpc", aws::VpcProps::default());
        let cluster = eks::Cluster::new(&run, "cluster", &vpc, eks::ClusterProps::default());
        let istio = mesh::Istio::new(&run, "istio", &cluster, mesh::IstioProps::default());
        let props = mesh::NamespaceProps { mesh: Some(istio.membership()), ..Default::default() };
        let namespace = mesh::Namespace::new(&run, "shop", &cluster, props);
        Self { data, vpc, namespace }
    }

    #[track_caller]
    fn service(&self, name: &str) -> mesh::Workload {
        mesh::Workload::new(&self.namespace, name, format!("registry.example/{name}:1.0.0"), Default::default())
    }

    #[track_caller]
    fn database(&self, name: &str, multi_az: bool) -> rds::Database {
        let props = rds::DatabaseProps { multi_az, ..Default::default() };
        rds::Database::new(&self.data, name, &self.vpc, props)
    }
}

#[test]
fn reports_a_workload_without_an_owner_at_its_line() {
    let said = found("ACME002", |app| {
        let shop = Shop::new(app);
        shop.service("orders").deployment().label("acme.example/owner", "checkout");
        shop.service("payments"); // <payments
    });
    assert_eq!(said, ["run/shop/payments/deployment: Deployment `payments` has no owner <payments"]);
}

#[test]
fn reports_the_connection_from_a_public_entry_to_a_store() {
    let said = found("ACME003", |app| {
        let shop = Shop::new(app);
        let orders = shop.service("orders");
        let (behind, open) = (shop.database("orders-db", true), shop.database("reports", true));
        behind.allow_from(&orders);
        let entry = shop.data.scope().construct("door");
        entry.diagram(meshsynth::DiagramNode::entry("load balancer"));
        entry.leads_to(&orders, 8080);
        entry.leads_to(&open, 5432); // <leads
    });
    assert_eq!(said, ["data/door: `data/door` reaches `data/reports` directly <leads"]);
}

#[test]
fn reports_staging_roles_only_in_production() {
    let define = |app: &App| {
        let staging = cfn::iam::Role::new(meshsynth::val::Bag::default().with("Version", "2012-10-17").with(
            "Statement",
            vec![meshsynth::val::Bag::default().with("Effect", "Allow").with("Action", "sts:AssumeRole").with(
                "Principal",
                meshsynth::val::Bag::default().with("AWS", format!("arn:aws:iam::{STAGING}:role/ci")),
            )],
        ));
        staging.define(&stack(app, "run"), "deployer"); // <role
        iam::Role::new(&stack(app, "ci"), "own", iam::Trust::Account, iam::RoleProps::default());
    };
    assert!(found("ACME004", define).is_empty());
    let app = App::new("shop-production");
    app.rules(rules());
    define(&app);
    let failure = app.synth().expect_err("staging is trusted");
    let said: Vec<_> = failure.diagnostics.iter().filter(|it| it.code == "ACME004").collect();
    assert_eq!(said.len(), 1);
    assert_eq!(said[0].message, "`run/deployer` trusts the account of staging");
    assert_eq!(said[0].field.as_deref(), Some("AssumeRolePolicyDocument"));
}

#[test]
fn reports_indirect_external_calls() {
    let said = found("ACME005", |app| {
        let shop = Shop::new(app);
        let (cards, gateway) = (shop.service("cards"), shop.service("gateway"));
        cards.deployment().label("acme.example/cards", "yes");
        cards.calls(&gateway);
        let bank = mesh::traffic::External::new(&shop.namespace, "bank", "api.bank.example", Default::default());
        bank.allow_from(&gateway); // <bank
        bank.allow_from(&shop.service("reports"));
    });
    assert_eq!(said, ["run/shop/gateway: `cards` handles cards and reaches `run/shop/bank` <bank"]);
}

#[test]
fn requires_an_owner_for_a_store_with_two_writers() {
    let said = found("ACME006", |app| {
        let shop = Shop::new(app);
        let (orders, reports) = (shop.service("orders"), shop.service("reports"));
        let bucket = s3::Bucket::new(&shop.data, "receipts", s3::BucketProps::default()); // <receipts
        bucket.grant_write(&orders);
        bucket.grant_read_write(&reports);
        let read = s3::Bucket::new(&shop.data, "catalogue", s3::BucketProps::default());
        read.grant_write(&orders);
        read.grant_read(&reports);
        let database = shop.database("orders-db", true); // <orders-db
        database.allow_from(&orders);
        database.allow_from(&reports);
        let owned = Stack::new(app, "owned", Env::new("111122223333", "eu-west-1"));
        owned.tag("owner", "checkout");
        let bucket = s3::Bucket::new(&owned, "carts", s3::BucketProps::default());
        bucket.grant_write(&orders);
        bucket.grant_write(&reports);
    });
    assert_eq!(
        said,
        [
            "data/receipts: `data/receipts` has no owner, and run/shop/orders and run/shop/reports write it <receipts",
            "data/orders-db: `data/orders-db` has no owner, and run/shop/orders and run/shop/reports write it <orders-db",
        ]
    );
}

#[test]
fn reports_the_connection_to_a_single_zone_store() {
    let said = found("ACME007", |app| {
        let shop = Shop::new(app);
        let orders = shop.service("orders");
        shop.database("orders-db", true).allow_from(&orders);
        shop.database("cache-db", false).allow_from(&orders); // <connects
    });
    assert_eq!(said, ["run/shop/orders: `orders` depends on a store in one zone <connects"]);
}

#[test]
fn runs_and_lists_custom_rules_with_built_in_rules() {
    let app = App::new("shop");
    app.rules(rules());
    app.severity("ACME002", Severity::Warning).severity("ACME007", None);
    let shop = Shop::new(&app);
    shop.database("orders-db", false).allow_from(&shop.service("orders"));
    let assembly = app.synth().expect("one is a warning, the other is off");
    let codes: Vec<_> = assembly.warnings.iter().map(|it| it.code).collect();
    assert_eq!(codes, ["ACME002"]);
    let manifest: serde_json::Value = serde_json::from_str(&assembly.files["manifest.json"]).expect("it is JSON");
    assert_eq!(manifest["rules"].as_array().map(Vec::len), Some(7));
    assert_eq!(manifest["rules"][1]["code"], "ACME002");
    assert_eq!(manifest["rules"][1]["summary"], "every workload has an owner label");
}

#[test]
fn continues_after_a_rule_panics() {
    let app = App::new("shop");
    app.rule(Rule::new("ACME901", "nobody is absent", |platform, _| {
        platform.stacks().next().and_then(|stack| stack.account()).expect("an account"); // <panic
    }));
    app.rule(rule("ACME001"));
    let data = Stack::new(&app, "data", Env::region("eu-west-1"));
    s3::Bucket::new(&data, "uploads", s3::BucketProps::default());
    let failure = app.synth().expect_err("two rules find something");
    let said: Vec<_> = failure.diagnostics.iter().map(|it| (it.code, it.message.as_str())).collect();
    assert!(said.contains(&("ACME901", "the rule ACME901 panicked: an account")), "{said:?}");
    assert_eq!(said.len(), 2);
    let panicked = failure.diagnostics.iter().find(|it| it.code == "ACME901").expect("it is there");
    let place = panicked.place.as_ref().expect("it has a line");
    let line = include_str!("company_rules.rs").lines().nth(place.line as usize - 1).unwrap_or_default();
    assert!(line.ends_with("// <panic"), "{line}");
}
