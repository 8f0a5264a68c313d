//! What runs on a cluster: namespaces, workloads, and the charts they lean on.
//!
//! A [`Workload`] is everything that belongs to one service: its pods, how they
//! are reached, spread, scaled and drained, and who they are to AWS. Relations
//! are one line each: [`Workload::calls`], [`Workload::env`],
//! [`Workload::env_secret`], and on the other side `db.allow_from(&orders)`.

pub mod addons;
pub mod promql;

mod core;
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
mod relations;
mod rollout;
mod scale;
mod secret_store;
mod slo;
mod target_group_binding;
pub mod traffic;
mod variables;
mod workload;

pub use self::core::{
    Membership, Mode, Mtls, Namespace, NamespaceProps, Placement, PodSecurity, Probe, Probes, Protocol, Resources,
    Toleration, Tracing,
};
pub use crate::kube::core::TolerationEffect;
pub use helm::{Chart, HelmRelease, HelmReleaseProps};
pub use ingress::{Ingress, IngressProps};
pub use istio::{
    AccessLog, ControlPlane, GatewayPort, GatewayProps, ISTIO_VERSION, IngressGateway, Istio, IstioProps,
    OutboundTraffic,
};
pub use keda::{Events, ScaledJob, ScaledJobProps, Trigger, TriggerIdentity};
pub use load::Load;
pub use load_balancer_service::{HealthCheck, LoadBalancerService, LoadBalancerServiceProps};
pub use monitored::Language;
pub use monitoring::{AlertRoute, AlertRouteProps, Receiver};
pub use multi::{
    ClusterCredentials, CredentialsProps, EastWestGateway, EastWestProps, GlobalService, Member, Mesh, MeshProps,
};
pub use rollout::{Analysis, BlueGreen, Canary, Release, Routing, Step};
pub use scale::{Autoscale, Scale};
pub use slo::{Breach, Slo};
pub use target_group_binding::TargetGroupBinding;
pub use traffic::{CallProps, Exposure, Gateway, Tls, Version, VersionProps};
pub use workload::{Workload, WorkloadProps};

pub(in crate::mesh) use self::core::{labels, network, pod};
pub(in crate::mesh) use workload::peers;
