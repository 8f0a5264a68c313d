//! Imports of existing secrets.

use crate::aws::kms::Key;
use crate::val::Val;

/// An existing secret.
#[derive(Clone)]
pub struct ExistingSecret {
    /// Its complete ARN, with the six characters at the end.
    pub arn: Val<String>,
    /// The key that encrypts it, for the decryption permission of readers. `ExistingSecret::arn` leaves the field
    /// empty, for a secret that is encrypted with the AWS managed key.
    pub key: Option<Key>,
}

impl ExistingSecret {
    /// Refers to a secret by its ARN. It is encrypted with the key that AWS manages for Secrets Manager.
    pub fn arn(arn: impl Into<String>) -> Self {
        Self { arn: Val::Known(arn.into()), key: None }
    }
}

impl From<&str> for ExistingSecret {
    fn from(arn: &str) -> Self {
        Self::arn(arn)
    }
}

impl From<String> for ExistingSecret {
    fn from(arn: String) -> Self {
        Self::arn(arn)
    }
}

impl From<Val<String>> for ExistingSecret {
    fn from(arn: Val<String>) -> Self {
        Self { arn, key: None }
    }
}
