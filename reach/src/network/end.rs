//! The ends of a connection.

use super::interface::Interface;

/// What lies at one end of a connection.
#[derive(Clone, Debug)]
pub enum End<'a> {
    /// An interface in a VPC.
    Interface(&'a Interface),
    /// Anybody on the internet.
    Internet,
    /// CloudFront, for any distribution of anybody.
    CloudFront,
    /// Addresses, as ranges and as they are written.
    Addresses(Vec<(u128, u128)>, String),
}
