//! Prometheus with its operator, Alertmanager and Grafana.

use crate::eks;
use crate::iam::Role;
use crate::tree::{Construct, Scope};
use crate::units::Gib;
use crate::val::{Bag, Data, Value};

use super::super::{Chart, HelmRelease, HelmReleaseProps, Namespace, NamespaceProps, PodSecurity};
use super::{prometheus_adapter, resources};

const VERSION: &str = "88.5.3";
const CHART: &str = "kube-prometheus-stack";
/// The namespace, and the name prefix of the chart's objects.
const NAME: &str = "monitoring";
/// The storage class of its volumes.
const CLASS: &str = "monitoring-gp3";
const ALERTMANAGER: &str = "monitoring-alertmanager";

/// Properties of a [`Prometheus`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrometheusProps {
    /// The retention of samples in days, at least as long as the longest window of a service level objective. Default:
    /// 35.
    pub retention_days: u16,
    /// The volume of each replica. Default: 50 GiB.
    pub storage: Gib,
    /// The number of replicas that independently scrape the same targets. Default: 2.
    pub replicas: u8,
    /// Whether node metrics are collected, which needs pods with access to the host. Default: no.
    pub node_exporter: bool,
}

impl Default for PrometheusProps {
    fn default() -> Self {
        Self { retention_days: 35, storage: Gib(50), replicas: 2, node_exporter: false }
    }
}

/// Prometheus, Alertmanager and Grafana, by the chart kube-prometheus-stack.
///
/// The operator reads the monitors, rules, dashboards and alert routes in every namespace.
/// [`Workload::scrape`](crate::mesh::Workload::scrape), [`Workload::slo`](crate::mesh::Workload::slo) and
/// [`AlertRoute`](crate::mesh::AlertRoute) define them. It does not scrape components to which EKS gives no access
/// (etcd, scheduler, controller manager, kube-proxy). The scrape interval is 15 seconds, so a rate over one minute has
/// enough samples.
///
/// Volumes are encrypted, of type `gp3`. The Helm release contains their storage class. The chart generates the
/// password of Grafana's user `admin`.
///
/// # Example
///
/// ```
/// # use meshsynth::{App, Env, Stack, aws, eks, mesh};
/// # let app = App::new("shop");
/// # let stack = Stack::new(&app, "run", Env::region("eu-west-1"));
/// # let vpc = aws::Vpc::new(&stack, "vpc", aws::VpcProps::default());
/// # let cluster = eks::Cluster::new(&stack, "cluster", &vpc, eks::ClusterProps::default());
/// let prometheus = mesh::addons::Prometheus::new(&stack, "prometheus", &cluster, Default::default());
/// assert_eq!(prometheus.url(), "http://monitoring-prometheus.monitoring.svc.cluster.local:9090");
/// ```
///
/// Source: <https://github.com/prometheus-community/helm-charts/tree/kube-prometheus-stack-88.5.3/charts/kube-prometheus-stack>
#[derive(Clone)]
pub struct Prometheus {
    scope: Scope,
    namespace: Namespace,
    release: HelmRelease,
}

impl Prometheus {
    /// The port for queries.
    pub const PORT: u16 = 9_090;

    /// Installs it in a cluster, in a separate namespace.
    #[track_caller]
    pub fn new(scope: &impl Construct, id: &str, cluster: &eks::Cluster, props: PrometheusProps) -> Self {
        let scope = scope.scope().construct(id);
        let pod_security = if props.node_exporter { PodSecurity::Privileged } else { PodSecurity::Baseline };
        let namespace = NamespaceProps { deny_by_default: false, pod_security, ..Default::default() };
        let namespace = Namespace::new(&scope, NAME, cluster, namespace);
        let chart = Chart::new("https://prometheus-community.github.io/helm-charts", CHART, VERSION);
        let values = values(cluster, &props);
        let props = HelmReleaseProps { namespace: NAME.to_owned(), values };
        let release = HelmRelease::new(&namespace, "prometheus", cluster, chart, props);
        release.diagram_within(&namespace);
        cluster.open_node_port(10_250, "webhook of the Prometheus operator");
        Self { scope, namespace, release }
    }

    /// Returns the URL for queries.
    pub fn url(&self) -> String {
        format!("http://{NAME}-prometheus.{NAME}.svc.cluster.local:{}", Self::PORT)
    }

    /// Returns the URL of Grafana.
    pub fn grafana_url(&self) -> String {
        format!("http://prometheus-grafana.{NAME}.svc.cluster.local:80")
    }

    /// Returns the name of its namespace.
    pub fn namespace(&self) -> &str {
        self.namespace.name()
    }

    /// Returns its namespace, in which other constructs define objects.
    pub(in crate::mesh) fn place(&self) -> &Namespace {
        &self.namespace
    }

    /// Returns the adapter that serves its metrics as `custom.metrics.k8s.io`. The first autoscaler that needs the
    /// adapter installs it.
    pub(in crate::mesh) fn adapter(&self) -> Scope {
        self.scope.singleton("adapter", || prometheus_adapter::define(&self.namespace, &self.url(), Self::PORT))
    }

    /// Returns the role of Alertmanager, which the first AWS receiver defines.
    pub(in crate::mesh) fn alertmanager_role(&self) -> Role {
        let scope = self.scope.singleton("alertmanager-role", || {
            let cluster = self.namespace.cluster();
            let role = cluster.service_account_role(&self.scope, "alertmanager-role", NAME, ALERTMANAGER);
            if cluster.identity() == eks::Identity::Irsa {
                let path = "alertmanager.serviceAccount.annotations";
                self.release.value::<String>(path, "eks.amazonaws.com/role-arn", role.arn());
            }
            role.scope().clone()
        });
        Role::at(scope).expect("the role is defined above")
    }
}

