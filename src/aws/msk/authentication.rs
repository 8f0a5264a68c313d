//! How the clients of a Kafka cluster authenticate.

use crate::val::Val;

/// How clients authenticate. Each mechanism has a port of its own.
#[derive(Clone, Debug, PartialEq)]
pub enum Authentication {
    /// By their IAM role: port 9098.
    Iam,
    /// By user name and password out of Secrets Manager: port 9096.
    Scram,
    /// By a certificate of one of these authorities of AWS Private CA, by ARN: port 9094.
    Tls(Vec<Val<String>>),
}

pub(super) const IAM_PORT: u16 = 9098;

impl Authentication {
    /// Returns the port of this way of authentication.
    ///
    /// Source: <https://docs.aws.amazon.com/msk/latest/developerguide/port-info.html>
    pub fn port(&self) -> u16 {
        match self {
            Authentication::Iam => IAM_PORT,
            Authentication::Scram => 9096,
            Authentication::Tls(_) => 9094,
        }
    }
}
