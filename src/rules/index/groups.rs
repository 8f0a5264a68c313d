//! API groups and namespaces that rules refer to by name.

/// The core group of Kubernetes. The following constants are the other API groups that rules use.
pub(in crate::rules) const CORE: &str = "";
pub(in crate::rules) const NETWORKING: &str = "networking.istio.io";
pub(in crate::rules) const SECURITY: &str = "security.istio.io";
pub(in crate::rules) const EXTENSIONS: &str = "extensions.istio.io";
pub(in crate::rules) const TELEMETRY: &str = "telemetry.istio.io";
pub(in crate::rules) const ADMISSION: &str = "admissionregistration.k8s.io";
pub(in crate::rules) const GATEWAY_API: &str = "gateway.networking.k8s.io";
pub(in crate::rules) const ARGO: &str = "argoproj.io";

/// Namespaces of every cluster, with objects that manifests do not define.
pub(in crate::rules) const OF_THE_CLUSTER: [&str; 3] = ["kube-node-lease", "kube-public", "kube-system"];

/// Kinds for which the Prometheus Operator creates pods.
pub(in crate::rules) const OF_PROMETHEUS: [&str; 4] = ["Alertmanager", "Prometheus", "PrometheusAgent", "ThanosRuler"];
