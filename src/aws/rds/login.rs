//! Where the password of a master user comes from.

use crate::aws::secrets::Secret;
use crate::val::Data;

/// Where the name and the password of a master user come from.
#[derive(Clone, Default)]
pub enum Login {
    /// RDS makes the password, keeps it in Secrets Manager and rotates it.
    ///
    /// It does so neither for a global cluster nor for a database with replicas.
    #[default]
    Managed,
    /// A secret with the fields `username` and `password`. The `user` of the database is not used then.
    Secret(Secret),
}

/// Returns a field of a secret, as a property that CloudFormation resolves.
pub(super) fn field(secret: &Secret, name: &str) -> Data {
    Data::from(secret.secret().field(name))
}
