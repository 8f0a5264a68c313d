//! AWS Secrets Manager secrets. AWS generates their values, so the program does not contain them.

mod bare;
mod existing;
mod secret;

pub use existing::ExistingSecret;
pub use secret::{EmptyProps, Replica, Rotation, Secret, SecretProps};
pub(in crate::aws) use secret::{decrypt_statement, read_statement};
