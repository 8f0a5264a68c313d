//! Secrets: a separate type without a conversion to plain text.

use super::{Deferred, IntoVal, Val};

/// A secret in AWS Secrets Manager. The program contains only its location, not its value.
///
/// It has no conversion to `Val<String>` or text, so it cannot become an environment variable, a
/// parameter or a `ConfigMap`. Properties for secrets have this type.
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
    /// The field of its JSON document. `None` means the whole text.
    field: Option<String>,
    /// The ARN of the encryption key, if the program knows it.
    key: Option<Val<String>>,
}

impl Secret {
    /// Refers to the whole text of a secret, by the ARN of the secret.
    pub fn new(arn: impl IntoVal<String>) -> Self {
        Self { arn: arn.into_val(), field: None, key: None }
    }

    /// Selects one field of the secret's JSON document, such as `password`.
    #[must_use]
    pub fn field(&self, name: impl Into<String>) -> Self {
        Self { field: Some(name.into()), ..self.clone() }
    }

    /// Sets the AWS KMS key that encrypts it. A grant to read the secret then also allows decryption with this key.
    #[must_use]
    pub fn encrypted_with(self, key_arn: impl IntoVal<String>) -> Self {
        Self { key: Some(key_arn.into_val()), ..self }
    }

    /// Returns the ARN of the encryption key, if the program knows it.
    pub fn key_arn(&self) -> Option<Val<String>> {
        self.key.clone()
    }

    /// Returns the ARN of the secret. The ARN is not confidential.
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

    /// Returns the selected field of its JSON document, or `None` for the whole text.
    pub fn field_name(&self) -> Option<&str> {
        self.field.as_deref()
    }
}
