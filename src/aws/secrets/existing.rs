//! A secret that exists already.

use crate::aws::kms::Key;
use crate::val::Val;

/// A secret that exists already.
#[derive(Clone)]
pub struct ExistingSecret {
    /// Its whole ARN, with the six characters at its end.
    pub arn: Val<String>,
    /// The key that encrypts it, so that readers may decrypt it. `ExistingSecret::arn` says none: that of the service.
    pub key: Option<Key>,
}

impl ExistingSecret {
    /// The secret with this ARN, encrypted with the key that AWS keeps for Secrets Manager.
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
