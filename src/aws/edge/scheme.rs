//! The scheme of a load balancer: internal or internet-facing.

use crate::aws::vpc::Tier;
use crate::cfn::elasticloadbalancingv2::load_balancer;
use crate::diagram::DiagramNode;

/// The scheme of a load balancer, which determines the clients that can reach it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scheme {
    /// Clients in the VPC or in connected networks.
    #[default]
    Internal,
    /// Clients on the internet. The load balancer has public addresses.
    InternetFacing,
}

impl Scheme {
    /// Returns the value of the AWS API, such as `internet-facing`.
    pub fn word(self) -> &'static str {
        match self {
            Scheme::Internal => "internal",
            Scheme::InternetFacing => "internet-facing",
        }
    }

    /// Returns the subnet tier of such a load balancer.
    pub fn tier(self) -> Tier {
        match self {
            Scheme::Internal => Tier::Private,
            Scheme::InternetFacing => Tier::Public,
        }
    }

    /// Returns the diagram node of such a load balancer.
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
