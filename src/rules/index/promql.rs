//! Detects mistakes in Prometheus queries that are not ambiguous: brackets, quotes, durations, and misspelled
//! functions.

use crate::facts::nearest;

/// Functions and aggregations of Prometheus 3.
///
/// Source: <https://prometheus.io/docs/prometheus/latest/querying/functions/>
const FUNCTIONS: &str = "\
    abs absent absent_over_time acos acosh asin asinh atan atanh avg avg_over_time bottomk ceil changes clamp clamp_max \
    clamp_min cos cosh count count_over_time count_values day_of_month day_of_week day_of_year days_in_month deg delta deriv \
    double_exponential_smoothing exp first_over_time floor group histogram_avg histogram_count histogram_fraction \
    histogram_quantile histogram_stddev histogram_stdvar histogram_sum holt_winters hour idelta increase info irate \
    label_join label_replace last_over_time limit_ratio limitk ln log10 log2 mad_over_time max max_over_time min \
    min_over_time minute month pi predict_linear present_over_time quantile quantile_over_time rad rate resets round scalar \
    sgn sin sinh sort sort_by_label sort_by_label_desc sort_desc sqrt stddev stddev_over_time stdvar stdvar_over_time sum \
    sum_over_time tan tanh time timestamp topk ts_of_first_over_time ts_of_last_over_time ts_of_max_over_time \
    ts_of_min_over_time vector year";

/// Words before a bracket that are not functions.
const WORDS: [&str; 12] =
    ["and", "atan2", "bool", "by", "group_left", "group_right", "ignoring", "offset", "on", "or", "unless", "without"];

/// Returns the problem of a query and the help text, or `None` if no definite mistake is found.
pub(in crate::rules) fn problem(query: &str) -> Option<(String, String)> {
    // Helm or Argo Rollouts replaces the placeholders of a template.
    if query.contains("{{") || query.contains("${") {
        return None;
    }
    let (mut open, mut chars, mut word) = (Vec::new(), query.char_indices().peekable(), String::new());
    while let Some((idx, c)) = chars.next() {
        match c {
            '"' | '\'' | '`' => {
                let mut is_closed = false;
                while let Some((_, inner)) = chars.next() {
                    if inner == '\\' && c != '`' {
                        chars.next();
                    } else if inner == c {
                        is_closed = true;
                        break;
                    }
                }
                if !is_closed {
                    return Some((
                        "a quotation mark is not closed".to_owned(),
                        format!("close the string that begins with {c}"),
                    ));
                }
            }
            '#' => while chars.next_if(|(_, it)| *it != '\n').is_some() {},
            '(' | '{' => {
                if c == '(' && !word.is_empty() && !WORDS.contains(&word.to_ascii_lowercase().as_str()) {
                    let lower = word.to_ascii_lowercase();
                    let is_known = FUNCTIONS.split(' ').any(|known| known == lower);
                    if let Some(near) = nearest(&lower, FUNCTIONS.split(' ')).filter(|_| !is_known) {
                        let wrong = format!("`{word}` is not a function");
                        return Some((wrong, format!("did you mean `{near}`?")));
                    }
                }
                open.push(c);
            }
            '[' => {
                let inside: String = query[idx + 1..].chars().take_while(|it| *it != ']').collect();
                if let Some(wrong) = inside.split(':').find(|part| !is_duration(part.trim())) {
                    let wrong = format!("`{}` is not a duration", wrong.trim());
                    return Some((
                        wrong,
                        "write a number and `ms`, `s`, `m`, `h`, `d`, `w` or `y`, such as `5m`".to_owned(),
                    ));
                }
                open.push(c);
            }
            ')' | '}' | ']' => {
                let wanted = match c {
                    ')' => '(',
                    '}' => '{',
                    _ => '[',
                };
                if open.pop() != Some(wanted) {
                    return Some((
                        format!("a `{c}` has no opening bracket"),
                        "add or remove brackets so that each one has a partner".to_owned(),
                    ));
                }
            }
            _ => {}
        }
        match c {
            c if c.is_alphanumeric() || c == '_' || c == ':' => word.push(c),
            // Whitespace is allowed between a function and its bracket.
            c if c.is_whitespace() && chars.peek().is_some_and(|(_, next)| *next == '(' || next.is_whitespace()) => {}
            _ => word.clear(),
        }
    }
    let c = open.pop()?;
    Some((format!("a `{c}` is not closed"), "add or remove brackets so that each one has a partner".to_owned()))
}

/// Whether a text is a valid duration: empty, as before the step of a subquery, or numbers with units. Prometheus
/// checks expressions.
fn is_duration(text: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric();
    if text.is_empty() || !text.chars().all(is_plain) || text.chars().all(|c| c.is_ascii_digit()) {
        return true;
    }
    let mut rest = text;
    while !rest.is_empty() {
        let units = rest.trim_start_matches(|c: char| c.is_ascii_digit());
        let unit: String = units.chars().take_while(char::is_ascii_alphabetic).collect();
        if units.len() == rest.len() || !["ms", "s", "m", "h", "d", "w", "y"].contains(&unit.as_str()) {
            return false;
        }
        rest = &units[unit.len()..];
    }
    true
}
