//! What would keep the data of a store: backups, deletion protection, and what is retained when it goes.

use meshsynth::facts;
use meshsynth_assembly::{Cluster, Stack};
use serde_json::Value;

use crate::backup_plan;
use crate::change::{Change, Section};
use crate::fate::{Fate, Remains};
use crate::lack::Lack;
use crate::resource::{is_stateful, type_of};
use crate::side::{Pair, Side};
use crate::verdict::{self, holds_data};

/// When a property says that backups are made.
enum Backup {
    /// Where it is more than 0; the flag says whether it is where nobody sets it.
    Days { unset: bool },
    /// Where it is this.
    Is(&'static str),
    /// Where it is true.
    Enabled,
}

/// Type, property (with `*` for what lies in a list), and when it means that there are backups.
///
/// What makes backups whatever is written, such as OpenSearch Service, has no row; nor has what makes none, such as MSK.
const BACKUPS: [(&str, &str, Backup); 17] = [
    // https://docs.aws.amazon.com/keyspaces/latest/devguide/PointInTimeRecovery.html
    ("AWS::Cassandra::Table", "PointInTimeRecoveryEnabled", Backup::Enabled),
    // https://docs.aws.amazon.com/documentdb/latest/developerguide/backup_restore.html
    ("AWS::DocDB::DBCluster", "BackupRetentionPeriod", Backup::Days { unset: true }),
    ("AWS::DocDBElastic::Cluster", "BackupRetentionPeriod", Backup::Days { unset: true }),
    // https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/PointInTimeRecovery_Howitworks.html
    (
        "AWS::DynamoDB::GlobalTable",
        "Replicas.*.PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled",
        Backup::Enabled,
    ),
    ("AWS::DynamoDB::Table", "PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled", Backup::Enabled),
    // https://docs.aws.amazon.com/efs/latest/ug/awsbackup.html
    ("AWS::EFS::FileSystem", "BackupPolicy.Status", Backup::Is("ENABLED")),
    // https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/backups-automatic.html
    ("AWS::ElastiCache::CacheCluster", "SnapshotRetentionLimit", Backup::Days { unset: false }),
    ("AWS::ElastiCache::ReplicationGroup", "SnapshotRetentionLimit", Backup::Days { unset: false }),
    ("AWS::ElastiCache::ServerlessCache", "SnapshotRetentionLimit", Backup::Days { unset: false }),
    // https://docs.aws.amazon.com/fsx/latest/LustreGuide/using-backups-fsx.html
    ("AWS::FSx::FileSystem", "LustreConfiguration.AutomaticBackupRetentionDays", Backup::Days { unset: false }),
    ("AWS::FSx::FileSystem", "WindowsConfiguration.AutomaticBackupRetentionDays", Backup::Days { unset: true }),
    // https://docs.aws.amazon.com/memorydb/latest/devguide/snapshots-automatic.html
    ("AWS::MemoryDB::Cluster", "SnapshotRetentionLimit", Backup::Days { unset: false }),
    // https://docs.aws.amazon.com/neptune/latest/userguide/backup-restore-overview.html
    ("AWS::Neptune::DBCluster", "BackupRetentionPeriod", Backup::Days { unset: true }),
    // https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_WorkingWithAutomatedBackups.BackupRetention.html
    ("AWS::RDS::DBCluster", "BackupRetentionPeriod", Backup::Days { unset: true }),
    ("AWS::RDS::DBInstance", "BackupRetentionPeriod", Backup::Days { unset: true }),
    // https://docs.aws.amazon.com/redshift/latest/mgmt/managing-snapshots-console.html
    ("AWS::Redshift::Cluster", "AutomatedSnapshotRetentionPeriod", Backup::Days { unset: true }),
    // https://docs.aws.amazon.com/AmazonS3/latest/userguide/Versioning.html
    ("AWS::S3::Bucket", "VersioningConfiguration.Status", Backup::Is("Enabled")),
];

/// The properties that protect from deletion, in the types that have them.
const PROTECTIONS: [&str; 3] = ["DeletionProtection", "DeletionProtectionEnabled", "TerminationProtectionEnabled"];

/// Types that are protected where nobody says otherwise.
///
/// Source: <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/query-event-data-store.html>,
/// <https://docs.aws.amazon.com/neptune-analytics/latest/apiref/API_CreateGraph.html>,
/// <https://docs.aws.amazon.com/qldb/latest/developerguide/ledger-management.basics.html>.
const PROTECTED: [&str; 3] = ["AWS::CloudTrail::EventDataStore", "AWS::NeptuneGraph::Graph", "AWS::QLDB::Ledger"];

/// Says of each change of a store what it lacks afterwards and did not lack before.
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

/// A resource on a side: its stack and what the template says.
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

/// The logical id on the old side.
fn change_id(change: &Change) -> &str {
    change.was.as_ref().map_or(&change.id, |was| &was.from.1)
}

/// What a resource lacks; nothing where it holds no data of its own.
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

/// Whether the data is kept by another resource, or can be made again: an instance of a cluster, a copy of a source, nodes
/// without a copy on disk.
fn is_of_another(type_name: &str, properties: &Value) -> bool {
    match type_name {
        "AWS::DocDB::DBInstance" | "AWS::Neptune::DBInstance" => true,
        "AWS::RDS::DBInstance" => {
            let names = ["DBClusterIdentifier", "SourceDBClusterIdentifier", "SourceDBInstanceIdentifier"];
            names.iter().any(|name| !properties[name].is_null())
        }
        "AWS::ElastiCache::ReplicationGroup" => !properties["GlobalReplicationGroupId"].is_null(),
        "AWS::ElastiCache::CacheCluster" | "AWS::ElastiCache::ServerlessCache" => properties["Engine"] == "memcached",
        _ => false,
    }
}

fn has_backup(type_name: &str, properties: &Value) -> bool {
    let rows = BACKUPS.iter().filter(|(of, ..)| *of == type_name);
    rows.clone().all(|(_, path, means)| {
        let (parent, field) = path.rsplit_once('.').unwrap_or(("", path));
        let parents = at(properties, parent);
        // A file system has the configuration of its own kind.
        if parents.is_empty() && type_name == "AWS::FSx::FileSystem" {
            return true;
        }
        let is_on = |parent: &&Value| match (means, &parent[field]) {
            // What only a deployment knows is taken for set.
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
    // A log group is written beside what it tells of; its retention says how long it is wanted.
    let Some(facts) = facts::cloudformation(type_name).filter(|_| type_name != "AWS::Logs::LogGroup") else {
        return true;
    };
    let Some(property) = PROTECTIONS.iter().find(|property| facts.has_attribute(property)) else { return true };
    match &properties[property] {
        Value::Null => PROTECTED.contains(&type_name),
        value => is_on(value),
    }
}

/// The values at a path; `*` stands for every item of a list.
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

/// Kinds that hold data in a cluster.
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

/// The object that a change is about.
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

/// Whether the volume goes with the object that asks for it.
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
        // A claim on a volume that is there has the policy of that volume; any other that of its class, which is to delete
        // unless the class says otherwise.
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
