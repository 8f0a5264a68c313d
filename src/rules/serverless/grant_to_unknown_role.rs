//! A grant is given to a function or state machine that exists already, and whose role is not known.
//!
//! A grant is a statement of the role that the function runs as. An ARN of a
//! function does not say which role that is.
//!
//! Set `ExistingFunction::role`, by `Role::import` where the role exists too.
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
    fn a_grant_to_a_function_without_a_role_is_an_error() {
        assert!(codes(|app| with(app, false)).contains(&"MS0334"));
    }

    #[test]
    fn a_grant_to_a_function_with_its_role_is_fine() {
        assert_eq!(codes(|app| with(app, true)), [""; 0]);
    }
}
