//! The foundations of mesh constructs: namespaces, labels, network policies, pods and probes.
//!
//! These modules do not depend on workloads, charts or the Istio installation. A namespace
//! contains its [`Membership`] in a mesh, which is plain data.

mod membership;
mod mtls;
mod namespace;
mod probe;
mod protocol;
mod service_account;
mod waypoint;

pub(in crate::mesh) mod identity;
pub(in crate::mesh) mod labels;
pub(in crate::mesh) mod network;
pub(in crate::mesh) mod pod;
pub(in crate::mesh) mod scaling;
pub(in crate::mesh) mod ways;

pub(in crate::mesh) use membership::HBONE;
pub use membership::{Membership, Mode, Tracing};
pub use mtls::Mtls;
pub use namespace::{ExistingNamespace, Namespace, NamespaceProps, PodSecurity};
pub use pod::{Placement, Resources, Toleration};
pub use probe::{Probe, Probes};
pub use protocol::Protocol;
pub use service_account::{ExistingServiceAccount, ServiceAccount};
pub use waypoint::Waypoint;
