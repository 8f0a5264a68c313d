//! The custom resource definitions of the Gateway API.

use serde_json::Value;

use crate::manifest::Manifest;
use crate::tree::{At, Construct, Scope};
use crate::val::{Bag, Data};
use crate::{eks, facts};

/// The custom resource definitions of the Gateway API 1.6.1, standard channel.
///
/// Kubernetes, EKS and Istio's charts do not include them. [`GatewayApi`](crate::mesh::traffic::GatewayApi), the
/// waypoints of [`Mode::Ambient`](crate::mesh::Mode) and the gateways between ambient clusters require them. They are
/// ordinary objects of the platform: they are applied before every Helm release, and a diff shows their changes. If the
/// program no longer defines them, they are not deleted from the cluster, because deleting them would delete every
/// route.
///
/// They contain no descriptions for `kubectl explain`. `TCPRoute` and `UDPRoute` are omitted, because Istio needs an
/// API version of these kinds that Gateway API 1.6.1 no longer serves. If another team owns the definitions, call
/// [`Cluster::comes_with`](eks::Cluster::comes_with) instead.
///
/// # Example
///
/// ```
/// # use meshsynth::{App, mesh, testing};
/// # let app = App::new("shop");
/// # let cluster = testing::cluster(&app);
/// mesh::addons::GatewayApiDefinitions::new(&cluster, "gateway-api", &cluster);
/// # let assembly = app.synth().expect("it synthesizes");
/// # let find = |end: &str| assembly.files.keys().any(|path| path.ends_with(end));
/// # assert!(find("10-crds/customresourcedefinition-httproutes.gateway.networking.k8s.io.yaml"));
/// ```
///
/// Source: <https://gateway-api.sigs.k8s.io/guides/getting-started/introduction/>
#[derive(Clone)]
pub struct GatewayApiDefinitions {
    scope: Scope,
}

impl GatewayApiDefinitions {
    /// Defines the custom resource definitions in a cluster.
    #[track_caller]
    pub fn new(scope: &impl Construct, id: &str, cluster: &eks::Cluster) -> Self {
        let scope = scope.scope().construct(id);
        scope.on_target(&cluster.target());
        let at = scope.user_line(At::caller());
        for line in facts::gateway_api_definitions() {
            let definition: Value = serde_json::from_str(line).expect("a line of facts is JSON");
            let plural = definition["spec"]["names"]["plural"].as_str().unwrap_or_default().to_owned();
            Manifest::new(data(definition), at).expect("a definition is a manifest").define(&scope, &plural);
        }
        Self { scope }
    }
}

impl Construct for GatewayApiDefinitions {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}

fn data(value: Value) -> Data {
    match value {
        Value::Null => Data::Null,
        Value::Bool(value) => Data::Bool(value),
        Value::Number(number) => number.as_i64().map_or(Data::Float(number.as_f64().unwrap_or_default()), Data::Int),
        Value::String(text) => Data::from(text),
        Value::Array(items) => Data::List(items.into_iter().map(data).collect()),
        Value::Object(map) => Data::Map(map.into_iter().map(|(key, value)| (key, data(value))).collect::<Bag>()),
    }
}

#[cfg(test)]
mod tests {
    use super::GatewayApiDefinitions;
    use crate::testing::{Platform, cluster};

    #[test]
    fn applies_definitions_before_releases() {
        let platform = Platform::synth("shop", |app| {
            let cluster = cluster(app);
            GatewayApiDefinitions::new(&cluster, "gateway-api", &cluster);
        });
        let of_the_group = |path: &&String| path.contains("/10-crds/") && path.contains("gateway.networking.k8s.io");
        assert_eq!(platform.assembly.files.keys().filter(of_the_group).count(), 8);
        let routes = platform.manifest("customresourcedefinition-httproutes.gateway.networking.k8s.io");
        for part in ["bundle-version: v1.6.1", "channel: standard", "x-kubernetes-validations:", "kind: HTTPRoute"] {
            assert!(routes.contains(part), "{part} is not in {routes}");
        }
    }
}
