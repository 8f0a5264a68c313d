//! Dashboard panels of a workload: traffic, errors, latency, saturation.

use crate::aws::cloudwatch::{Limit, Metric, Monitored, Panel, Statistic};

use super::{Workload, network};

/// The programming language of a workload, which determines the agent that is injected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// Java 8 or later.
    Java,
    /// Python.
    Python,
    /// Node.js.
    NodeJs,
    /// .NET.
    DotNet,
}

impl Language {
    fn word(self) -> &'static str {
        match self {
            Language::Java => "java",
            Language::Python => "python",
            Language::NodeJs => "nodejs",
            Language::DotNet => "dotnet",
        }
    }
}

impl Workload {
    /// Implements [`Workload::instrument`].
    #[track_caller]
    pub(in crate::mesh) fn set_instrumentation(&self, language: Language) -> &Self {
        let key = format!("instrumentation.opentelemetry.io/inject-{}", language.word());
        self.annotate_pods(&key, "true");
        network::allow_to_namespace(self.policy(), "amazon-cloudwatch", &AGENT);
        self
    }
}

/// The ports of the CloudWatch agent: sampling rules of X-Ray, and OTLP over HTTP.
const AGENT: [u16; 2] = [2000, 4316];

/// Request metrics come from Application Signals, which identifies the workloads of a cluster by their names. CPU and
/// memory metrics come from Container Insights. The add-on
/// [`AddOn::cloudwatch_observability`](crate::eks::AddOn::cloudwatch_observability) collects both.
///
/// Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AppSignals-MetricsCollected.html>,
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Container-Insights-metrics-enhanced-EKS.html>
impl Monitored for Workload {
    fn kind(&self) -> &'static str {
        "Workload"
    }

    fn panels(&self) -> Vec<Panel> {
        let (cluster, namespace) = (self.namespace().cluster().name(), self.namespace().name());
        let requests = |name: &str| {
            Metric::new("ApplicationSignals", name)
                .of("Environment", format!("eks:{cluster}/{namespace}"))
                .of("Service", self.name().to_owned())
        };
        let pods = |name: &str| {
            Metric::new("ContainerInsights", name)
                .of("ClusterName", cluster.to_owned())
                .of("Namespace", namespace.to_owned())
                .of("PodName", self.name().to_owned())
        };
        let latency = |share: u8| requests("Latency").by(Statistic::Percentile(share)).label(format!("p{share}"));
        vec![
            Panel::new("Traffic (requests)", [requests("Latency").by(Statistic::SampleCount).label("requests")]),
            Panel::new(
                "Errors",
                [requests("Fault").by(Statistic::Sum).label("5xx"), requests("Error").by(Statistic::Sum).label("4xx")],
            )
            .limit(Limit::Above(10.0)),
            Panel::new("Latency (ms)", [latency(99), latency(50)]).limit(Limit::Above(1000.0)),
            Panel::new(
                "Saturation (%)",
                [
                    pods("pod_memory_utilization_over_pod_limit").by(Statistic::Maximum).label("memory"),
                    pods("pod_cpu_utilization").label("processor of the node"),
                ],
            )
            .limit(Limit::Above(90.0)),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::Language;
    use crate::testing::{Platform, workload};

    #[test]
    fn opens_agent_ports_of_instrumented_workload() {
        let platform = Platform::synth("shop", |app| {
            workload(app).instrument(Language::Java);
        });
        assert!(platform.manifest("deployment-orders").contains("inject-java: \"true\""));
        let policy = platform.manifest("networkpolicy-orders");
        assert!(policy.contains("amazon-cloudwatch") && policy.contains("4316"), "{policy}");
    }
}
