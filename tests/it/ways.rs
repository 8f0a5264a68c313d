//! The network paths in docs/grants.md, compared with the output for a workload with each grant.

use meshsynth::aws::vpc::{ExistingSubnet, ExistingVpc, Tier, Vpc};
use meshsynth::eks::{Cluster, NodeGroupProps};
use meshsynth::iam::{Api, Grantee, Reach};
use meshsynth::mesh::{Namespace, Workload};
use meshsynth::testing::{Platform, codes, stack};
use meshsynth::{App, Cidr, Stack, ssm};
use serde_json::Value;

use crate::grants::GRANTS;

/// Defines a stack with a resource, so that it is not empty for any grant.
fn data(app: &App) -> Stack {
    let data = stack(app, "data");
    ssm::Path::new(&data, "other", "other").add("name", "value");
    data
}

/// Returns the services that a grantee calls directly.
fn reaches(name: &str, platform: &Platform) -> Vec<Reach> {
    let policies = platform.resources("AWS::IAM::RolePolicy");
    let mut found = Vec::new();
    let of_orders = policies.iter().filter(|it| it.props["RoleName"].to_string().contains("Orders"));
    for statement in of_orders.filter_map(|it| it.props["PolicyDocument"]["Statement"].as_array()).flatten() {
        let actions = statement["Action"].as_array().into_iter().flatten().filter_map(Value::as_str);
        // The AWS services use the keys, not the grantee.
        let actions = actions.filter(|action| !action.starts_with("kms:") || name.starts_with("kms::"));
        found.extend(actions.filter_map(Api::of).map(|api| api.reach));
    }
    found
}

#[test]
fn grants_open_network_paths_in_a_vpc_of_the_program() {
    for (name, grant) in GRANTS {
        let platform = Platform::synth("shop", |app| {
            let orders = workload(app);
            grant(&data(app), orders.namespace().cluster().vpc(), &orders.role());
        });
        let endpoints: String =
            platform.resources("AWS::EC2::VPCEndpoint").iter().map(|it| it.props["ServiceName"].to_string()).collect();
        let policy = platform.manifest("networkpolicy-orders");
        let reaches = reaches(name, &platform);
        assert!(!reaches.is_empty(), "{name}");
        for reach in reaches {
            match reach {
                Reach::Gateway(word) => {
                    assert!(endpoints.contains(&format!(".{word}\"")), "{name}: {word} in {endpoints}");
                    assert!(policy.contains("0.0.0.0/0"), "{name}: {policy}");
                }
                Reach::Interface(words) => {
                    words.iter().for_each(|word| {
                        assert!(endpoints.contains(&format!(".{word}\"")), "{name}: {word} in {endpoints}");
                    });
                    assert!(policy.contains("port: 443"), "{name}: {policy}");
                }
                Reach::Public | Reach::Global => assert!(policy.contains("0.0.0.0/0"), "{name}: {policy}"),
                Reach::InVpc => {}
            }
        }
    }
}

/// Defines a workload in a network of the program, in a separate stack.
fn workload(app: &App) -> Workload {
    let vpc = Vpc::new(&stack(app, "network"), "vpc", Default::default());
    let run = stack(app, "run");
    let cluster = Cluster::new(&run, "cluster", &vpc, Default::default());
    cluster.add_node_group("nodes", NodeGroupProps::default());
    let shop = Namespace::new(&run, "shop", &cluster, Default::default());
    Workload::new(&shop, "orders", "registry.example/orders:1.4.0", Default::default())
}

/// Defines a workload in an existing network without endpoints and without internet access.
fn shut_in(app: &App) -> Workload {
    let run = stack(app, "run");
    let subnet = |tier, n: u8, zone| {
        let cidr: Cidr = format!("10.20.{n}.0/24").parse().expect("a block");
        ExistingSubnet::new(tier, format!("subnet-0a1b2c3d4e5f6071{n}"), cidr, zone)
    };
    let subnets = [
        subnet(Tier::Private, 1, "ap-northeast-1a"),
        subnet(Tier::Private, 2, "ap-northeast-1c"),
        subnet(Tier::Isolated, 3, "ap-northeast-1a"),
        subnet(Tier::Isolated, 4, "ap-northeast-1c"),
    ];
    let vpc = ExistingVpc::new("vpc-0a1b2c3d4e5f60718", Cidr::new("10.20.0.0/16"), subnets);
    let cluster = Cluster::new(&run, "cluster", &Vpc::import(&run, "vpc", vpc), Default::default());
    cluster.add_node_group("nodes", NodeGroupProps::default());
    let shop = Namespace::new(&run, "shop", &cluster, Default::default());
    Workload::new(&shop, "orders", "registry.example/orders:1.4.0", Default::default())
}

#[test]
fn reports_grants_without_a_path_in_an_existing_vpc() {
    for (name, grant) in GRANTS {
        let without = codes(|app| drop(shut_in(app).role())).len();
        let found = codes(|app| {
            let orders = shut_in(app);
            grant(&data(app), orders.namespace().cluster().vpc(), &orders.role());
        });
        let told = found.iter().filter(|code| ["MS0611", "MS0612"].contains(code)).count();
        let in_vpc = [
            "efs::",
            "elasticache::",
            "msk::Topic",
            "opensearch::",
            "rds::Cluster::grant_connect",
            "rds::Database::grant_connect",
        ];
        let is_inside = in_vpc.iter().any(|it| name.starts_with(it));
        assert!(told > 0 && (is_inside || found.len() > without), "{name}: {found:?}");
    }
}
