//! A deployment that stopped: what failed, why, whose line it is, what became of the rest, what to do.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::cloud::{CloudError, Fault};

/// What kind of failure it is. Decisions are made on this, never on the text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    /// Something did not work.
    #[default]
    Failed,
    /// Somebody ended it.
    Interrupted,
    /// Another run holds the lock.
    Locked,
    /// The lock was lost while the run was at work.
    LockLost,
}

impl Kind {
    fn is_not_interrupted(&self) -> bool {
        *self != Kind::Interrupted
    }

    /// Programs are told of an interruption alone.
    fn as_flag<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_bool(*self == Kind::Interrupted)
    }
}

/// The call that gives us a role.
pub(crate) const ASSUME_ROLE: &str = "sts:AssumeRole";

/// Why something was not deployed. It holds no secret.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Failure {
    /// What failed.
    pub text: String,
    /// The user's line.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub source: String,
    /// The path in the program.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub construct: String,
    /// The first real cause.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub cause: String,
    /// What became of the rest.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// What to do.
    pub help: String,
    /// What kind of failure it is.
    #[serde(
        rename = "interrupted",
        serialize_with = "Kind::as_flag",
        skip_serializing_if = "Kind::is_not_interrupted"
    )]
    pub kind: Kind,
}

impl Failure {
    /// A failure, and what to do about it.
    pub fn new(text: impl Into<String>, help: impl Into<String>) -> Self {
        Self { text: text.into(), help: help.into(), ..Self::default() }
    }

    /// Somebody ended it.
    pub fn interrupted(text: impl Into<String>) -> Self {
        Self { kind: Kind::Interrupted, ..Self::new(text, "run the same command again: it continues from here") }
    }

    /// A call that failed.
    pub fn call(text: impl Into<String>, error: &CloudError) -> Self {
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
        Self { cause: error.to_string(), ..Self::new(text, help) }
    }

    /// Adds what became of the rest.
    #[must_use]
    pub fn note(mut self, text: impl Into<String>) -> Self {
        self.notes.push(text.into());
        self
    }
}

/// Says that AWS could not be looked at, before anything was begun.
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
    Failure::call(text, &error).into()
}

impl fmt::Display for Failure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "error: {}", self.text)?;
        if !self.source.is_empty() {
            write!(out, "\n  --> {}", self.source)?;
        }
        for (name, text) in [("construct", &self.construct), ("cause", &self.cause)] {
            if !text.is_empty() {
                write!(out, "\n   = {name}: {text}")?;
            }
        }
        for note in &self.notes {
            write!(out, "\n   = note: {note}")?;
        }
        write!(out, "\n   = help: {}", self.help)
    }
}

impl std::error::Error for Failure {}
