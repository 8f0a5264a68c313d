//! A policy cannot be evaluated before the deployment because it needs a value that is not known yet.
//!
//! # What it reports
//!
//! An expression depends on one of these values:
//!
//! - a value of a stack that is not deployed yet
//! - the user that applies the object (`request.userInfo`)
//! - a field that the API server sets, such as `metadata.uid`
//! - the labels of a namespace, or a parameter, that is not among the manifests
//! - an answer of `authorizer`
//! - a function of a newer API server
//!
//! The result is a note. An expression whose result does not depend on the unknown value is evaluated.
//!
//! # Why it matters
//!
//! The API server evaluates the policy when the object is applied, so a violation appears only during the deployment.
//!
//! # Fix
//!
//! To evaluate the policy earlier, add the parameters and namespaces to the files of `[policy]`, or write the condition
//! without the unknown value. `meshsynth check --notes` shows these notes.

#[cfg(test)]
mod tests {
    use crate::diag::Severity;
    use crate::policy_file::not_judged;

    // The command line evaluates policies; its tests contain both cases.
    #[test]
    fn severity_is_note() {
        let note = not_judged("it needs more");
        assert_eq!(note.severity, Severity::Note);
        assert!(crate::rules::find(note.code).is_some_and(|rule| rule.manual().contains("authorizer")));
    }
}
