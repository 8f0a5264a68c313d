//! Built-in Kubernetes records inside custom resources.
//!
//! A custom resource repeats the complete schema of a `PodTemplateSpec`. If
//! its schema matches one of the records below, the type is that record.

use std::collections::BTreeMap;

use serde_json::Value;

use super::facts::{Module, is_required, properties};

/// The searched records, with more specific ones first.
const RECORDS: [&str; 33] = [
    "autoscaling.HorizontalPodAutoscalerBehavior",
    "batch.JobTemplateSpec",
    "batch.JobSpec",
    "core.PodTemplateSpec",
    "core.PodSpec",
    "core.Container",
    "core.Affinity",
    "core.NodeAffinity",
    "core.PodAffinity",
    "core.PodAntiAffinity",
    "core.EnvFromSource",
    "core.EnvVar",
    "core.HostAlias",
    "core.Lifecycle",
    "core.ObjectReference",
    "core.PersistentVolumeClaimSpec",
    "core.PersistentVolumeClaimTemplate",
    "core.PodDNSConfig",
    "core.PodSecurityContext",
    "core.Probe",
    "core.ResourceRequirements",
    "core.SeccompProfile",
    "core.SecurityContext",
    "core.Toleration",
    "core.TopologySpreadConstraint",
    "core.Volume",
    "core.VolumeMount",
    "core.VolumeDevice",
    "core.EphemeralVolumeSource",
    "core.EmptyDirVolumeSource",
    "core.SecretKeySelector",
    "core.ConfigMapKeySelector",
    "meta.LabelSelector",
];

/// Records whose properties are too general: the property must also have this name.
const CALLED: [(&str, &str); 3] = [
    ("core.SecretKeySelector", "Secret"),
    ("core.ConfigMapKeySelector", "ConfigMap"),
    ("core.VolumeDevice", "VolumeDevice"),
];

/// Recognizes built-in Kubernetes records.
pub struct Embed<'a> {
    definitions: BTreeMap<String, &'a Value>,
}

impl<'a> Embed<'a> {
    pub fn new(modules: &'a [Module]) -> Self {
        let of = |module: &'a Module| {
            module.definitions.iter().map(|(name, schema)| (format!("{}.{name}", module.name), schema))
        };
        Self { definitions: modules.iter().flat_map(of).collect() }
    }

    /// Returns the record of a nested object, if it is one.
    pub fn find(&self, schema: &Value, called: &str) -> Option<&'static str> {
        RECORDS.into_iter().find(|name| {
            let wanted = CALLED.iter().find(|(known, _)| known == name).map(|(_, part)| part);
            let Some(record) = self.definitions.get(*name) else { return false };
            wanted.is_none_or(|part| called.contains(part)) && near(schema, record) && self.fits(schema, record)
        })
    }

    /// Whether the record contains every nested property.
    fn fits(&self, schema: &Value, record: &Value) -> bool {
        let record = match record.get("$ref").and_then(Value::as_str) {
            Some(name) => self.definitions.get(name).copied().unwrap_or(record),
            None => record,
        };
        let inner = |key: &str| match (schema.get(key), record.get(key)) {
            (Some(schema), Some(record)) => self.fits(schema, record),
            (None, _) => true,
            _ => false,
        };
        let known = |(key, schema): (&String, &Value)| {
            record["properties"].get(key).is_some_and(|record| self.fits(schema, record))
        };
        let free = schema.get("properties").is_none();
        (free || properties(schema).all(known)) && inner("items")
    }
}

/// Whether an object has most of a record's properties, and requires the same.
fn near(schema: &Value, record: &Value) -> bool {
    let wanted = properties(record).count();
    let found = properties(schema).count();
    let same = |key: &String| is_required(schema, key) == is_required(record, key);
    found >= 2 && found * 10 >= wanted * 7 && properties(schema).all(|(key, _)| same(key))
}
