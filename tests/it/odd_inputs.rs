//! Constructors never panic: any input results in a platform or in diagnostics.

use std::panic::{AssertUnwindSafe, catch_unwind};

use meshsynth::mesh::addons::Keda;
use meshsynth::mesh::{Autoscale, Events, Gateway, GatewayProps, Istio, IstioProps, Namespace, Scale, Tls, Trigger};
use meshsynth::mesh::{VersionProps, Workload, WorkloadProps};
use meshsynth::testing::{cluster, mesh_workload, namespace, stack, try_synth};
use meshsynth::val::{Bag, Data};
use meshsynth::{App, At, Cidr, Duration, Env, Gib, Manifest, Mib, Millicores, Percent, Resource, Secret, Stack, Val};
use meshsynth::{
    aws, cloudwatch, dynamodb, ecr, eks, elasticache, iam, kms, logs, msk, name, rds, route53, s3, secrets,
};
use meshsynth::{sns, sqs, ssm, text};

const TEXTS: [&str; 16] = [
    "",
    " ",
    "ä",
    "日本語",
    "🦀🦀🦀",
    "a.b.c",
    "A-B",
    "..",
    "-",
    "~",
    "${x}",
    "{{resolve:x}}",
    "a\nb",
    "\u{0}",
    "x/y/z",
    "*",
];
const NUMBERS: [u32; 7] = [0, 1, 2, 3, 7, 65_536, u32::MAX];
const PORTS: [u16; 4] = [0, 1, 1337, u16::MAX];

#[track_caller]
fn survives(what: &str, define: impl Fn(&App)) {
    let done = catch_unwind(AssertUnwindSafe(|| drop(try_synth("shop", |app| define(app)))));
    assert!(done.is_ok(), "{what} panics");
}

/// Returns unusual texts and texts that exceed every limit, in ASCII and in multi-byte characters.
fn texts() -> Vec<String> {
    let long = ["a".repeat(5_000), "ß".repeat(300), "é".repeat(63)];
    TEXTS.iter().map(|text| (*text).to_owned()).chain(long).collect()
}

#[test]
fn names_do_not_panic() {
    for text in texts() {
        let text = text.as_str();
        survives(text, |app| {
            let run = Stack::new(app, text, Env::new(text, text));
            let vpc = aws::Vpc::new(&run, text, aws::VpcProps::default());
            let cluster = eks::Cluster::new(&run, text, &vpc, eks::ClusterProps::default());
            cluster.add_node_group(text, eks::NodeGroupProps::default());
            cluster.add_access(text, text, eks::Access::ClusterAdmin);
            let istio = Istio::new(&run, text, &cluster, IstioProps::default());
            let ingress = istio.add_gateway(text, GatewayProps::default());
            let entry = Gateway::new(&ingress, text, Tls::Secret(text.to_owned()));
            let props = meshsynth::mesh::NamespaceProps { mesh: Some(istio.membership()), ..Default::default() };
            let shop = Namespace::new(&run, text, &cluster, props);
            let props = WorkloadProps { version: Some(text.to_owned()), ..Default::default() };
            let orders = Workload::new(&shop, text, text, props);
            orders.env(text, text).env_secret(text, &Secret::new(text).field(text));
            let next = orders.version(text, text, VersionProps::default());
            orders.canary(&next, Percent(5));
            entry.expose(text, text, &orders);
        });
        survives(text, |app| {
            let run = stack(app, "run");
            let vpc = aws::Vpc::new(&run, "vpc", aws::VpcProps::default());
            run.describe(text).tag(text, text).output(text, text);
            let key = kms::Key::new(&run, text, kms::KeyProps::default());
            s3::Bucket::new(&run, text, s3::BucketProps::default());
            sqs::Queue::new(&run, text, sqs::QueueProps::default());
            sns::Topic::new(&run, text, sns::TopicProps::default()).add_https(text, text);
            iam::Role::new(&run, text, iam::Trust::Account, iam::RoleProps::default());
            rds::Database::new(&run, text, &vpc, rds::DatabaseProps::default());
            elasticache::ReplicationGroup::new(&run, text, &vpc, Default::default());
            msk::Cluster::new(&run, text, &vpc, Default::default()).add_topic(text, Default::default());
            logs::LogGroup::new(&run, text, logs::LogGroupProps::default());
            ecr::Repository::new(&run, text, ecr::RepositoryProps::default()).image(text);
            secrets::Secret::new(&run, text, secrets::SecretProps::default());
            secrets::Secret::import(&run, text, text);
            ssm::Parameter::new(&run, text, text, text, ssm::ParameterProps::default());
            ssm::Path::new(&run, text, text).add(text, text);
            let zone = route53::HostedZone::public(&run, text, text, route53::ZoneProps::default());
            meshsynth::acm::Certificate::new(&run, text, text, &zone, Default::default());
            cloudwatch::Metric::new(text, text);
            Resource::<meshsynth::cfn::Raw>::define(&run, text, text.to_owned(), Bag::default().with(text, text))
                .patch(text, text);
            key.arn();
        });
    }
}

