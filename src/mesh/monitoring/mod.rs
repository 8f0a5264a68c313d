//! Metrics of workloads and proxies, and the receivers of alerts.

mod alert_route;
pub(super) mod calls;
mod scrape;

pub use alert_route::{AlertRoute, AlertRouteProps, Receiver};
