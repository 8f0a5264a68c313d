//! Answers of the engine for the reference platforms.

use meshsynth_reach::world::{ResourceId, WorkloadId};
use meshsynth_reach::{Engine, Port, Source, Target, Verdict};

use crate::support::read;

pub const PLATFORMS: [&str; 7] = [
    "ambient-shop",
    "cross-region-mesh",
    "ecommerce",
    "genai-demo-production",
    "global-data",
    "multicluster-mesh",
    "retail-production",
];

/// The types of data stores with a network interface in a VPC.
const STORES: [&str; 6] = [
    "AWS::RDS::DBInstance",
    "AWS::RDS::DBCluster",
    "AWS::ElastiCache::ReplicationGroup",
    "AWS::ElastiCache::ServerlessCache",
    "AWS::MSK::Cluster",
    "AWS::MSK::ServerlessCluster",
];

/// A store must be unreachable over the network or by login without a declared relation.
#[test]
fn stores_have_no_undeclared_paths() {
    let mut open = Vec::new();
    let mut asked = 0;
    // The password of the cache in `retail` comes from outside the files, so its readers are unknown.
    for platform in PLATFORMS.into_iter().filter(|it| *it != "retail-production") {
        let world = read(platform);
        let engine = Engine::new(&world);
        let stores: Vec<ResourceId> = STORES.iter().flat_map(|it| world.of_type(it)).copied().collect();
        for store in stores {
            let target = Target::Resource(store, None);
            let name = world.resource(store).name();
            let declared = |id: WorkloadId| {
                let path = &world.object_of(id).at.construct;
                world.edges.iter().any(|edge| {
                    let from = *path == edge.from || path.starts_with(&format!("{}/", edge.from));
                    // A member of a store group is reachable through the group.
                    from && (name == edge.to || name.starts_with(&format!("{}/", edge.to)))
                })
            };
            let workloads = world.workload_ids().filter(|id| !declared(*id)).map(Source::Workload);
            for source in workloads.chain([Source::Internet]) {
                asked += 1;
                let answer = engine.ask(&source, &target);
                if answer.verdict != Verdict::Denied {
                    let word = answer.verdict.word();
                    open.push(format!("{word} {platform}: {} -> {name}", answer.from));
                }
            }
        }
    }
    // No policy isolates the east-west gateway, and the files do not specify which clients have the cache password.
    let unknown = ["1", "2"]
        .map(|it| format!("unknown multicluster-mesh: istio-system/istio-eastwestgateway -> cluster{it}/lists"));
    assert_eq!(open, unknown, "of {asked}");
    assert!(asked > 100, "{asked}");
}

/// The internet must reach exactly the targets of declared entries.
#[test]
fn internet_reaches_only_targets_of_entries() {
    let reached = |platform: &str| -> Vec<String> {
        let world = read(platform);
        let engine = Engine::new(&world);
        let ids = world.workload_ids();
        let open =
            ids.filter(|id| engine.ask(&Source::Internet, &Target::Workload(*id, None)).verdict == Verdict::Allowed);
        let mut names: Vec<String> = open.map(|id| world.workload(id).title()).collect();
        names.sort();
        names.dedup();
        names
    };
    let genai = ["delivery", "inventory", "notification", "order", "payment", "pricing"];
    assert_eq!(reached("genai-demo-production"), genai.map(|it| format!("genai-demo/{it}")));
    assert_eq!(reached("ambient-shop"), [""; 0], "its load balancer is internal");
    assert_eq!(reached("global-data"), ["shop/shop"]);
    assert_eq!(reached("cross-region-mesh"), ["istio-ingress/ingress", "services/frontend"]);
}

#[test]
fn pairs_agree_with_single_queries() {
    for platform in ["multicluster-mesh", "ambient-shop", "ecommerce"] {
        let world = read(platform);
        let engine = Engine::new(&world);
        let members = engine.policies(0).members().to_vec();
        let mut alone = Vec::new();
        for to in &members {
            for from in members.iter().filter(|from| *from != to) {
                for port in engine.ports(*to) {
                    let verdict = engine.ask(&Source::Workload(*from), &Target::Workload(*to, Some(port))).verdict;
                    if verdict != Verdict::Denied {
                        alone.push((*from, *to, port, verdict));
                    }
                }
            }
        }
        let pairs: Vec<_> = engine.pairs(0).into_iter().map(|it| (it.from, it.to, it.port, it.verdict)).collect();
        assert_eq!(pairs, alone, "{platform}");
    }
}

#[test]
fn calls_to_other_networks_use_east_west_gateway() {
    let world = read("multicluster-mesh");
    let engine = Engine::new(&world);
    let of = |name: &str, cluster: usize| {
        let all = world.workloads_called(name);
        all.into_iter().find(|id| world.workload(*id).cluster == cluster).expect("a workload")
    };
    let target = Target::Workload(of("shop/payments", 1), Some(Port::tcp(8080)));
    let ask = |name: &str| engine.ask(&Source::Workload(of(name, 0)), &target);
    let orders = ask("shop/orders");
    let chain: Vec<String> =
        orders.chain.iter().map(|it| format!("{:?} {:?} {}", it.verdict, it.layer, it.why)).collect();
    assert_eq!(orders.verdict, Verdict::Allowed, "{chain:#?}");
    assert!(chain.iter().any(|it| it.contains("forwards calls to service names on port 15443")), "{chain:#?}");
    assert_eq!(ask("shop/mailer").verdict, Verdict::Denied);
}
