//! The result of an access rule is not known before the deployment.
//!
//! # What it reports
//!
//! The result depends on a value that is known only at deployment, on a policy of another account, or on an object of a
//! Helm chart. The notes list these layers. The finding is a warning, because meshsynth does not guess a result.
//!
//! # Why it matters
//!
//! The access rule may not hold after the deployment, and no check reports it.
//!
//! # Fix
//!
//! Write the value in the program or in a file that meshsynth reads. Alternatively, review the layer and add an
//! exception with a reason.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html>

#[cfg(test)]
mod tests {
    // The command line evaluates the output; its tests contain both cases.
    #[test]
    fn warns_about_an_unknown_result() {
        let found = crate::reach::undetermined_rule("whether `web` reaches `data/db` is not known");
        assert!(!found.is_error() && found.code == "MS1223");
    }
}
