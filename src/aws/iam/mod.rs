//! IAM roles, their trust policies, and the statements that grants add to them.

mod across;
mod allowed;
mod api;
mod bare;
mod document;
mod role;
mod statement;

pub use api::{APIS, Api, Reach};
pub use document::{allow_statement, deny_statement, document, trust};
pub use role::{ExistingRole, Grantee, Role, RoleProps, Trust};
pub(crate) use role::{web_identity_or_role_trust, web_identity_trust};
pub use statement::Statement;
