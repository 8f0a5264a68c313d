//! The table `[diff]`: which gates are closed, and what may pass them until when.

use std::fmt;

use toml::Spanned;
use toml::de::DeValue;

use super::{Reader, entries};
use crate::cli::Deny;
use crate::problem::{Problem, did_you_mean};

/// What a diff must not hold.
#[derive(Debug, Default, PartialEq)]
pub struct Policy {
    /// The closed gates.
    pub deny: Vec<Deny>,
    /// The exceptions.
    pub allow: Vec<Allow>,
}

/// What may pass a gate.
#[derive(Clone, Debug, PartialEq)]
pub struct Allow {
    pub gate: Deny,
    /// A path in the program or a name; `*` stands for anything.
    pub what: String,
    /// Why.
    pub reason: String,
    /// The last day.
    pub until: Day,
    /// Where it is written.
    pub place: String,
}

/// A day of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day {
    year: i64,
    month: u8,
    day: u8,
}

impl Day {
    /// A day as it is written: `2026-12-31`.
    pub fn parse(text: &str) -> Option<Self> {
        let [year, month, day] = text.split('-').collect::<Vec<_>>().try_into().ok()?;
        let is_shaped = (year.len(), month.len(), day.len()) == (4, 2, 2) && !text.contains('+');
        let (year, month, day): (i64, u8, u8) = (year.parse().ok()?, month.parse().ok()?, day.parse().ok()?);
        let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let longest = match month {
            2 => 28 + u8::from(is_leap),
            4 | 6 | 9 | 11 => 30,
            1..=12 => 31,
            _ => return None,
        };
        (is_shaped && (1..=longest).contains(&day)).then_some(Self { year, month, day })
    }

    /// The day that is so many days after 1970-01-01.
    pub fn from_unix(days: u64) -> Self {
        let mut rest = days;
        let mut year = 1970;
        let length = |year: i64| if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) { 366 } else { 365 };
        while rest >= length(year) {
            rest -= length(year);
            year += 1;
        }
        let february = if length(year) == 366 { 29 } else { 28 };
        let mut month = 1;
        for days in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] {
            if rest < days {
                break;
            }
            rest -= days;
            month += 1;
        }
        Self { year, month, day: u8::try_from(rest + 1).unwrap_or(1) }
    }
}

impl fmt::Display for Day {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl Reader<'_> {
    /// The table `[diff]`.
    pub(super) fn policy(&self, value: &Spanned<DeValue<'_>>) -> Result<Policy, Problem> {
        let mut policy = Policy::default();
        for (key, span, value) in entries(self.table_of("diff", value)?) {
            match key {
                "deny" => {
                    for (text, span) in self.texts_of("diff.deny", value)? {
                        policy.deny.push(self.gate(&text, span)?);
                    }
                }
                "allow" => {
                    let wanted = "a list of tables, each written as `[[diff.allow]]`";
                    let array = value.get_ref().as_array();
                    let array = array.ok_or_else(|| self.wrong_type("diff.allow", value, wanted))?;
                    for item in array {
                        policy.allow.push(self.allow(item)?);
                    }
                }
                _ => return Err(self.unknown_key(key, span, "in `[diff]`", &["allow", "deny"])),
            }
        }
        Ok(policy)
    }

    fn gate(&self, text: &str, span: std::ops::Range<usize>) -> Result<Deny, Problem> {
        Deny::ALL.into_iter().find(|gate| gate.word() == text).ok_or_else(|| {
            let known = Deny::ALL.map(Deny::word);
            self.problem(span, format!("there is no gate `{text}`")).help(did_you_mean(text, &known))
        })
    }

    fn allow(&self, item: &Spanned<DeValue<'_>>) -> Result<Allow, Problem> {
        let (mut gate, mut what, mut reason, mut until) = (None, None, None, None);
        for (key, span, value) in entries(self.table_of("diff.allow", item)?) {
            let path = format!("diff.allow.{key}");
            match key {
                "gate" => gate = Some(self.gate(&self.text_of(&path, value)?, value.span())?),
                "what" => what = Some(self.text_of(&path, value)?),
                "reason" => reason = Some(self.text_of(&path, value)?),
                "until" => {
                    let text = self.text_of(&path, value)?;
                    until = Some(Day::parse(&text).ok_or_else(|| {
                        let problem = self.problem(value.span(), format!("`{path}` is no day: `{text}`"));
                        problem.help("write it as `until = \"2026-12-31\"`")
                    })?);
                }
                _ => {
                    let known = ["gate", "reason", "until", "what"];
                    return Err(self.unknown_key(key, span, "in `[[diff.allow]]`", &known));
                }
            }
        }
        let place = self.problem(item.span(), "").place.unwrap_or_default();
        match (gate, what, reason, until) {
            (Some(gate), Some(what), Some(reason), Some(until)) => Ok(Allow { gate, what, reason, until, place }),
            _ => Err(self.problem(item.span(), "an exception of `[[diff.allow]]` is not whole").help(
                "it says all of `gate`, `what`, `reason` and `until`, such as `gate = \"data-loss\"`, `what = \"data/*\"`, \
                 `reason = \"moved by hand, see the runbook\"`, `until = \"2026-12-31\"`",
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Day;

    #[test]
    fn days_are_days_of_the_calendar() {
        let text = |day: Day| day.to_string();
        assert_eq!(text(Day::from_unix(0)), "1970-01-01");
        assert_eq!(text(Day::from_unix(11_016)), "2000-02-29");
        assert_eq!(text(Day::from_unix(20_777)), "2026-11-20");
        assert!(Day::parse("2028-02-29").is_some() && Day::parse("2026-02-29").is_none());
        assert!(Day::parse("2026-1-1").is_none() && Day::parse("2026-13-01").is_none() && Day::parse("soon").is_none());
        assert!(Day::parse("2026-12-31") > Day::parse("2026-12-30"));
    }
}
