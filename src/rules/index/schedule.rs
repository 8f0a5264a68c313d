//! Cron and rate expressions, in the notations of AWS, Kubernetes and KEDA.

/// The notation of a schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::rules) enum Notation {
    /// EventBridge, Scheduler, AWS Backup: `cron(0 3 * * ? *)`, `rate(5 minutes)`, `at(2027-01-31T03:00:00)`.
    Aws,
    /// EventBridge Scheduler. Units of rates may be singular or plural.
    Scheduler,
    /// `CronJob`: five fields, or `@hourly`.
    Kubernetes,
    /// KEDA's cron scaler: five fields.
    Keda,
}

/// A field: its name, its range, and the names of its numbers, starting with the first.
struct Field {
    name: &'static str,
    from: u32,
    to: u32,
    words: &'static [&'static str],
}

const MONTHS: &[&str] = &["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const DAYS: &[&str] = &["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

const fn field(name: &'static str, from: u32, to: u32, words: &'static [&'static str]) -> Field {
    Field { name, from, to, words }
}

const MINUTE: Field = field("minute", 0, 59, &[]);
const HOUR: Field = field("hour", 0, 23, &[]);
const DAY: Field = field("day of month", 1, 31, &[]);
const MONTH: Field = field("month", 1, 12, MONTHS);

const HELP_5: &str = "specify minute, hour, day of month, month and day of week, such as `0 3 * * 1-5`";
const HELP_6: &str =
    "use `cron(minute hour day-of-month month day-of-week year)`, such as `cron(0 3 * * ? *)`, or `rate(5 minutes)`";

/// Returns the problem of a schedule and the help text, or `None` if it is valid.
pub(in crate::rules) fn problem(text: &str, notation: Notation) -> Option<(String, &'static str)> {
    match notation {
        Notation::Aws | Notation::Scheduler => {
            of_aws(text.trim(), notation == Notation::Scheduler).map(|wrong| (wrong, HELP_6))
        }
        Notation::Kubernetes if text.starts_with('@') => {
            let macros = ["@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"];
            let is_known = macros.contains(&text) || text.starts_with("@every ");
            (!is_known).then(|| {
                ("the macro does not exist".to_owned(), "use `@hourly`, `@daily`, `@weekly`, `@monthly` or `@yearly`")
            })
        }
        Notation::Kubernetes | Notation::Keda => {
            let fields: Vec<&str> = text.split_whitespace().collect();
            // Sunday is only 0 and, unlike in other notations, not 7: https://pkg.go.dev/github.com/robfig/cron/v3
            let kinds = [MINUTE, HOUR, DAY, MONTH, field("day of week", 0, 6, DAYS)];
            let wrong = match fields.len() {
                5 => fields.iter().zip(&kinds).find_map(|(text, kind)| invalid(text, kind, false)),
                n => Some(format!("it has {n} fields instead of 5")),
            };
            wrong.map(|wrong| (wrong, HELP_5))
        }
    }
}

fn of_aws(text: &str, has_any_unit: bool) -> Option<String> {
    let inside = |name: &str| text.strip_prefix(name)?.strip_prefix('(')?.strip_suffix(')');
    if let Some(rate) = inside("rate") {
        let mut words = rate.split_whitespace();
        let (Some(Ok(n)), Some(unit), None) = (words.next().map(str::parse::<u32>), words.next(), words.next()) else {
            return Some("a rate requires a number and a unit".to_owned());
        };
        let singular = unit.strip_suffix('s').unwrap_or(unit);
        return match (n, singular, unit == singular) {
            (0, ..) => Some("the number of a rate must be at least 1".to_owned()),
            (_, "minute" | "hour" | "day", is_singular) if has_any_unit || is_singular == (n == 1) => None,
            (_, "minute" | "hour" | "day", _) => {
                Some("the unit must be singular for 1, and plural for greater numbers".to_owned())
            }
            _ => Some(format!("the unit is `{unit}`; it must be minutes, hours or days")),
        };
    }
    if let Some(at) = inside("at") {
        let is_time =
            at.len() == 19 && at.as_bytes()[10] == b'T' && at.bytes().filter(u8::is_ascii_digit).count() == 14;
        return (!is_time).then(|| "a time must have the form `at(2027-01-31T03:00:00)`".to_owned());
    }
    let Some(cron) = inside("cron") else { return Some("it must have the form `cron(...)` or `rate(...)`".to_owned()) };
    let fields: Vec<&str> = cron.split_whitespace().collect();
    let kinds = [MINUTE, HOUR, DAY, MONTH, field("day of week", 1, 7, DAYS), field("year", 1970, 2199, &[])];
    if fields.len() != kinds.len() {
        return Some(format!("it has {} fields instead of 6", fields.len()));
    }
    if (fields[2] == "?") == (fields[4] == "?") {
        return Some("either the day-of-month field or the day-of-week field must be `?`, but not both".to_owned());
    }
    fields.iter().zip(&kinds).find_map(|(text, kind)| invalid(text, kind, true))
}

/// Returns the problem of a field. In AWS, days may be `?`, `L`, `15W`, `5L` and `2#1`.
fn invalid(text: &str, kind: &Field, is_aws: bool) -> Option<String> {
    let article = if kind.name.starts_with('h') { "an" } else { "a" };
    let wrong = || Some(format!("`{text}` is not a valid value for {article} {}", kind.name));
    for part in text.split(',') {
        let (range, step) = part.split_once('/').map_or((part, None), |(range, step)| (range, Some(step)));
        if step.is_some_and(|step| !step.parse::<u32>().is_ok_and(|step| step > 0)) {
            return wrong();
        }
        let is_special = match range {
            "*" => true,
            "?" => !is_aws || kind.name.starts_with("day"),
            _ => is_aws && kind.name.starts_with("day") && (range.ends_with(['L', 'W']) || range.contains('#')),
        };
        if is_special {
            continue;
        }
        let (first, last) = range.split_once('-').map_or((range, None), |(first, last)| (first, Some(last)));
        let Some(from) = number(first, kind) else { return wrong() };
        if let Some(last) = last {
            match number(last, kind) {
                // AWS accepts ranges across the end of the week or the year.
                Some(to) if to >= from || is_aws => {}
                _ => return wrong(),
            }
        }
    }
    None
}

/// Parses a number of a field, or its name.
fn number(text: &str, kind: &Field) -> Option<u32> {
    let upper = text.to_ascii_uppercase();
    let number = match kind.words.iter().position(|word| *word == upper) {
        Some(idx) => idx as u32 + kind.from,
        None => text.parse().ok()?,
    };
    (kind.from..=kind.to).contains(&number).then_some(number)
}
