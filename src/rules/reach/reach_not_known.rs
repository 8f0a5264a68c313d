//! Whether a rule about who reaches what holds is not known before a deployment.
//!
//! A value that only the deployment knows, a policy of another account or an object that a chart makes decides. The notes
//! name the layers that are open. An answer is never guessed.
//!
//! Write the value where the platform can read it, or review what decides and let the finding pass with a reason.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html>

#[cfg(test)]
mod tests {
    // The command line asks the output; its tests hold both cases.
    #[test]
    fn what_is_not_known_is_a_warning() {
        let found = crate::reach::open("whether `web` reaches `data/db` is not known");
        assert!(!found.is_error() && found.code == "MS1223");
    }
}
