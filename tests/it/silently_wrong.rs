//! Mistakes that every validator accepts but that fail at run time, each in a minimal platform.
//! `tests/tools/istiod.py` checks endpoints of other networks with the code of istiod.

use meshsynth::aws::vpc::{ExistingSubnet, ExistingVpc, Peering, Tier, Vpc};
use meshsynth::cfn::ids::VpcId;
use meshsynth::eks::{Cluster, NodeGroupProps, Taint};
use meshsynth::kms::{ExistingKey, Key};
use meshsynth::mesh::{
    Claim, CronJob, CronJobProps, Gateway, GatewayProps, GatewayService, Ingress, IngressProps, Namespace, StatefulSet,
    StatefulSetProps, Tls, Workload,
};
use meshsynth::testing::{Platform, codes, mesh_workload, stack, workload, workload_and_mesh};
use meshsynth::val::Bag;
use meshsynth::{App, Cidr, Construct, Env, Gib, Percent, Stack, cfn, dynamodb, rds, s3, sqs};

/// Returns a subnet of an existing network.
fn subnet(tier: Tier, n: usize, zone: &str) -> ExistingSubnet {
    ExistingSubnet::new(
        tier,
        format!("subnet-0a1b2c3d4e5f6071{n}"),
        format!("10.20.{n}.0/24").parse().expect("a block"),
        zone,
    )
}

fn existing(subnets: impl IntoIterator<Item = ExistingSubnet>) -> ExistingVpc {
    ExistingVpc::new("vpc-0a1b2c3d4e5f60718", Cidr::new("10.20.0.0/16"), subnets)
}

/// Defines a workload in an existing network.
fn workload_on(app: &App, vpc: ExistingVpc) -> Workload {
    let run = stack(app, "run");
    let cluster = Cluster::new(&run, "cluster", &Vpc::import(&run, "vpc", vpc), Default::default());
    cluster.add_node_group("nodes", NodeGroupProps::default());
    let shop = Namespace::new(&run, "shop", &cluster, Default::default());
    Workload::new(&shop, "orders", "registry.example/orders:1.4.0", Default::default())
}

fn grants(app: &App, orders: &Workload) {
    let data = stack(app, "data");
    s3::Bucket::new(&data, "receipts", Default::default()).grant_read_write(orders);
    dynamodb::Table::new(&data, "carts", dynamodb::Attribute::text("id"), Default::default()).grant_read(orders);
    sqs::Queue::new(&data, "mails", Default::default()).grant_send(orders);
}

#[test]
fn w1_a_grant_opens_the_network_path_to_the_service() {
    let platform = Platform::synth("shop", |app| grants(app, &workload(app)));
    let endpoints: String = platform.resources("AWS::EC2::VPCEndpoint").iter().map(|it| it.props.to_string()).collect();
    for service in ["s3", "dynamodb", "sqs", "sts"] {
        assert!(endpoints.contains(&format!(".{service}\"")), "{service} in {endpoints}");
    }
    let policy = platform.manifest("networkpolicy-orders");
    // Gateway endpoints use public addresses, which are outside the network.
    assert!(policy.contains("cidr: 0.0.0.0/0") && policy.contains("port: 443"), "{policy}");
}

#[test]
fn w1_reports_missing_endpoints_of_an_existing_network() {
    let private =
        || ["a", "b"].iter().enumerate().map(|(n, zone)| subnet(Tier::Private, n, &format!("ap-northeast-1{zone}")));
    let found = codes(|app| grants(app, &workload_on(app, existing(private()))));
    assert!(found.contains(&"MS0611"), "{found:?}");
    let with_nat = ExistingVpc { has_nat: true, ..existing(private()) };
    assert_eq!(codes(|app| grants(app, &workload_on(app, with_nat))), [""; 0]);
}

