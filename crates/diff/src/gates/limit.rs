//! Limits for deletions: a number, or a share of the existing resources.

use std::fmt;

/// The maximum that a change may delete.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Limit {
    /// A number of resources.
    Number(usize),
    /// A share of the existing resources, in hundredths of a percent.
    Share(usize),
}

impl Limit {
    /// Parses `20`, `5%` or `0.5%`, with at most two decimals.
    pub fn parse(text: &str) -> Option<Self> {
        let is_number = |text: &str| !text.is_empty() && text.bytes().all(|digit| digit.is_ascii_digit());
        let Some(share) = text.strip_suffix('%') else {
            return is_number(text).then(|| text.parse().ok().map(Limit::Number)).flatten();
        };
        let (whole, decimals) = share.split_once('.').unwrap_or((share, "0"));
        if !is_number(whole) || !is_number(decimals) || decimals.len() > 2 {
            return None;
        }
        let hundredths: usize = format!("{decimals:0<2}").parse().ok()?;
        let share = whole.parse::<usize>().ok()?.checked_mul(100)?.checked_add(hundredths)?;
        (share <= 10_000).then_some(Limit::Share(share))
    }

    /// Returns how many of the existing resources may be deleted. A share is rounded up, so that one of a few may be
    /// deleted.
    pub fn most_of(self, n_there: usize) -> usize {
        match self {
            Limit::Number(most) => most,
            Limit::Share(share) => (n_there * share).div_ceil(10_000),
        }
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Limit::Number(most) => write!(out, "{most}"),
            Limit::Share(share) if share % 100 == 0 => write!(out, "{}%", share / 100),
            Limit::Share(share) => {
                let decimals = format!("{:02}", share % 100);
                write!(out, "{}.{}%", share / 100, decimals.trim_end_matches('0'))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Limit;

    #[test]
    fn rounds_percentages_up_and_keeps_absolute_numbers() {
        let most = |text: &str, n_there| Limit::parse(text).unwrap().most_of(n_there);
        assert_eq!([most("5%", 3), most("5%", 20), most("5%", 21), most("5%", 1000)], [1, 1, 2, 50]);
        assert_eq!([most("0%", 1000), most("0.5%", 1000), most("100%", 7)], [0, 5, 7]);
        assert_eq!([most("20", 3), most("0", 3)], [20, 0]);
    }

    #[test]
    fn rejects_invalid_limits() {
        for text in ["", "%", "-1", "+1", "5 %", "1e3", "100.01%", "5.125%", ".5%", "5.%"] {
            assert_eq!(Limit::parse(text), None, "{text}");
        }
    }
}
