//! Converts the numbers and dates of conditions to integers in the same order.

/// Converts a decimal number.
pub fn number(text: &str) -> Option<u128> {
    let number: f64 = text.trim().parse().ok().filter(|it: &f64| it.is_finite())?;
    // Bits of floating-point numbers with the same sign have the same order as the numbers. 0 and -0 are equal.
    let bits = (number + 0.0).to_bits();
    let ordered = if bits >> 63 == 0 { bits | 1 << 63 } else { !bits };
    Some(u128::from(ordered) + 1)
}

/// Converts an ISO 8601 date in UTC, or seconds since 1970.
pub fn date(text: &str) -> Option<u128> {
    let text = text.trim();
    if text.len() > 4 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return text.parse::<u128>().ok().map(|seconds| seconds + 1);
    }
    let (day, time) = text.split_once('T').unwrap_or((text, "00:00:00Z"));
    let mut day = day.splitn(3, '-').map(|part| part.parse::<i64>().ok());
    let (year, month, day) = (day.next()??, day.next().unwrap_or(Some(1))?, day.next().unwrap_or(Some(1))?);
    let time = time.strip_suffix('Z').or_else(|| time.strip_suffix("+00:00"))?;
    let time = time.split_once('.').map_or(time, |(whole, _)| whole);
    let mut time = time.splitn(3, ':').map(|part| part.parse::<i64>().ok());
    let (hour, minute, second) = (time.next()??, time.next().unwrap_or(Some(0))?, time.next().unwrap_or(Some(0))?);
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) || !(1970..10_000).contains(&year) {
        return None;
    }
    // Days since 1970, as in <https://howardhinnant.github.io/date_algorithms.html#days_from_civil>.
    let shifted = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (shifted / 400, shifted % 400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let days = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468;
    u128::try_from(days * 86_400 + hour * 3600 + minute * 60 + second).ok().map(|seconds| seconds + 1)
}

#[cfg(test)]
mod tests {
    use super::{date, number};

    #[test]
    fn numbers_keep_their_order() {
        let numbers = ["-10", "-1.5", "0", "0.25", "1", "300", "1e9"].map(|it| number(it).unwrap());
        assert!(numbers.is_sorted() && numbers[0] < numbers[1]);
        assert_eq!((number("-0"), number("10")), (number("0"), number("10.0")));
        assert_eq!(number("ten"), None);
    }

    #[test]
    fn converts_dates_to_seconds() {
        assert_eq!(date("1970-01-02T00:00:00Z"), Some(86_401));
        assert_eq!(date("2024-02-29T12:30:00Z"), Some(1_709_209_801));
        assert_eq!(date("2024-02-29T12:30:00Z"), date("1709209800"));
        assert_eq!(date("tomorrow"), None);
    }
}