#[test]
fn numbers_do_not_panic() {
    for n in NUMBERS {
        let few = n.min(1_000);
        survives(&n.to_string(), |app| {
            let run = stack(app, "run");
            let vpc = aws::Vpc::new(&run, "vpc", aws::VpcProps { zones: n as usize, ..Default::default() });
            let cluster = eks::Cluster::new(&run, "cluster", &vpc, eks::ClusterProps::default());
            let props = rds::DatabaseProps { storage: Gib(n), ..Default::default() };
            rds::Database::new(&run, "db", &vpc, props);
            let props = msk::ClusterProps { storage: Gib(n), ..Default::default() };
            msk::Cluster::new(&run, "events", &vpc, props);
            let shop = Namespace::new(&run, "shop", &cluster, Default::default());
            let keda = Keda::new(&run, "keda", &cluster);
            let triggers = [Trigger::cpu(Percent(n as u8))];
            let events = Events {
                min: n,
                max: n,
                polling: Duration::days(u64::from(n) * 4_000_000_000),
                ..Events::new(&keda, triggers)
            };
            let props = WorkloadProps { scale: Scale::Events(events), user: n, ..Default::default() };
            Workload::new(&shop, "orders", "orders:1", props);
            let scale = Scale::Auto(Autoscale::between(n, few));
            Workload::new(&shop, "web", "web:1", WorkloadProps { scale, ..Default::default() });
            let scale = Scale::Fixed(n);
            Workload::new(&shop, "api", "api:1", WorkloadProps { scale, ..Default::default() });
        });
        survives("percent", |app| {
            let orders = mesh_workload(app);
            let next = orders.version("v2", "orders:2", VersionProps::default());
            orders.canary(&next, Percent(n as u8));
            orders.route().to(&next, n);
            orders.retry_budget(Percent(n as u8), n);
        });
    }
    for port in PORTS {
        survives("port", |app| {
            let props = WorkloadProps { port, ..Default::default() };
            let orders = Workload::new(&namespace(app), "orders", "orders:1", props);
            orders.allow_to(Cidr::new("0.0.0.0/0"), port);
        });
    }
    assert_eq!(Duration::days(u64::MAX).as_millis(), u64::MAX);
}

#[test]
fn cidr_blocks_do_not_panic() {
    let blocks = ["0.0.0.0/0", "255.255.255.255/32", "10.0.0.0/31", "10.0.0.0/8", "10.0.0.0/20", "128.0.0.0/1"];
    for block in blocks.map(Cidr::new) {
        survives(&block.to_string(), |app| {
            let network = stack(app, "network");
            aws::Vpc::new(&network, "vpc", aws::VpcProps { cidr: block, zones: 6, ..Default::default() });
            let existing = aws::vpc::ExistingVpc::new("", block, []);
            let vpc = aws::Vpc::import(&network, "old", existing);
            let cluster = eks::Cluster::new(&network, "cluster", &vpc, eks::ClusterProps::default());
            cluster.add_node_group("nodes", eks::NodeGroupProps::default());
            rds::Database::new(&network, "db", &vpc, rds::DatabaseProps::default());
            msk::Cluster::new(&network, "events", &vpc, Default::default());
            elasticache::ReplicationGroup::new(&network, "cache", &vpc, Default::default());
        });
        for offset in [0, 1, u64::from(u32::MAX), u64::MAX] {
            for prefix in [0, 8, 32, 33, 255] {
                let carved = block.carve(offset, prefix);
                assert!(carved.is_none_or(|carved| block.contains(carved)));
            }
        }
        let _ = (block.after(block), block.size(), block.overlaps(block), block.first());
    }
    for text in texts() {
        assert!(Cidr::parse(&text).is_err(), "{text}");
    }
}

