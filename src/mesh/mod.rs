//! What runs on a cluster: namespaces, workloads, and the charts they lean on.
//!
//! A [`Workload`] is everything that belongs to one service: its pods, how they
//! are reached, spread, scaled and drained, and who they are to AWS. Relations
//! are one line each: [`Workload::calls`], [`Workload::env`],
//! [`Workload::env_secret`], and on the other side `db.allow_from(&orders)`.

pub mod addons;
pub mod promql;

mod dashboard;
mod helm;
mod ingress;
mod istio;
mod keda;
mod load;
mod load_balancer_service;
mod monitored;
mod monitoring;
mod multi;
mod namespace;
mod network;
mod objects;
mod pod;
mod probe;
mod protocol;
mod rollout;
mod scale;
mod secret_store;
mod slo;
mod target_group_binding;
pub mod traffic;
mod variables;
mod workload;

pub use crate::kube::core::TolerationEffect;
pub use helm::{Chart, HelmRelease, HelmReleaseProps};
pub use ingress::{Ingress, IngressProps};
pub use istio::{
    AccessLog, ControlPlane, GatewayPort, GatewayProps, ISTIO_VERSION, IngressGateway, Istio, IstioProps, Mode,
    OutboundTraffic, Tracing,
};
pub use keda::{Events, ScaledJob, ScaledJobProps, Trigger, TriggerIdentity};
pub use load::Load;
pub use load_balancer_service::{HealthCheck, LoadBalancerService, LoadBalancerServiceProps};
pub use monitored::Language;
pub use monitoring::{AlertRoute, AlertRouteProps, Receiver};
pub use multi::{
    ClusterCredentials, CredentialsProps, EastWestGateway, EastWestProps, GlobalService, Member, Mesh, MeshProps,
};
pub use namespace::{Mtls, Namespace, NamespaceProps, PodSecurity};
pub use pod::{Placement, Resources, Toleration};
pub use probe::{Probe, Probes};
pub use protocol::Protocol;
pub use rollout::{Analysis, BlueGreen, Canary, Release, Routing, Step};
pub use scale::{Autoscale, Scale};
pub use slo::{Breach, Slo};
pub use target_group_binding::TargetGroupBinding;
pub use traffic::{CallProps, Exposure, Gateway, Tls, Version, VersionProps};
pub use workload::{Workload, WorkloadProps};

/// The label that a workload's pods are selected by.
const NAME: &str = "app.kubernetes.io/name";
