//! Exceptions: findings that a program allows, with a reason and an end date.

use crate::at::At;
use crate::tree::NodeId;

/// An exception. It allows findings with a code, at a construct and its descendants, until a date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exception {
    /// The construct.
    pub node: NodeId,
    /// The code of the finding, such as `ACME001`.
    pub code: String,
    /// The reason.
    pub reason: String,
    /// The last day of the exception, such as `2027-01-31`.
    pub until: String,
    /// The person or team that approved the exception, if specified.
    pub who: Option<String>,
    /// The line in the user's code.
    pub at: At,
}

/// An exception in the project configuration. It applies to every construct or file that matches a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfiguredException {
    /// The code of the finding, such as `ACME001`.
    pub code: String,
    /// The path of the construct or of the file. A `*` matches any text.
    pub what: String,
    /// The reason.
    pub reason: String,
    /// The last day of the exception, such as `2027-01-31`.
    pub until: String,
    /// The person or team that approved the exception, if specified.
    pub who: Option<String>,
    /// The location of the exception, such as `meshsynth.toml:9:1`.
    pub source: String,
}

/// Whether a name matches a pattern, in which `*` matches any text.
///
/// ```
/// use meshsynth_model::exception::is_like;
///
/// assert!(is_like("data/*", "data/orders-db") && is_like("*-db", "data/orders-db"));
/// assert!(!is_like("data/orders", "data/orders-db"));
/// ```
pub fn is_like(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| name.strip_prefix(first)) else { return false };
    let Some(last) = pattern.rsplit_once('*').map(|(_, last)| last) else { return rest.is_empty() };
    let middle: Vec<&str> = parts.collect();
    for part in &middle[..middle.len() - 1] {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

/// The tool that defines a code, according to the form of the code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeForm {
    /// A diagnostic of meshsynth, such as `MS0701`.
    BuiltIn,
    /// A rule of a company, such as `ACME001`.
    Company,
    /// A check of checkov, such as `CKV_AWS_18`.
    Checkov,
    /// A rule of cfn-lint, such as `E3012`.
    CfnLint,
    /// A gate of `meshsynth diff`, such as `data-loss`.
    Gate,
}

impl CodeForm {
    /// Returns the form of a code, or `None` if it has no recognized form.
    pub fn of(code: &str) -> Option<Self> {
        let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let n_letters = code.bytes().take_while(u8::is_ascii_uppercase).count();
        let (letters, number) = code.split_at(n_letters);
        if is_number(number) {
            return match (letters, number.len()) {
                ("MS", 4) => Some(Self::BuiltIn),
                ("MS", _) => None,
                ("E" | "W" | "I", 4) => Some(Self::CfnLint),
                _ if (2..=12).contains(&n_letters) => Some(Self::Company),
                _ => None,
            };
        }
        if let Some((provider, number)) = checkov(code) {
            let is_word = provider.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
            return (is_word && !provider.is_empty() && is_number(number)).then_some(Self::Checkov);
        }
        let is_word = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase());
        code.split('-').all(is_word).then_some(Self::Gate)
    }
}

/// Splits the id of a checkov check, such as `CKV_AWS_18` or `CKV2_AWS_6`, into provider and
/// number.
fn checkov(code: &str) -> Option<(&str, &str)> {
    code.strip_prefix("CKV_").or_else(|| code.strip_prefix("CKV2_"))?.rsplit_once('_')
}

/// Whether a text is a calendar day in the form `YYYY-MM-DD`.
///
/// ```
/// use meshsynth_model::exception::is_day;
///
/// assert!(is_day("2028-02-29"));
/// assert!(!is_day("2027-02-29") && !is_day("2027-2-1") && !is_day("31.01.2027"));
/// ```
pub fn is_day(text: &str) -> bool {
    let bytes = text.as_bytes();
    let has_form = bytes.len() == 10
        && bytes
            .iter()
            .enumerate()
            .all(|(idx, byte)| if matches!(idx, 4 | 7) { *byte == b'-' } else { byte.is_ascii_digit() });
    if !has_form {
        return false;
    }
    let number =
        |range: std::ops::Range<usize>| bytes[range].iter().fold(0, |sum, byte| sum * 10 + u32::from(byte - b'0'));
    let (year, month, day) = (number(0..4), number(5..7), number(8..10));
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let n_days = match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    };
    (1..=n_days).contains(&day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_whole_names() {
        assert!(is_like("data/orders-db", "data/orders-db") && !is_like("data/orders", "data/orders-db"));
        assert!(is_like("data/*", "data/orders-db") && is_like("*", "x") && is_like("*-db", "data/orders-db"));
        assert!(is_like("data/*/key", "data/orders/key") && !is_like("data/*/key", "data/orders/keys"));
        assert!(is_like("a*b*c", "a-b-c") && !is_like("a*b*c", "a-c"));
    }

    #[test]
    fn recognizes_codes_by_form() {
        let cases = [
            ("MS0701", Some(CodeForm::BuiltIn)),
            ("MS07", None),
            ("ACME001", Some(CodeForm::Company)),
            ("AC1", Some(CodeForm::Company)),
            ("A1", None),
            ("ABCDEFGHIJKLM1", None),
            ("acme001", None),
            ("ACME", None),
            ("ACME001X", None),
            ("CKV_AWS_18", Some(CodeForm::Checkov)),
            ("CKV2_AWS_6", Some(CodeForm::Checkov)),
            ("CKV_K8S_37", Some(CodeForm::Checkov)),
            ("CKV_", None),
            ("E3012", Some(CodeForm::CfnLint)),
            ("W1", None),
            ("data-loss", Some(CodeForm::Gate)),
            ("data-", None),
            ("", None),
        ];
        for (code, form) in cases {
            assert_eq!(CodeForm::of(code), form, "{code}");
        }
    }

    #[test]
    fn accepts_only_calendar_days() {
        for day in ["2027-01-31", "2000-02-29", "2027-12-01"] {
            assert!(is_day(day), "{day}");
        }
        for text in [
            "2027-13-01",
            "2027-00-01",
            "2027-04-31",
            "2027-01-00",
            "1900-02-29",
            "2027-01-3",
            "tomorrow",
            "２０２７-01-01",
        ] {
            assert!(!is_day(text), "{text}");
        }
    }
}
