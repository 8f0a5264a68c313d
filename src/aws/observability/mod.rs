//! Observability: metrics, alarms and their notifications, dashboards, traces.

pub mod cloudwatch;
pub mod xray;
