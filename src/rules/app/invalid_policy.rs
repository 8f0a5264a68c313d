//! A policy is not valid.
//!
//! # What it reports
//!
//! A policy file is not valid YAML, a field is unknown or missing, or an expression is not valid CEL or uses an
//! undefined variable.
//!
//! # Why it matters
//!
//! The API server rejects most of these policies when they are applied. No object is evaluated until all policies are
//! valid.
//!
//! # Fix
//!
//! Fix the line that the message names.

#[cfg(test)]
mod tests {
    use crate::policy_file::invalid;

    // The command line reads policies; its tests contain both cases.
    #[test]
    fn severity_is_error() {
        let code = invalid("`spec` is missing").code;
        assert!(crate::rules::find(code).is_some_and(|rule| rule.manual().contains("not valid")));
    }
}