/// Defines a canary behind a load balancer of the AWS Load Balancer Controller.
fn canary(app: &App, is_behind_gateway: bool) {
    let (orders, istio) = workload_and_mesh(app);
    let next = orders.version("v2", "registry.example/orders:2.0.0", Default::default());
    orders.canary(&next, Percent(10));
    let (host, namespace) = ("shop.example.com", orders.namespace());
    match is_behind_gateway {
        true => {
            let props = GatewayProps { service: GatewayService::ClusterIp, ..Default::default() };
            let ingress = istio.add_gateway("ingress", props);
            let entry = Gateway::new(&ingress, "entry", Tls::AtBalancer);
            entry.expose(host, "/", &orders);
            Ingress::new(ingress.namespace(), "balancer", IngressProps::default()).to_gateway(host, &entry);
        }
        false => {
            Ingress::new(namespace, "balancer", IngressProps::default()).route(host, "/", &orders);
        }
    }
}

#[test]
fn w2_reports_a_load_balancer_that_bypasses_routes() {
    let found = |is_behind_gateway| {
        let mut found = codes(|app| canary(app, is_behind_gateway));
        found.retain(|code| *code == "MS0866");
        found
    };
    assert_eq!((found(false), found(true)), (vec!["MS0866"], vec![]));
}

#[test]
fn w3_reports_unsatisfied_requirements() {
    let private = ["a", "c"].iter().enumerate();
    let private: Vec<_> = private.map(|(n, zone)| subnet(Tier::Private, n, &format!("ap-northeast-1{zone}"))).collect();
    let found = codes(|app| {
        // The program does not declare controllers for this cluster.
        let orders = workload_on(app, ExistingVpc { has_nat: true, ..existing(private) });
        let cluster = orders.namespace().cluster();
        let taint = Taint {
            key: "team".to_owned(),
            value: "batch".to_owned(),
            effect: meshsynth::cfn::eks::nodegroup::Effect::NoSchedule,
        };
        cluster.add_node_group("batch", NodeGroupProps { taints: vec![taint], ..Default::default() });
        let disk = Claim::new("/var/lib/index", Gib(50)).of_class("gp9");
        let props = StatefulSetProps { claims: vec![disk], ..Default::default() };
        StatefulSet::new(orders.namespace(), "index", "registry.example/index:7.2.0", props);
        Ingress::new(orders.namespace(), "entry", Default::default()).route("shop.example.com", "/", &orders);
    });
    for code in ["MS0434", "MS0436", "MS0868"] {
        assert!(found.contains(&code), "{code} in {found:?}");
    }
}

#[test]
fn w3_a_stateful_set_has_the_service_that_it_names() {
    let platform = Platform::synth("shop", |app| {
        let orders = workload(app);
        StatefulSet::new(orders.namespace(), "index", "registry.example/index:7.2.0", Default::default());
    });
    assert!(platform.manifest("statefulset-index").contains("serviceName: index-pods"));
    assert!(platform.manifest("service-index-pods").contains("clusterIP: None"));
}

#[test]
fn w4_an_address_without_the_relation_is_a_warning() {
    let db = |app: &App| {
        let orders = workload(app);
        let vpc = orders.namespace().cluster().vpc();
        let db = rds::Database::new(&stack(app, "data"), "db", vpc, Default::default());
        orders.env("DB_HOST", db.address());
    };
    let table = |app: &App| {
        let carts =
            dynamodb::Table::new(&stack(app, "data"), "carts", dynamodb::Attribute::text("id"), Default::default());
        workload(app).env("TABLE_NAME", carts.name());
    };
    let url = |app: &App| {
        let orders = workload(app);
        let payments =
            Workload::new(orders.namespace(), "payments", "registry.example/payments:1.0.0", Default::default());
        orders.env("PAYMENTS_URL", payments.url());
    };
    assert_eq!((codes(db), codes(table), codes(url)), (vec!["MS0869"], vec!["MS0869"], vec!["MS0869"]));
}