impl Construct for Prometheus {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}

fn values(cluster: &eks::Cluster, props: &PrometheusProps) -> Bag {
    let off = || Bag::default().with("enabled", false);
    Bag::default()
        .with("fullnameOverride", NAME)
        .with("prometheus", Bag::default().with("prometheusSpec", prometheus_spec(cluster, props)))
        .with("alertmanager", alertmanager(props))
        .with("grafana", grafana())
        .with("prometheusOperator", Bag::default().with("resources", resources("100m", "256Mi")))
        .with("nodeExporter", Bag::default().with("enabled", props.node_exporter))
        .with("kubeControllerManager", off())
        .with("kubeEtcd", off())
        .with("kubeProxy", off())
        .with("kubeScheduler", off())
        .with("extraManifests", vec![storage_class(cluster)])
}

fn prometheus_spec(cluster: &eks::Cluster, props: &PrometheusProps) -> Bag {
    let mut spec = Bag::default()
        .with("replicas", i64::from(props.replicas))
        .with("retention", format!("{}d", props.retention_days))
        // Prometheus deletes the oldest samples before the volume is full.
        .with("retentionSize", format!("{}MB", u64::from(props.storage.0) * 900))
        .with("scrapeInterval", "15s")
        .with("externalLabels", Bag::default().with("cluster", cluster.name().to_owned()))
        .with("podAntiAffinity", "soft")
        .with("resources", resources("500m", "2Gi"))
        .with("storageSpec", volume(props.storage));
    for kind in ["podMonitor", "probe", "rule", "scrapeConfig", "serviceMonitor"] {
        // With `true`, Prometheus would read only objects with the label of its Helm release.
        spec.set(format!("{kind}SelectorNilUsesHelmValues"), false);
    }
    spec
}

fn alertmanager(props: &PrometheusProps) -> Bag {
    let spec = Bag::default()
        .with("replicas", i64::from(props.replicas))
        .with("podAntiAffinity", "soft")
        .with("resources", resources("50m", "128Mi"))
        .with("storage", volume(Gib(2)))
        .with("alertmanagerConfigMatcherStrategy", Bag::default().with("type", "OnNamespace"));
    Bag::default()
        .with("serviceAccount", Bag::default().with("create", true).with("name", ALERTMANAGER))
        .with("alertmanagerSpec", spec)
}

fn grafana() -> Bag {
    let dashboards = Bag::default()
        .with("enabled", true)
        .with("label", super::super::dashboard::LABEL.0)
        .with("labelValue", super::super::dashboard::LABEL.1)
        .with("searchNamespace", "ALL");
    Bag::default()
        .with("defaultDashboardsTimezone", "utc")
        .with("resources", resources("100m", "256Mi"))
        .with("sidecar", Bag::default().with("dashboards", dashboards))
}

fn volume(size: Gib) -> Bag {
    let storage = Bag::default().with("storage", size.into_data());
    let spec = Bag::default()
        .with("accessModes", vec!["ReadWriteOnce"])
        .with("storageClassName", CLASS)
        .with("resources", Bag::default().with("requests", storage));
    Bag::default().with("volumeClaimTemplate", Bag::default().with("spec", spec))
}

/// Returns a storage class, because an EKS cluster has no default class.
///
/// Source: <https://docs.aws.amazon.com/eks/latest/userguide/create-storage-class.html>
fn storage_class(cluster: &eks::Cluster) -> Data {
    let parameters = Bag::default().with("encrypted", "true").with("type", "gp3");
    Data::from(
        Bag::default()
            .with("apiVersion", "storage.k8s.io/v1")
            .with("kind", "StorageClass")
            .with("metadata", Bag::default().with("name", CLASS))
            .with("provisioner", cluster.volume_driver())
            .with("parameters", parameters)
            .with("allowVolumeExpansion", true)
            .with("volumeBindingMode", "WaitForFirstConsumer"),
    )
}

#[cfg(test)]
mod tests {
    use super::{Prometheus, PrometheusProps};
    use crate::testing::{Platform, stack};
    use crate::units::Gib;
    use crate::{aws, eks};

    fn values(props: PrometheusProps) -> String {
        let platform = Platform::synth("shop", |app| {
            let run = stack(app, "run");
            let vpc = aws::Vpc::new(&run, "vpc", aws::VpcProps::default());
            let cluster = eks::Cluster::new(&run, "cluster", &vpc, eks::ClusterProps::default());
            Prometheus::new(&run, "prometheus", &cluster, props);
        });
        platform.assembly.files["helm/run-cluster/prometheus.values.yaml"].clone()
    }

    #[test]
    fn prometheus_reads_objects_in_every_namespace() {
        let values = values(PrometheusProps::default());
        for part in ["ruleSelectorNilUsesHelmValues: false", "searchNamespace: ALL", "serviceMonitorSelectorNilUses"] {
            assert!(values.contains(part), "{part} in {values}");
        }
    }

    #[test]
    fn encrypts_volumes_and_limits_retention_size() {
        let values = values(PrometheusProps { storage: Gib(20), ..Default::default() });
        for part in ["encrypted: \"true\"", "storage: 20Gi", "retentionSize: 18000MB", "ebs.csi.aws.com"] {
            assert!(values.contains(part), "{part} in {values}");
        }
    }
}
