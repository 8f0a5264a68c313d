//! The account and region of a stack.

use serde::{Deserialize, Serialize};

/// An account and a region.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct AccountRegion {
    /// The account. `None` means the account of the credentials.
    pub account: Option<String>,
    /// The region.
    pub region: String,
}
