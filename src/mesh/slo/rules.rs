//! The recording rules and the alerts of an objective.

use crate::kube::prometheus::prometheus_rule::{Group, GroupRule};
use crate::mesh::Workload;
use crate::mesh::promql::{Series, Vector, number, span};
use crate::units::Duration;
use crate::val::{Val, Value};

use super::Slo;

/// The rate of bad requests per second.
const BAD: &str = "slo:bad:rate5m";
/// The rate of all requests per second.
const TOTAL: &str = "slo:total:rate5m";
/// The windows whose rates are computed from raw metrics.
const SHORT: [Duration; 5] =
    [Duration::minutes(5), Duration::minutes(30), Duration::hours(1), Duration::hours(2), Duration::hours(6)];
/// The windows whose rates are summed from recorded metrics, because a query of raw metrics over such a window is too
/// expensive.
const LONG: [Duration; 2] = [Duration::days(1), Duration::days(3)];

/// An alert about the burn rate of the budget.
struct Burn {
    severity: &'static str,
    name: &'static str,
    /// The conditions: the used share of the budget in percent, the long window, and the short window.
    when: [(f64, Duration, Duration); 2],
    /// The consequence, for the text of the alert.
    text: &'static str,
}

/// Source: <https://sre.google/workbook/alerting-on-slos/>
const BURNS: [Burn; 2] = [
    Burn {
        severity: "critical",
        name: "SloBudgetBurnsFast",
        when: [(2.0, Duration::hours(1), Duration::minutes(5)), (5.0, Duration::hours(6), Duration::minutes(30))],
        text: "gone within days",
    },
    Burn {
        severity: "warning",
        name: "SloBudgetBurns",
        when: [(10.0, Duration::days(1), Duration::hours(2)), (10.0, Duration::days(3), Duration::hours(6))],
        text: "gone before the window ends",
    },
];

/// Returns the group of recording rules and the group of alerts.
pub(super) fn groups(workload: &Workload, slo: &Slo) -> [Group; 2] {
    let mut records = vec![
        record(workload, slo, BAD, slo.bad(workload, Duration::minutes(5))),
        record(workload, slo, TOTAL, slo.total(workload).rate(Duration::minutes(5)).sum()),
    ];
    let mut short = SHORT.to_vec();
    let mut long = LONG.to_vec();
    long.push(Duration::days(slo.window_days.into()));
    if let Some(breach) = slo.breach {
        let list = if breach.over > Duration::hours(6) { &mut long } else { &mut short };
        list.push(breach.over);
    }
    for windows in [&mut short, &mut long] {
        windows.sort();
        windows.dedup();
    }
    for window in short {
        let ratio = slo.bad(workload, window) / slo.total(workload).rate(window).sum();
        records.push(record(workload, slo, &name_of(&span(window)), ratio));
    }
    for window in long {
        let over = |name: &'static str| labelled(workload, slo, Series::of(name)).sum_over_time(window);
        records.push(record(workload, slo, &name_of(&span(window)), over(BAD) / over(TOTAL)));
    }
    let mut alerts: Vec<_> = BURNS.iter().map(|burn| burning(workload, slo, burn)).collect();
    alerts.extend(missed(workload, slo));
    let group = |what: &str| Group::new(format!("{}-{}-{what}", workload.name(), slo.name));
    [group("records").rules(records), group("alerts").rules(alerts)]
}

/// Returns the recorded share of bad requests over a window.
pub(super) fn recorded(workload: &Workload, slo: &Slo, window: &str) -> Series {
    labelled(workload, slo, Series::of(name_of(window)))
}

/// Returns the remaining budget.
pub(super) fn left(workload: &Workload, slo: &Slo) -> Vector {
    let window = span(Duration::days(slo.window_days.into()));
    recorded(workload, slo, &window).now().over(slo.budget()).from_one()
}

fn name_of(window: &str) -> String {
    format!("slo:bad:ratio_rate{window}")
}

