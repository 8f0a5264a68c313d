//! Converts AWS faults into failures with a fix.

use crate::cloud::{CloudError, Fault};

pub use meshsynth_assembly::failure::{Failure, Kind};

/// The call that assumes a role.
pub(crate) const ASSUME_ROLE: &str = "sts:AssumeRole";

/// Creates the failure of a call.
pub fn of_call(text: impl Into<String>, error: &CloudError) -> Failure {
    let help = match error.fault {
        Fault::Throttled => "AWS throttles calls: run again later; operations in progress are followed".to_owned(),
        Fault::Unreachable => {
            "check the network, the proxy, `AWS_ENDPOINT_URL` and the region, then run again; operations in progress are followed"
                .to_owned()
        }
        Fault::Denied if error.call == ASSUME_ROLE => {
            "let whoever signs in assume the role: its trust policy must name them, and their own policy must allow \
             `sts:AssumeRole`; or name another role"
                .to_owned()
        }
        Fault::Denied => format!(
            "allow `{}`, or deploy in another role; `meshsynth bootstrap --print-policy` shows what a deployment needs",
            error.call
        ),
        Fault::ClockSkew => "set the clock of this machine, for example by NTP, then run again".to_owned(),
        Fault::Endpoint => {
            "give an address such as `https://host:443` in the variable or profile that is named, or remove it".to_owned()
        }
        Fault::OtherAccount => {
            "name a profile of that account with `AWS_PROFILE`, or a role in it with `--role`, then run again".to_owned()
        }
        Fault::NoAccount => {
            "give the stack its account, with `Env::new(account, region)`, or name a role without `{account}`".to_owned()
        }
        Fault::Credentials | Fault::NoCredentials => {
            "sign in again, or name a profile with `AWS_PROFILE`, then run again; `meshsynth doctor --aws` says what is missing"
                .to_owned()
        }
        Fault::Missing | Fault::Exists | Fault::State => {
            "another operation is in progress: check the stack, then run again".to_owned()
        }
        Fault::Refused => "fix the error that AWS reports, synthesize, and run again".to_owned(),
    };
    Failure { cause: error.to_string(), ..Failure::new(text, help) }
}

/// Creates the error for failed AWS queries before the start of a deployment.
pub(crate) fn unreadable(error: CloudError) -> anyhow::Error {
    let text = match error.fault {
        Fault::Credentials | Fault::NoCredentials => "not signed in to AWS, so nothing was started",
        Fault::ClockSkew => "the clock of this machine is wrong, so AWS rejects calls and nothing was started",
        Fault::Endpoint => "AWS cannot be reached at the address that is given, so nothing was started",
        Fault::OtherAccount | Fault::NoAccount => "the credentials do not fit the stacks, so nothing was started",
        Fault::Denied if error.call == ASSUME_ROLE => "the role cannot be assumed, so nothing was started",
        Fault::Denied => "AWS denies a call, so nothing was started",
        Fault::Throttled => "AWS throttles calls, so nothing was started",
        Fault::Unreachable => "AWS cannot be reached, so nothing was started",
        Fault::Missing | Fault::Exists | Fault::State | Fault::Refused => {
            "AWS does not answer as it should, so nothing was started"
        }
    };
    of_call(text, &error).into()
}
