//! The gates: changes that the command line or the configuration denies.

use std::fmt;

use meshsynth_model::problem::did_you_mean;

use super::limit::Limit;

/// A kind of change that is denied.
///
/// ```
/// use meshsynth_diff::gates::Gate;
///
/// let rule = |code: &str| code.eq_ignore_ascii_case("MS0421").then(|| "MS0421".to_owned());
/// assert_eq!(Gate::parse("data-loss", rule), Ok(Gate::DataLoss));
/// assert_eq!(Gate::parse("ms0421", rule), Ok(Gate::Rule("MS0421".to_owned())));
/// assert_eq!(Gate::parse("mass-delete=5%", rule).unwrap().to_string(), "mass-delete=5%");
/// assert!(Gate::parse("mass-delete", rule).is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Gate {
    /// Puts data at risk.
    DataLoss,
    /// Replaces a resource or an object.
    Replace,
    /// Widens access.
    Access,
    /// Makes a resource accessible to everyone.
    Public,
    /// Opens a path to targets with this name, or to any target if `None`.
    Reach(Option<String>),
    /// Stops or restarts a serving resource.
    Interruption,
    /// Deletes more than this limit of a stack, of a cluster, or of the platform.
    MassDelete(Limit),
    /// Changes more regions than this number.
    RegionsAtOnce(usize),
    /// Leaves a store without backup, deletion protection or retention.
    Unprotected,
    /// Violates a rule that the base does not violate, by the rule's code.
    Rule(String),
}

/// An error for an invalid gate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GateError {
    /// The description of the error.
    pub text: String,
    /// The suggested correction.
    pub help: String,
}

impl fmt::Display for GateError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}", self.text, self.help)
    }
}

impl std::error::Error for GateError {}

/// The words of all gates that are not rules.
pub const WORDS: [&str; 9] = [
    "access",
    "data-loss",
    "interruption",
    "mass-delete",
    "public",
    "reach",
    "regions-at-once",
    "replace",
    "unprotected",
];

impl Gate {
    /// Parses a gate such as `data-loss`, `mass-delete=5%`, or the code of a rule.
    ///
    /// `built_in` returns the canonical code of a built-in rule. This crate does not depend on the rules.
    ///
    /// # Errors
    ///
    /// If the gate is unknown, or if its limit is missing, not a number, or not supported by the gate.
    pub fn parse(text: &str, built_in: impl Fn(&str) -> Option<String>) -> Result<Self, GateError> {
        let (word, limit) = match text.split_once('=') {
            Some((word, limit)) => (word.trim(), Some(limit.trim())),
            None => (text.trim(), None),
        };
        let wrong = |text: String, help: &str| Err(GateError { text, help: help.to_owned() });
        let gate = match word {
            "mass-delete" => {
                let help = "write the maximum share or number of deletions, such as `mass-delete=5%` or \
                     `mass-delete=20`";
                return match limit.map(Limit::parse) {
                    None => wrong("`mass-delete` requires a limit".to_owned(), help),
                    Some(None) => wrong(format!("the limit in `{text}` is not valid"), help),
                    Some(Some(limit)) => Ok(Gate::MassDelete(limit)),
                };
            }
            "regions-at-once" => {
                let help = "write the maximum number of changed regions, such as `regions-at-once=1`";
                return match limit.map(str::parse) {
                    None => wrong("`regions-at-once` requires a limit".to_owned(), help),
                    Some(Ok(most)) if most > 0 => Ok(Gate::RegionsAtOnce(most)),
                    Some(_) => wrong(format!("the limit in `{text}` is not valid"), help),
                };
            }
            "reach" => {
                return match limit {
                    Some("") => wrong(
                        format!("`{text}` has an empty target"),
                        "write the target that must not gain a connection, such as `reach=data/*`, or `reach` for all \
                         targets",
                    ),
                    target => Ok(Gate::Reach(target.map(str::to_owned))),
                };
            }
            "data-loss" => Gate::DataLoss,
            "replace" => Gate::Replace,
            "access" => Gate::Access,
            "public" => Gate::Public,
            "interruption" => Gate::Interruption,
            "unprotected" => Gate::Unprotected,
            code => match built_in(code).or_else(|| company(code)) {
                Some(code) => Gate::Rule(code),
                None => {
                    let help = format!("{}; the code of a rule is also a gate", did_you_mean(word, &WORDS));
                    return Err(GateError { text: format!("unknown gate `{text}`"), help });
                }
            },
        };
        match limit {
            Some(_) => wrong(format!("`{word}` does not accept a limit"), &format!("write `{word}`")),
            None => Ok(gate),
        }
    }

