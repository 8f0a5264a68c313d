//! Networks: a VPC, its subnets, and its connections to the internet and other networks.

mod bare;
mod endpoints;
mod existing;
mod flow_logs;
mod nat;
mod parts;
mod peering;
mod subnets;
mod transit_gateway;
mod way;

use crate::cfn::ec2;
use crate::cfn::ec2::vpc::Tag;
use crate::cfn::ids::{SubnetId, VpcId};
use crate::diag::Diagnostic;
use crate::diagram::DiagramNode;
use crate::tree::{Construct, Scope};
use crate::units::Cidr;
use crate::val::Val;

use super::{display_name, existing as what_exists};

pub use endpoints::Service;
pub use existing::{ExistingSubnet, ExistingVpc};
pub use flow_logs::FlowLogs;
pub use nat::Nat;
pub use peering::{Peering, PeeringProps};
pub use transit_gateway::{TransitGateway, TransitGatewayAttachment, TransitGatewayPeering, TransitGatewayProps};

/// The tier of a subnet, which determines its routes to the internet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tier {
    /// For load balancers, with routes to and from the internet.
    Public,
    /// For nodes and workloads, with a route to the internet through NAT, but no route from it.
    Private,
    /// For data stores, without routes to or from the internet.
    Isolated,
}

impl Tier {
    /// Returns the word for the tier in construct ids and names, such as `private`.
    pub fn word(self) -> &'static str {
        match self {
            Tier::Public => "public",
            Tier::Private => "private",
            Tier::Isolated => "isolated",
        }
    }
}

/// A subnet of a [`Vpc`].
#[derive(Clone, Debug)]
pub struct Subnet {
    /// Its ID.
    pub id: Val<SubnetId>,
    /// Its CIDR block.
    pub cidr: Cidr,
    /// The name of its availability zone.
    pub zone: Val<String>,
}

/// Properties of a [`Vpc`].
#[derive(Clone)]
pub struct VpcProps {
    /// The CIDR block of the VPC, from /16 to /20. Default: `10.0.0.0/16`.
    pub cidr: Cidr,
    /// The number of availability zones, 2 to 6. Default: 3.
    pub zones: usize,
    /// The subnet tiers in each zone. Default: all three.
    pub tiers: Vec<Tier>,
    /// The NAT gateways of the private tier, which require the public tier. Default: one per zone.
    pub nat: Nat,
    /// The AWS services with VPC endpoints.
    /// Default: S3, the two endpoints of ECR, STS, SSM, Secrets Manager and CloudWatch Logs.
    pub endpoints: Vec<Service>,
    /// Whether a grant defines a missing endpoint for the service that it allows. If disabled, connections to the
    /// service use a NAT gateway. Default: yes.
    pub endpoints_by_grant: bool,
    /// The flow logs of all connections. Default: kept for 30 days, encrypted with a separate key.
    pub flow_logs: Option<FlowLogs>,
}

impl Default for VpcProps {
    fn default() -> Self {
        Self {
            cidr: Cidr::new("10.0.0.0/16"),
            zones: 3,
            tiers: vec![Tier::Public, Tier::Private, Tier::Isolated],
            nat: Nat::PerZone,
            endpoints: Service::usual(),
            endpoints_by_grant: true,
            flow_logs: Some(FlowLogs::default()),
        }
    }
}

/// A VPC with subnets in several zones, which are allocated from one CIDR block.
///
/// | tier | of the block | of a /16 | for |
/// |---|---|---|---|
/// | private | an eighth per zone | /19, 8,187 addresses | nodes and pods |
/// | isolated | a 64th per zone | /22, 1,019 addresses | data stores |
/// | public | a 256th per zone | /24, 251 addresses | load balancers |
///
/// Every tier has reserved CIDR blocks for six zones, so an additional zone or tier does not change existing subnets.
/// Subnets have the tags that load balancers use to find them. CloudFormation cannot remove the rules of the default
/// security group, but these constructs do not use it.
///
/// # Diagnostics
///
/// - `MS0205`: the number of zones is not 2 to 6.
/// - `MS0207`: the CIDR block is not a /16 to /20.
///
/// # Example
///
/// ```
/// # use meshsynth::{aws, testing, App, Cidr};
/// # let app = App::new("shop");
/// # let network = testing::stack(&app, "network");
/// let vpc = aws::Vpc::new(&network, "vpc", aws::VpcProps {
///     cidr: Cidr::new("10.20.0.0/16"),
///     nat: aws::vpc::Nat::Single,
///     ..aws::VpcProps::default()
/// });
/// assert_eq!(vpc.subnets(aws::vpc::Tier::Private).len(), 3);
/// ```
///
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-vpc.html>
#[derive(Clone)]
pub struct Vpc {
    scope: Scope,
    id: Val<VpcId>,
    cidr: Cidr,
    n_zones: usize,
    tiers: Vec<TierSubnets>,
    origin: Origin,
}

