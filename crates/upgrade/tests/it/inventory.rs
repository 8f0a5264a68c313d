//! The components of a platform and their support.

use meshsynth_diff::day::Day;
use meshsynth_upgrade::{Component, State, Support, Version, inventory};
use serde_json::json;

use crate::scene::Scene;

fn components(scene: &Scene) -> Vec<Component> {
    inventory(&scene.side(), &|_, _| None)
}

fn support(component: &Component, today: &str) -> Support {
    Support::of(component, None, Day::parse(today).unwrap())
}

#[test]
fn follows_the_support_of_a_cluster() {
    let all = components(&Scene::eks("1.34"));
    let on = |today: &str| support(&all[0], today);
    assert_eq!((on("2026-08-01").state, on("2026-11-25").state), (State::Supported, State::EndsSoon));
    assert_eq!((on("2026-12-03").state, on("2028-01-01").state), (State::Extended, State::Ended));
    assert_eq!((on("2026-11-25").until, on("2026-11-25").next.as_deref()), (Some("2026-12-02"), Some("1.35")));
    assert_eq!(support(&components(&Scene::eks("1.99"))[0], "2026-11-25").state, State::Unknown);
}

#[test]
fn reads_databases_brokers_and_functions() {
    let scene =
        Scene::resource("Db", "AWS::RDS::DBInstance", &json!({ "Engine": "postgres", "EngineVersion": "14.15" }))
            .with(
                "Member",
                "AWS::RDS::DBInstance",
                &json!({ "Engine": "aurora-postgresql", "DBClusterIdentifier": "a" }),
            )
            .with("Search", "AWS::OpenSearchService::Domain", &json!({ "EngineVersion": "OpenSearch_2.11" }))
            .with("One", "AWS::Lambda::Function", &json!({ "Runtime": "nodejs20.x" }))
            .with("Other", "AWS::Lambda::Function", &json!({ "Runtime": "nodejs20.x" }))
            .with("Image", "AWS::Lambda::Function", &json!({ "PackageType": "Image" }));
    let all = components(&scene);
    let rows: Vec<_> = all.iter().map(|it| (it.title(), support(it, "2026-11-25").until)).collect();
    assert_eq!(
        rows,
        [
            ("PostgreSQL Db".to_owned(), Some("2027-02-28")),
            ("OpenSearch Search".to_owned(), Some("2027-11-07")),
            ("Lambda runtime One and 1 more".to_owned(), Some("2026-04-30")),
        ]
    );
}

#[test]
fn reads_the_images_of_nodes() {
    let group = json!({ "ClusterName": { "Ref": "Cluster" }, "AmiType": "AL2_x86_64" });
    let all = components(&Scene::eks("1.32").with("Nodes", "AWS::EKS::Nodegroup", &group));
    let image = all.iter().find(|it| it.product.id == "amazon-linux").unwrap();
    let support = support(image, "2026-11-25");
    assert_eq!(
        (support.until, support.state, support.next.as_deref()),
        (Some("2026-06-30"), State::Ended, Some("2023"))
    );
    let nodes = all.iter().find(|it| it.product.id == "eks-nodes").unwrap();
    assert!(matches!(nodes.version, Version::Unknown(_)));
}

#[test]
fn finds_products_by_their_images() {
    let pod = json!({ "containers": [{ "name": "discovery", "image": "docker.io/istio/pilot:1.28.3" }] });
    let object = json!({ "apiVersion": "apps/v1", "kind": "Deployment", "metadata": { "name": "istiod", "namespace": "istio-system" },
        "spec": { "template": { "spec": pod } } });
    let scene = Scene::eks("1.34").object(object);
    let all = components(&scene);
    let istio = all.iter().find(|it| it.product.id == "istio").unwrap();
    assert_eq!((istio.version.known(), &*istio.source), (Some("1.28.3"), "0.yaml:1"));
    let plan = scene.plan(&["istio=1.29"]);
    let effect = &plan.steps[0].effects[0];
    assert_eq!((effect.verdict, &*effect.kind), ("rollout restart", "Deployment"));
}

#[test]
fn reports_a_component_outside_of_its_tested_range() {
    let scene = Scene::eks("1.36").chart("keda", "https://kedacore.github.io/charts", "2.20.2");
    let all = components(&scene);
    let keda = all.iter().find(|it| it.product.id == "keda").unwrap();
    let of = |kubernetes: &str| Support::of(keda, Some(kubernetes), Day::parse("2026-11-25").unwrap()).outside;
    assert_eq!(of("1.36").map(|it| it.tested), Some(("1.33", Some("1.35"))));
    assert_eq!(of("1.35"), None);
}
