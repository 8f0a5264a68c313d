//! The certificate that the proxy of a client presents.

use crate::link::Link;

/// Whether the proxy of a client presents the certificate of the mesh.
pub(super) enum Certificate {
    /// It presents the certificate.
    Presented,
    /// It has no certificate, or does not know the host.
    None,
    /// A setting prevents it.
    Omitted(Link),
    /// The files do not determine it.
    Open(Link),
}
