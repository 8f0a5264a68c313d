//! The configuration of the mesh: chart values, the ConfigMap of the control plane, and resources of operators.
//!
//! Source: <https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/>.

use serde_json::Value;

use crate::world::Cluster;

/// The default root namespace, which contains the mesh-wide policies.
const ROOT: &str = "istio-system";

/// The configuration of a mesh.
#[derive(Clone, Debug)]
pub(super) struct Config {
    /// The namespace with the mesh-wide policies.
    pub root: String,
    /// The trust domain of new certificates.
    pub trust: String,
    /// The other trust domains that policies treat alike.
    pub aliases: Vec<String>,
    /// Whether proxies reject hosts that are not in the registry.
    pub is_registry_only: bool,
    /// Whether proxies use mutual TLS without a DestinationRule.
    pub has_auto_tls: bool,
    /// The inbound ports that bypass every sidecar.
    pub excluded_ports: Vec<u16>,
}

impl Config {
    /// Reads the configuration of a cluster.
    pub fn new(cluster: &Cluster) -> Self {
        let mut documents: Vec<Value> = Vec::new();
        let mut values: Vec<&Value> = Vec::new();
        for release in &cluster.releases {
            documents.extend(written(&release.values["meshConfig"]));
            values.push(&release.values["global"]);
        }
        for object in &cluster.objects {
            let spec = &object.document["spec"];
            match (object.kind.as_str(), object.group.as_str()) {
                ("ConfigMap", "") if is_of_mesh(&object.name) => {
                    let text = object.document["data"]["mesh"].as_str().unwrap_or_default();
                    documents.extend(serde_yaml::from_str::<Value>(text).ok().filter(Value::is_object));
                }
                ("IstioOperator", _) => {
                    documents.extend(written(&spec["meshConfig"]));
                    documents.extend(written(&spec["values"]["meshConfig"]));
                    values.push(&spec["values"]["global"]);
                }
                ("Istio", "sailoperator.io") => {
                    documents.extend(written(&spec["values"]["meshConfig"]));
                    values.push(&spec["values"]["global"]);
                }
                _ => {}
            }
        }
        let find = |key: &str| documents.iter().map(|it| &it[key]).find(|it| !it.is_null());
        let text = |key: &str| find(key).and_then(Value::as_str).map(str::to_owned);
        let of_values = |key: &str| values.iter().find_map(|it| it[key].as_str()).map(str::to_owned);
        let aliases = find("trustDomainAliases").and_then(Value::as_array).into_iter().flatten();
        let excluded = values.iter().find_map(|it| it["proxy"]["excludeInboundPorts"].as_str());
        Self {
            root: text("rootNamespace").or_else(|| of_values("istioNamespace")).unwrap_or_else(|| ROOT.to_owned()),
            trust: text("trustDomain")
                .or_else(|| of_values("trustDomain"))
                .unwrap_or_else(|| "cluster.local".to_owned()),
            aliases: aliases.filter_map(Value::as_str).map(str::to_owned).collect(),
            is_registry_only: find("outboundTrafficPolicy").is_some_and(|it| it["mode"] == "REGISTRY_ONLY"),
            has_auto_tls: find("enableAutoMtls").is_none_or(|it| *it != false),
            excluded_ports: excluded.map(super::capture::ports).unwrap_or_default(),
        }
    }

    /// Returns a principal with each trust domain that policies treat like its own.
    ///
    /// Source: <https://istio.io/latest/docs/tasks/security/authorization/authz-td-migration/>.
    pub fn equal_principals(&self, principal: &str) -> Vec<String> {
        let Some((domain, rest)) = principal.split_once('/') else { return vec![principal.to_owned()] };
        // `cluster.local` in a policy stands for the trust domain of the mesh.
        let own = [self.trust.as_str(), "cluster.local"];
        let domains: Vec<&str> = own.into_iter().chain(self.aliases.iter().map(String::as_str)).collect();
        if !domains.contains(&domain) {
            return vec![principal.to_owned()];
        }
        let mut all: Vec<String> = domains.iter().map(|it| format!("{it}/{rest}")).collect();
        all.sort_unstable();
        all.dedup();
        all
    }
}

fn written(value: &Value) -> Option<Value> {
    value.is_object().then(|| value.clone())
}

/// Whether a ConfigMap has the configuration of a control plane: `istio`, or `istio-` and a revision.
fn is_of_mesh(name: &str) -> bool {
    let is_other = ["istio-ca-root-cert", "istio-sidecar-injector", "istio-cni-config"].contains(&name);
    name == "istio" || (name.starts_with("istio-") && !is_other && !name.starts_with("istio-sidecar-injector-"))
}
