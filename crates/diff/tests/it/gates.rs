//! Results of each gate: denied, not denied, excepted, and with an expired exception.

use meshsynth_diff::Diff;
use meshsynth_diff::day::Day;
use meshsynth_diff::gates::{self, Allow, Gate, Gates, Policy};
use meshsynth_model::diag::Diagnostic;
use serde_json::{Value, json};

use crate::scene::{Scene, diff, scene};

fn today() -> Day {
    Day::parse("2026-11-23").unwrap()
}

/// Parses a gate. Every code with the prefix `MS` is a built-in rule.
fn parse(text: &str) -> Gate {
    Gate::parse(text, |code| code.starts_with("MS").then(|| code.to_owned())).unwrap()
}

fn check(diff: &Diff, gate: &str) -> Gates {
    gates::check(diff, &[parse(gate)], &Policy::default(), today())
}

pub fn denied(diff: &Diff, gate: &str) -> String {
    check(diff, gate).denied.join("\n")
}

/// Evaluates a gate with an exception that ends on a day.
fn excepted(diff: &Diff, gate: &str, what: &str, until: &str) -> Gates {
    let gate = parse(gate);
    let allow = Allow {
        code: gate.word().to_owned(),
        what: what.to_owned(),
        reason: "agreed".to_owned(),
        until: Day::parse(until).unwrap(),
        who: Some("ann".to_owned()),
        place: "meshsynth.toml:9:1".to_owned(),
    };
    gates::check(diff, &[gate], &Policy { deny: Vec::new(), allow: vec![allow] }, today())
}

fn topics(n: usize) -> Value {
    let row = |idx: usize| {
        (format!("T{idx}"), json!({ "Type": "AWS::SNS::Topic", "Properties": { "TopicName": format!("t{idx}") } }))
    };
    json!({ "Resources": (0..n).map(row).collect::<serde_json::Map<_, _>>() })
}

pub fn resources(of: Value) -> Value {
    json!({ "Resources": of })
}

pub fn workload(kind: &str, name: &str, spec: Value) -> (&'static str, Value) {
    let mut spec = spec;
    spec["template"]["metadata"]["labels"] = json!({ "app": name });
    let metadata = json!({ "name": name, "namespace": "shop" });
    ("40-workloads", json!({ "apiVersion": "apps/v1", "kind": kind, "metadata": metadata, "spec": spec }))
}

pub fn pods(image: &str) -> Value {
    json!({ "spec": { "containers": [{ "name": "main", "image": image, "ports": [{ "containerPort": 8080 }] }] } })
}

/// Returns the diff of one workload.
fn rollout(kind: &str, before: Value, after: Value) -> Diff {
    let side = |spec: Value| scene(vec![], vec![workload(kind, "orders", spec)]);
    diff(&side(before), &side(after))
}

#[test]
fn interruption_denies_only_serving_resources() {
    let stack = |class: &str, group: &str| {
        let template = resources(json!({
            "Db": { "Type": "AWS::RDS::DBInstance", "DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain",
                "Properties": { "DBInstanceClass": class } },
            "Group": { "Type": "AWS::RDS::DBSubnetGroup", "Properties": { "DBSubnetGroupName": group, "SubnetIds": ["a"] } },
        }));
        scene(vec![("data", template)], vec![])
    };
    // An instance restarts with another class. Replacing its subnet group causes no interruption.
    let restarted = diff(&stack("db.t4g.micro", "a"), &stack("db.r8g.large", "a"));
    assert_eq!(
        denied(&restarted, "interruption"),
        "gate `interruption` failed: the change would interrupt `Db` (it restarts or fails over)"
    );
    let group = diff(&stack("db.t4g.micro", "a"), &stack("db.t4g.micro", "b"));
    assert_eq!(denied(&group, "interruption"), "");
    assert!(denied(&group, "replace").contains("`Group`"));
    // A load balancer is interrupted if it is replaced, removed or renamed, but not if it is new.
    let balancer = |id: &str, scheme: &str| {
        let row = json!({ "Type": "AWS::ElasticLoadBalancingV2::LoadBalancer", "Properties": { "Scheme": scheme, "Name": "a" } });
        scene(vec![("edge", resources(json!({ id: row, "Topic": { "Type": "AWS::SNS::Topic" } })))], vec![])
    };
    let none = scene(vec![("edge", resources(json!({ "Topic": { "Type": "AWS::SNS::Topic" } })))], vec![]);
    let words = |before: &Scene, after: &Scene| denied(&diff(before, after), "interruption");
    assert!(words(&balancer("A", "internal"), &balancer("A", "internet-facing")).contains("`A` (it is replaced)"));
    assert!(words(&balancer("A", "internal"), &none).contains("`A` (it is removed)"));
    assert!(
        words(&balancer("A", "internal"), &balancer("B", "internal"))
            .contains("`B` (without a stack refactor, a new resource replaces it)")
    );
    assert_eq!(words(&none, &balancer("A", "internal")), "");
}

