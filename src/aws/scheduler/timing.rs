//! Schedule expressions.

use crate::units::Duration;

/// A schedule expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum When {
    /// A rate in whole minutes, which starts when the schedule is created.
    Every(Duration),
    /// An AWS cron expression with six fields, such as `0 6 ? * MON-FRI *`: minutes, hours, day of the month, month,
    /// day of the week, year. One of the two day fields is `?`.
    Cron(String),
    /// A single invocation at a local time, such as `2027-01-01T09:00:00`.
    At(String),
}

impl When {
    /// Invokes the target each day at an hour and a minute.
    pub fn daily(hour: u8, minute: u8) -> Self {
        Self::Cron(format!("{minute} {hour} * * ? *"))
    }

    /// Invokes the target according to an AWS cron expression, such as `0 6 ? * MON-FRI *`.
    pub fn cron(fields: &str) -> Self {
        Self::Cron(fields.to_owned())
    }

    /// Returns the expression in the syntax of EventBridge Scheduler.
    pub fn expression(&self) -> String {
        match self {
            Self::Every(span) => rate(*span),
            Self::Cron(fields) => format!("cron({fields})"),
            Self::At(time) => format!("at({time})"),
        }
    }
}

/// Returns a rate expression in the largest unit that represents it as a whole number.
fn rate(span: Duration) -> String {
    let minutes = span.as_seconds().div_ceil(60);
    let (number, unit) = match minutes {
        _ if minutes > 0 && minutes.is_multiple_of(1440) => (minutes / 1440, "day"),
        _ if minutes > 0 && minutes.is_multiple_of(60) => (minutes / 60, "hour"),
        _ => (minutes, "minute"),
    };
    format!("rate({number} {unit}{})", if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::{Duration, When};

    #[test]
    fn rate_uses_largest_whole_unit() {
        let expressions = [Duration::minutes(90), Duration::hours(1), Duration::days(2)].map(When::Every);
        let expressions = expressions.map(|it| it.expression());
        assert_eq!(expressions, ["rate(90 minutes)", "rate(1 hour)", "rate(2 days)"]);
        assert_eq!(When::daily(6, 30).expression(), "cron(30 6 * * ? *)");
    }
}