#[test]
fn empty_lists_and_unusual_data_do_not_panic() {
    survives("lists", |app| {
        let run = stack(app, "run");
        let vpc = aws::Vpc::new(&run, "vpc", aws::VpcProps { tiers: Vec::new(), ..Default::default() });
        let cluster = eks::Cluster::new(&run, "cluster", &vpc, eks::ClusterProps::default());
        cluster.add_node_group("nodes", eks::NodeGroupProps { instance_types: Vec::new(), ..Default::default() });
        let keda = Keda::new(&run, "keda", &cluster);
        let shop = Namespace::new(&run, "shop", &cluster, Default::default());
        let scale = Scale::Events(Events::new(&keda, []));
        Workload::new(&shop, "orders", "orders:1", WorkloadProps { scale, ..Default::default() });
        cloudwatch::Dashboard::new(&run, "board", &[], Default::default());
        dynamodb::Table::new(&run, "table", dynamodb::Attribute::text(""), Default::default());
        iam::Role::new(&run, "role", iam::Trust::Account, Default::default())
            .allow(iam::Statement::allow(Vec::<String>::new()));
    });
    for data in
        [Data::Null, Data::Int(i64::MIN), Data::Float(f64::NAN), Data::List(Vec::new()), Data::Map(Bag::default())]
    {
        survives("data", |app| {
            let orders = namespace(app);
            let body = Bag::default().with("apiVersion", "v1").with("kind", "ConfigMap");
            let body = body.with("metadata", Bag::default().with("name", "a")).with("data", data.clone());
            if let Ok(raw) = Manifest::new(Data::Map(body), At::caller()) {
                raw.define(&orders, "raw");
            }
            let orders = Workload::new(&orders, "orders", "orders:1", Default::default());
            for path in ["", ".", "spec..x", "spec.template.spec.containers.9.image", "metadata", "spec.template.0"] {
                orders.deployment().patch(path, data.clone());
            }
            Resource::<meshsynth::cfn::Raw>::define(
                &stack(app, "more"),
                "queue",
                "AWS::SQS::Queue",
                Bag::default().with("Tags", data.clone()),
            );
        });
    }
}

#[test]
fn a_handle_that_outlives_its_app_does_not_panic() {
    let app = App::new("shop");
    let run = stack(&app, "run");
    let key = kms::Key::new(&run, "key", kms::KeyProps::default());
    app.synth().expect("it synthesizes");
    let vpc = aws::Vpc::new(&run, "vpc", aws::VpcProps::default());
    eks::Cluster::new(&run, "cluster", &vpc, eks::ClusterProps::default());
    sqs::Queue::new(&run, "mails", sqs::QueueProps { ..Default::default() });
    let _ = (key.arn(), run.output("arn", key.arn()));
}

#[test]
fn truncation_keeps_characters_intact() {
    for text in texts() {
        for most in [0, 1, 8, 9, 10, 20, 63, 255] {
            let cut = name::fit(&text, most);
            assert!(cut.len() <= most || cut == text && text.len() <= most, "{cut} of {most}");
        }
        name::dns_label(&text, 63);
        name::logical_id(&text);
        name::pascal(&text);
    }
    let _ = (Mib(u32::MAX), Millicores(u32::MAX), cluster as fn(&App) -> eks::Cluster);
    let known: Val<String> = text!["ä", "日本"].piece("日", 9);
    assert_eq!(known, Val::from(""));
}
