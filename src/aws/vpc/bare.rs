//! Bare VPCs, each defined from a typed resource.

use crate::Resource;
use crate::cfn::ec2;
use crate::diagram::DiagramNode;
use crate::tree::Construct;
use crate::units::Cidr;
use crate::val::{Data, Val, Value};

use super::{Origin, Subnet, Tier, TierSubnets, Vpc};

impl Vpc {
    /// Defines a bare VPC, without subnets, gateways, endpoints or flow logs. [`Vpc::add_subnet`] and
    /// [`Vpc::add_route_table`] add subnets and route tables.
    ///
    /// `cidr` is the CIDR block for the rules of other constructs. If a stack parameter sets the block in the typed
    /// resource, pass the parameter's value.
    ///
    /// # Example
    ///
    /// ```
    /// # use meshsynth::aws::vpc::Tier;
    /// # use meshsynth::{App, Cidr, Env, Stack, aws, cfn};
    /// # let app = App::new("shop");
    /// # let network = Stack::new(&app, "network", Env::region("eu-west-1"));
    /// let cidr = Cidr::new("10.0.0.0/16");
    /// let mut vpc = aws::Vpc::bare(&network, "vpc", cidr, cfn::ec2::Vpc::new().cidr_block(cidr));
    /// vpc.resource().logical_id("Vpc");
    /// let cidr = Cidr::new("10.0.1.0/24");
    /// let subnet = cfn::ec2::Subnet::new(vpc.id()).cidr_block(cidr).availability_zone("eu-west-1a");
    /// vpc.add_subnet("db-a", Tier::Isolated, cidr, subnet).logical_id("DbA");
    /// assert_eq!(vpc.subnets(Tier::Isolated).len(), 1);
    /// # app.synth().expect("it synthesizes");
    /// ```
    #[track_caller]
    pub fn bare(scope: &impl Construct, id: &str, cidr: Cidr, vpc: ec2::Vpc) -> Self {
        let scope = scope.scope().construct(id);
        scope.diagram(DiagramNode::group("vpc").detail(cidr.to_string()));
        let vpc = vpc.define(&scope, "resource");
        let origin = Origin::Defined { endpoints_by_grant: false, has_nat: false };
        Self { id: vpc.reference(), scope, cidr, n_zones: 0, tiers: Vec::new(), origin }
    }

    /// Returns the resource of the network, for example to keep its logical ID, or to set a property for which the
    /// construct has no method.
    #[track_caller]
    pub fn resource(&self) -> Resource<ec2::Vpc> {
        Resource::of(self, "resource")
    }

    /// Adds a bare subnet with a tier. Constructs that are defined later in the VPC use the subnet. The library assumes
    /// that a private subnet has a route to the internet through NAT.
    #[track_caller]
    pub fn add_subnet(&mut self, id: &str, tier: Tier, cidr: Cidr, subnet: ec2::Subnet) -> Resource<ec2::Subnet> {
        let zone = match subnet.clone().into_data().at("AvailabilityZone") {
            Some(Data::Text(zone)) => Val::Known(zone.to_string()),
            Some(Data::Deferred(zone)) => Val::Deferred((**zone).clone()),
            // EC2 selects a zone.
            _ => Val::Known(String::new()),
        };
        let subnet = subnet.define(self, id);
        let known = self.of_tier(tier);
        known.subnets.push(Subnet { id: subnet.subnet_id(), cidr, zone });
        self.n_zones = self.n_zones.max(self.subnets(tier).len());
        if let (Origin::Defined { has_nat, .. }, Tier::Private) = (&mut self.origin, tier) {
            *has_nat = true;
        }
        subnet
    }

    /// Adds a bare route table with a tier. Constructs that are defined later in the VPC add their routes to this
    /// table.
    #[track_caller]
    pub fn add_route_table(&mut self, id: &str, tier: Tier, table: ec2::RouteTable) -> Resource<ec2::RouteTable> {
        let table = table.define(self, id);
        self.of_tier(tier).route_tables.push(table.route_table_id());
        table
    }

    fn of_tier(&mut self, tier: Tier) -> &mut TierSubnets {
        let idx = self.tiers.iter().position(|known| known.tier == tier).unwrap_or_else(|| {
            self.tiers.push(TierSubnets { tier, subnets: Vec::new(), route_tables: Vec::new() });
            self.tiers.len() - 1
        });
        &mut self.tiers[idx]
    }
}
