//! Diagnostics of policies outside of Rust: policy files, and admission policies of clusters.

use crate::diag::{self, Diagnostic, Severity};

/// The help for invalid company codes.
pub const HELP_FOR_CODES: &str =
    "a code has 2 to 12 upper-case letters followed by digits, such as `ACME001`; `MS` is reserved for meshsynth";

/// Returns the diagnostic for an object or a resource that a policy denies. `code` is the company's code.
pub fn denied(code: Option<&'static str>, message: impl Into<String>) -> Diagnostic {
    let mut diagnostic = Diagnostic::error("MS0127", message);
    diagnostic.code = code.unwrap_or(diagnostic.code);
    diagnostic
}

/// Returns the note for a policy that cannot be evaluated before deployment.
pub fn not_judged(message: impl Into<String>) -> Diagnostic {
    Diagnostic::warning("MS0128", message).severity(Severity::Note)
}

/// Returns the diagnostic for an invalid policy.
pub fn invalid(message: impl Into<String>) -> Diagnostic {
    Diagnostic::error("MS0129", message)
}

/// Returns a company code with static lifetime, or `None` if it is invalid.
///
/// ```
/// use meshsynth::policy_file::code;
///
/// assert_eq!(code("ACME001"), Some("ACME001"));
/// assert!(code("acme1").is_none() && code("ACME").is_none() && code("MS0001").is_none());
/// ```
pub fn code(text: &str) -> Option<&'static str> {
    let n_letters = text.find(|c: char| !c.is_ascii_uppercase()).unwrap_or(text.len());
    let (letters, digits) = text.split_at(n_letters);
    let is_code = (2..=12).contains(&n_letters)
        && letters != "MS"
        && !digits.is_empty()
        && digits.chars().all(|c| c.is_ascii_digit());
    is_code.then(|| diag::intern(text))
}
