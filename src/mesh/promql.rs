//! PromQL from typed parts, so that a query that Prometheus refuses cannot be written.
//!
//! A [`Series`] is what is stored. Counters become a [`Vector`] by
//! [`Series::rate`], gauges by [`Series::now`]; only vectors are summed,
//! divided and compared. Label values are quoted and escaped.

use std::borrow::Cow;
use std::fmt::{self, Display};

use crate::units::Duration;

/// Series of one name, by their labels.
///
/// ```
/// # use meshsynth::Duration;
/// # use meshsynth::mesh::promql::Series;
/// let requests = Series::of("istio_requests_total").with("destination_workload", "orders");
/// let errors = requests.clone().like("response_code", "5..");
/// let ratio = errors.rate(Duration::minutes(5)).sum().or_zero() / requests.rate(Duration::minutes(5)).sum();
/// assert_eq!(
///     ratio.to_string(),
///     "(sum(rate(istio_requests_total{destination_workload=\"orders\",response_code=~\"5..\"}[5m])) or vector(0)) \
///      / sum(rate(istio_requests_total{destination_workload=\"orders\"}[5m]))"
/// );
/// ```
///
/// Source: <https://prometheus.io/docs/prometheus/latest/querying/basics/>
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Series {
    name: Cow<'static, str>,
    matchers: Vec<(&'static str, &'static str, String)>,
}

impl Series {
    /// All series of a name.
    pub fn of(name: impl Into<Cow<'static, str>>) -> Self {
        Self { name: name.into(), matchers: Vec::new() }
    }

    /// Only those whose label has this value.
    #[must_use]
    pub fn with(self, label: &'static str, value: impl Into<String>) -> Self {
        self.matching(label, "=", value.into())
    }

    /// Only those whose label has another value than this.
    #[must_use]
    pub fn without(self, label: &'static str, value: impl Into<String>) -> Self {
        self.matching(label, "!=", value.into())
    }

    /// Only those whose label, as a whole, matches this regular expression.
    #[must_use]
    pub fn like(self, label: &'static str, pattern: impl Into<String>) -> Self {
        self.matching(label, "=~", pattern.into())
    }

    /// Only those whose label, as a whole, does not match this regular expression.
    #[must_use]
    pub fn unlike(self, label: &'static str, pattern: impl Into<String>) -> Self {
        self.matching(label, "!~", pattern.into())
    }

    fn matching(mut self, label: &'static str, operator: &'static str, value: String) -> Self {
        self.matchers.push((label, operator, value));
        self
    }

    /// By how much counters grow each second, over a window.
    pub fn rate(&self, window: Duration) -> Vector {
        Vector::atom(format!("rate({self}[{}])", span(window)))
    }

    /// The sum of the values of a gauge over a window.
    pub fn sum_over_time(&self, window: Duration) -> Vector {
        Vector::atom(format!("sum_over_time({self}[{}])", span(window)))
    }

    /// The values of a gauge as they are now.
    pub fn now(&self) -> Vector {
        Vector::atom(self.to_string())
    }
}

impl Display for Series {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}", self.name)?;
        if self.matchers.is_empty() {
            return Ok(());
        }
        let matchers: Vec<_> =
            self.matchers.iter().map(|(label, by, value)| format!("{label}{by}{}", quoted(value))).collect();
        write!(out, "{{{}}}", matchers.join(","))
    }
}

/// One value for each set of labels, at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vector {
    text: String,
    is_atom: bool,
}

impl Vector {
    fn atom(text: String) -> Self {
        Self { text, is_atom: true }
    }

    /// The sum of all.
    #[must_use]
    pub fn sum(self) -> Self {
        Self::atom(format!("sum({self})"))
    }

    /// The sums of those that agree in these labels.
    #[must_use]
    pub fn sum_by(self, labels: &[&str]) -> Self {
        Self::atom(format!("sum by ({}) ({self})", labels.join(", ")))
    }

