//! What is measured of workloads and their proxies, and who hears of it.

mod alert_route;
pub(super) mod calls;
mod scrape;

pub use alert_route::{AlertRoute, AlertRouteProps, Receiver};
