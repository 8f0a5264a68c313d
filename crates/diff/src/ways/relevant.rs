//! Detection of changes in engine input. Other changes require no questions.
//!
//! The lists contain only kinds and properties that cannot affect a path. Everything else counts as engine input.

use std::borrow::Cow;
use std::collections::BTreeSet;

use meshsynth_assembly::Object;
use meshsynth_reach::world::UNASKED;
use serde_json::{Value, json};

use crate::side::{Pair, Side};

/// AWS services whose resources are not part of a path.
const SERVICES: [&str; 8] = [
    "AWS::ApplicationAutoScaling::",
    "AWS::Backup::",
    "AWS::Budgets::",
    "AWS::CloudWatch::",
    "AWS::Logs::",
    "AWS::ResourceGroups::",
    "AWS::Synthetics::",
    "AWS::XRay::",
];

/// Properties for sizes, versions, schedules and descriptions. Tags are engine input, because policy conditions refer
/// to them.
const PROPERTIES: [&str; 31] = [
    "AllocatedStorage",
    "AutoMinorVersionUpgrade",
    "BackupRetentionPeriod",
    "CacheNodeType",
    "DBInstanceClass",
    "DeletionProtection",
    "DeletionProtectionEnabled",
    "Description",
    "EngineVersion",
    "ImageScanningConfiguration",
    "InstanceTypes",
    "Iops",
    "LifecycleConfiguration",
    "LifecyclePolicy",
    "MaxAllocatedStorage",
    "MonitoringInterval",
    "MultiAZ",
    "NumCacheClusters",
    "NumNodeGroups",
    "PendingWindowInDays",
    "PerformanceInsightsRetentionPeriod",
    "PreferredBackupWindow",
    "PreferredMaintenanceWindow",
    "ReplicasPerNodeGroup",
    "RetentionPeriodHours",
    "ScalingConfig",
    "ServerlessV2ScalingConfiguration",
    "SnapshotRetentionLimit",
    "SnapshotWindow",
    "StorageThroughput",
    "VersioningConfiguration",
];

/// Whether the engine uses objects of this kind.
pub fn is_read(side: &Side, object: &Object) -> bool {
    if !object.kind.is_empty() {
        return !UNASKED.contains(&object.kind.as_str());
    }
    // An older assembly does not list the kind, so texts are searched before a document is parsed.
    let text = side.text(&object.path);
    let kind = text.lines().find_map(|line| line.strip_prefix("kind:"));
    kind.is_none_or(|kind| !UNASKED.contains(&kind.trim().trim_matches('"')))
}

/// Whether the sides differ in engine input.
pub fn differs(pair: &Pair) -> bool {
    resources(pair) || objects(pair) || releases(pair) || bindings(pair)
}

fn resources(pair: &Pair) -> bool {
    let [base, head] = [pair.base, pair.head];
    let changed = pair.stacks(base).chain(pair.stacks(head)).map(|stack| stack.id.as_str());
    changed.collect::<BTreeSet<_>>().into_iter().any(|id| {
        let sides = [(base, base.stack(id)), (head, head.stack(id))];
        let [Some(old), Some(new)] = sides.map(|(side, stack)| stack.map(|stack| side.template(stack))) else {
            return true;
        };
        if sides[0].1.map(|it| (&it.account, &it.region)) != sides[1].1.map(|it| (&it.account, &it.region)) {
            return true;
        }
        let names = |template: &'_ Value| -> BTreeSet<String> {
            template["Resources"].as_object().into_iter().flatten().map(|(id, _)| id.clone()).collect()
        };
        let all: BTreeSet<String> = names(old).union(&names(new)).cloned().collect();
        let is_other = |id: &String| !is_same_resource(&old["Resources"][id], &new["Resources"][id]);
        let is_part_other = |key: &&str| old.get(*key) != new.get(*key);
        // A new output affects only stacks that import it, and these stacks have changed as well.
        let outputs = old["Outputs"].as_object().into_iter().flatten();
        let is_output_other = |(id, value): (&String, &Value)| {
            new["Outputs"].get(id).is_some_and(|other| other["Value"] != value["Value"])
        };
        all.iter().any(is_other)
            || ["Parameters", "Mappings", "Conditions"].iter().any(is_part_other)
            || outputs.into_iter().any(is_output_other)
    })
}

/// Whether two resources are equal for the engine.
pub fn is_same_resource(a: &Value, b: &Value) -> bool {
    if a == b {
        return true;
    }
    let type_name = a["Type"].as_str().or_else(|| b["Type"].as_str()).unwrap_or_default();
    if SERVICES.iter().any(|service| type_name.starts_with(service)) {
        return true;
    }
    a["Type"] == b["Type"] && a["Condition"] == b["Condition"] && is_same(&a["Properties"], &b["Properties"])
}

