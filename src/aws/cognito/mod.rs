//! User pools of Amazon Cognito: who people and machines are, as tokens say it.

mod bare;
mod client;
mod domain;
mod import;
mod user_pool;

pub use client::{Client, ClientProps, SignIn};
pub use domain::{Domain, DomainName};
pub use import::{ExistingClient, ExistingUserPool};
pub use user_pool::{Mfa, Trigger, UserPool, UserPoolProps};