fn labels(workload: &Workload, slo: &Slo) -> [(&'static str, String); 3] {
    [
        ("namespace", workload.namespace().name().to_owned()),
        ("workload", workload.name().to_owned()),
        ("slo", slo.name.clone()),
    ]
}

fn labelled(workload: &Workload, slo: &Slo, series: Series) -> Series {
    labels(workload, slo).into_iter().fold(series, |series, (label, value)| series.with(label, value))
}

fn record(workload: &Workload, slo: &Slo, name: &str, query: Vector) -> GroupRule {
    GroupRule::new(query.to_string()).record(name).labels(labels(workload, slo))
}

fn burning(workload: &Workload, slo: &Slo, burn: &Burn) -> GroupRule {
    let over = |window: Duration, limit: f64| recorded(workload, slo, &span(window)).now().above(limit);
    let [one, other] = burn.when.map(|(share, long, short)| {
        let hours = long.as_hours() as f64;
        // The burn rate, relative to the rate that uses the budget exactly within the window.
        let speed = share / 100.0 * f64::from(slo.window_days) * 24.0 / hours;
        let limit = speed * slo.budget();
        over(long, limit).and(over(short, limit))
    });
    let objective = number(slo.percent);
    let text = format!(
        "{} in {} burns the budget of its {} of {objective} % so fast that it is {}",
        workload.name(),
        workload.namespace().name(),
        slo.name,
        burn.text,
    );
    alert(workload, slo, burn.name, burn.severity, one.or(other), &text)
}

fn missed(workload: &Workload, slo: &Slo) -> Option<GroupRule> {
    let breach = slo.breach?;
    let query = recorded(workload, slo, &span(breach.over)).now().above(slo.budget());
    let text = format!(
        "{} in {} misses its {} of {} % over {}",
        workload.name(),
        workload.namespace().name(),
        slo.name,
        number(slo.percent),
        span(breach.over),
    );
    let after: Val<String> = breach.after.into_data().to_text().into();
    Some(alert(workload, slo, "SloMissed", "critical", query, &text).for_(after))
}

fn alert(workload: &Workload, slo: &Slo, name: &str, severity: &str, query: Vector, text: &str) -> GroupRule {
    let mut all = labels(workload, slo).to_vec();
    all.push(("severity", severity.to_owned()));
    GroupRule::new(query.to_string()).alert(name).labels(all).annotations([
        ("summary", text.to_owned()),
        ("value", "{{ $value | humanizePercentage }} of requests are bad".to_owned()),
    ])
}

#[cfg(test)]
mod tests {
    use crate::mesh::Slo;
    use crate::mesh::promql::Series;
    use crate::ssm;
    use crate::testing::{Platform, codes, mesh_workload, stack, workload};
    use crate::units::Duration;

    #[test]
    fn alerts_on_burn_rates_of_99_5_percent() {
        let platform = Platform::synth("shop", |app| {
            mesh_workload(app).slo(Slo::availability(99.5).breach(Duration::hours(1), Duration::minutes(5)));
        });
        let rules = platform.manifest("prometheusrule-orders-slo");
        // 14.4, 6, 3 and 1 times 0.005.
        for limit in ["> 0.072", "> 0.03)", "> 0.015)", "> 0.005)"] {
            assert!(rules.contains(limit), "{limit} in {rules}");
        }
        for part in ["alert: SloMissed", "for: 5m", "record: slo:bad:ratio_rate30d", "severity: warning"] {
            assert!(rules.contains(part), "{part} in {rules}");
        }
        let board = platform.manifest("configmap-orders-availability");
        assert!(board.contains("grafana_dashboard: \"1\"") && board.contains("Budget left over 30 days"), "{board}");
    }

    #[test]
    fn counts_slow_requests_by_the_bucket_of_the_threshold() {
        let platform = Platform::synth("shop", |app| {
            mesh_workload(app).slo(Slo::latency_p99(Duration::millis(500)));
        });
        let rules = platform.manifest("prometheusrule-orders-slo");
        assert!(
            rules.contains("istio_request_duration_milliseconds_bucket") && rules.contains(r#"500(\\.0)?"#),
            "{rules}"
        );
    }

    #[test]
    fn rejects_objective_of_100_percent_and_threshold_that_is_no_bucket_bound() {
        let found = |slo: Slo| {
            codes(|app| {
                mesh_workload(app).slo(slo.clone());
            })
        };
        assert_eq!(found(Slo::availability(100.0)), ["MS0956"]);
        assert_eq!(found(Slo::latency_p99(Duration::millis(300))), ["MS0957"]);
        assert_eq!(found(Slo::latency_p99(Duration::millis(250))), [""; 0]);
    }

    #[test]
    fn workload_outside_of_mesh_requires_its_own_metrics() {
        let found = |slo: Slo| {
            codes(|app| {
                let orders = workload(app);
                ssm::Parameter::new(&stack(app, "config"), "parameter", "a", "b", Default::default());
                orders.slo(slo.clone());
            })
        };
        assert_eq!(found(Slo::availability(99.5)), ["MS0958"]);
        let total = Series::of("http_requests_total").with("job", "orders");
        assert_eq!(found(Slo::ratio("availability", 99.5, total.clone().like("code", "5.."), total)), [""; 0]);
    }
}
