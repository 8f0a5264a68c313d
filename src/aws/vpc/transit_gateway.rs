//! Transit gateways: a hub that networks and other hubs are attached to.

use crate::cfn::ec2;
use crate::cfn::ec2::{transit_gateway, transit_gateway_attachment, transit_gateway_peering_attachment};
use crate::resource::Resource;
use crate::tree::{Construct, Scope};
use crate::units::Cidr;
use crate::val::{Val, Value};

use super::{Tier, Vpc, display_name};

/// Wishes for a [`TransitGateway`].
#[derive(Clone, Debug)]
pub struct TransitGatewayProps {
    /// Its number as a BGP neighbour, 64512 to 65534; hubs that are peered are best given different ones. Default: 64512.
    pub asn: u16,
}

impl Default for TransitGatewayProps {
    fn default() -> Self {
        Self { asn: 64_512 }
    }
}

/// A transit gateway with one route table of its own.
///
/// What is attached says so: nothing is associated, propagated or accepted by default.
///
/// # Diagnostics
///
/// - `MS0107`: blocks of networks that are connected overlap.
///
/// # Example
///
/// ```
/// # use meshsynth::{aws, testing, App};
/// # use meshsynth::aws::vpc::TransitGateway;
/// # let app = App::new("shop");
/// # let network = testing::stack(&app, "network");
/// # let vpc = aws::Vpc::new(&network, "vpc", Default::default());
/// let hub = TransitGateway::new(&network, "hub", Default::default());
/// hub.attach(&network, "shop", &vpc);
/// ```
///
/// Source: <https://docs.aws.amazon.com/vpc/latest/tgw/how-transit-gateways-work.html>
#[derive(Clone)]
pub struct TransitGateway {
    scope: Scope,
    gateway: Resource<ec2::TransitGateway>,
    table: Resource<ec2::TransitGatewayRouteTable>,
}

impl TransitGateway {
    /// Defines a gateway.
    #[track_caller]
    pub fn new(scope: &impl Construct, id: &str, props: TransitGatewayProps) -> Self {
        let scope = scope.scope().construct(id);
        let name = display_name(&scope);
        let gateway = ec2::TransitGateway::new()
            .amazon_side_asn(u32::from(props.asn))
            .auto_accept_shared_attachments("disable")
            .default_route_table_association("disable")
            .default_route_table_propagation("disable")
            .dns_support("enable")
            .tags([transit_gateway::Tag::new("Name", name.clone())])
            .define(&scope, "resource");
        let table = ec2::TransitGatewayRouteTable::new(gateway.id())
            .tags([ec2::transit_gateway_route_table::Tag::new("Name", name)])
            .define(&scope, "routes");
        Self { scope, gateway, table }
    }

    /// Attaches a network of the gateway's region by its private subnets; the gateway learns the network's block.
    #[track_caller]
    pub fn attach(&self, scope: &impl Construct, id: &str, vpc: &Vpc) -> &Self {
        let scope = scope.scope().construct(id);
        let tier = if vpc.subnets(Tier::Private).is_empty() { Tier::Isolated } else { Tier::Private };
        let subnets: Vec<_> = vpc.subnet_ids(tier).into_iter().map(Val::into_text).collect();
        let attachment = ec2::TransitGatewayAttachment::new(subnets, self.gateway_id(), vpc.id())
            .tags([transit_gateway_attachment::Tag::new("Name", display_name(&scope))])
            .define(&scope, "resource");
        ec2::TransitGatewayRouteTableAssociation::new(attachment.id(), self.route_table_id())
            .define(&scope, "association");
        ec2::TransitGatewayRouteTablePropagation::new(attachment.id(), self.route_table_id())
            .define(&scope, "propagation");
        self
    }

    /// Sends what a network has for `to` to the gateway, from its private and isolated subnets.
    /// The network must be attached by then.
    #[track_caller]
    pub fn route(&self, scope: &impl Construct, id: &str, from: &Vpc, to: Cidr) -> &Self {
        let scope = scope.scope().construct(id);
        for (tier, table) in from.tables(&[Tier::Private, Tier::Isolated]) {
            ec2::Route::new(table)
                .destination_cidr_block(to)
                .transit_gateway_id(self.gateway_id())
                .define(&scope, &format!("{tier}-to-{}", to.to_string().replace('/', "-")));
        }
        self
    }

    /// The id of the gateway.
    pub fn gateway_id(&self) -> Val<String> {
        self.gateway.id()
    }

    /// The id of its route table.
    pub fn route_table_id(&self) -> Val<String> {
        self.table.transit_gateway_route_table_id()
    }
}

impl Construct for TransitGateway {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}

