//! The source of a master user's password.

use crate::aws::secrets::Secret;
use crate::val::Data;

/// The source of the name and the password of a master user.
#[derive(Clone, Default)]
pub enum Login {
    /// RDS generates the password, stores it in Secrets Manager and rotates it.
    ///
    /// This is not available for a global cluster or for a database with replicas.
    #[default]
    Managed,
    /// A secret with the fields `username` and `password`. The `user` of the database is then ignored.
    Secret(Secret),
}

/// Returns a field of a secret, as a property that CloudFormation resolves.
pub(super) fn field(secret: &Secret, name: &str) -> Data {
    Data::from(secret.secret().field(name))
}
