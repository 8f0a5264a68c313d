//! Who we are in a place, as its security token service says.

use std::time::UNIX_EPOCH;

use super::Aws;
use crate::cloud::{AccountRegion, CloudError};

/// Whose credentials are used in a place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Caller {
    /// The user or the session of a role.
    pub arn: String,
    /// The account.
    pub account: String,
    /// Until when the credentials are good, in seconds since 1970; none for those that stay.
    pub expires: Option<u64>,
}

impl Aws {
    /// Asks a place who we are there.
    pub async fn caller(&self, place: &AccountRegion) -> Result<Caller, CloudError> {
        let cell = self.clients(place).await?;
        let clients = cell.get().expect("it was just filled");
        let identity = clients.identity("sts:GetCallerIdentity").await?;
        let expires = identity.expiration().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        Ok(Caller {
            arn: clients.arn.clone(),
            account: clients.account.clone(),
            expires: expires.map(|time| time.as_secs()),
        })
    }
}
