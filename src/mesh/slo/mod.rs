//! Service level objectives of a workload, with alerts about their error budget.

mod rules;

use std::panic::Location;

use crate::diag::Diagnostic;
use crate::kube::prometheus::{self, prometheus_rule as shape};
use crate::tree::{Construct, Scope};
use crate::units::Duration;

use super::dashboard::{self, Graph};
use super::promql::{Series, Vector};
use super::{Workload, labels, load};

/// A service level objective: the minimum share of good requests over a window of days.
///
/// The allowed share of bad requests is the error budget. Alerts measure its burn rate over two windows. The long
/// window ignores small losses, and the short window ends the alert soon after the cause:
///
/// | severity | budget used | within | windows |
/// |---|---|---|---|
/// | critical | 2 % | 1 hour | 1 h and 5 min |
/// | critical | 5 % | 6 hours | 6 h and 30 min |
/// | warning | 10 % | 1 day | 1 d and 2 h |
/// | warning | 10 % | 3 days | 3 d and 6 h |
///
/// Source: <https://sre.google/workbook/alerting-on-slos/>
#[derive(Clone, Debug, PartialEq)]
pub struct Slo {
    name: String,
    percent: f64,
    good: Good,
    /// The number of days of the window. Default: 30.
    pub window_days: u16,
    /// An additional alert if the objective is missed over a short window. Default: none.
    pub breach: Option<Breach>,
}

/// The alert for an objective that is missed over a short window. It becomes critical after some time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Breach {
    /// The window of the measurement.
    pub over: Duration,
    /// How long the objective must be missed before the alert is critical.
    pub after: Duration,
}

/// The definition of a good request.
#[derive(Clone, Debug, PartialEq)]
enum Good {
    /// The proxies reported no server fault.
    Answered,
    /// The proxies measured a response within this time.
    Within(Duration),
    /// A counter of bad requests does not count the request.
    NotIn { bad: Series, total: Series },
}

impl Slo {
    /// Requires a percentage of requests without a server fault, measured by the proxies of the mesh.
    pub fn availability(percent: f64) -> Self {
        Self::new("availability", percent, Good::Answered)
    }

    /// Requires a percentage of requests that are answered within a time, measured by the proxies of the mesh.
    ///
    /// The time must be a bucket bound of the proxies' histogram: 1, 5, 10, 25, 50, 100, 250, 500 ms, 1, 2.5, 5, 10, 30
    /// s …
    pub fn latency(percent: f64, target: Duration) -> Self {
        Self::new("latency", percent, Good::Within(target))
    }

    /// Requires that 99 percent of the requests are answered within a time.
    pub fn latency_p99(target: Duration) -> Self {
        Self::latency(99.0, target)
    }

    /// Requires a percentage of good events, from metrics of the workload itself: a counter of bad events, and a
    /// counter of all events.
    pub fn ratio(name: &str, percent: f64, bad: Series, total: Series) -> Self {
        Self::new(name, percent, Good::NotIn { bad, total })
    }

    fn new(name: &str, percent: f64, good: Good) -> Self {
        Self { name: name.to_owned(), percent, good, window_days: 30, breach: None }
    }

    /// Adds an alert if the objective is missed over the window `over`. The alert is critical after the time `after`.
    #[must_use]
    pub fn breach(self, over: Duration, after: Duration) -> Self {
        Self { breach: Some(Breach { over, after }), ..self }
    }

    /// Returns the share of requests that may be bad.
    fn budget(&self) -> f64 {
        // Rounded, since 1 - 0.995 is not exactly 0.005 in binary.
        ((100.0 - self.percent) * 1e6).round() / 1e8
    }