    /// The value that this percentage of what a histogram counted does not exceed. Sum it by `le` before.
    #[must_use]
    pub fn percentile(self, percent: u8) -> Self {
        Self::atom(format!("histogram_quantile(0.{percent:02}, {self})"))
    }

    /// Zero where there is nothing. Only for a sum of all, which has no labels.
    #[must_use]
    pub fn or_zero(self) -> Self {
        self.joined("or", "vector(0)")
    }

    /// Where it is above a number, and nothing elsewhere.
    #[must_use]
    pub fn above(self, limit: f64) -> Self {
        self.joined(">", &number(limit))
    }

    /// Where both are.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        self.joined("and", &other.inner())
    }

    /// Where either is.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        self.joined("or", &other.inner())
    }

    /// What is left of one.
    #[must_use]
    pub fn from_one(self) -> Self {
        Self { text: format!("1 - {}", self.inner()), is_atom: false }
    }

    /// Divided by a number.
    #[must_use]
    pub fn over(self, divisor: f64) -> Self {
        self.joined("/", &number(divisor))
    }

    fn joined(self, operator: &str, other: &str) -> Self {
        Self { text: format!("{} {operator} {other}", self.inner()), is_atom: false }
    }

    /// As an operand: in parentheses unless it is one thing.
    fn inner(&self) -> String {
        if self.is_atom { self.text.clone() } else { format!("({})", self.text) }
    }
}

impl Display for Vector {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.text)
    }
}

/// One divided by the other, where their labels agree.
impl std::ops::Div for Vector {
    type Output = Vector;

    fn div(self, other: Vector) -> Vector {
        self.joined("/", &other.inner())
    }
}

/// What is left of the one without the other.
impl std::ops::Sub for Vector {
    type Output = Vector;

    fn sub(self, other: Vector) -> Vector {
        self.joined("-", &other.inner())
    }
}

/// A bucket of a histogram in milliseconds, as Prometheus 2 and 3 write its bound.
///
/// Source: <https://prometheus.io/docs/prometheus/latest/migration/#le-and-quantile-label-values>
pub(super) fn bucket(bound: Duration) -> String {
    format!("{}(\\.0)?", bound.as_millis())
}

/// A number without a needless fraction.
pub(super) fn number(value: f64) -> String {
    let text = format!("{value:.10}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A window as PromQL writes it.
pub(super) fn span(window: Duration) -> String {
    match window.as_seconds() {
        s if s > 0 && s % 86_400 == 0 => format!("{}d", s / 86_400),
        s if s > 0 && s % 3_600 == 0 => format!("{}h", s / 3_600),
        s if s > 0 && s % 60 == 0 => format!("{}m", s / 60),
        s => format!("{s}s"),
    }
}

fn quoted(value: &str) -> String {
    format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
}

#[cfg(test)]
mod tests {
    use super::{Series, number, span};
    use crate::units::Duration;

    #[test]
    fn a_value_cannot_leave_its_quotes() {
        let series = Series::of("up").with("job", "a\"} or up{job=\"b").unlike("pod", "x\\d+");
        assert_eq!(series.to_string(), r#"up{job="a\"} or up{job=\"b",pod!~"x\\d+"}"#);
    }

    #[test]
    fn what_is_joined_keeps_its_meaning() {
        let sum = |name| Series::of(name).rate(Duration::minutes(1)).sum();
        let query = (sum("a").or_zero() / sum("b")).above(0.5).and(sum("c").above(1.0));
        assert_eq!(
            query.to_string(),
            "(((sum(rate(a[1m])) or vector(0)) / sum(rate(b[1m]))) > 0.5) and (sum(rate(c[1m])) > 1)"
        );
    }

    #[test]
    fn numbers_and_windows_are_as_short_as_they_can_be() {
        let windows = [Duration::days(3), Duration::hours(6), Duration::minutes(5), Duration::seconds(90)];
        assert_eq!(windows.map(span), ["3d", "6h", "5m", "90s"]);
        assert_eq!([0.072, 14.4, 200.0, 1e-4].map(number), ["0.072", "14.4", "200", "0.0001"]);
    }
}
