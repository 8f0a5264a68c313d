//! Protection of stored data: backups, deletion protection and retention.

use meshsynth_assembly::{Cluster, Stack};
use meshsynth_facts::{self as facts, ResourceFacts, resources::Retained};
use serde_json::Value;

use crate::backup_plan;
use crate::change::{Change, Section};
use crate::fate::{Fate, Remains};
use crate::lack::Lack;
use crate::resource::{is_stateful, type_of};
use crate::side::{Pair, Side};
use crate::verdict::{self, holds_data};

/// The property value that enables backups.
enum Backup {
    /// Any number above 0. `unset`: whether backups are enabled if the property is missing.
    Days { unset: bool },
    /// This value.
    Is(&'static str),
    /// The value true.
    Enabled,
}

/// Returns the properties that enable backups, and their values.
///
/// The result is empty for types that always have backups, such as OpenSearch Service, and for types that never have
/// them, such as MSK.
fn backups(facts: &ResourceFacts) -> Vec<(&'static str, Backup)> {
    let is_backup = |of: Retained| matches!(of, Retained::Backups | Retained::Snapshots);
    let retained = facts.retention.iter().filter(|row| is_backup(row.of));
    let days = retained.map(|row| (row.property, Backup::Days { unset: row.unset != Some(0) }));
    let switch = |row: &facts::resources::Backup| (row.property, row.on.map_or(Backup::Enabled, Backup::Is));
    days.chain(facts.backup.iter().map(switch)).collect()
}

/// The properties that enable deletion protection, in the types that support it.
const PROTECTIONS: [&str; 3] = ["DeletionProtection", "DeletionProtectionEnabled", "TerminationProtectionEnabled"];

/// Adds to each change of a store the protections that the store loses.
pub fn mark(pair: &Pair, changes: &mut [Change]) {
    for change in changes.iter_mut().filter(|change| !change.gone) {
        change.lacks = match &change.section {
            Section::Stack(_) if !change.id.is_empty() => of_resource(pair, change),
            Section::Namespace(cluster, _) if STORES.contains(&change.kind.as_str()) => {
                of_object(pair, cluster, change)
            }
            _ => Vec::new(),
        };
    }
}

/// Returns the stack and the template entry of a resource.
fn resource<'a>(side: &'a Side, stack: Option<&'a Stack>, id: &str) -> Option<(&'a Stack, &'a Value)> {
    let stack = stack?;
    Some((stack, side.template(stack)["Resources"].get(id)?))
}

fn of_resource(pair: &Pair, change: &Change) -> Vec<Lack> {
    let Section::Stack(stack) = &change.section else { return Vec::new() };
    let Some((new_stack, after)) = resource(pair.head, pair.head.stack(stack), &change.id) else { return Vec::new() };
    let old = match &change.was {
        Some(was) => {
            let stack = pair.base.manifest.stacks.iter().find(|stack| stack.name == was.from.0);
            resource(pair.base, stack, &was.from.1)
        }
        None => resource(pair.base, pair.base.stack(stack), &change.id),
    };
    let before = old.map(|(stack, before)| lacks(pair.base, stack, change_id(change), before)).unwrap_or_default();
    let mut lacks = lacks(pair.head, new_stack, &change.id, after);
    lacks.retain(|lack| !before.contains(lack));
    lacks
}

/// Returns the logical ID on the old side.
fn change_id(change: &Change) -> &str {
    change.was.as_ref().map_or(&change.id, |was| &was.from.1)
}

/// Returns the missing protections of a resource. The result is empty if the resource stores no data itself.
fn lacks(side: &Side, stack: &Stack, id: &str, resource: &Value) -> Vec<Lack> {
    let (type_name, properties) = (type_of(resource), &resource["Properties"]);
    if !(is_stateful(stack, id) || holds_data(type_name)) || is_of_another(type_name, properties) {
        return Vec::new();
    }
    let mut lacks = Vec::new();
    if !has_backup(type_name, properties) && !backup_plan::covers(side, stack, id, resource) {
        lacks.push(Lack::Backup);
    }
    if !has_protection(type_name, properties) {
        lacks.push(Lack::DeletionProtection);
    }
    if let [Fate::Removed(Remains::Nothing)] = verdict::deletion(type_name, true, resource).data[..] {
        lacks.push(Lack::Retention);
    }
    lacks
}

/// Whether another resource stores the data, or the data can be created again. Examples are a cluster instance, a
/// replica, and a cache node without a copy on disk.
fn is_of_another(type_name: &str, properties: &Value) -> bool {
    let facts = facts::resource(type_name);
    let names = facts.member.iter().chain(&facts.replica);
    match type_name {
        _ if names.into_iter().any(|name| !properties[name].is_null()) => true,
        "AWS::ElastiCache::CacheCluster" | "AWS::ElastiCache::ServerlessCache" => properties["Engine"] == "memcached",
        _ => false,
    }
}

