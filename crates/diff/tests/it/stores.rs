//! Stores with new IDs, the order of stacks, and Helm releases: their reports and gates.

use meshsynth_diff::day::Day;
use meshsynth_diff::fate::{self, Fate, Remains};
use meshsynth_diff::gates;
use meshsynth_diff::gates::{Gate, Policy};
use meshsynth_diff::side::Side;
use meshsynth_diff::{Change, Diff, Lack, Verdict};
use meshsynth_facts as facts;
use serde_json::{Value, json};

use crate::scene::{Scene, diff, hazards, only, scene};

fn is_denied(diff: &Diff) -> bool {
    !gates::check(diff, &[Gate::DataLoss], &Policy::default(), Day::from_unix(0)).denied.is_empty()
}

fn store(id: &str, type_name: &str, policy: Option<&str>, size: u32) -> Scene {
    let mut store = json!({ "Type": type_name, "Properties": { "AllocatedStorage": size, "KeySchema": size } });
    if let Some(policy) = policy {
        store["DeletionPolicy"] = json!(policy);
    }
    scene(vec![("data", json!({ "Resources": { id: store } }))], vec![])
}

#[test]
fn store_with_a_new_id_is_always_denied() {
    let nothing = scene(vec![("data", json!({ "Resources": {} }))], vec![]);
    for type_name in ["AWS::RDS::DBInstance", "AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::EFS::FileSystem"] {
        for policy in [None, Some("Delete"), Some("Retain"), Some("RetainExceptOnCreate"), Some("Snapshot")] {
            let (old, new) = (store("Old", type_name, policy, 1), store("New", type_name, policy, 2));
            let found = diff(&old, &new);
            assert!(is_denied(&found), "{type_name} {policy:?}: {found:#?}");
            let gone = found.changes.iter().find(|change| change.id == "Old").unwrap();
            let data = fate::words(&gone.data);
            assert!(data.starts_with("`New` may replace it, and starts empty; the old one: "), "{data}");
            assert!(!is_denied(&diff(&nothing, &new)), "{type_name}: a store that is new loses nothing");
            // Without a successor, the result depends on whether the store remains.
            let found = diff(&old, &nothing);
            let stays = policy.is_some_and(|it| it != "Delete") || (policy.is_none() && type_name.contains("RDS"));
            assert_eq!(is_denied(&found), !stays, "{type_name} {policy:?}");
            assert_eq!(only(&found).verdict == Verdict::DataLoss, !stays, "{type_name} {policy:?}");
        }
    }
}

#[test]
fn each_store_has_one_nearest_successor() {
    let table = |n: u32| json!({ "Type": "AWS::DynamoDB::Table", "DeletionPolicy": "Retain", "Properties": { "KeySchema": n } });
    let before = scene(
        vec![("a", json!({ "Resources": { "A": table(1), "B": table(2) } })), ("b", json!({ "Resources": {} }))],
        vec![],
    );
    let after = scene(
        vec![("a", json!({ "Resources": { "Z": table(3) } })), ("b", json!({ "Resources": { "Y": table(4) } }))],
        vec![],
    );
    let found = diff(&before, &after);
    let data = |id: &str| found.changes.iter().find(|change| change.id == id).unwrap().data.clone();
    let by = |name: &str| vec![Fate::Succeeded { by: name.to_owned(), old: Remains::Store }];
    assert_eq!((data("A"), data("B")), (by("Z"), by("Y")));
    let queue = json!({ "Resources": { "Q": { "Type": "AWS::SQS::Queue", "Properties": { "DelaySeconds": 1 } } } });
    let found = diff(&before, &scene(vec![("a", queue), ("b", json!({ "Resources": {} }))], vec![]));
    let is_kept = |change: &Change| change.data.iter().all(|fate| *fate == Fate::Removed(Remains::Store));
    assert!(found.changes.iter().all(is_kept));
}

#[test]
fn reports_changed_stack_order() {
    let with = |needs: Vec<(&'static str, Vec<&'static str>)>| {
        let stacks = ["a", "b", "c"].map(|id| (id, json!({ "Resources": {} }))).to_vec();
        Scene { needs, ..scene(stacks, vec![]) }
    };
    let before = with(vec![("b", vec!["a"]), ("c", vec!["a", "b"])]);
    assert!(diff(&before, &with(vec![("b", vec!["a"]), ("c", vec!["a", "b"])])).is_empty());
    let found = diff(&before, &with(vec![("b", vec!["c"]), ("c", vec!["a"])]));
    let rows: Vec<String> = found
        .changes
        .iter()
        .map(|change| {
            format!(
                "{:?} {}: {}",
                change.section,
                change.name,
                change.reasons.iter().map(|it| it.text.as_str()).collect::<Vec<_>>().join("; ")
            )
        })
        .collect();
    assert_eq!(
        rows,
        [
            "Stack(\"b\") Order: it is now deployed after `c`; it is no longer deployed after `a`",
            "Stack(\"c\") Order: it is no longer deployed after `b`"
        ]
    );
}

fn release(name: &str, namespace: &str, chart: &str, version: &str, values: Value) -> (Value, Value) {
    let path = format!("helm/main/{namespace}.{name}.values.yaml");
    let row = json!({ "name": name, "namespace": namespace, "chart": chart, "version": version, "values": path });
    (row, values)
}

fn releases(rows: Vec<(Value, Value)>) -> Scene {
    Scene { releases: rows, ..scene(vec![], vec![]) }
}

