//! The scheme of a load balancer: internal or internet-facing.

use crate::aws::vpc::Tier;
use crate::cfn::elasticloadbalancingv2::load_balancer;
use crate::diagram::DiagramNode;

/// The scheme of a load balancer: who can reach it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scheme {
    /// Clients in the VPC, or in networks connected to it.
    #[default]
    Internal,
    /// Clients on the internet: it has public addresses.
    InternetFacing,
}

impl Scheme {
    /// As AWS writes it, such as `internet-facing`.
    pub fn word(self) -> &'static str {
        match self {
            Scheme::Internal => "internal",
            Scheme::InternetFacing => "internet-facing",
        }
    }

    /// Returns the tier that such a load balancer stands in.
    pub fn tier(self) -> Tier {
        match self {
            Scheme::Internal => Tier::Private,
            Scheme::InternetFacing => Tier::Public,
        }
    }

    /// What such a load balancer is in a picture.
    pub(crate) fn diagram_node(self, what: &str) -> DiagramNode {
        match self {
            Scheme::Internal => DiagramNode::gateway(what),
            Scheme::InternetFacing => DiagramNode::entry(what),
        }
    }

    pub(super) fn value(self) -> load_balancer::Scheme {
        match self {
            Scheme::Internal => load_balancer::Scheme::Internal,
            Scheme::InternetFacing => load_balancer::Scheme::InternetFacing,
        }
    }
}
