//! The order of steps in a cluster, and their effects.

use serde_json::json;

use crate::scene::{Scene, step, titles};

const KEDA: &str = "https://kedacore.github.io/charts";
const ISTIO: &str = "https://istio-release.storage.googleapis.com/charts";

#[test]
fn upgrades_eks_one_minor_version_at_a_time() {
    let plan = Scene::eks("1.33").plan(&["eks=1.36"]);
    assert_eq!(titles(&plan), ["EKS Cluster 1.33 → 1.34", "EKS Cluster 1.34 → 1.35", "EKS Cluster 1.35 → 1.36"]);
    let edit = &plan.steps[1].edits[0];
    assert_eq!(
        (&*edit.source, &*edit.property, &*edit.old, &*edit.new),
        ("src/Cluster.rs:1:1", "Version", "1.34", "1.35")
    );
    let effect = &plan.steps[1].effects[0];
    assert_eq!((effect.verdict, &*effect.kind), ("interruption", "AWS::EKS::Cluster"));
    assert!(plan.refused.is_empty() && plan.unknowns.is_empty());
}

#[test]
fn upgrades_keda_before_eks_leaves_its_tested_range() {
    let plan = Scene::eks("1.33").chart("keda", KEDA, "2.18.3").plan(&["eks=1.35"]);
    assert_eq!(titles(&plan), ["KEDA main 2.18.3 → 2.20.2", "EKS Cluster 1.33 → 1.34", "EKS Cluster 1.34 → 1.35"]);
    let reason = &plan.steps[0].reasons[0];
    assert_eq!(reason.text, "KEDA 2.18.3 is tested with Kubernetes 1.31 to 1.33, so it is upgraded before 1.34");
    assert!(reason.source.ends_with("/products/keda.md") && reason.date == "2026-08-22", "{reason:?}");
    assert!(plan.steps.iter().all(|step| step.blockers.is_empty()));
    assert_eq!(plan.steps[0].effects[0].verdict, "upgrade");
}

#[test]
fn blocks_a_version_that_no_release_is_tested_with() {
    let plan = Scene::eks("1.35").chart("keda", KEDA, "2.20.2").plan(&["eks=1.36"]);
    let blockers = &step(&plan, "1.36").blockers;
    assert_eq!(
        blockers[0].text,
        "KEDA 2.20.2 is tested with Kubernetes 1.33 to 1.35, not with 1.36; no release up to 2.20 is tested with it"
    );
}

#[test]
fn installs_each_minor_version_of_istio() {
    let scene = Scene::eks("1.34").chart("base", ISTIO, "1.28.0").chart("istiod", ISTIO, "1.28.0");
    let plan = scene.plan(&["istio=1.30"]);
    assert_eq!(titles(&plan), ["Istio main 1.28.0 → 1.29.6", "Istio main 1.29.6 → 1.30.3"].map(str::to_owned).to_vec());
    assert_eq!(plan.steps[0].effects.len(), 2, "both charts change: {:?}", plan.steps[0].effects);
}

#[test]
fn upgrades_nodes_after_the_control_plane() {
    let group = json!({ "ClusterName": { "Ref": "Cluster" }, "Version": "1.34", "AmiType": "AL2023_x86_64_STANDARD" });
    let plan = Scene::eks("1.34").with("Nodes", "AWS::EKS::Nodegroup", &group).plan(&["eks=1.35"]);
    assert_eq!(titles(&plan), ["EKS Cluster 1.34 → 1.35", "node groups of Cluster 1.34 → 1.35"]);
    assert_eq!(plan.steps[1].edits[0].new, "1.35");

    let unset = json!({ "ClusterName": { "Ref": "Cluster" }, "AmiType": "AL2023_x86_64_STANDARD" });
    let plan = Scene::eks("1.34").with("Nodes", "AWS::EKS::Nodegroup", &unset).plan(&["eks=1.35"]);
    assert!(plan.steps[1].edits.is_empty());
    assert!(plan.steps[1].actions[0].text.contains("aws eks update-nodegroup-version"));
}

#[test]
fn reports_versions_without_data_as_unknown() {
    let plan = Scene::eks("1.36").plan(&["eks=1.40"]);
    assert!(plan.steps.is_empty());
    assert_eq!(
        (&*plan.unknowns[0].date, plan.unknowns[0].call.as_deref()),
        ("2026-08-22", Some("aws eks describe-cluster-versions"))
    );

    let plan = Scene::eks("1.34").chart("istiod", ISTIO, "1.30.3").plan(&["istio=1.99"]);
    assert!(plan.steps.is_empty() && plan.unknowns.len() == 1, "{plan:?}");
}

#[test]
fn refuses_older_versions_after_the_rollback_window() {
    let plan = Scene::eks("1.36").plan(&["eks=1.34"]);
    assert_eq!(
        plan.refused[0].text,
        "EKS rolls back from 1.36 to 1.35 only within 7 days of the upgrade; older versions are refused"
    );
}

#[test]
fn names_components_without_tested_ranges() {
    let plan =
        Scene::eks("1.34").chart("external-secrets", "https://charts.external-secrets.io", "2.9.0").plan(&["eks=1.36"]);
    let unknown = |version: &str| format!("External Secrets 2.9.0 with Kubernetes {version}");
    let texts: Vec<&str> = plan.steps.iter().flat_map(|step| &step.unknowns).map(|it| it.text.as_str()).collect();
    for version in ["1.35", "1.36"] {
        assert!(texts.contains(&unknown(version).as_str()), "{texts:?}");
    }
}