/// A peering of two transit gateways, which may be in two regions and accounts.
///
/// [`TransitGatewayPeering::new`] defines the attachment and the routes of `ours`,
/// [`TransitGatewayPeering::accept`] the routes of `theirs`, each in a stack of
/// its region, after the stacks of the gateways.
///
/// CloudFormation cannot accept an attachment: the other side's owner does,
/// once, between the two deployments, with `aws ec2
/// accept-transit-gateway-peering-attachment`. Until then the second stack's
/// routes fail. A [`Peering`](super::Peering) needs no such step.
///
/// # Diagnostics
///
/// - `MS0107`: blocks of networks behind the two gateways overlap.
/// - `MS0604`: one side has no route to the other.
///
/// Source: <https://docs.aws.amazon.com/vpc/latest/tgw/tgw-peering.html>
#[derive(Clone)]
pub struct TransitGatewayPeering {
    scope: Scope,
    theirs: TransitGateway,
    attachment: Resource<ec2::TransitGatewayPeeringAttachment>,
}

impl TransitGatewayPeering {
    /// Defines the attachment, and what of it `ours` sends there: the blocks behind `theirs`.
    #[track_caller]
    pub fn new(
        scope: &impl Construct,
        id: &str,
        ours: &TransitGateway,
        theirs: &TransitGateway,
        their_blocks: &[Cidr],
    ) -> Self {
        let scope = scope.scope().construct(id);
        let account = match theirs.scope().account() {
            Val::Known(account) => Val::Known(account),
            // Neither stack names an account: the credentials that deploy decide for both.
            Val::Deferred(_) => scope.account(),
        };
        let region = theirs.scope().region();
        let name = transit_gateway_peering_attachment::Tag::new().key("Name").value(display_name(&scope));
        let attachment =
            ec2::TransitGatewayPeeringAttachment::new(account, region, theirs.gateway_id(), ours.gateway_id())
                .tags([name])
                .define(&scope, "resource");
        let peering = Self { scope, theirs: theirs.clone(), attachment };
        peering.routes(&peering.scope, ours, their_blocks);
        peering
    }

    /// Defines what of it `theirs` sends here: our blocks. The attachment must be accepted by then.
    #[track_caller]
    pub fn accept(&self, scope: &impl Construct, id: &str, our_blocks: &[Cidr]) -> &Self {
        let scope = scope.scope().construct(id);
        self.routes(&scope, &self.theirs, our_blocks);
        self
    }

    /// The id of the attachment, which is accepted.
    pub fn attachment_id(&self) -> Val<String> {
        self.attachment.transit_gateway_attachment_id()
    }

    fn routes(&self, scope: &Scope, of: &TransitGateway, blocks: &[Cidr]) {
        ec2::TransitGatewayRouteTableAssociation::new(self.attachment_id(), of.route_table_id())
            .define(scope, "association");
        for block in blocks {
            let id = format!("to-{}", block.to_string().replace('/', "-"));
            ec2::TransitGatewayRoute::new(block.into_data().to_text(), of.route_table_id())
                .transit_gateway_attachment_id(self.attachment_id())
                .define(scope, &id);
        }
    }
}

impl Construct for TransitGatewayPeering {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::VpcProps;
    use crate::testing::Platform;
    use crate::{Env, Stack};

    #[test]
    fn both_hubs_route_to_each_other_and_both_networks_to_their_hub() {
        let platform = Platform::synth("shop", |app| {
            let stack = |id: &str, region| Stack::new(app, id, Env::new("111122223333", region));
            let (tokyo, osaka) = ("ap-northeast-1", "ap-northeast-3");
            let blocks = [Cidr::new("10.0.0.0/16"), Cidr::new("10.1.0.0/16")];
            let network = |id: &str, region, idx: usize| {
                let stack = stack(id, region);
                let vpc = Vpc::new(&stack, "vpc", VpcProps { cidr: blocks[idx], ..VpcProps::default() });
                let hub = TransitGateway::new(&stack, "hub", TransitGatewayProps { asn: 64_512 + idx as u16 });
                hub.attach(&stack, "attachment", &vpc).route(&stack, "routes", &vpc, blocks[1 - idx]);
                hub
            };
            let (ours, theirs) = (network("network-a", tokyo, 0), network("network-b", osaka, 1));
            TransitGatewayPeering::new(&stack("link-a", tokyo), "peering", &ours, &theirs, &blocks[1..]).accept(
                &stack("link-b", osaka),
                "peering",
                &blocks[..1],
            );
        });
        let routes = platform.resources("AWS::EC2::TransitGatewayRoute");
        let mut seen: Vec<_> =
            routes.iter().map(|it| (it.template, it.props["DestinationCidrBlock"].to_string())).collect();
        seen.sort();
        assert_eq!(
            seen,
            [
                ("link-a.template.json", "\"10.1.0.0/16\"".to_owned()),
                ("link-b.template.json", "\"10.0.0.0/16\"".to_owned())
            ]
        );
        let to_hub =
            platform.resources("AWS::EC2::Route").into_iter().filter(|it| !it.props["TransitGatewayId"].is_null());
        assert_eq!(to_hub.count(), 8);
    }
}
