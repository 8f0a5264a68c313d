//! Client authentication of Kafka clusters.

use crate::val::Val;

/// An authentication mechanism of clients. Each mechanism has a separate port.
#[derive(Clone, Debug, PartialEq)]
pub enum Authentication {
    /// IAM authentication with the client's role: port 9098.
    Iam,
    /// SASL/SCRAM with a user name and a password from Secrets Manager: port 9096.
    Scram,
    /// Mutual TLS with a certificate of one of these AWS Private CA authorities, by ARN: port 9094.
    Tls(Vec<Val<String>>),
}

pub(super) const IAM_PORT: u16 = 9098;

impl Authentication {
    /// Returns the port of this mechanism.
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