#[test]
fn interruption_depends_on_the_update_strategy() {
    let words = |kind: &str, before: Value, after: Value| denied(&rollout(kind, before, after), "interruption");
    let spec = |image: &str, rest: Value| {
        let mut spec = rest;
        spec["template"] = pods(image);
        spec
    };
    let exchanged = |kind: &str, rest: Value| words(kind, spec("i:1", rest.clone()), spec("i:2", rest));
    let all = "all its pods stop before new ones start";
    assert_eq!(exchanged("Deployment", json!({ "replicas": 1 })), "");
    assert_eq!(
        exchanged("Deployment", json!({ "replicas": 3, "strategy": { "rollingUpdate": { "maxUnavailable": "50%" } } })),
        ""
    );
    for rest in [
        json!({ "replicas": 3, "strategy": { "type": "Recreate" } }),
        json!({ "replicas": 1, "strategy": { "rollingUpdate": { "maxUnavailable": 1 } } }),
        json!({ "strategy": { "rollingUpdate": { "maxUnavailable": "100%" } } }),
    ] {
        assert!(exchanged("Deployment", rest.clone()).contains(all), "{rest}");
    }
    assert!(exchanged("StatefulSet", json!({ "replicas": 1 })).contains(all));
    assert_eq!(exchanged("StatefulSet", json!({ "replicas": 3 })), "");
    assert!(exchanged("DaemonSet", json!({})).contains("on each node, its pod stops"));
    assert_eq!(exchanged("DaemonSet", json!({ "updateStrategy": { "rollingUpdate": { "maxSurge": 1 } } })), "");
    // A workload without pods is not interrupted. Scaling it to zero is an interruption.
    assert_eq!(exchanged("StatefulSet", json!({ "replicas": 0 })), "");
    let zero = words("Deployment", spec("i:1", json!({ "replicas": 2 })), spec("i:1", json!({ "replicas": 0 })));
    assert!(zero.contains("`orders` (it is scaled to zero)"), "{zero}");
    assert_eq!(words("Deployment", spec("i:1", json!({ "replicas": 2 })), spec("i:1", json!({ "replicas": 1 }))), "");
}

#[test]
fn mass_delete_counts_by_stack_and_in_total() {
    let stacks = |n: usize, m: usize| scene(vec![("a", topics(n)), ("b", topics(m))], vec![]);
    let before = stacks(20, 40);
    // A share is rounded up, so one of a few resources may be deleted.
    assert_eq!(denied(&diff(&before, &stacks(19, 40)), "mass-delete=5%"), "");
    assert_eq!(denied(&diff(&before, &stacks(19, 38)), "mass-delete=5%"), "");
    let found = diff(&before, &stacks(18, 40));
    assert_eq!(
        denied(&found, "mass-delete=5%"),
        "gate `mass-delete=5%` failed: the change would remove 2 of 20 resources of stack `a` (at most 1): `a/T18`, \
         `a/T19`"
    );
    assert_eq!(denied(&found, "mass-delete=2"), "");
    assert_eq!(denied(&found, "mass-delete=10%"), "");
    // Each stack is within the limit, but the total exceeds it.
    let both = diff(&before, &stacks(18, 38));
    let all = denied(&both, "mass-delete=3");
    assert!(all.contains("4 of 60 resources of the platform (at most 3)") && !all.contains("of stack"), "{all}");
    // Removing a stack removes all its resources. A new stack removes none.
    let gone = denied(&diff(&before, &scene(vec![("b", topics(40))], vec![])), "mass-delete=50%");
    assert!(gone.contains("20 of 20 resources of stack `a` (at most 10)") && gone.contains(" and 15 more"), "{gone}");
    assert_eq!(denied(&diff(&scene(vec![], vec![]), &before), "mass-delete=0"), "");
}

