//! TLS settings of DestinationRules, which replace the mutual TLS of the client's proxy.
//!
//! Source: <https://istio.io/latest/docs/reference/config/networking/destination-rule/>.

use std::collections::HashMap;

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

/// The DestinationRules of a cluster, by namespace and by the first label of their hosts.
#[derive(Debug, Default)]
pub(super) struct DestinationRules {
    /// Positions in the list of objects. Hosts with a wildcard have the label `*`.
    by_label: HashMap<(String, String), Vec<usize>>,
}

impl DestinationRules {
    /// Indexes the rules of a cluster.
    pub fn new(cluster: &Cluster) -> Self {
        let mut by_label: HashMap<(String, String), Vec<usize>> = HashMap::new();
        let rules = cluster.objects.iter().enumerate().filter(|(_, it)| it.kind == "DestinationRule");
        for (position, rule) in rules {
            let host = rule.document["spec"]["host"].as_str().unwrap_or_default();
            let label = if host.starts_with('*') { "*" } else { first_label(host) };
            by_label.entry((rule.namespace.clone(), label.to_owned())).or_default().push(position);
        }
        Self { by_label }
    }

    /// Returns the TLS of a client's proxy for a host and a Service port.
    pub fn tls(&self, world: (&Cluster, &Config), from: &Workload, (namespace, host): (&str, &str), port: u16) -> Tls {
        let (cluster, config) = world;
        let find = |namespace: &str| self.find(cluster, from, host, namespace);
        // The namespace of the client precedes that of the Service, which precedes the root namespace.
        let rule = find(&from.namespace).or_else(|| find(namespace)).or_else(|| find(&config.root));
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

    /// Returns the first rule of a namespace that applies to a client's calls of a host.
    fn find<'a>(&self, cluster: &'a Cluster, from: &Workload, host: &str, namespace: &str) -> Option<&'a Object> {
        if self.by_label.is_empty() {
            return None;
        }
        let labels = ["*", first_label(host)].map(|it| self.by_label.get(&(namespace.to_owned(), it.to_owned())));
        let rules = labels.into_iter().flatten().flatten().map(|it| (*it, &cluster.objects[*it]));
        let applies = |rule: &Object| is_visible(rule, &from.namespace) && selects(rule, from) && names(rule, host);
        rules.filter(|(_, rule)| applies(rule)).min_by_key(|(position, _)| *position).map(|(_, rule)| rule)
    }
}

fn first_label(host: &str) -> &str {
    host.split('.').next().unwrap_or_default()
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
