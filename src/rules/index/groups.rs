//! What the index knows of API groups and of namespaces ahead.

/// The API groups that rules look into; `""` is the core of Kubernetes.
pub(in crate::rules) const CORE: &str = "";
pub(in crate::rules) const NETWORKING: &str = "networking.istio.io";
pub(in crate::rules) const SECURITY: &str = "security.istio.io";
pub(in crate::rules) const EXTENSIONS: &str = "extensions.istio.io";
pub(in crate::rules) const TELEMETRY: &str = "telemetry.istio.io";
pub(in crate::rules) const ADMISSION: &str = "admissionregistration.k8s.io";
pub(in crate::rules) const GATEWAY_API: &str = "gateway.networking.k8s.io";
pub(in crate::rules) const ARGO: &str = "argoproj.io";

/// Namespaces that a cluster has by itself, with things in them that no manifest defines.
pub(in crate::rules) const OF_THE_CLUSTER: [&str; 3] = ["kube-node-lease", "kube-public", "kube-system"];

/// Objects of the Prometheus operator that it runs pods for.
pub(in crate::rules) const OF_PROMETHEUS: [&str; 4] = ["Alertmanager", "Prometheus", "PrometheusAgent", "ThanosRuler"];
