//! A platform with sixty services: two regions, each with a VPC, a cluster and five teams with six services.

use meshsynth::mesh::{Namespace, NamespaceProps, Workload};
use meshsynth::{App, Construct as _, DiagramNode, Env, Scope, Stack, aws, ecr, eks, elasticache, msk, rds, ssm};

const TEAMS: [&str; 5] = ["checkout", "catalog", "fulfilment", "identity", "insights"];
const SERVICES: [&str; 6] = ["api", "rules", "worker", "events", "search", "reports"];

/// Defines the platform.
pub fn platform(app: &App) {
    let global = Stack::new(app, "edge", Env::region("us-east-1"));
    let door = global.scope().construct("distribution");
    door.diagram(DiagramNode::entry("CloudFront distribution").label("www.shop.example"));
    meshsynth::logs::LogGroup::new(&global, "logs", Default::default());
    for (region, short) in [("ap-northeast-1", "tokyo"), ("eu-west-1", "dublin")] {
        let balancer = region_of(app, region, short);
        door.leads_to(&balancer, 443);
    }
}

fn region_of(app: &App, region: &str, short: &str) -> Scope {
    let stack = |name: &str| Stack::new(app, &format!("{short}-{name}"), Env::region(region));
    let vpc = aws::Vpc::new(&stack("network"), "vpc", aws::VpcProps::default());
    let run = stack("platform");
    let cluster = eks::Cluster::new(&run, &format!("mesh-{short}"), &vpc, eks::ClusterProps::default());
    let data = stack("data");
    let kafka = msk::Cluster::new(&data, "kafka", &vpc, msk::ClusterProps::default());
    let cache = elasticache::ReplicationGroup::new(&data, "cache", &vpc, Default::default());
    let balancer = run.scope().construct("balancer");
    balancer.diagram(
        DiagramNode::entry("load balancer").label(format!("{short}.shop.example")).within(&vpc).tier("public"),
    );

    let teams: Vec<Vec<Workload>> = TEAMS
        .iter()
        .enumerate()
        .map(|(idx, team)| {
            // A stack can contain at most 500 resources.
            let services = stack(team);
            let namespace = Namespace::new(&services, team, &cluster, NamespaceProps::default());
            let stores = stack(&format!("{team}-data"));
            let team = SERVICES.map(|service| service_of(&namespace, &stores, &vpc, service, idx));
            let [api, rules, worker, events, search, reports] = &team;
            api.calls(rules).calls(search);
            rules.calls(worker);
            worker.calls(events);
            search.calls(reports);
            [worker, events, reports].iter().for_each(|service| kafka.allow_from(*service));
            [api, search].iter().for_each(|service| cache.allow_from(*service));
            balancer.leads_to(api, 8080);
            team.to_vec()
        })
        .collect();
    for pair in teams.windows(2) {
        pair[0][0].calls(&pair[1][0]);
    }
    teams[0][1].calls(&teams[3][0]);
    teams[2][2].calls(&teams[4][3]);
    balancer
}

fn service_of(namespace: &Namespace, stores: &Stack, vpc: &aws::Vpc, name: &str, team: usize) -> Workload {
    let full = format!("{}-{name}", namespace.name());
    let images = ecr::Repository::new(stores, &format!("{full}-images"), Default::default());
    let workload = Workload::new(namespace, &full, images.image("1.0.0"), Default::default());
    let path = ssm::Path::new(&workload, "parameters", &full);
    path.add("level", "info");
    path.grant_read(&workload);
    if (name.len() + team).is_multiple_of(2) {
        let database = rds::Database::new(stores, &format!("{full}-db"), vpc, Default::default());
        database.allow_from(&workload);
        database.grant_connect(&workload, "app");
    }
    workload
}
