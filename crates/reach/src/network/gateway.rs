//! The targets of routes, by reference or by id.
//!
//! Source: <https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Route_Tables.html>.

use serde_json::Value;

use crate::world::World;

/// The kind of a gateway in a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gateway {
    /// An internet gateway.
    Internet,
    /// An egress-only internet gateway.
    EgressOnly,
    /// A virtual private gateway: a VPN or Direct Connect to a private network.
    Private,
    /// The VPC itself.
    Local,
    /// The id is a parameter without a value, or of another kind.
    Unknown,
}

/// Returns the kind of a gateway.
pub(super) fn gateway(world: &World, value: &Value) -> Gateway {
    if let Some(id) = world.named_by(value) {
        return match world.resource(id).type_name.as_str() {
            "AWS::EC2::InternetGateway" => Gateway::Internet,
            "AWS::EC2::EgressOnlyInternetGateway" => Gateway::EgressOnly,
            "AWS::EC2::VPNGateway" => Gateway::Private,
            _ => Gateway::Unknown,
        };
    }
    let text = value.as_str().unwrap_or_default();
    match text.split('-').next() {
        Some("igw") => Gateway::Internet,
        Some("eigw") => Gateway::EgressOnly,
        Some("vgw") => Gateway::Private,
        Some("local") => Gateway::Local,
        _ => Gateway::Unknown,
    }
}
