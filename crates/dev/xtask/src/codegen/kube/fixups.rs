//! Corrections of schemas: one entry for each deviation, which fails when it is no longer needed.

use std::collections::BTreeSet;

use anyhow::{Result, bail};
use serde_json::{Value, json};

use super::facts::Module;
use crate::codegen::case;

/// A correction: its name and its function, which returns whether it was needed.
type Fixup = (&'static str, fn(&mut [Module]) -> bool);

const FIXUPS: [Fixup; 4] = [
    ("claims of a StatefulSet are templates", claims_are_templates),
    ("KEDA has a field of pods that Kubernetes has not", workload_ref_is_gone),
    ("one spelling for a field of Istio", istio_has_one_spelling),
    ("one spelling for a proxy of Prometheus", prometheus_has_one_spelling),
];

/// Unit, path, and the project's own name for the type, which is better than a name derived from the path.
///
/// <https://istio.io/latest/docs/reference/config/networking/virtual-service/>
/// <https://istio.io/latest/docs/reference/config/security/authorization-policy/>
const NAMES: [(&str, &str, &str); 24] = [
    ("istio.AuthorizationPolicy", "spec.rules.from.source", "Source"),
    ("istio.AuthorizationPolicy", "spec.rules.to.operation", "Operation"),
    ("istio.AuthorizationPolicy", "spec.rules.when", "Condition"),
    ("istio.DestinationRule", "spec.trafficPolicy.portLevelSettings", "PortLevelSetting"),
    ("istio.VirtualService", "spec.http", "HttpRoute"),
    ("istio.VirtualService", "spec.http.corsPolicy", "CorsPolicy"),
    ("istio.VirtualService", "spec.http.corsPolicy.allowOrigins", "StringMatch"),
    ("istio.VirtualService", "spec.http.delegate", "Delegate"),
    ("istio.VirtualService", "spec.http.directResponse", "HttpDirectResponse"),
    ("istio.VirtualService", "spec.http.fault", "HttpFault"),
    ("istio.VirtualService", "spec.http.headers.request", "HeaderOperations"),
    ("istio.VirtualService", "spec.http.match", "HttpMatch"),
    ("istio.VirtualService", "spec.http.mirror", "Destination"),
    ("istio.VirtualService", "spec.http.mirrorPercentage", "Percent"),
    ("istio.VirtualService", "spec.http.mirrors", "HttpMirror"),
    ("istio.VirtualService", "spec.http.redirect", "HttpRedirect"),
    ("istio.VirtualService", "spec.http.retries", "HttpRetry"),
    ("istio.VirtualService", "spec.http.rewrite", "HttpRewrite"),
    ("istio.VirtualService", "spec.http.route", "HttpRouteDestination"),
    ("istio.VirtualService", "spec.tcp", "TcpRoute"),
    ("istio.VirtualService", "spec.tcp.match", "TcpMatch"),
    ("istio.VirtualService", "spec.tcp.route", "RouteDestination"),
    ("istio.VirtualService", "spec.tls", "TlsRoute"),
    ("istio.VirtualService", "spec.tls.match", "TlsMatch"),
];

/// Applies all corrections.
pub fn apply(modules: &mut [Module]) -> Result<()> {
    for (name, fixup) in FIXUPS {
        if !fixup(modules) {
            bail!("the fixup `{name}` is no longer needed");
        }
    }
    Ok(())
}

/// In the schema, the claims of a `StatefulSet` have the complete kind, including `status`. Users
/// write only `metadata` and `spec`, as in the claim of an ephemeral volume.
///
/// <https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/stateful-set-v1/>
fn claims_are_templates(modules: &mut [Module]) -> bool {
    let claims = definition(modules, "apps", "StatefulSetSpec")
        .and_then(|schema| schema.pointer_mut("/properties/volumeClaimTemplates/items/$ref"));
    let changed = replace(claims, "core.PersistentVolumeClaim", "core.PersistentVolumeClaimTemplate");
    let core = modules.iter_mut().find(|module| module.name == "core");
    core.is_some_and(|core| {
        let before = core.definitions.len();
        core.definitions.retain(|(name, _)| !CLAIM.contains(&name.as_str()));
        changed && before - core.definitions.len() == CLAIM.len()
    })
}

/// KEDA's pods have the field `workloadRef` of an alpha feature in Kubernetes 1.35, which 1.36
/// removed. Without this field, they equal the built-in pods.
///
/// <https://github.com/kubernetes/enhancements/issues/4671>
fn workload_ref_is_gone(modules: &mut [Module]) -> bool {
    let keda = modules.iter_mut().find(|module| module.name == "keda");
    let job = keda.and_then(|module| module.kinds.iter_mut().find(|kind| kind.name == "ScaledJob"));
    let place = "/properties/spec/properties/jobTargetRef/properties/template/properties/spec/properties";
    let pod = job.and_then(|kind| kind.schema.pointer_mut(place));
    pod.and_then(Value::as_object_mut).is_some_and(|pod| pod.remove("workloadRef").is_some())
}

/// Istio accepts `jwks_uri` and `mirror_percent` in addition to `jwksUri` and `mirrorPercent`. Both
/// would have the same setter, so the old spelling is removed.
///
/// <https://istio.io/latest/docs/reference/config/security/jwt/>
fn istio_has_one_spelling(modules: &mut [Module]) -> bool {
    in_kinds(modules, "istio", |key| key.contains('_'))
}

/// The Prometheus Operator accepts the old `proxyURL` in addition to `proxyUrl`.
///
/// <https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1alpha1.HTTPConfig>
fn prometheus_has_one_spelling(modules: &mut [Module]) -> bool {
    in_kinds(modules, "prometheus", |key| key == "proxyURL")
}

/// Drops old spellings from the kinds of a module.
fn in_kinds(modules: &mut [Module], module: &str, is_old: fn(&str) -> bool) -> bool {
    let kinds = modules.iter_mut().filter(|known| known.name == module).flat_map(|module| &mut module.kinds);
    kinds.fold(false, |found, kind| drop_twins(&mut kind.schema, is_old) | found)
}

/// Drops properties with an old spelling if the new spelling exists.
fn drop_twins(schema: &mut Value, is_old: fn(&str) -> bool) -> bool {
    let mut found = false;
    if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
        let twin = |key: &str| properties.keys().any(|other| other != key && case::snake(other) == case::snake(key));
        let old: Vec<String> = properties.keys().filter(|key| is_old(key) && twin(key)).cloned().collect();
        found = !old.is_empty();
        properties.retain(|key, _| !old.contains(key));
    }
    match schema {
        Value::Object(map) => map.values_mut().fold(found, |found, inner| drop_twins(inner, is_old) | found),
        Value::Array(items) => items.iter_mut().fold(found, |found, inner| drop_twins(inner, is_old) | found),
        _ => found,
    }
}

