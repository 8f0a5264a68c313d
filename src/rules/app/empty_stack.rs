//! A stack has no resource.
//!
//! # What it reports
//!
//! A stack contains neither resources nor entries in `Resources` that a macro or a loop expands. A stack that contains
//! only imports is valid: it has no template and is not deployed. It is reported if other stacks or manifests need its
//! outputs.
//!
//! # Why it matters
//!
//! CloudFormation rejects a template without resources.
//!
//! # Fix
//!
//! Define a resource in the stack, or remove the stack. Move imports with outputs to a stack that defines resources.

#[cfg(test)]
mod tests {
    use crate::cfn;
    use crate::testing::{Platform, codes, stack};

    #[test]
    fn reports_a_stack_without_a_resource() {
        assert_eq!(codes(|app| drop(stack(app, "run"))), ["MS0111"]);
    }

    #[test]
    fn accepts_one_resource() {
        assert_eq!(codes(|app| drop(cfn::sqs::Queue::new().define(&stack(app, "run"), "jobs"))), [""; 0]);
    }

    #[test]
    fn stack_of_imports_has_no_template() {
        let platform = Platform::synth("shop", |app| {
            let arn = "arn:aws:sqs:ap-northeast-1:111122223333:mails";
            let mails = crate::sqs::Queue::import(&stack(app, "shared"), "mails", crate::sqs::ExistingQueue::arn(arn));
            let run = stack(app, "run");
            crate::iam::Role::new(&run, "reader", crate::iam::Trust::Service("ec2.amazonaws.com"), Default::default());
            run.output("Url", mails.url());
        });
        let templates: Vec<&String> =
            platform.assembly.files.keys().filter(|name| name.ends_with(".template.json")).collect();
        assert_eq!(templates, ["run.template.json"]);
    }
}
