//! Converts AWS faults into failures with a fix.

use crate::aws::words;
use crate::cloud::{CloudError, Fault};

pub use meshsynth_model::failure::{Failure, Kind};

/// The call that assumes a role.
pub(crate) const ASSUME_ROLE: &str = "sts:AssumeRole";

/// Creates the failure of a call.
pub fn of_call(text: impl Into<String>, error: &CloudError) -> Failure {
    let help = match error.fault {
        Fault::Throttled => {
            "AWS throttles calls: run the command again later; it continues operations in progress".to_owned()
        }
        Fault::Unreachable => {
            "check the network, the proxy, `AWS_ENDPOINT_URL` and the region, then run the command again; it \
             continues operations in progress"
                .to_owned()
        }
        Fault::Denied if error.call == ASSUME_ROLE => {
            "allow your identity to assume the role: its trust policy must contain your identity, and your identity's \
             policy must allow `sts:AssumeRole`; or specify another role"
                .to_owned()
        }
        Fault::Denied => format!(
            "allow `{}`, or use another role; `meshsynth bootstrap --print-policy` prints the permissions that a \
             deployment requires",
            error.call
        ),
        Fault::ClockSkew => {
            "set the clock of this machine, for example with NTP, then run the command again".to_owned()
        }
        Fault::Endpoint => {
            "set the variable or the profile key to an address such as `https://host:443`, or remove it".to_owned()
        }
        Fault::OtherAccount => {
            "specify a profile of that account with `AWS_PROFILE`, or a role in it with `--role`, then run the \
             command again"
                .to_owned()
        }
        Fault::NoAccount => "specify the account of the stack with `Env::new(account, region)`, or use a role without \
             `{account}`"
            .to_owned(),
        Fault::Credentials | Fault::NoCredentials => {
            "sign in again, or specify a profile with `AWS_PROFILE`, then run the command again; `meshsynth doctor \
             --aws` shows the problem"
                .to_owned()
        }
        Fault::Missing | Fault::Refused if words::missing_parameter(&error.text).is_some() => {
            words::missing_parameter(&error.text).unwrap_or_default().to_owned()
        }
        Fault::Missing => {
            "another user or process deleted it, or its name is wrong: check the stack, then run the command again"
                .to_owned()
        }
        Fault::Exists | Fault::State => {
            "another operation is in progress: check the stack, then run the command again".to_owned()
        }
        Fault::Refused => "fix the error that AWS reports, synthesize, and run the command again".to_owned(),
    };
    Failure { cause: error.to_string(), ..Failure::new(text, help) }
}

/// Creates the error for failed AWS queries before the start of a deployment.
pub(crate) fn unreadable(error: CloudError) -> anyhow::Error {
    let text = match error.fault {
        Fault::Credentials | Fault::NoCredentials => "not signed in to AWS; no operation was started",
        Fault::ClockSkew => "the clock of this machine is wrong, so AWS rejects calls; no operation was started",
        Fault::Endpoint => "AWS cannot be reached at the specified address; no operation was started",
        Fault::OtherAccount | Fault::NoAccount => {
            "the credentials are for another account than the stacks; no operation was started"
        }
        Fault::Denied if error.call == ASSUME_ROLE => "the role cannot be assumed; no operation was started",
        Fault::Denied => "AWS denies a call; no operation was started",
        Fault::Throttled => "AWS throttles calls; no operation was started",
        Fault::Unreachable => "AWS cannot be reached; no operation was started",
        Fault::Missing | Fault::Exists | Fault::State | Fault::Refused => {
            "AWS returned an unexpected response; no operation was started"
        }
    };
    of_call(text, &error).into()
}
