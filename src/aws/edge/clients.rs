//! Clients that may connect to a load balancer.

use meshsynth_access::network::CLOUDFRONT_LISTS;

use crate::aws::{SecurityGroup, Vpc};
use crate::diag::Diagnostic;
use crate::tree::Construct;
use crate::units::Cidr;

use super::origin_header::OriginHeader;

/// The clients that may connect to a load balancer.
#[derive(Clone, Default)]
#[non_exhaustive]
pub enum Clients {
    /// All addresses of the VPC.
    #[default]
    Network,
    /// Only CloudFront distributions that send this header.
    ///
    /// All CloudFront distributions of all accounts share the same IP addresses, so the addresses
    /// do not identify a distribution. The prefix list uses 55 of the 60 rules of a security group.
    /// Requests without the header receive a 403 response.
    CloudFront(OriginHeader),
    /// These CIDR blocks.
    Cidrs(Vec<Cidr>),
    /// Prefix lists, by ID.
    PrefixLists(Vec<String>),
    /// All addresses.
    Internet,
}

/// Lets clients connect to the listeners. CloudFront may connect only to the TLS listener.
pub(super) fn admit(group: &SecurityGroup, vpc: &Vpc, clients: &Clients) {
    let cidrs = |cidrs: &[Cidr], why: &str| {
        for (cidr, port) in cidrs.iter().flat_map(|cidr| PORTS.map(|port| (*cidr, port))) {
            group.allow_from_cidr(cidr, port, why);
        }
    };
    match clients {
        Clients::Network => cidrs(&[vpc.cidr()], "from the network"),
        Clients::Internet => cidrs(&[Cidr::new("0.0.0.0/0")], "from everywhere, as asked"),
        Clients::Cidrs(blocks) => cidrs(blocks, "clients"),
        Clients::PrefixLists(lists) => {
            for (list, port) in lists.iter().flat_map(|list| PORTS.map(|port| (list, port))) {
                group.allow_from_prefix_list(list, port, "clients");
            }
        }
        Clients::CloudFront(_) => {
            let region = group.scope().region();
            if let Some((_, list)) = CLOUDFRONT_LISTS.iter().find(|(known, _)| *known == region) {
                group.allow_from_prefix_list(list, 443, "from CloudFront");
                return;
            }
            group.scope().report(
                Diagnostic::error("MS0605", format!("the id of the CloudFront prefix list in `{region}` is unknown"))
                    .help("use `Clients::PrefixLists` with the id of the prefix list com.amazonaws.global.cloudfront.origin-facing"),
            );
        }
    }
}

/// The ports of the listeners.
const PORTS: [u16; 2] = [80, 443];