/// The origin of a VPC, and its known network paths to AWS services and the internet.
#[derive(Clone)]
enum Origin {
    /// A VPC that the program defines.
    Defined {
        /// Whether a grant defines the endpoint that it needs.
        endpoints_by_grant: bool,
        /// Whether the private tier has a route to the internet.
        has_nat: bool,
    },
    /// An imported VPC.
    Existing {
        /// The services with endpoints in it.
        endpoints: Vec<Service>,
        /// Whether the private tier has a route to the internet.
        has_nat: bool,
    },
}

/// The subnets of one tier and their route tables.
#[derive(Clone)]
struct TierSubnets {
    tier: Tier,
    subnets: Vec<Subnet>,
    route_tables: Vec<Val<String>>,
}

impl Vpc {
    /// Defines a VPC.
    #[track_caller]
    pub fn new(scope: &impl Construct, id: &str, props: VpcProps) -> Self {
        let scope = scope.scope().construct(id);
        let (cidr, n_zones) = checked(&scope, &props);
        let vpc = ec2::Vpc::new()
            .cidr_block(cidr)
            .enable_dns_hostnames(true)
            .enable_dns_support(true)
            .tags([Tag::new("Name", display_name(&scope))])
            .define(&scope, "resource");
        scope.diagram(DiagramNode::group("vpc").detail(format!("{cidr}, {n_zones} zones")));
        let has_nat = props.nat != Nat::None && props.tiers.contains(&Tier::Public);
        let origin = Origin::Defined { endpoints_by_grant: props.endpoints_by_grant, has_nat };
        let mut vpc = Self { id: vpc.vpc_id(), scope, cidr, n_zones, tiers: Vec::new(), origin };
        let mut tiers = props.tiers;
        tiers.sort_unstable();
        tiers.dedup();
        vpc.tiers = tiers.into_iter().map(|tier| subnets::define(&vpc, tier)).collect();
        nat::define(&vpc, props.nat);
        endpoints::define(&vpc, &props.endpoints);
        if let Some(flow_logs) = props.flow_logs {
            flow_logs::define(&vpc, flow_logs);
        }
        vpc
    }

    /// Returns the ID of the VPC.
    pub fn id(&self) -> Val<VpcId> {
        self.id.clone()
    }

    /// Returns the CIDR block of the VPC.
    pub fn cidr(&self) -> Cidr {
        self.cidr
    }

    /// Returns the number of availability zones.
    pub fn n_zones(&self) -> usize {
        self.n_zones
    }

    /// Returns the subnets of a tier, one per zone. The list is empty if the VPC has no such tier.
    pub fn subnets(&self, tier: Tier) -> &[Subnet] {
        self.tier(tier).map_or(&[], |tier| &tier.subnets)
    }

    /// Returns the IDs of the subnets of a tier.
    pub fn subnet_ids(&self, tier: Tier) -> Vec<Val<SubnetId>> {
        self.subnets(tier).iter().map(|subnet| subnet.id.clone()).collect()
    }

    /// Returns the CIDR blocks of the subnets of a tier.
    pub fn subnet_cidrs(&self, tier: Tier) -> Vec<Cidr> {
        self.subnets(tier).iter().map(|subnet| subnet.cidr).collect()
    }

