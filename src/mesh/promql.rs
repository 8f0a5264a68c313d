//! PromQL queries from typed parts, so that invalid queries do not compile.
//!
//! A [`Series`] refers to stored samples. [`Series::rate`] converts counters to a [`Vector`], and [`Series::now`]
//! converts gauges. Only vectors can be summed, divided and compared. Label values are quoted and escaped.

use std::borrow::Cow;
use std::fmt::{self, Display};

use crate::units::Duration;

/// All series of one metric name, selected by their labels.
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
    /// Selects all series of a name.
    pub fn of(name: impl Into<Cow<'static, str>>) -> Self {
        Self { name: name.into(), matchers: Vec::new() }
    }

    /// Keeps series whose label has this value.
    #[must_use]
    pub fn with(self, label: &'static str, value: impl Into<String>) -> Self {
        self.matching(label, "=", value.into())
    }

    /// Keeps series whose label does not have this value.
    #[must_use]
    pub fn without(self, label: &'static str, value: impl Into<String>) -> Self {
        self.matching(label, "!=", value.into())
    }

    /// Keeps series whose complete label value matches this regular expression.
    #[must_use]
    pub fn like(self, label: &'static str, pattern: impl Into<String>) -> Self {
        self.matching(label, "=~", pattern.into())
    }

    /// Keeps series whose complete label value does not match this regular expression.
    #[must_use]
    pub fn unlike(self, label: &'static str, pattern: impl Into<String>) -> Self {
        self.matching(label, "!~", pattern.into())
    }

    fn matching(mut self, label: &'static str, operator: &'static str, value: String) -> Self {
        self.matchers.push((label, operator, value));
        self
    }

    /// Returns the growth of counters per second, over a window.
    pub fn rate(&self, window: Duration) -> Vector {
        Vector::atom(format!("rate({self}[{}])", span(window)))
    }

    /// Returns the sum of the values of a gauge over a window.
    pub fn sum_over_time(&self, window: Duration) -> Vector {
        Vector::atom(format!("sum_over_time({self}[{}])", span(window)))
    }

    /// Returns the current values of a gauge.
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

/// An instant vector: one value for each set of labels at one time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vector {
    text: String,
    is_atom: bool,
}

impl Vector {
    fn atom(text: String) -> Self {
        Self { text, is_atom: true }
    }

    /// Returns the sum of all values.
    #[must_use]
    pub fn sum(self) -> Self {
        Self::atom(format!("sum({self})"))
    }

    /// Returns one sum for each combination of these labels.
    #[must_use]
    pub fn sum_by(self, labels: &[&str]) -> Self {
        Self::atom(format!("sum by ({}) ({self})", labels.join(", ")))
    }

    /// Returns a percentile of a histogram. The histogram must be summed by `le` first.
    #[must_use]
    pub fn percentile(self, percent: u8) -> Self {
        Self::atom(format!("histogram_quantile(0.{percent:02}, {self})"))
    }

    /// Replaces an empty result with zero. Valid only for a sum without labels.
    #[must_use]
    pub fn or_zero(self) -> Self {
        self.joined("or", "vector(0)")
    }

    /// Keeps values above a number.
    #[must_use]
    pub fn above(self, limit: f64) -> Self {
        self.joined(">", &number(limit))
    }

    /// Keeps values whose labels occur in both vectors.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        self.joined("and", &other.inner())
    }

    /// Returns the values of the first vector, and the values of the second vector whose labels do not occur in the
    /// first.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        self.joined("or", &other.inner())
    }

    /// Subtracts the values from one.
    #[must_use]
    pub fn from_one(self) -> Self {
        Self { text: format!("1 - {}", self.inner()), is_atom: false }
    }

    /// Divides the values by a number.
    #[must_use]
    pub fn over(self, divisor: f64) -> Self {
        self.joined("/", &number(divisor))
    }

    fn joined(self, operator: &str, other: &str) -> Self {
        Self { text: format!("{} {operator} {other}", self.inner()), is_atom: false }
    }

    /// Formats an operand, in parentheses unless it is atomic.
    fn inner(&self) -> String {
        if self.is_atom { self.text.clone() } else { format!("({})", self.text) }
    }
}

impl Display for Vector {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.text)
    }
}

/// Divides vectors with equal labels.
impl std::ops::Div for Vector {
    type Output = Vector;

    fn div(self, other: Vector) -> Vector {
        self.joined("/", &other.inner())
    }
}

/// Subtracts vectors with equal labels.
impl std::ops::Sub for Vector {
    type Output = Vector;

    fn sub(self, other: Vector) -> Vector {
        self.joined("-", &other.inner())
    }
}

/// Returns the pattern of a histogram bucket in milliseconds. It matches the notations of Prometheus 2 and 3.
///
/// Source: <https://prometheus.io/docs/prometheus/latest/migration/#le-and-quantile-label-values>
pub(super) fn bucket(bound: Duration) -> String {
    format!("{}(\\.0)?", bound.as_millis())
}

/// Formats a number without trailing zeros.
pub(super) fn number(value: f64) -> String {
    let text = format!("{value:.10}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Formats a window in PromQL notation.
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
    fn escapes_label_values() {
        let series = Series::of("up").with("job", "a\"} or up{job=\"b").unlike("pod", "x\\d+");
        assert_eq!(series.to_string(), r#"up{job="a\"} or up{job=\"b",pod!~"x\\d+"}"#);
    }

    #[test]
    fn puts_operands_in_parentheses() {
        let sum = |name| Series::of(name).rate(Duration::minutes(1)).sum();
        let query = (sum("a").or_zero() / sum("b")).above(0.5).and(sum("c").above(1.0));
        assert_eq!(
            query.to_string(),
            "(((sum(rate(a[1m])) or vector(0)) / sum(rate(b[1m]))) > 0.5) and (sum(rate(c[1m])) > 1)"
        );
    }

    #[test]
    fn formats_numbers_and_windows_in_shortest_form() {
        let windows = [Duration::days(3), Duration::hours(6), Duration::minutes(5), Duration::seconds(90)];
        assert_eq!(windows.map(span), ["3d", "6h", "5m", "90s"]);
        assert_eq!([0.072, 14.4, 200.0, 1e-4].map(number), ["0.072", "14.4", "200", "0.0001"]);
    }
}
