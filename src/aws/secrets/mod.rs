//! Secrets of AWS Secrets Manager: generated there, never written here.

mod bare;
mod existing;
mod secret;

pub use existing::ExistingSecret;
pub use secret::{EmptyProps, Replica, Rotation, Secret, SecretProps};
pub(in crate::aws) use secret::{decrypt_statement, read_statement};