#[test]
fn mass_delete_ignores_moved_and_replaced_resources() {
    // Renamed, moved and replaced resources do not count as removed.
    let topic = |name: &str| json!({ "Type": "AWS::SNS::Topic", "Properties": { "TopicName": name } });
    let before = scene(vec![("a", resources(json!({ "A": topic("a"), "B": topic("b") }))), ("b", topics(1))], vec![]);
    let after = scene(
        vec![
            ("a", resources(json!({ "A2": topic("a") }))),
            ("b", resources(json!({ "T0": topic("t0"), "B": topic("b") }))),
        ],
        vec![],
    );
    assert_eq!(denied(&diff(&before, &after), "mass-delete=0"), "");
    let replaced = scene(vec![("a", resources(json!({ "A": topic("x"), "B": topic("b") }))), ("b", topics(1))], vec![]);
    assert_eq!(denied(&diff(&before, &replaced), "mass-delete=0"), "");
    // A resource with a false condition counts as removed.
    let behind = |default: &str| {
        let template = json!({
            "Parameters": { "Wanted": { "Type": "String", "Default": default } },
            "Conditions": { "IsWanted": { "Fn::Equals": [{ "Ref": "Wanted" }, "yes"] } },
            "Resources": { "A": { "Type": "AWS::SNS::Topic", "Condition": "IsWanted" }, "B": topic("b") },
        });
        scene(vec![("a", template)], vec![])
    };
    let found = denied(&diff(&behind("yes"), &behind("no")), "mass-delete=0");
    assert!(found.contains("1 of 2 resources of stack `a` (at most 0)") && found.ends_with(": `A`"), "{found}");
    assert_eq!(denied(&diff(&behind("no"), &behind("yes")), "mass-delete=0"), "");
}

#[test]
fn mass_delete_counts_stopped_workloads() {
    let orders =
        |replicas: usize| workload("Deployment", "orders", json!({ "replicas": replicas, "template": pods("i:1") }));
    let carts = || workload("Deployment", "carts", json!({ "replicas": 1, "template": pods("i:1") }));
    let config = || {
        (
            "30-configuration",
            json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "c", "namespace": "shop" } }),
        )
    };
    let before = scene(vec![], vec![orders(2), carts(), config()]);
    let zero = denied(&diff(&before, &scene(vec![], vec![orders(0), carts(), config()])), "mass-delete=0");
    assert!(zero.contains("1 of 2 workloads of cluster `main` (at most 0)") && !zero.contains("objects"), "{zero}");
    let gone = denied(&diff(&before, &scene(vec![], vec![carts(), config()])), "mass-delete=0");
    assert!(
        gone.contains("1 of 3 objects of cluster `main`") && gone.contains("1 of 2 workloads of cluster `main`"),
        "{gone}"
    );
}

#[test]
fn moved_object_leaves_its_cluster_but_not_the_platform() {
    let orders = || workload("Deployment", "orders", json!({ "template": pods("i:1") }));
    let base = scene(vec![], vec![orders()]).side();
    let mut head = scene(vec![], vec![]).side();
    let mut other = base.manifest.clusters[0].clone();
    other.id = "other".to_owned();
    other.objects[0].path = "k8s/other/40-workloads/0.yaml".to_owned();
    head.add("k8s/other/40-workloads/0.yaml", String::new(), orders().1);
    head.manifest.clusters.push(other);
    let found = denied(&Diff::new(&base, &head).unwrap(), "mass-delete=0");
    assert!(found.contains("1 of 1 objects of cluster `main`") && !found.contains("of the platform"), "{found}");
}

