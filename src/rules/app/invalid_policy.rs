//! A policy is not valid.
//!
//! The file is not YAML, a field is unknown or missing, or an expression is not CEL or names a variable that is not defined. The
//! API server refuses most of these when the policy is applied. Nothing is judged before all policies are valid.
//!
//! Fix the line that the message names.

#[cfg(test)]
mod tests {
    use crate::policy_file::invalid;

    // The command line reads policies; its tests hold both cases.
    #[test]
    fn it_is_an_error() {
        let code = invalid("`spec` is missing").code;
        assert!(crate::rules::find(code).is_some_and(|rule| rule.manual().contains("not valid")));
    }
}
