//! The waves in which objects of a kind are applied: a column of the facts for types and checks.

use anyhow::{Result, bail};

/// The kinds of each wave. All other kinds are configuration.
const WAVES: [(&str, &[&str]); 5] = [
    ("Crds", &["apiextensions.CustomResourceDefinition"]),
    ("Namespaces", &["core.Namespace"]),
    (
        "Workloads",
        &[
            "apps.DaemonSet",
            "apps.Deployment",
            "apps.ReplicaSet",
            "apps.StatefulSet",
            "argo.AnalysisRun",
            "argo.Experiment",
            "argo.Rollout",
            "argocd.Application",
            "argocd.ApplicationSet",
            "batch.CronJob",
            "batch.Job",
            "core.Endpoints",
            "core.Pod",
            "core.ReplicationController",
            "core.Service",
            "discovery.EndpointSlice",
            "flux.HelmRelease",
            "flux.Kustomization",
            "prometheus.Alertmanager",
            "prometheus.Prometheus",
            "prometheus.PrometheusAgent",
            "prometheus.ThanosRuler",
        ],
    ),
    (
        "Routes",
        &[
            "gateway.BackendTLSPolicy",
            "gateway.GRPCRoute",
            "gateway.Gateway",
            "gateway.HTTPRoute",
            "gateway.ListenerSet",
            "gateway.TCPRoute",
            "gateway.TLSRoute",
            "gateway.UDPRoute",
            "istio.AuthorizationPolicy",
            "istio.DestinationRule",
            "istio.EnvoyFilter",
            "istio.Gateway",
            "istio.ServiceEntry",
            "istio.Sidecar",
            "istio.TrafficExtension",
            "istio.VirtualService",
            "istio.WasmPlugin",
            "istio.WorkloadEntry",
            "istio.WorkloadGroup",
            "networking.Ingress",
        ],
    ),
    (
        "Scalers",
        &[
            "autoscaling.HorizontalPodAutoscaler",
            "keda.CloudEventSource",
            "keda.ClusterCloudEventSource",
            "keda.ScaledJob",
            "keda.ScaledObject",
        ],
    ),
];

/// Returns the wave of a kind.
pub fn wave(module: &str, kind: &str) -> &'static str {
    let name = format!("{module}.{kind}");
    let found = WAVES.iter().find(|(_, kinds)| kinds.contains(&name.as_str()));
    found.map_or("Configuration", |(wave, _)| wave)
}

/// Checks that every listed kind exists in the modules that were read.
pub fn check(is_read: impl Fn(&str) -> bool, is_known: impl Fn(&str) -> bool) -> Result<()> {
    for name in WAVES.iter().flat_map(|(_, kinds)| *kinds) {
        if name.split_once('.').is_some_and(|(module, _)| is_read(module)) && !is_known(name) {
            bail!("`{name}` has a wave but no facts");
        }
    }
    Ok(())
}
