//! Secrets: a type of their own with no way into plain text.

use super::{Deferred, IntoVal, Val};

/// A secret that lies in AWS Secrets Manager; only its place is known here.
///
/// It has no conversion to `Val<String>` and none to text, so it cannot be put
/// into an environment variable, a parameter or a `ConfigMap`. Properties that
/// take a secret take this type.
///
/// ```compile_fail
/// # fn f(secret: meshsynth::Secret) {
/// let password: meshsynth::Val<String> = secret.into();
/// # }
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Secret {
    /// The ARN of the secret in Secrets Manager.
    arn: Val<String>,
    /// The field of its JSON document, or the whole text.
    field: Option<String>,
    /// The ARN of the key that encrypts it, where the program knows it.
    key: Option<Val<String>>,
}

impl Secret {
    /// The secret with this ARN, as a whole.
    pub fn new(arn: impl IntoVal<String>) -> Self {
        Self { arn: arn.into_val(), field: None, key: None }
    }

    /// One field of the secret's JSON document, such as `password`.
    #[must_use]
    pub fn field(&self, name: impl Into<String>) -> Self {
        Self { field: Some(name.into()), ..self.clone() }
    }

    /// Says which key of AWS KMS encrypts it, so that who may read it may decrypt it.
    #[must_use]
    pub fn encrypted_with(self, key_arn: impl IntoVal<String>) -> Self {
        Self { key: Some(key_arn.into_val()), ..self }
    }

    /// The ARN of the key that encrypts it, where the program knows it.
    pub fn key_arn(&self) -> Option<Val<String>> {
        self.key.clone()
    }

    /// The ARN of the secret, which is not secret itself.
    pub fn arn(&self) -> Val<String> {
        self.arn.clone()
    }

    pub(crate) fn deferred_mut(&mut self) -> impl Iterator<Item = &mut Deferred> {
        [Some(&mut self.arn), self.key.as_mut()].into_iter().flatten().filter_map(|value| match value {
            Val::Known(_) => None,
            Val::Deferred(deferred) => Some(deferred),
        })
    }

    #[doc(hidden)]
    pub fn place(&self) -> &Val<String> {
        &self.arn
    }

    /// The field of its JSON document that is meant, if not the whole.
    pub fn field_name(&self) -> Option<&str> {
        self.field.as_deref()
    }
}
