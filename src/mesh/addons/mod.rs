//! Charts that other constructs of the platform require, with their roles and ports.

mod argo_rollouts;
mod cert_manager;
mod external_dns;
mod external_secrets;
mod fluent_bit;
mod gateway_api;
mod jaeger;
mod karpenter;
mod keda;
mod kiali;
mod load_balancer_controller;
mod otel_collector;
mod prometheus;
mod prometheus_adapter;

pub use argo_rollouts::ArgoRollouts;
pub use cert_manager::{CertManager, Issuer};
pub use external_dns::ExternalDns;
pub use external_secrets::ExternalSecrets;
pub use fluent_bit::{FluentBit, FluentBitProps};
pub use gateway_api::GatewayApiDefinitions;
pub use jaeger::Jaeger;
pub use karpenter::{
    Arch, Budget, Consolidation, Karpenter, Lifecycle, NodeClass, NodeClassProps, NodeImage, NodePool, NodePoolProps,
    PoolLimits, Requirement,
};
pub use keda::{ExistingKeda, Keda};
pub use kiali::Kiali;
pub use load_balancer_controller::LoadBalancerController;
pub use otel_collector::OtelCollector;
pub use prometheus::{Prometheus, PrometheusProps};

use crate::val::{Bag, Data, Val};

/// The label that excludes a pod from a mesh, regardless of its namespace.
const NOT_IN_MESH: (&str, &str) = ("sidecar.istio.io/inject", "false");

/// Returns the values of a chart's service account, with its role if there is one.
fn service_account(name: &str, role_arn: Option<Val<String>>) -> Bag {
    let mut account = Bag::default().with("create", true).with("name", name.to_owned());
    if let Some(arn) = role_arn {
        account.set("annotations", Bag::default().with("eks.amazonaws.com/role-arn", arn));
    }
    account
}

/// Returns the values of a container's resources, without a CPU limit.
pub(in crate::mesh) fn resources(cpu: &'static str, memory: &'static str) -> Data {
    let requests = Bag::default().with("cpu", cpu).with("memory", memory);
    Data::from(Bag::default().with("requests", requests).with("limits", Bag::default().with("memory", memory)))
}
