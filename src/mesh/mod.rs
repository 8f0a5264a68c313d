//! Kubernetes constructs: namespaces, workloads, and the charts that they need.
//!
//! A [`Workload`] contains everything that belongs to one service: its pods, their address, placement, scaling and
//! draining, and their AWS identity. Each relation is one line: [`Workload::calls`], [`Workload::env`] and
//! [`Workload::env_secret`] of the workload, or `db.allow_from(&orders)` of a data store.

pub mod addons;
pub mod promql;

mod bare;
mod callable;
mod callee;
mod core;
mod daemon_set;
mod dashboard;
mod gateway_entry;
mod helm;
mod ingress;
mod istio;
mod jobs;
mod keda;
mod kubernetes_cluster;
mod load;
mod load_balancer_service;
mod manifests;
mod monitored;
mod monitoring;
mod multi;
mod pod_relations;
mod pods;
mod pull_secret;
mod relations;
mod rollout;
mod scale;
mod secret_store;
mod slo;
mod stateful_set;
mod storage_class;
mod target_group_binding;
pub mod traffic;
mod variables;
mod workload;

pub use self::core::{
    ExistingNamespace, ExistingServiceAccount, Membership, Mode, Mtls, Namespace, NamespaceProps, Placement,
    PodSecurity, Probe, Probes, Protocol, Resources, ServiceAccount, Toleration, Tracing, Waypoint,
};
pub use crate::kube::core::TolerationEffect;
pub use callable::{Callable, Called, NamedPort};
pub use callee::{Callee, ExistingCallee};
pub use daemon_set::{DaemonSet, DaemonSetProps, HostPath, NodeUpdate};
pub use helm::{Chart, HelmRelease, HelmReleaseProps};
pub use ingress::{Ingress, IngressProps};
pub use istio::{
    AccessLog, ControlPlane, GatewayPort, GatewayProps, GatewayService, ISTIO_VERSION, IngressGateway, Istio,
    IstioProps, OutboundTraffic, RevisionProps,
};
pub use jobs::{Concurrency, CronJob, CronJobProps, Job, JobProps};
pub use keda::{Events, ScaledJob, ScaledJobProps, Trigger, TriggerIdentity};
pub use kubernetes_cluster::KubernetesCluster;
pub use load::Load;
pub use load_balancer_service::{HealthCheck, LoadBalancerService, LoadBalancerServiceProps};
pub use manifests::Manifests;
pub use monitored::Language;
pub use monitoring::{AlertRoute, AlertRouteProps, Receiver};
pub use multi::{
    ClusterCredentials, CredentialsProps, EastWestGateway, EastWestProps, GlobalService, Member, Mesh, MeshProps,
};
pub use pods::{Container, PodProps, Pods, Port, Projection, Runs, Volume};
pub use rollout::{Analysis, BlueGreen, Canary, Release, Routing, Step};
pub use scale::{Autoscale, Scale};
pub use slo::{Breach, Slo};
pub use stateful_set::{Claim, ClaimRetention, PodOrder, StatefulSet, StatefulSetProps};
pub use storage_class::{StorageClass, StorageClassProps};
pub use target_group_binding::TargetGroupBinding;
pub use traffic::{CallProps, Exposure, Gateway, Tls, Version, VersionProps};
pub use workload::{Workload, WorkloadProps};

pub(in crate::mesh) use self::core::{labels, network};
pub(in crate::mesh) use pods::peers;