    /// Reports an invalid percentage or threshold. Also reports an objective that needs mesh metrics if the workload is
    /// not in a mesh.
    fn check(&self, workload: &Workload, at: crate::tree::At) {
        let report = |code, message: String, help: &str| {
            workload.scope().report(Diagnostic::error(code, message).at(at).help(help.to_owned()));
        };
        if !(self.percent > 0.0 && self.percent < 100.0) {
            let message = format!(
                "the objective `{}` of `{}` is {} %; it must be above 0 % and below 100 %",
                self.name,
                workload.name(),
                self.percent
            );
            report("MS0956", message, "use an objective between 0 and 100; at 100 %, every error causes an alert");
        }
        if let Good::Within(target) = self.good
            && !BOUNDS_MS.contains(&target.as_millis())
        {
            let near =
                BOUNDS_MS.iter().min_by_key(|bound| bound.abs_diff(target.as_millis())).copied().unwrap_or_default();
            let message = format!("the histogram of the proxies has no bucket for {} ms", target.as_millis());
            report("MS0957", message, &format!("use the limit of an existing bucket, such as {near} ms"));
        }
        if !matches!(self.good, Good::NotIn { .. }) && workload.namespace().mesh().is_none() {
            let message = format!("`{}` is not in a mesh, so it has no metrics for its {}", workload.name(), self.name);
            report("MS0958", message, "add the namespace to a mesh, or use `Slo::ratio` with metrics of the workload");
        }
    }
}

/// The bucket bounds of the proxies' histogram that are whole milliseconds.
///
/// Source: <https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/metrics/v3/stats.proto>
const BOUNDS_MS: [u64; 18] = [
    1, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000, 300_000, 600_000, 1_800_000,
    3_600_000,
];

impl Workload {
    /// Implements [`Workload::slo`].
    #[track_caller]
    pub(in crate::mesh) fn define_slo(&self, slo: Slo) -> &Self {
        slo.check(self, self.scope().user_line(Location::caller()));
        let rule = self.scope().singleton("slo rules", || {
            let spec = shape::Spec::new();
            let rule =
                prometheus::PrometheusRule::new(spec).define(self.scope(), "slo", &format!("{}-slo", self.name()));
            labels::add(rule.scope(), self.name());
            rule.scope().clone()
        });
        for group in rules::groups(self, &slo) {
            rule.add("spec.groups", group);
        }
        let board = self.board(&slo);
        labels::add(&board, self.name());
        self
    }

    #[track_caller]
    fn board(&self, slo: &Slo) -> Scope {
        let (namespace, name) = (self.namespace().name(), self.name());
        let line = |legend: &str, query: Vector| (legend.to_owned(), query);
        let mut graphs = vec![
            Graph {
                title: format!("Budget left over {} days", slo.window_days),
                unit: "percentunit",
                lines: vec![line("left", rules::left(self, slo))],
                limit: None,
            },
            Graph {
                title: "Share of bad requests".to_owned(),
                unit: "percentunit",
                lines: ["5m", "1h", "6h"].map(|window| line(window, rules::recorded(self, slo, window).now())).to_vec(),
                limit: Some(slo.budget()),
            },
        ];
        let window = Duration::minutes(5);
        graphs.push(Graph {
            title: "Requests".to_owned(),
            unit: "reqps",
            lines: vec![line("requests", slo.total(self).rate(window).sum())],
            limit: None,
        });
        if !matches!(slo.good, Good::NotIn { .. }) {
            let limit = match slo.good {
                Good::Within(target) => Some(target.as_millis() as f64),
                _ => None,
            };
            let of = |percent: u8| line(&format!("p{percent}"), load::latency(namespace, name, percent, window));
            graphs.push(Graph { title: "Latency".to_owned(), unit: "ms", lines: [50, 95, 99].map(of).to_vec(), limit });
        }
        let title = format!("{namespace} / {name}: {}", slo.name);
        dashboard::define(
            self.scope(),
            &format!("dashboard-{}", slo.name),
            &format!("{name}-{}", slo.name),
            &title,
            &graphs,
        )
    }
}

impl Slo {
    /// Returns the series of all requests.
    fn total(&self, workload: &Workload) -> Series {
        let (namespace, name) = (workload.namespace().name(), workload.name());
        match &self.good {
            Good::Answered => load::requests(namespace, name),
            Good::Within(_) => load::timed(namespace, name),
            Good::NotIn { total, .. } => total.clone(),
        }
    }

    /// Returns the rate of bad requests per second.
    fn bad(&self, workload: &Workload, window: Duration) -> Vector {
        let (namespace, name) = (workload.namespace().name(), workload.name());
        match &self.good {
            Good::Answered => {
                let faults = load::faults(load::requests(namespace, name), workload.protocol());
                faults.rate(window).sum().or_zero()
            }
            Good::Within(target) => {
                self.total(workload).rate(window).sum() - load::within(namespace, name, *target).rate(window).sum()
            }
            Good::NotIn { bad, .. } => bad.rate(window).sum().or_zero(),
        }
    }
}
