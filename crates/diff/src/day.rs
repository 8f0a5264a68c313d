//! Calendar days, on which exceptions end.

use std::fmt;

/// A calendar day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day {
    year: i64,
    month: u8,
    day: u8,
}

impl Day {
    /// Parses a day such as `2026-12-31`.
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

    /// Returns the day that is this number of days after 1970-01-01.
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

impl Day {
    /// Returns the number of days until another day, negative if that day is earlier.
    pub fn days_to(self, other: Self) -> i64 {
        other.number() - self.number()
    }

    /// Returns a continuous day number.
    fn number(self) -> i64 {
        // March is the first month, so a leap day is the last day of the year.
        let (year, month) = match self.month {
            1 | 2 => (self.year - 1, i64::from(self.month) + 9),
            month => (self.year, i64::from(month) - 3),
        };
        365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + i64::from(self.day)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

#[cfg(test)]
mod tests {
    use super::Day;

    #[test]
    fn day_conversion_and_parsing_follow_the_calendar() {
        let text = |day: Day| day.to_string();
        assert_eq!(text(Day::from_unix(0)), "1970-01-01");
        assert_eq!(text(Day::from_unix(11_016)), "2000-02-29");
        assert_eq!(text(Day::from_unix(20_777)), "2026-11-20");
        assert!(Day::parse("2028-02-29").is_some() && Day::parse("2026-02-29").is_none());
        assert!(Day::parse("2026-1-1").is_none() && Day::parse("2026-13-01").is_none() && Day::parse("soon").is_none());
        assert!(Day::parse("2026-12-31") > Day::parse("2026-12-30"));
    }

    #[test]
    fn counts_days_between_dates() {
        let first = Day::from_unix(0);
        for n in (0..40_000).step_by(13) {
            assert_eq!(first.days_to(Day::from_unix(n)), i64::try_from(n).unwrap());
        }
        assert_eq!(Day::parse("2026-03-01").unwrap().days_to(Day::parse("2026-02-28").unwrap()), -1);
    }
}
