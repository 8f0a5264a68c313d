//! Kiali, which shows a mesh and its metrics as a graph.

use crate::tree::{Construct, Scope};
use crate::val::Bag;

use super::super::{Chart, HelmRelease, HelmReleaseProps, Istio};
use super::{Jaeger, Prometheus, resources};

const VERSION: &str = "2.29.0";

/// Kiali in the namespace of Istio, with the metrics of the cluster's Prometheus.
///
/// It is read-only, and requires a service account token from its users.
///
/// # Example
///
/// ```
/// # use meshsynth::{App, Env, Stack, aws, eks, mesh};
/// # let app = App::new("shop");
/// # let stack = Stack::new(&app, "run", Env::region("eu-west-1"));
/// # let vpc = aws::Vpc::new(&stack, "vpc", aws::VpcProps::default());
/// # let cluster = eks::Cluster::new(&stack, "cluster", &vpc, eks::ClusterProps::default());
/// # let prometheus = mesh::addons::Prometheus::new(&stack, "prometheus", &cluster, Default::default());
/// let jaeger = mesh::addons::Jaeger::new(&stack, "jaeger", &cluster);
/// let istio = mesh::Istio::new(&stack, "istio", &cluster, mesh::IstioProps::default());
/// mesh::addons::Kiali::new(&stack, "kiali", &istio, &prometheus, Some(&jaeger));
/// ```
///
/// Source: <https://kiali.io/docs/configuration/kialis.kiali.io/>
#[derive(Clone)]
pub struct Kiali {
    scope: Scope,
}

impl Kiali {
    /// Installs Kiali in the namespace of Istio. If a Jaeger is given, Kiali shows its traces.
    #[track_caller]
    pub fn new(
        scope: &impl Construct,
        id: &str,
        istio: &Istio,
        prometheus: &Prometheus,
        jaeger: Option<&Jaeger>,
    ) -> Self {
        let scope = scope.scope().construct(id);
        let grafana = Bag::default().with("enabled", true).with("internal_url", prometheus.grafana_url());
        let tracing = match jaeger {
            Some(jaeger) => Bag::default()
                .with("enabled", true)
                .with("provider", "jaeger")
                .with("use_grpc", false)
                .with("internal_url", jaeger.url()),
            None => Bag::default().with("enabled", false),
        };
        let services = Bag::default()
            .with("prometheus", Bag::default().with("url", prometheus.url()))
            .with("grafana", grafana)
            .with("tracing", tracing);
        let deployment = Bag::default()
            .with("replicas", 2)
            .with("view_only_mode", true)
            .with("resources", resources("50m", "512Mi"));
        let values = Bag::default()
            .with("auth", Bag::default().with("strategy", "token"))
            .with("deployment", deployment)
            .with("external_services", services);
        let chart = Chart::new("https://kiali.org/helm-charts", "kiali-server", VERSION);
        let props = HelmReleaseProps { namespace: istio.namespace().name().to_owned(), values };
        HelmRelease::new(istio.namespace(), "kiali", istio.cluster(), chart, props).diagram_within(istio.namespace());
        Self { scope }
    }
}

impl Construct for Kiali {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}

#[cfg(test)]
mod tests {
    use super::Kiali;
    use crate::mesh::Istio;
    use crate::mesh::addons::Prometheus;
    use crate::testing::{Platform, stack};
    use crate::{aws, eks};

    #[test]
    fn kiali_is_read_only() {
        let platform = Platform::synth("shop", |app| {
            let run = stack(app, "run");
            let vpc = aws::Vpc::new(&run, "vpc", aws::VpcProps::default());
            let cluster = eks::Cluster::new(&run, "cluster", &vpc, eks::ClusterProps::default());
            let prometheus = Prometheus::new(&run, "prometheus", &cluster, Default::default());
            let istio = Istio::new(&run, "istio", &cluster, Default::default());
            Kiali::new(&run, "kiali", &istio, &prometheus, None);
        });
        let values = &platform.assembly.files["helm/run-cluster/kiali.values.yaml"];
        for part in ["view_only_mode: true", "strategy: token", "monitoring-prometheus.monitoring"] {
            assert!(values.contains(part), "{part} in {values}");
        }
    }
}