#[test]
fn w5_checks_an_imported_network() {
    let found = |vpc: ExistingVpc| {
        codes(|app| {
            let data = stack(app, "data");
            let vpc = Vpc::import(&data, "vpc", vpc);
            rds::Database::new(&data, "db", &vpc, Default::default());
        })
    };
    let isolated = |n, zone| subnet(Tier::Isolated, n, zone);
    assert_eq!(found(existing([])), ["MS0617"]);
    assert!(found(existing([isolated(0, "ap-northeast-1a"), isolated(1, "ap-northeast-1a")])).contains(&"MS0614"));
    assert!(found(existing([isolated(0, "eu-west-1a"), isolated(1, "eu-west-1b")])).contains(&"MS0615"));
    let wrong = ExistingVpc::new(
        "subnet-0a1b2c3d4e5f60711",
        Cidr::new("10.20.0.0/16"),
        [isolated(0, "ap-northeast-1a"), isolated(1, "ap-northeast-1c")],
    );
    assert_eq!(found(wrong), ["MS0130"]);
}

#[test]
fn w5_reports_the_route_for_a_peering_with_an_imported_network() {
    let platform = Platform::synth("shop", |app| {
        let net = Stack::new(app, "network", Env::new("111122223333", "ap-northeast-1"));
        let ours = Vpc::new(&net, "vpc", Default::default());
        let theirs =
            existing([subnet(Tier::Private, 0, "ap-northeast-1a"), subnet(Tier::Private, 1, "ap-northeast-1c")]);
        let theirs = Vpc::import(&net, "theirs", theirs);
        Peering::new(&net, "peering", &ours, &theirs, Default::default()).accept(&net, "back");
    });
    let owners = &platform.assembly.files["owners.json"];
    assert!(owners.contains("vpc-0a1b2c3d4e5f60718") && owners.contains("route"), "{owners}");
}

#[test]
fn w6_a_grant_includes_an_existing_key() {
    let arn = "arn:aws:kms:ap-northeast-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    let platform = Platform::synth("shop", |app| {
        let orders = mesh_workload(app);
        let data = stack(app, "data");
        let key = Some(Key::import(&data, "key", ExistingKey::arn(arn)));
        let receipts = s3::Bucket::new(&data, "receipts", s3::BucketProps { key, ..Default::default() });
        receipts.grant_read(&orders);
        assert_eq!(receipts.scope().id(), "receipts");
    });
    let policies: String = platform.resources("AWS::IAM::RolePolicy").iter().map(|it| it.props.to_string()).collect();
    assert!(policies.contains(arn) && policies.contains("kms:Decrypt"), "{policies}");
}

#[test]
fn w7_reports_misspelled_literals() {
    let found = codes(|app| {
        let data = Stack::new(app, "data", Env::new("111122223333", "ap-northeast-1"));
        cfn::rds::DbInstance::new()
            .engine("postgres")
            .engine_version("17.99")
            .db_instance_class("db.t4g.medum")
            .define(&data, "db");
        cfn::elasticache::ReplicationGroup::new("sessions").cache_node_type("cache.t4g.smal").define(&data, "cache");
        cfn::ec2::Instance::new().instance_type("c6i.xlrge").define(&data, "bastion");
        cfn::ec2::Subnet::new(VpcId::new("vpc-0a1b2c3d4e5f60718"))
            .cidr_block("10.0.0.0/24")
            .availability_zone("eu-west-1a")
            .define(&data, "subnet");
        let statement = Bag::default().with("Effect", "Allow").with("Action", "sqs:SendMesage").with("Resource", "*");
        let document = Bag::default().with("Version", "2012-10-17").with("Statement", [statement]);
        cfn::iam::ManagedPolicy::new(document).define(&data, "policy");
        let orders = workload(app);
        CronJob::new(
            orders.namespace(),
            "nightly",
            "30 25 * * *",
            "registry.example/reports:1.0.0",
            CronJobProps { time_zone: "Europe/Berln".to_owned(), ..Default::default() },
        );
    });
    for code in ["MS0134", "MS0135", "MS0136", "MS0206", "MS0304", "MS0340", "MS0504"] {
        assert!(found.contains(&code), "{code} in {found:?}");
    }
    assert_eq!(found.iter().filter(|code| **code == "MS0340").count(), 2, "{found:?}");
}

#[test]
fn w9_the_page_quotes_istioctl_for_several_networks() {
    let page = std::fs::read_to_string(crate::support::root().join("docs/mesh.md")).expect("the page");
    assert!(page.contains("IST0126"));
}
