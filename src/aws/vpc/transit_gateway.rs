//! Transit gateways, which connect VPCs and other transit gateways.

use crate::Resource;
use crate::cfn::ec2;
use crate::cfn::ec2::{transit_gateway, transit_gateway_attachment, transit_gateway_peering_attachment};
use crate::text;
use crate::tree::{Construct, Scope};
use crate::units::Cidr;
use crate::val::{Val, Value};

use super::{Tier, Vpc, display_name};

/// Properties of a [`TransitGateway`].
#[derive(Clone, Debug)]
pub struct TransitGatewayProps {
    /// The BGP autonomous system number, from 64512 to 65534. Peered gateways should have different numbers. Default:
    /// 64512.
    pub asn: u16,
}

impl Default for TransitGatewayProps {
    fn default() -> Self {
        Self { asn: 64_512 }
    }
}

/// A transit gateway with one separate route table.
///
/// Associations, propagations and acceptances are explicit resources, because the gateway's automatic defaults are
/// disabled.
///
/// # Diagnostics
///
/// - `MS0107`: CIDR blocks of connected VPCs overlap.
///
/// # Example
///
/// ```
/// # use meshsynth::{aws, testing, App, Cidr};
/// # use meshsynth::aws::vpc::TransitGateway;
/// # let app = App::new("shop");
/// # let network = testing::stack(&app, "network");
/// # let vpc = aws::Vpc::new(&network, "vpc", Default::default());
/// let hub = TransitGateway::new(&network, "hub", Default::default());
/// hub.attach(&network, "shop", &vpc).route(Cidr::new("10.1.0.0/16"));
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
    /// Defines a transit gateway.
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

    /// Attaches a VPC of the same region through its private subnets. The VPC's CIDR block is propagated to the
    /// gateway's route table.
    #[track_caller]
    pub fn attach(&self, scope: &impl Construct, id: &str, vpc: &Vpc) -> TransitGatewayAttachment {
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
        TransitGatewayAttachment { scope, gateway: self.gateway_id(), vpc: vpc.clone(), attachment }
    }

    /// Returns the ID of the gateway.
    pub fn gateway_id(&self) -> Val<String> {
        self.gateway.id()
    }

    /// Returns the ID of its route table.
    pub fn route_table_id(&self) -> Val<String> {
        self.table.transit_gateway_route_table_id()
    }
}

impl Construct for TransitGateway {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}

/// An attachment of a VPC to a transit gateway.
///
/// # Example
///
/// ```
/// # use meshsynth::aws::vpc::TransitGateway;
/// # use meshsynth::{App, Cidr, Env, Stack, aws};
/// # let app = App::new("shop");
/// # let network = Stack::new(&app, "network", Env::region("eu-west-1"));
/// # let vpc = aws::Vpc::new(&network, "vpc", aws::VpcProps::default());
/// # let gateway = TransitGateway::new(&network, "hub", Default::default());
/// let attachment = gateway.attach(&network, "shop", &vpc);
/// attachment.route(Cidr::new("10.1.0.0/16"));
/// ```
///
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-transitgatewayattachment.html>
#[derive(Clone)]
pub struct TransitGatewayAttachment {
    scope: Scope,
    gateway: Val<String>,
    vpc: Vpc,
    attachment: Resource<ec2::TransitGatewayAttachment>,
}

impl TransitGatewayAttachment {
    /// Adds routes for `to` through the gateway, in the private and isolated route tables of the VPC.
    ///
    /// EC2 rejects such a route until the VPC is attached, so the routes depend on the attachment.
    #[track_caller]
    pub fn route(&self, to: Cidr) -> &Self {
        for (tier, table) in self.vpc.tables(&[Tier::Private, Tier::Isolated]) {
            ec2::Route::new(table)
                .destination_cidr_block(to)
                .transit_gateway_id(self.gateway.clone())
                .define(&self.scope, &format!("{tier}-to-{}", dashed(to)))
                .depends_on(&self.attachment);
        }
        self
    }

    /// Returns the ID of the attachment.
    pub fn attachment_id(&self) -> Val<String> {
        self.attachment.id()
    }
}

impl Construct for TransitGatewayAttachment {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}

/// A peering of two transit gateways, which can be in different regions and accounts.
///
/// [`TransitGatewayPeering::new`] defines the attachment, and [`TransitGatewayPeering::route`] defines the routes of
/// one gateway. The routes of each gateway belong to a stack in its region:
///
/// `network-tokyo`, `network-osaka` → `link-tokyo` → acceptance → `routes-tokyo`, `routes-osaka`.
///
/// # Acceptance
///
/// CloudFormation has no resource that accepts an attachment, not even within one account. The owner of the other
/// gateway must accept it once, with the command that [`TransitGatewayPeering::acceptance`] returns. Until then, EC2
/// rejects the routes, so the routes of both gateways belong to separate stacks. A deployment stops before these
/// stacks. Run it again after the acceptance to continue. A [`Peering`](super::Peering) needs no such step.
///
/// # Diagnostics
///
/// - `MS0107`: CIDR blocks of VPCs behind the two gateways overlap.
/// - `MS0604`: one gateway has no route to the other gateway.
/// - `MS0609`: the routes are in the stack of the attachment.
///
/// # Example
///
/// ```
/// # use meshsynth::aws::vpc::{TransitGateway, TransitGatewayPeering, TransitGatewayProps};
/// # use meshsynth::{App, Cidr, Env, Stack};
/// # let app = App::new("shop");
/// # let stack = |id: &str, region: &str| Stack::new(&app, id, Env::region(region));
/// # let tokyo = TransitGateway::new(&stack("network-a", "ap-northeast-1"), "hub", Default::default());
/// # let osaka = TransitGateway::new(&stack("network-b", "ap-northeast-3"), "hub", TransitGatewayProps { asn: 64_513 });
/// let link = stack("link", "ap-northeast-1");
/// let peering = TransitGatewayPeering::new(&link, "osaka", &tokyo, &osaka);
/// link.output("Acceptance", peering.acceptance());
/// peering.route(&stack("routes-tokyo", "ap-northeast-1"), "to-osaka", &tokyo, &[Cidr::new("10.1.0.0/16")]);
/// peering.route(&stack("routes-osaka", "ap-northeast-3"), "to-tokyo", &osaka, &[Cidr::new("10.0.0.0/16")]);
/// # app.synth()?;
/// # Ok::<(), meshsynth::Failure>(())
/// ```
///
/// Source: <https://docs.aws.amazon.com/vpc/latest/tgw/tgw-peering.html>
#[derive(Clone)]
pub struct TransitGatewayPeering {
    scope: Scope,
    accepter: String,
    attachment: Resource<ec2::TransitGatewayPeeringAttachment>,
}