/// The type of a complete claim, and the types that only its status uses.
const CLAIM: [&str; 4] =
    ["ModifyVolumeStatus", "PersistentVolumeClaim", "PersistentVolumeClaimCondition", "PersistentVolumeClaimStatus"];

fn definition<'a>(modules: &'a mut [Module], module: &str, name: &str) -> Option<&'a mut Value> {
    let module = modules.iter_mut().find(|known| known.name == module)?;
    module.definitions.iter_mut().find(|(known, _)| known == name).map(|(_, schema)| schema)
}

fn replace(place: Option<&mut Value>, old: &str, new: &str) -> bool {
    match place {
        Some(place) if *place == old => {
            *place = json!(new);
            true
        }
        _ => false,
    }
}

/// The names that are assigned by hand, and whether they were used.
#[derive(Default)]
pub struct Names(BTreeSet<usize>);

impl Names {
    /// Returns the name of the type at a path.
    pub fn find(&mut self, unit: &str, place: &str) -> Option<String> {
        let idx = NAMES.iter().position(|(of, at, _)| *of == unit && *at == place)?;
        self.0.insert(idx);
        Some(NAMES[idx].2.to_owned())
    }

    /// Fails if a name was never used.
    pub fn all_needed(&self) -> Result<()> {
        match (0..NAMES.len()).find(|idx| !self.0.contains(idx)) {
            Some(idx) => bail!("the name of `{}` in `{}` is no longer needed", NAMES[idx].1, NAMES[idx].0),
            None => Ok(()),
        }
    }
}
