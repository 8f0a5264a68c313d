//! A policy denies an object or a resource.
//!
//! The policy is a `ValidatingAdmissionPolicy`, of the files that `[policy]` in `meshsynth.toml` names or among the manifests, or a
//! `Policy` for CloudFormation. Expressions are evaluated as the API server evaluates them when the object is created. The
//! binding decides what comes of a denial: `Deny` is an error, `Warn` a warning, `Audit` a note. An expression that fails denies,
//! too, unless the policy has `failurePolicy: Ignore`. A policy with the annotation `meshsynth.dev/code` has a code of its own
//! in place of this one.
//!
//! Change the object or the resource as the message says. The notes name the line of the policy and its binding.
//!
//! Source: <https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/>

#[cfg(test)]
mod tests {
    use crate::diag::Severity;
    use crate::policy_file::{code, denied};

    // The command line evaluates policies; its tests hold both cases.
    #[test]
    fn a_denial_has_the_code_of_the_company_or_this_one() {
        let plain = denied(None, "no");
        assert_eq!((plain.code, plain.severity), ("MS0127", Severity::Error));
        assert_eq!(denied(code("ACME001"), "no").code, "ACME001");
        assert!(crate::rules::find(plain.code).is_some_and(|rule| rule.manual().contains("failurePolicy")));
    }
}