impl TransitGatewayPeering {
    /// Requests a peering with `theirs`. `scope` belongs to a stack in the region of `ours`.
    #[track_caller]
    pub fn new(scope: &impl Construct, id: &str, ours: &TransitGateway, theirs: &TransitGateway) -> Self {
        let scope = scope.scope().construct(id);
        let account = match theirs.scope().account() {
            Val::Known(account) => Val::Known(account),
            // Neither stack specifies an account, so both use the account of the deployment credentials.
            Val::Deferred(_) => scope.account(),
        };
        let accepter = theirs.scope().region();
        let name = transit_gateway_peering_attachment::Tag::new().key("Name").value(display_name(&scope));
        let attachment = ec2::TransitGatewayPeeringAttachment::new(
            account,
            accepter.clone(),
            theirs.gateway_id(),
            ours.gateway_id(),
        )
        .tags([name])
        .define(&scope, "resource");
        Self { scope, accepter, attachment }
    }

    /// Routes traffic for these CIDR blocks from a gateway over the peering. `scope` belongs to a stack in the region
    /// of that gateway.
    #[track_caller]
    pub fn route(&self, scope: &impl Construct, id: &str, from: &TransitGateway, blocks: &[Cidr]) -> &Self {
        let scope = scope.scope().construct(id);
        ec2::TransitGatewayRouteTableAssociation::new(self.attachment_id(), from.route_table_id())
            .define(&scope, "association");
        for block in blocks {
            ec2::TransitGatewayRoute::new(block.into_data().to_text(), from.route_table_id())
                .transit_gateway_attachment_id(self.attachment_id())
                .define(&scope, &format!("to-{}", dashed(*block)));
        }
        self
    }

    /// Returns the ID of the attachment.
    pub fn attachment_id(&self) -> Val<String> {
        self.attachment.transit_gateway_attachment_id()
    }

    /// Returns the command with which the owner of the other gateway accepts the peering. Use it as a stack output.
    pub fn acceptance(&self) -> Val<String> {
        let command = "aws ec2 accept-transit-gateway-peering-attachment --region ";
        text![format!("{command}{} --transit-gateway-attachment-id ", self.accepter), self.attachment_id()]
    }
}

impl Construct for TransitGatewayPeering {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}

fn dashed(cidr: Cidr) -> String {
    cidr.to_string().replace('/', "-")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::VpcProps;
    use crate::testing::Platform;
    use crate::{Env, Stack};

    #[test]
    fn gateways_and_vpcs_have_routes_to_each_other() {
        let platform = Platform::synth("shop", |app| {
            let stack = |id: &str, region| Stack::new(app, id, Env::new("111122223333", region));
            let (tokyo, osaka) = ("ap-northeast-1", "ap-northeast-3");
            let blocks = [Cidr::new("10.0.0.0/16"), Cidr::new("10.1.0.0/16")];
            let network = |id: &str, region, idx: usize| {
                let stack = stack(id, region);
                let vpc = Vpc::new(&stack, "vpc", VpcProps { cidr: blocks[idx], ..VpcProps::default() });
                let hub = TransitGateway::new(&stack, "hub", TransitGatewayProps { asn: 64_512 + idx as u16 });
                hub.attach(&stack, "attachment", &vpc).route(blocks[1 - idx]);
                hub
            };
            let (ours, theirs) = (network("network-a", tokyo, 0), network("network-b", osaka, 1));
            let link = stack("link", tokyo);
            let peering = TransitGatewayPeering::new(&link, "peering", &ours, &theirs);
            link.output("Acceptance", peering.acceptance());
            peering.route(&stack("routes-a", tokyo), "routes", &ours, &blocks[1..]);
            peering.route(&stack("routes-b", osaka), "routes", &theirs, &blocks[..1]);
        });
        let routes = platform.resources("AWS::EC2::TransitGatewayRoute");
        let mut seen: Vec<_> =
            routes.iter().map(|it| (it.template, it.props["DestinationCidrBlock"].to_string())).collect();
        seen.sort();
        assert_eq!(
            seen,
            [
                ("routes-a.template.json", "\"10.1.0.0/16\"".to_owned()),
                ("routes-b.template.json", "\"10.0.0.0/16\"".to_owned())
            ]
        );
        let routes = platform.resources("AWS::EC2::Route");
        let to_hub: Vec<_> = routes.iter().filter(|it| !it.props["TransitGatewayId"].is_null()).collect();
        assert_eq!(to_hub.len(), 8);
        assert!(to_hub.iter().all(|it| it.entry["DependsOn"].to_string().contains("Attachment")));
        let command = platform.template("link")["Outputs"]["Acceptance"]["Value"].to_string();
        assert!(command.contains("accept-transit-gateway-peering-attachment --region ap-northeast-3"), "{command}");
    }
}
