//! A grant is given to an existing function, state machine or build project whose role is not known.
//!
//! # What it reports
//!
//! `grant_*` is called with an imported or bare function, state machine or CodeBuild project without a role.
//!
//! # Why it matters
//!
//! A grant adds a statement to a policy of the role. The ARN of a function does not contain its role.
//!
//! # Fix
//!
//! Set `ExistingFunction::role` or `ExistingStateMachine::role`, with `Role::import` if the role also exists. For a
//! bare construct, call `with_role`.
//!
//! Source: <https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html>

#[cfg(test)]
mod tests {
    use crate::App;
    use crate::iam::{Role, RoleProps, Trust};
    use crate::lambda::{ExistingFunction, Function};
    use crate::sqs::{Queue, QueueProps};
    use crate::testing::{codes, stack};

    fn with(app: &App, has_role: bool) {
        let run = stack(app, "run");
        let trust = Trust::Service("lambda.amazonaws.com");
        let role = has_role.then(|| Role::new(&run, "mailer-role", trust, RoleProps::default()));
        let arn = "arn:aws:lambda:ap-northeast-1:111122223333:function:mailer";
        let function = Function::import(&run, "mailer", ExistingFunction { role, ..ExistingFunction::arn(arn) });
        Queue::new(&run, "mails", QueueProps::default()).grant_send(&function);
    }

    #[test]
    fn reports_a_grant_to_a_function_without_a_role() {
        assert!(codes(|app| with(app, false)).contains(&"MS0334"));
    }

    #[test]
    fn accepts_a_grant_to_a_function_with_its_role() {
        assert_eq!(codes(|app| with(app, true)), [""; 0]);
    }
}