    /// Returns the gate's word without its limit, or the code of a rule.
    pub fn word(&self) -> &str {
        match self {
            Gate::DataLoss => "data-loss",
            Gate::Replace => "replace",
            Gate::Access => "access",
            Gate::Public => "public",
            Gate::Reach(_) => "reach",
            Gate::Interruption => "interruption",
            Gate::MassDelete(_) => "mass-delete",
            Gate::RegionsAtOnce(_) => "regions-at-once",
            Gate::Unprotected => "unprotected",
            Gate::Rule(code) => code,
        }
    }
}

impl fmt::Display for Gate {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.word())?;
        match self {
            Gate::MassDelete(limit) => write!(out, "={limit}"),
            Gate::RegionsAtOnce(most) => write!(out, "={most}"),
            Gate::Reach(Some(target)) => write!(out, "={target}"),
            _ => Ok(()),
        }
    }
}

/// Returns a valid company code.
fn company(code: &str) -> Option<String> {
    is_company_code(code).then(|| code.to_owned())
}

/// Whether a code has the form of a company's rule: 2 to 12 upper-case letters, then digits. The prefix `MS` is
/// reserved.
pub fn is_company_code(code: &str) -> bool {
    let digits = code.trim_start_matches(|letter: char| letter.is_ascii_uppercase());
    let n_letters = code.len() - digits.len();
    (2..=12).contains(&n_letters)
        && !digits.is_empty()
        && digits.bytes().all(|digit| digit.is_ascii_digit())
        && &code[..n_letters] != "MS"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Gate, GateError> {
        Gate::parse(text, |code| code.eq_ignore_ascii_case("MS0421").then(|| "MS0421".to_owned()))
    }

    #[test]
    fn displays_a_gate_as_it_is_parsed() {
        for word in [
            "data-loss",
            "interruption",
            "mass-delete=0.5%",
            "mass-delete=20",
            "reach",
            "reach=data/*",
            "regions-at-once=1",
            "ACME001",
        ] {
            assert_eq!(parse(word).unwrap().to_string(), word);
        }
        assert_eq!(parse("ms0421").unwrap(), Gate::Rule("MS0421".to_owned()));
    }

    #[test]
    fn rejects_unknown_gates_with_suggestions() {
        let told = |text: &str| parse(text).unwrap_err().to_string();
        assert_eq!(
            told("unprotectd"),
            "unknown gate `unprotectd`: did you mean `unprotected`?; the code of a rule is also a gate"
        );
        assert!(told("MS9999").starts_with("unknown gate `MS9999`"));
        assert!(told("mass-delete=many").starts_with("the limit in `mass-delete=many` is not valid"));
        assert!(told("mass-delete=101%").starts_with("the limit in `mass-delete=101%` is not valid"));
        assert!(told("regions-at-once=0").starts_with("the limit in `regions-at-once=0` is not valid"));
        assert!(told("reach=").starts_with("`reach=` has an empty target"));
        assert_eq!(told("public=1"), "`public` does not accept a limit: write `public`");
    }

    #[test]
    fn company_codes_need_their_own_prefix() {
        assert!(is_company_code("ACME001") && is_company_code("MSK1"));
        for code in ["MS0101", "A1", "ACME", "acme001", "CKV_AWS_18", "ACME001b", "ABCDEFGHIJKLM1"] {
            assert!(!is_company_code(code), "{code}");
        }
    }
}
