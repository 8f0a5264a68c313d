//! Traffic in the mesh: versions, routes, calls, gateways, external hosts, identities and traces.
//!
//! The methods of these modules declare relations and settings, and derive the Istio objects from them. A relation is
//! declared once. [`Workload::calls`](super::Workload::calls) defines an authorization policy, a network policy, a host
//! of the sidecar and an edge of the graph. A route applies inside the mesh and behind every gateway.

mod calls;
mod condition;
mod destination;
mod external;
mod gateway;
mod gateway_api;
mod http_rules;
mod inside;
mod jwt;
mod other_calls;
mod rate_limit;
mod retries;
mod route;
mod routes;
mod service_policies;
mod telemetry;
mod version;
mod waypoint;

pub use crate::kube::istio::telemetry::OverrideMatchMetric as Metric;
pub use calls::CallProps;
pub use condition::{Condition, Header, Subject, caller, cookie, header, method, query, uri, user_agent};
pub use destination::{Balance, CircuitBreaker, Locality};
pub use external::{Endpoint, External, ExternalProps, ExternalProtocol, Machines};
pub use gateway::{Exposure, Gateway, Tls};
pub use gateway_api::GatewayApi;
pub use jwt::Tokens;
pub use rate_limit::{Each, Per, RateLimit, RateLimitService, RateLimitServiceProps};
pub use retries::{Cors, Retries, RetryOn};
pub use route::Route;
pub use telemetry::{MetricTag, Tag, Telemetry, TelemetryProps};
pub use version::{Target, Version, VersionProps};

pub(super) use super::core::HBONE;
pub(super) use super::core::labels::{VERSION_LABEL, VERSION_OF};
pub(super) use calls::{join, take_part};

#[cfg(test)]
mod tests;
