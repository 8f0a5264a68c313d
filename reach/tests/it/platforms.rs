//! What the engine says of the reference platforms.

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

/// What holds data and has an interface in a VPC.
const STORES: [&str; 6] = [
    "AWS::RDS::DBInstance",
    "AWS::RDS::DBCluster",
    "AWS::ElastiCache::ReplicationGroup",
    "AWS::ElastiCache::ServerlessCache",
    "AWS::MSK::Cluster",
    "AWS::MSK::ServerlessCluster",
];

/// What a store is reached by: packets, and what its login asks for.
#[test]
fn no_undeclared_way_leads_into_a_store() {
    let mut open = Vec::new();
    let mut asked = 0;
    // Who knows a password that retail's cache has from elsewhere, no file tells.
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
                    // A member of a group of stores is reached as the group is.
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
    // Nothing isolates the gateway between clusters, and who knows the password of the cache no file tells.
    let unknown = ["1", "2"]
        .map(|it| format!("unknown multicluster-mesh: istio-system/istio-eastwestgateway -> cluster{it}/lists"));
    assert_eq!(open, unknown, "of {asked}");
    assert!(asked > 100, "{asked}");
}

/// What the internet reaches is what the program says: the ends of entries, and nothing else.
#[test]
fn the_internet_reaches_what_has_an_entry() {
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
fn all_pairs_at_once_are_what_each_is_alone() {
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
fn a_call_to_another_network_goes_through_the_gateway_there() {
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
    assert!(chain.iter().any(|it| it.contains("passes calls of names on port 15443")), "{chain:#?}");
    assert_eq!(ask("shop/mailer").verdict, Verdict::Denied);
}
