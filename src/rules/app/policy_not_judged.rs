//! A policy cannot be judged for an object or a resource, since it needs something that is not known before the deployment.
//!
//! Such things are a value of a stack that does not exist yet, who applies the object (`request.userInfo`), what the API server
//! sets (`metadata.uid`), the labels of a namespace or a parameter that is not among the manifests, and whatever `authorizer` is
//! asked. A function of a newer API server is one, too. An expression that holds without it is judged.
//!
//! The API server judges the object when it is applied. To have it judged before, add the parameters and namespaces to the files of
//! `[policy]`, or write the condition without what is not known. `meshsynth check --notes` shows these notes.

#[cfg(test)]
mod tests {
    use crate::diag::Severity;
    use crate::policy_file::not_judged;

    // The command line evaluates policies; its tests hold both cases.
    #[test]
    fn it_is_a_note() {
        let note = not_judged("it needs more");
        assert_eq!(note.severity, Severity::Note);
        assert!(crate::rules::find(note.code).is_some_and(|rule| rule.manual().contains("authorizer")));
    }
}