/// Whether the properties of two resources of one type are equal for the engine.
pub fn is_same(a: &Value, b: &Value) -> bool {
    let (Value::Object(a), Value::Object(b)) = (a, b) else { return a == b };
    let is_kept = |key: &&String| !PROPERTIES.contains(&key.as_str());
    let keys: BTreeSet<&String> = a.keys().chain(b.keys()).filter(is_kept).collect();
    keys.into_iter().all(|key| a.get(key) == b.get(key))
}

fn objects(pair: &Pair) -> bool {
    let old = named(pair, pair.base);
    let new = named(pair, pair.head);
    old.len() != new.len() || old.iter().zip(&new).any(|(a, b)| a != b)
}

/// Returns the engine input of a side's changed objects, sorted by cluster and name.
fn named<'a>(pair: &Pair<'a>, side: &'a Side) -> Vec<(String, String, String, Cow<'a, Value>)> {
    let clusters = side.manifest.clusters.iter();
    let objects = clusters.flat_map(|cluster| cluster.objects.iter().map(move |it| (cluster, it)));
    let changed = objects.filter(|(_, it)| !pair.is_same(&it.path) && is_read(side, it));
    let mut found: Vec<_> = changed
        .map(|(cluster, it)| {
            let document = side.document(&it.path);
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            let metadata = &document["metadata"];
            let name =
                format!("{} {}/{}", text(&document["kind"]), text(&metadata["namespace"]), text(&metadata["name"]));
            (cluster.id.clone(), name, text(&document["apiVersion"]), outline(document))
        })
        .collect();
    found.sort_by(|a, b| (&a.0, &a.1, &a.2).cmp(&(&b.0, &b.1, &b.2)));
    found
}

/// Returns the engine input of an object. For objects that create pods, it consists of labels, account and ports.
pub fn outline(document: &Value) -> Cow<'_, Value> {
    let spec = &document["spec"];
    if document["kind"] == "DestinationRule" && !has_key(spec, "tls") {
        // Load balancing and retries do not open or close a path.
        return Cow::Owned(Value::Null);
    }
    let pods = [&spec["template"], &spec["jobTemplate"]["spec"]["template"]];
    let Some(pods) = pods.into_iter().find(|it| it["spec"]["containers"].is_array()) else {
        return Cow::Borrowed(document);
    };
    let pod = &pods["spec"];
    let ports = |list: &str| -> Vec<Value> {
        pod[list].as_array().into_iter().flatten().map(|container| container["ports"].clone()).collect()
    };
    Cow::Owned(json!({
        "kind": document["kind"], "metadata": document["metadata"], "labels": pods["metadata"]["labels"],
        "annotations": notes(&pods["metadata"]["annotations"]), "hostNetwork": pod["hostNetwork"],
        "account": [&pod["serviceAccountName"], &pod["serviceAccount"]], "ports": ports("containers"),
        "first": ports("initContainers"), "ref": spec["workloadRef"],
    }))
}

fn has_key(value: &Value, key: &str) -> bool {
    match value {
        Value::Object(map) => map.contains_key(key) || map.values().any(|it| has_key(it, key)),
        Value::Array(items) => items.iter().any(|it| has_key(it, key)),
        _ => false,
    }
}

/// Returns annotations without the digests that restart pods.
fn notes(annotations: &Value) -> Value {
    let is_kept = |key: &String| !key.starts_with("checksum/") && !key.starts_with("kubectl.kubernetes.io/");
    let all = annotations.as_object().into_iter().flatten().filter(|(key, _)| is_kept(key));
    Value::Object(all.map(|(key, value)| (key.clone(), value.clone())).collect())
}

fn releases(pair: &Pair) -> bool {
    let rows = |side: &Side| -> BTreeSet<(String, String, String, String, bool)> {
        let clusters = side.manifest.clusters.iter();
        let releases = clusters.flat_map(|cluster| cluster.releases.iter().map(move |it| (cluster, it)));
        let row = |(cluster, it): (&meshsynth_assembly::Cluster, &meshsynth_assembly::Release)| {
            let is_same = pair.is_same(&it.values);
            (cluster.id.clone(), it.name.clone(), it.chart.clone(), it.namespace.clone(), is_same)
        };
        releases.map(row).collect()
    };
    let (old, new) = (rows(pair.base), rows(pair.head));
    old != new || old.iter().any(|it| !it.4)
}

/// Whether the value of a placeholder changes. A new placeholder appears in a changed manifest.
fn bindings(pair: &Pair) -> bool {
    let (old, new) = (&pair.base.bindings, &pair.head.bindings);
    let rows = old.as_object().into_iter().flatten();
    rows.into_iter().any(|(name, row)| new.get(name).is_some_and(|it| it != row))
}
