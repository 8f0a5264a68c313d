//! A policy denies an object or a resource.
//!
//! # What it reports
//!
//! The policy is a `ValidatingAdmissionPolicy` for Kubernetes objects or a `Policy` for CloudFormation resources. It
//! comes from the files that `[policy]` in `meshsynth.toml` lists, or from the manifests. Expressions are evaluated as
//! the API server evaluates them when it creates the object.
//!
//! The binding sets the severity: `Deny` is an error, `Warn` a warning, and `Audit` a note. An expression that fails to
//! evaluate also denies the object, unless the policy has `failurePolicy: Ignore`.
//!
//! A policy with the annotation `meshsynth.dev/code` reports its own code instead of this one.
//!
//! # Why it matters
//!
//! The API server rejects the object during the deployment if the binding denies it. Findings for CloudFormation
//! resources and warnings show a violation of the company's policies before the deployment.
//!
//! # Fix
//!
//! Change the object or the resource as the message describes. The notes show the line of the policy and its binding.
//!
//! Source: <https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/>

#[cfg(test)]
mod tests {
    use crate::diag::Severity;
    use crate::policy_file::{code, denied};

    // The command line evaluates policies; its tests contain both cases.
    #[test]
    fn uses_the_code_of_the_policy_or_the_default() {
        let plain = denied(None, "no");
        assert_eq!((plain.code, plain.severity), ("MS0127", Severity::Error));
        assert_eq!(denied(code("ACME001"), "no").code, "ACME001");
        assert!(crate::rules::find(plain.code).is_some_and(|rule| rule.manual().contains("failurePolicy")));
    }
}
