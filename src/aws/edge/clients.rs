//! Who may connect to a load balancer.

use meshsynth_access::network::CLOUDFRONT_LISTS;

use crate::aws::{SecurityGroup, Vpc};
use crate::diag::Diagnostic;
use crate::tree::Construct;
use crate::units::Cidr;

use super::origin_header::OriginHeader;

/// Who may connect to a load balancer.
#[derive(Clone, Default)]
#[non_exhaustive]
pub enum Clients {
    /// Whatever is in the network.
    #[default]
    Network,
    /// Our distributions of CloudFront alone: those that send this header.
    ///
    /// The addresses of CloudFront are those of every distribution, and take 55 of the
    /// 60 rules that a security group may have. What comes without the header is answered with 403.
    CloudFront(OriginHeader),
    /// These blocks.
    Cidrs(Vec<Cidr>),
    /// These prefix lists, by id.
    PrefixLists(Vec<String>),
    /// Everybody.
    Internet,
}

/// Lets clients reach the listeners: CloudFront only the one with TLS.
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
                Diagnostic::error("MS0605", format!("the prefix list of CloudFront is not known in `{region}`"))
                    .help("use `Clients::PrefixLists` with the id of com.amazonaws.global.cloudfront.origin-facing"),
            );
        }
    }
}

/// The ports of the listeners.
const PORTS: [u16; 2] = [80, 443];