fn has_backup(type_name: &str, properties: &Value) -> bool {
    backups(facts::resource(type_name)).iter().all(|(path, means)| {
        let (parent, field) = path.rsplit_once('.').unwrap_or(("", path));
        let parents = at(properties, parent);
        // A file system has the configuration of one file system type only.
        if parents.is_empty() && type_name == "AWS::FSx::FileSystem" {
            return true;
        }
        let is_on = |parent: &&Value| match (means, &parent[field]) {
            // A value that is known only at deployment counts as set.
            (_, Value::Object(_)) => true,
            (Backup::Days { unset }, Value::Null) => *unset,
            (Backup::Days { .. }, value) => *value != 0 && value != "0",
            (Backup::Is(word), value) => value == word,
            (Backup::Enabled, value) => *value == true || value == "true",
        };
        match (parents.as_slice(), means) {
            ([], Backup::Days { unset }) => *unset,
            ([], _) => false,
            (parents, _) => parents.iter().all(is_on),
        }
    })
}

fn has_protection(type_name: &str, properties: &Value) -> bool {
    let is_on = |value: &Value| *value == true || value == "true" || value == "ACTIVE" || value.is_object();
    if type_name == "AWS::DynamoDB::GlobalTable" {
        return at(properties, "Replicas.*").iter().all(|replica| is_on(&replica["DeletionProtectionEnabled"]));
    }
    // The data of a log group is a by-product, and its retention setting already limits it.
    let Some(facts) = facts::cloudformation(type_name).filter(|_| type_name != "AWS::Logs::LogGroup") else {
        return true;
    };
    let Some(property) = PROTECTIONS.iter().find(|property| facts.has_attribute(property)) else { return true };
    match &properties[property] {
        Value::Null => facts::resource(type_name).is_protected,
        value => is_on(value),
    }
}

/// Returns the values at a path. `*` selects every item of a list.
fn at<'a>(value: &'a Value, path: &str) -> Vec<&'a Value> {
    let mut found = vec![value];
    for part in path.split('.').filter(|part| !part.is_empty()) {
        found = found
            .into_iter()
            .flat_map(|value| match (part, value) {
                ("*", Value::Array(items)) => items.iter().collect(),
                (part, value) => value.get(part).into_iter().collect::<Vec<_>>(),
            })
            .collect();
    }
    found
}

/// Kinds that store data in a cluster.
const STORES: [&str; 3] = ["PersistentVolume", "PersistentVolumeClaim", "StatefulSet"];

fn of_object(pair: &Pair, cluster: &str, change: &Change) -> Vec<Lack> {
    let lacks = |side: &Side| {
        let cluster = side.manifest.clusters.iter().find(|it| it.id == cluster)?;
        let document = object(side, cluster, change)?;
        Some(is_deleted_with_its_object(side, cluster, document))
    };
    match (lacks(pair.base), lacks(pair.head)) {
        (None | Some(false), Some(true)) => vec![Lack::Retention],
        _ => Vec::new(),
    }
}

/// Returns the object of a change.
fn object<'a>(side: &'a Side, cluster: &Cluster, change: &Change) -> Option<&'a Value> {
    let Section::Namespace(_, namespace) = &change.section else { return None };
    let is_it = |document: &&Value| {
        let metadata = &document["metadata"];
        document["kind"] == change.kind.as_str()
            && metadata["name"] == change.name.as_str()
            && metadata["namespace"].as_str().unwrap_or_default() == namespace
    };
    let holds = |path: &str| side.text(path).contains(change.name.as_str());
    let paths = cluster.objects.iter().map(|object| object.path.as_str()).filter(|path| holds(path));
    paths.map(|path| side.document(path)).find(is_it)
}

/// Whether the volume is deleted with the object that claims it.
///
/// Source: <https://kubernetes.io/docs/concepts/storage/persistent-volumes/#reclaiming>,
/// <https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#persistentvolumeclaim-retention>.
fn is_deleted_with_its_object(side: &Side, cluster: &Cluster, document: &Value) -> bool {
    let spec = &document["spec"];
    match document["kind"].as_str().unwrap_or_default() {
        "PersistentVolume" => spec["persistentVolumeReclaimPolicy"] == "Delete",
        "StatefulSet" => {
            let policy = &spec["persistentVolumeClaimRetentionPolicy"];
            !spec["volumeClaimTemplates"].is_null()
                && (policy["whenDeleted"] == "Delete" || policy["whenScaled"] == "Delete")
        }
        // A claim for an existing volume has the reclaim policy of that volume. Any other claim has the policy of its
        // class, which is `Delete` by default.
        "PersistentVolumeClaim" if spec["volumeName"].is_string() => false,
        "PersistentVolumeClaim" => {
            let name = &spec["storageClassName"];
            let classes = cluster.objects.iter().filter(|object| side.text(&object.path).contains("StorageClass"));
            let mut classes =
                classes.map(|object| side.document(&object.path)).filter(|it| it["kind"] == "StorageClass");
            classes.all(|class| class["metadata"]["name"] != *name || class["reclaimPolicy"] != "Retain")
        }
        _ => false,
    }
}