#[test]
fn charts_must_not_skip_or_lower_versions() {
    let of = |chart: &str, version: &str| releases(vec![release("it", "mesh", chart, version, json!({}))]);
    let step = |chart: &str, old: &str, new: &str| hazards(&diff(&of(chart, old), &of(chart, new)));
    assert_eq!(step("istiod", "1.26.1", "1.28.0"), "");
    assert!(step("istiod", "1.25.3", "1.28.0").contains("release `it` is upgraded from Istio 1.25 to 1.28"));
    assert!(step("istio/gateway", "v1.25.3", "v1.28.0").contains("from Istio 1.25 to 1.28"));
    assert!(step("istiod", "1.28.0", "1.27.4").contains("release `it` is downgraded from 1.28 to 1.27"));
    assert_eq!(step("istiod", "1.28.3", "1.28.1"), "", "a patch goes both ways");
    assert_eq!(step("keda", "2.10.0", "2.19.0"), "", "other charts may skip");
    assert!(step("keda", "2.19.0", "2.10.0").contains("is downgraded from 2.19 to 2.10"));
    assert_eq!(step("keda", "2.19.0", "latest"), "");
}

#[test]
fn releases_in_two_namespaces_are_separate() {
    let one = |n: u32| release("redis", "a", "redis", "1.0.0", json!({ "replicas": n }));
    let two = |n: u32| release("redis", "b", "redis", "1.0.0", json!({ "replicas": n }));
    assert!(diff(&releases(vec![one(1), two(2)]), &releases(vec![two(2), one(1)])).is_empty());
    let found = diff(&releases(vec![one(1), two(2)]), &releases(vec![one(3), two(2)]));
    assert_eq!(only(&found).verdict, Verdict::Upgrade);
    let found = diff(&releases(vec![one(1)]), &releases(vec![two(1)]));
    assert_eq!(only(&found).verdict, Verdict::KubernetesImmutable, "Helm moves no release");
    let found = diff(&releases(vec![one(1), two(2)]), &releases(vec![one(1)]));
    assert_eq!(only(&found).verdict, Verdict::DeleteRetained);
    assert!(only(&found).reasons[0].text.contains("helm uninstall redis --namespace b"));
}

#[test]
fn compares_other_files_as_text() {
    let side = |files: &[(&str, &str)]| {
        let mut side = scene(vec![], vec![]).side();
        files.iter().for_each(|(path, text)| side.add_text(path, (*text).to_owned()));
        side
    };
    let script = "#!/bin/sh\ncheck() { echo \"$1: [\"; }\ncheck a\n";
    let longer = "#!/bin/sh\ncheck() { echo \"$1: [\"; }\ncheck b\ncheck c\n";
    let found = Diff::new(&Side::empty(String::new(), "shop"), &side(&[("smoke/main.sh", script)])).unwrap();
    assert_eq!((only(&found).verdict, only(&found).name.as_str()), (Verdict::Create, "smoke/main.sh"));
    let found = Diff::new(&side(&[("smoke/main.sh", script)]), &side(&[("smoke/main.sh", longer)])).unwrap();
    let [edit] = only(&found).edits.as_slice() else { panic!("{found:#?}") };
    assert_eq!(
        (edit.path.as_str(), &edit.before, &edit.after),
        ("line 3", &Some(json!("check a")), &Some(json!("check b\ncheck c")))
    );
    assert!(!is_denied(&found));
    let found = Diff::new(&side(&[("smoke/main.sh", script)]), &side(&[])).unwrap();
    assert_eq!(only(&found).verdict, Verdict::Delete);
}

#[test]
fn the_deletion_of_each_store_is_data_loss() {
    let nothing = scene(vec![("data", json!({ "Resources": {} }))], vec![]);
    let stores: Vec<&str> = facts::resources().filter(|row| row.holds_data()).map(|row| row.type_name).collect();
    assert!(stores.len() > 110 && stores.contains(&"AWS::Timestream::InfluxDBInstance"), "{}", stores.len());
    for type_name in stores {
        let found = diff(&store("Old", type_name, Some("Delete"), 1), &nothing);
        assert_eq!(only(&found).verdict, Verdict::DataLoss, "{type_name}");
    }
}

#[test]
fn cluster_instances_store_no_data() {
    let nothing = scene(vec![("data", json!({ "Resources": {} }))], vec![]);
    for type_name in ["AWS::RDS::DBInstance", "AWS::DocDB::DBInstance", "AWS::Neptune::DBInstance"] {
        let instance = |properties: Value| {
            let instance = json!({ "Type": type_name, "DeletionPolicy": "Delete", "Properties": properties });
            scene(vec![("data", json!({ "Resources": { "Reader": instance } }))], vec![])
        };
        let member = instance(json!({ "DBClusterIdentifier": "orders", "AvailabilityZone": "eu-west-1a" }));
        assert_eq!(only(&diff(&member, &nothing)).verdict, Verdict::Delete, "{type_name}");
        let moved = instance(json!({ "DBClusterIdentifier": "orders", "AvailabilityZone": "eu-west-1b" }));
        assert!(only(&diff(&member, &moved)).data.is_empty(), "{type_name}");
    }
}

#[test]
fn backups_of_each_kind_of_file_system_are_read() {
    let with = |days: u32| {
        let properties =
            json!({ "FileSystemType": "ONTAP", "OntapConfiguration": { "AutomaticBackupRetentionDays": days } });
        let files = json!({ "Type": "AWS::FSx::FileSystem", "DeletionPolicy": "Retain", "Properties": properties });
        scene(vec![("data", json!({ "Resources": { "Files": files } }))], vec![])
    };
    let found = diff(&with(7), &with(0));
    assert!(only(&found).lacks.contains(&Lack::Backup), "{:?}", only(&found).lacks);
    assert!(only(&diff(&with(7), &with(8))).lacks.is_empty());
}
