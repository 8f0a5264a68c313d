//! TLS settings of DestinationRules, which replace the mutual TLS of the client's proxy.
//!
//! Source: <https://istio.io/latest/docs/reference/config/networking/destination-rule/>.

use serde_json::Value;

use super::config::Config;
use crate::world::{At, Cluster, Object, Workload};

/// The TLS of a client's proxy for a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Tls {
    /// The proxy presents the certificate of the mesh.
    Mesh,
    /// The proxy sends plaintext.
    Plain((String, String, At)),
    /// The proxy uses another certificate or none, or the setting depends on the subset.
    Unknown((String, String, At)),
}

/// Returns the TLS of a client's proxy for a host and a Service port.
pub(super) fn tls(cluster: &Cluster, config: &Config, from: &Workload, host: &str, namespace: &str, port: u16) -> Tls {
    let rules = |wanted: &str| -> Option<&Object> {
        let rules = cluster.objects.iter().filter(|it| it.kind == "DestinationRule" && it.namespace == wanted);
        rules.filter(|it| is_visible(it, &from.namespace) && selects(it, from)).find(|it| names(it, host))
    };
    // The namespace of the client precedes that of the Service, which precedes the root namespace.
    let rule = rules(&from.namespace).or_else(|| rules(namespace)).or_else(|| rules(&config.root));
    let without = (String::new(), String::new(), At::default());
    let none = || if config.has_auto_tls { Tls::Mesh } else { Tls::Plain(without.clone()) };
    let Some(rule) = rule else { return none() };
    let policy = &rule.document["spec"]["trafficPolicy"];
    let own = policy["portLevelSettings"].as_array().into_iter().flatten().enumerate();
    let own = own.into_iter().find(|(_, it)| it["port"]["number"].as_u64() == Some(port.into()));
    let (tls, field) = match own {
        Some((at, it)) => (&it["tls"], format!("spec.trafficPolicy.portLevelSettings[{at}].tls")),
        None => (&policy["tls"], "spec.trafficPolicy.tls".to_owned()),
    };
    let by = |field: &str| (rule.title(), field.to_owned(), rule.at.clone());
    let subsets = rule.document["spec"]["subsets"].as_array().into_iter().flatten();
    let has_other = |it: &Value| {
        let levels = it["trafficPolicy"]["portLevelSettings"].as_array().into_iter().flatten();
        !it["trafficPolicy"]["tls"].is_null() || levels.into_iter().any(|it| !it["tls"].is_null())
    };
    if subsets.into_iter().any(has_other) {
        return Tls::Unknown(by("spec.subsets"));
    }
    match tls["mode"].as_str() {
        None if tls.is_null() => none(),
        Some("ISTIO_MUTUAL") => Tls::Mesh,
        // The default mode of the field is `DISABLE`.
        None | Some("DISABLE") => Tls::Plain(by(&field)),
        Some(_) => Tls::Unknown(by(&field)),
    }
}

fn is_visible(rule: &Object, namespace: &str) -> bool {
    let Some(list) = rule.document["spec"]["exportTo"].as_array().filter(|it| !it.is_empty()) else { return true };
    list.iter().filter_map(Value::as_str).any(|it| match it {
        "*" => true,
        "." => rule.namespace == namespace,
        other => other == namespace,
    })
}

fn selects(rule: &Object, from: &Workload) -> bool {
    let labels = rule.document["spec"]["workloadSelector"]["matchLabels"].as_object();
    labels.into_iter().flatten().all(|(key, value)| from.labels.get(key).map(String::as_str) == value.as_str())
}

/// Whether the host of a rule matches a full host name. A short name is relative to the namespace of the rule.
fn names(rule: &Object, host: &str) -> bool {
    let written = rule.document["spec"]["host"].as_str().unwrap_or_default();
    let full = match written.matches('.').count() {
        0 if !written.starts_with('*') => format!("{written}.{}.svc.cluster.local", rule.namespace),
        1 if !written.starts_with('*') && host.starts_with(&format!("{written}.svc.")) => host.to_owned(),
        2 if written.ends_with(".svc") => format!("{written}.cluster.local"),
        _ => written.to_owned(),
    };
    match full.strip_prefix('*') {
        Some(end) => host.ends_with(end),
        None => host == full,
    }
}
