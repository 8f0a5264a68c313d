//! Amazon CloudWatch: metrics, metric filters, alarms and dashboards.

mod alarm;
mod bare;
mod dashboard;
mod messages;
mod metric;
mod metric_filter;
mod services;
mod stores;

pub use alarm::{Alarm, AlarmProps, Missing, watch};
pub use dashboard::{Dashboard, DashboardProps};
pub use metric::{Limit, Metric, Monitored, Panel, Statistic};
pub use metric_filter::{MetricFilter, MetricFilterProps};
