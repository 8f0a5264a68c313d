//! Permissions of the identities in reference platforms.

use meshsynth_reach::identity::Identities;
use meshsynth_reach::world::ResourceId;
use meshsynth_reach::{Link, Source, Verdict, World};

use crate::support::read;

fn verdict(links: &[Link]) -> Verdict {
    links.iter().fold(Verdict::Allowed, |all, link| all.and(link.verdict))
}

fn workload(world: &World, name: &str) -> Source {
    Source::Workload(world.workloads_called(name)[0])
}

/// Returns the stores with a login and the resources with an API that a source can access.
fn reached(world: &World, identities: &Identities<'_>, source: &Source) -> Vec<(String, Vec<Link>)> {
    let ids = (0..world.resources.len()).map(ResourceId);
    let answer = |id: ResourceId| {
        let links = if identities.has_login(id) {
            identities.login(source, id)
        } else if !identities.uses(id).is_empty() {
            identities.any_use(source, id)
        } else {
            return None;
        };
        Some((world.resource(id).name(), links))
    };
    ids.filter_map(answer).filter(|(_, links)| verdict(links) != Verdict::Denied).collect()
}

#[test]
fn services_access_only_their_own_stores() {
    let world = read("genai-demo-production");
    let identities = Identities::new(&world);
    let of = |name: &str| -> Vec<String> {
        let found = reached(&world, &identities, &workload(&world, name));
        found.into_iter().map(|(name, links)| format!("{name} {}", verdict(&links).word())).collect()
    };
    let parameters = |name: &str| {
        ["database-url", "kafka-cluster", "redis-url"]
            .map(|it| format!("services/genai-demo/{name}/parameters/{it} allowed"))
    };
    let mut wanted = ["data/cache allowed", "data/kafka allowed", "data/order-db allowed"].map(str::to_owned).to_vec();
    wanted.extend(parameters("order"));
    assert_eq!(of("order"), wanted);
    let mut wanted = ["data/kafka allowed", "data/payment-db allowed"].map(str::to_owned).to_vec();
    wanted.extend(parameters("payment"));
    assert_eq!(of("payment"), wanted);
}

#[test]
fn every_permission_link_of_a_workload_has_a_source_location() {
    for platform in ["genai-demo-production", "ecommerce", "global-data"] {
        let Ok(world) = World::read(&crate::support::platform(platform)) else { continue };
        let identities = Identities::new(&world);
        for id in world.workload_ids() {
            for (name, links) in reached(&world, &identities, &Source::Workload(id)) {
                let is_told = |link: &Link| link.at.as_ref().is_some_and(|at| at.source.contains(".rs:"));
                let silent: Vec<&Link> = links.iter().filter(|it| !is_told(it)).collect();
                assert!(silent.is_empty(), "{platform}: {} -> {name}: {silent:#?}", world.workload(id).title());
            }
        }
    }
}

#[test]
fn stores_reject_clients_without_login() {
    let world = read("genai-demo-production");
    let identities = Identities::new(&world);
    assert_eq!(reached(&world, &identities, &Source::Internet), []);
}
