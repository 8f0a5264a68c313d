//! Release notes, and whether they concern a platform.

use meshsynth_upgrade::{Applies, Note, Plan};
use serde_json::{Value, json};

use crate::scene::{Scene, step};

/// Returns the note with a text in the step to a Kubernetes version.
fn note<'a>(plan: &'a Plan, version: &str, text: &str) -> &'a Note {
    let step = step(plan, &format!("→ {version}"));
    step.notes
        .iter()
        .find(|note| note.statement.text.contains(text))
        .unwrap_or_else(|| panic!("{text}: {:?}", step.notes))
}

/// Whether a note applies to a cluster with an object.
fn applies(object: Value, version: &str, text: &str) -> bool {
    let minor: u32 = version[2..].parse().unwrap();
    let scene = Scene::eks(&format!("1.{}", minor - 1)).object(object);
    let plan = scene.plan(&[&format!("eks={version}")]);
    matches!(note(&plan, version, text).applies, Applies::Here(_))
}

fn pod(spec: Value) -> Value {
    json!({ "apiVersion": "v1", "kind": "Pod", "metadata": { "name": "a", "namespace": "shop" }, "spec": spec })
}

#[test]
fn blocks_removed_api_versions() {
    let object = |version: &str| json!({ "apiVersion": version, "kind": "FlowSchema", "metadata": { "name": "a" } });
    let plan = Scene::eks("1.31").object(object("flowcontrol.apiserver.k8s.io/v1beta3")).plan(&["eks=1.32"]);
    let found = note(&plan, "1.32", "flowcontrol.apiserver.k8s.io/v1beta3");
    assert!(found.is_blocker);
    let Applies::Here(evidence) = &found.applies else { panic!("{found:?}") };
    assert_eq!(
        (&*evidence[0].name, &*evidence[0].property, &*evidence[0].source),
        ("FlowSchema a", "apiVersion", "0.yaml:1")
    );
    assert!(!applies(object("flowcontrol.apiserver.k8s.io/v1"), "1.32", "flowcontrol.apiserver.k8s.io/v1beta3"));
}

#[test]
fn blocks_git_repo_volumes() {
    let volume =
        |kind: &str| pod(json!({ "volumes": [{ "name": "code", kind: { "repository": "https://example.com" } }] }));
    assert!(applies(volume("gitRepo"), "1.36", "gitRepo"));
    assert!(!applies(volume("emptyDir"), "1.36", "gitRepo"));
}

#[test]
fn blocks_addresses_that_are_not_canonical() {
    let policy = |cidr: &str| {
        let peers = json!([{ "ipBlock": { "cidr": cidr } }]);
        json!({ "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": { "name": "a" },
            "spec": { "podSelector": {}, "egress": [{ "to": peers }] } })
    };
    assert!(applies(policy("010.0.0.0/8"), "1.36", "leading zeros"));
    assert!(!applies(policy("10.0.0.0/8"), "1.36", "leading zeros"));
}

#[test]
fn follows_the_notes_of_each_version() {
    let binding = |name: &str| {
        json!({ "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": { "name": "a" },
            "subjects": [{ "kind": "Group", "name": name }] })
    };
    assert!(applies(binding("system:unauthenticated"), "1.32", "anonymous"));
    assert!(!applies(binding("system:authenticated"), "1.32", "anonymous"));
    let kind = |kind: &str| json!({ "apiVersion": "v1", "kind": kind, "metadata": { "name": "a" } });
    assert!(applies(kind("Endpoints"), "1.33", "Endpoints"));
    assert!(!applies(kind("ConfigMap"), "1.33", "Endpoints"));
    assert!(applies(
        pod(json!({ "securityContext": { "appArmorProfile": { "type": "RuntimeDefault" } } })),
        "1.34",
        "AppArmor"
    ));
    assert!(!applies(pod(json!({ "securityContext": {} })), "1.34", "AppArmor"));
    let service =
        |spec: Value| json!({ "apiVersion": "v1", "kind": "Service", "metadata": { "name": "a" }, "spec": spec });
    assert!(applies(service(json!({ "externalIPs": ["192.0.2.1"] })), "1.36", "externalIPs"));
    assert!(!applies(service(json!({ "ports": [] })), "1.36", "externalIPs"));
}

#[test]
fn blocks_amazon_linux_2_and_cgroup_v1() {
    let scene = |ami: &str| {
        let group = json!({ "ClusterName": { "Ref": "Cluster" }, "AmiType": ami });
        Scene::eks("1.32").with("Nodes", "AWS::EKS::Nodegroup", &group).plan(&["eks=1.35"])
    };
    let old = scene("AL2_x86_64");
    assert!(matches!(note(&old, "1.33", "Amazon Linux 2").applies, Applies::Here(_)));
    assert!(matches!(note(&old, "1.35", "cgroup v1").applies, Applies::Here(_)));
    let new = scene("AL2023_x86_64_STANDARD");
    assert!(matches!(note(&new, "1.33", "Amazon Linux 2").applies, Applies::Absent(_)));
    assert!(matches!(note(&new, "1.35", "cgroup v1").applies, Applies::Absent(_)));
}

#[test]
fn reads_flags_in_user_data() {
    let template = |text: Value| {
        let data = json!({ "LaunchTemplateData": { "UserData": text } });
        Scene::eks("1.34").with("Template", "AWS::EC2::LaunchTemplate", &data).plan(&["eks=1.35"])
    };
    let text = "bootstrap.sh --kubelet-extra-args --pod-infra-container-image=pause";
    let plan = template(json!({ "Fn::Base64": text }));
    assert!(matches!(note(&plan, "1.35", "pod-infra-container-image").applies, Applies::Here(_)));
    let plan = template(json!("IyEvYmluL3No"));
    assert!(matches!(note(&plan, "1.35", "pod-infra-container-image").applies, Applies::Undecided(_)));
}

#[test]
fn each_statement_has_a_source_and_a_date() {
    let group = json!({ "ClusterName": { "Ref": "Cluster" }, "AmiType": "AL2_x86_64" });
    let scene = Scene::eks("1.31").with("Nodes", "AWS::EKS::Nodegroup", &group);
    let plan = scene.chart("keda", "https://kedacore.github.io/charts", "2.18.3").plan(&["eks=1.36"]);
    assert_eq!(plan.steps.len(), 11, "five versions, five groups and KEDA");
    for step in &plan.steps {
        let notes = step.notes.iter().map(|note| &note.statement);
        let all = step.reasons.iter().chain(&step.actions).chain(&step.blockers).chain(&step.checks).chain(notes);
        for statement in all {
            assert!(statement.source.starts_with("https://") && statement.date.len() == 10, "{statement:?}");
        }
        for unknown in &step.unknowns {
            assert!(unknown.page.starts_with("https://") && unknown.date.len() == 10, "{unknown:?}");
        }
    }
}
