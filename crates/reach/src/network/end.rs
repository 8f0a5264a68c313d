//! The ends of a connection.

use super::interface::Interface;

/// An end of a connection.
#[derive(Clone, Debug)]
pub enum End<'a> {
    /// A network interface in a VPC.
    Interface(&'a Interface),
    /// Any client on the internet, with an IPv4 address.
    Internet,
    /// Any client on the internet, with an IPv6 address.
    Internet6,
    /// CloudFront, with any distribution of any account.
    CloudFront,
    /// Addresses, as ranges and as written.
    Addresses(Vec<(u128, u128)>, String),
}