    /// Returns the CIDR blocks from which a load balancer in a tier connects. It reports an error if the subnets
    /// of the tier are unknown.
    #[track_caller]
    pub(crate) fn balancer_blocks(&self, tier: Tier) -> Vec<Cidr> {
        if self.subnets(tier).is_empty() {
            what_exists::no_subnets(&self.scope, tier.word());
        }
        self.subnet_cidrs(tier)
    }

    /// Returns the route tables of a tier: one per zone for the private tier, otherwise one. The list is empty
    /// for an imported VPC.
    pub fn route_tables(&self, tier: Tier) -> &[Val<String>] {
        self.tier(tier).map_or(&[], |tier| &tier.route_tables)
    }

    fn tier(&self, tier: Tier) -> Option<&TierSubnets> {
        self.tiers.iter().find(|known| known.tier == tier)
    }
}

impl Construct for Vpc {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}

/// Returns the CIDR block and the number of zones, corrected to valid values. Invalid values are reported.
fn checked(scope: &Scope, props: &VpcProps) -> (Cidr, usize) {
    if !(2..=6).contains(&props.zones) {
        scope.report(
            Diagnostic::error("MS0205", format!("the VPC has {} availability zones; it must have 2 to 6", props.zones))
                .help("use 3 zones, so that two of three zones still form a majority when one is lost"),
        );
    }
    let mut cidr = props.cidr;
    if !(16..=20).contains(&cidr.prefix()) {
        scope.report(
            Diagnostic::error("MS0207", format!("the CIDR block `{cidr}` has prefix /{}; it must be /16 to /20", cidr.prefix()))
                .help("use a larger or smaller block: AWS limits a VPC to /16, and below /20, public subnets have too few addresses for load balancers"),
        );
        cidr = VpcProps::default().cidr;
    }
    (cidr, props.zones.clamp(2, 6))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Platform, stack};

    fn with(props: VpcProps) -> Platform {
        Platform::synth("shop", |app| {
            Vpc::new(&stack(app, "network"), "vpc", props);
        })
    }

    fn subnets(platform: &Platform) -> Vec<(String, String)> {
        let subnets = platform.resources("AWS::EC2::Subnet").into_iter();
        subnets.map(|it| (it.logical_id.to_owned(), it.props.to_string())).collect()
    }

    #[test]
    fn additional_zone_keeps_existing_subnets() {
        let (three, four) = (with(VpcProps::default()), with(VpcProps { zones: 4, ..VpcProps::default() }));
        let four = subnets(&four);
        assert_eq!((subnets(&three).len(), four.len()), (9, 12));
        assert!(subnets(&three).iter().all(|subnet| four.contains(subnet)));
    }

    #[test]
    fn tags_subnets_for_load_balancers_and_reserves_addresses() {
        let platform = with(VpcProps::default());
        let tagged = |tag: &str| {
            let subnets = platform.resources("AWS::EC2::Subnet").into_iter();
            let with: Vec<_> = subnets.filter(|it| it.props["Tags"].to_string().contains(tag)).collect();
            // A subnet has 2^(32 - prefix) addresses, of which AWS reserves five. A load balancer needs eight free
            // addresses.
            let prefix = |cidr: &str| cidr.rsplit('/').next().and_then(|it| it.parse::<u32>().ok()).unwrap_or(32);
            assert!(with.iter().all(|it| prefix(it.props["CidrBlock"].as_str().unwrap_or_default()) <= 28));
            with.len()
        };
        assert_eq!((tagged("kubernetes.io/role/elb"), tagged("kubernetes.io/role/internal-elb")), (3, 3));
    }

    #[test]
    fn vpc_without_public_subnets_has_no_routes() {
        let closed = with(VpcProps { tiers: vec![Tier::Private, Tier::Isolated], ..VpcProps::default() });
        for kind in ["AWS::EC2::Route", "AWS::EC2::NatGateway", "AWS::EC2::InternetGateway"] {
            assert!(closed.resources(kind).is_empty(), "{kind}");
        }
    }

    #[test]
    fn single_nat_gateway_serves_every_zone() {
        let platform = with(VpcProps { nat: Nat::Single, ..VpcProps::default() });
        assert_eq!(platform.resources("AWS::EC2::NatGateway").len(), 1);
        assert_eq!(platform.resources("AWS::EC2::Route").len(), 4);
    }
}