#[test]
fn regions_at_once_counts_changed_regions() {
    let side = |n: [usize; 3]| {
        let mut side = scene(vec![("a", topics(n[0])), ("b", topics(n[1])), ("c", topics(n[2]))], vec![]).side();
        for (stack, region) in side.manifest.stacks.iter_mut().zip(["eu-west-1", "us-east-1", "us-east-1"]) {
            stack.region = region.to_owned();
        }
        side
    };
    let words = |before: [usize; 3], after: [usize; 3]| Diff::new(&side(before), &side(after)).unwrap();
    assert_eq!(denied(&words([1, 1, 1], [1, 2, 2]), "regions-at-once=1"), "");
    let both = words([1, 1, 1], [2, 2, 1]);
    assert_eq!(
        denied(&both, "regions-at-once=1"),
        "gate `regions-at-once=1` failed: the change would affect 2 regions: `eu-west-1` (a), `us-east-1` (b)"
    );
    assert_eq!(denied(&both, "regions-at-once=2"), "");
    assert_eq!(excepted(&both, "regions-at-once=1", "us-*", "2026-12-31").denied, Vec::<String>::new());
}

#[test]
fn reports_only_newly_broken_rules() {
    let finding = |construct: &str| Diagnostic::warning("ACME001", "it has no owner").construct(construct);
    let mut found = diff(&scene(vec![("a", topics(1))], vec![]), &scene(vec![("a", topics(2))], vec![]));
    found.findings.base = Some(vec![finding("a/t0")]);
    found.findings.head = Some(vec![finding("a/t0"), finding("a/t1")]);
    assert_eq!(denied(&found, "ACME001"), "gate `ACME001` failed: new violations in `a/t1`");
    assert_eq!(denied(&found, "ACME002"), "");
    let passed = excepted(&found, "ACME001", "a/*", "2026-11-23");
    assert!(passed.denied.is_empty() && passed.allowed == ["gate `ACME001` allows `a/t1` until 2026-11-23: agreed"]);
    // Without recorded findings of the base, the gate cannot be evaluated and denies nothing.
    found.findings.base = None;
    let told = check(&found, "ACME001");
    assert!(told.denied.is_empty() && told.untold[0].starts_with("gate `ACME001` cannot be evaluated"), "{told:?}");
    assert!(check(&found, "ACME002").untold.is_empty());
}

#[test]
fn exception_applies_to_its_name_until_it_ends() {
    let before = scene(vec![("a", topics(20))], vec![]);
    let found = diff(&before, &scene(vec![("a", topics(10))], vec![]));
    let passed = excepted(&found, "mass-delete=5%", "T1*", "2026-12-31");
    assert!(passed.denied.is_empty() && passed.used == [0], "{passed:?}");
    // Nine removals remain, but the limit is one.
    let part = excepted(&found, "mass-delete=5%", "T18", "2026-12-31");
    assert!(part.denied[0].contains("9 of 20") && part.used == [0], "{part:?}");
    let ended = excepted(&found, "mass-delete=5%", "T1*", "2026-11-22");
    assert!(ended.denied[0].ends_with("(an exception expired on 2026-11-22: meshsynth.toml:9:1)"), "{ended:?}");
    let other = excepted(&found, "mass-delete=5%", "U*", "2026-12-31");
    assert!(!other.denied.is_empty() && other.used.is_empty(), "{other:?}");
}

#[test]
fn gates_accept_an_unchanged_platform() {
    let same =
        || scene(vec![("a", topics(2))], vec![workload("Deployment", "orders", json!({ "template": pods("i:1") }))]);
    let found = diff(&same(), &same());
    for gate in ["interruption", "mass-delete=0", "regions-at-once=1", "unprotected", "MS0421"] {
        assert_eq!(denied(&found, gate), "", "{gate}");
    }
}
