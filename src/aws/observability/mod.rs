//! Observability: metrics, alarms and who hears them, dashboards, traces.

pub mod cloudwatch;
pub mod xray;
