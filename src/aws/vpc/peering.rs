//! Peering connections between two VPCs, in the same or in different regions.

use crate::aws::connect::Endpoint;
use crate::aws::security::define_rule;
use crate::cfn::ec2;
use crate::cfn::ec2::vpc_peering_connection::Tag;
use crate::cfn::ids::RoleArn;
use crate::diag::Diagnostic;
use crate::name::{self, MOST_OF_ID};
use crate::text;
use crate::tree::{Construct, Scope};
use crate::units::Cidr;
use crate::val::{Bag, Data, Val};
use crate::{OwnerTask, Resource};

use super::{Tier, Vpc, display_name};

/// Properties of a [`Peering`].
#[derive(Clone, Debug)]
pub struct PeeringProps {
    /// The subnet tiers that are connected, in both VPCs. Default: private and isolated.
    pub tiers: Vec<Tier>,
    /// The name of the role in the other account that accepts the peering. Default: `meshsynth-peering-accepter`.
    ///
    /// CloudFormation assumes the role only if the stacks specify two different accounts. Within one account, it
    /// accepts the peering without a role.
    pub accepter_role: String,
}

impl Default for PeeringProps {
    fn default() -> Self {
        Self { tiers: vec![Tier::Private, Tier::Isolated], accepter_role: "meshsynth-peering-accepter".to_owned() }
    }
}

/// A peering connection between two VPCs, which can be in different regions and accounts.
///
/// The routes of each VPC belong to a stack in the region of that VPC. [`Peering::new`] defines the connection and the
/// routes of `ours`, and [`Peering::accept`] defines the routes of `theirs`. Use separate stacks that are deployed
/// after the stacks of the VPCs, to avoid a dependency cycle:
///
/// `network-tokyo`, `network-osaka` → `link-tokyo` → `link-osaka`.
///
/// Security groups must also allow the traffic: [`Peering::allow`]. A rule cannot refer to a security group of another
/// region, so these rules use CIDR blocks.
///
/// # Diagnostics
///
/// - `MS0107`: the CIDR blocks of the VPCs overlap.
/// - `MS0604`: one VPC has no route to the other VPC.
/// - `MS0616`: one VPC is imported, and the program does not define routes in it.
///
/// # Example
///
/// ```
/// # use meshsynth::{aws, App, Cidr, Env, Stack};
/// # let app = App::new("shop");
/// # let stack = |id, region| Stack::new(&app, id, Env::region(region));
/// # let (network_a, network_b) = (stack("network-a", "ap-northeast-1"), stack("network-b", "ap-northeast-3"));
/// # let (link_a, link_b) = (stack("link-a", "ap-northeast-1"), stack("link-b", "ap-northeast-3"));
/// # let tokyo = aws::Vpc::new(&network_a, "vpc", Default::default());
/// # let osaka = aws::Vpc::new(&network_b, "vpc", aws::VpcProps { cidr: Cidr::new("10.1.0.0/16"), ..Default::default() });
/// let peering = aws::vpc::Peering::new(&link_a, "osaka", &tokyo, &osaka, Default::default());
/// peering.accept(&link_b, "tokyo");
/// # app.synth()?;
/// # Ok::<(), meshsynth::Failure>(())
/// ```
///
/// Source: <https://docs.aws.amazon.com/vpc/latest/peering/what-is-vpc-peering.html>
#[derive(Clone)]
pub struct Peering {
    scope: Scope,
    ours: Vpc,
    theirs: Vpc,
    tiers: Vec<Tier>,
    connection: Resource<ec2::VpcPeeringConnection>,
}

impl Peering {
    /// Defines the connection and the routes of `ours`. `scope` belongs to a stack in the region of `ours`.
    #[track_caller]
    pub fn new(scope: &impl Construct, id: &str, ours: &Vpc, theirs: &Vpc, props: PeeringProps) -> Self {
        let scope = scope.scope().construct(id);
        let mut connection = ec2::VpcPeeringConnection::new(theirs.id().into_text(), ours.id())
            .tags([Tag::new("Name", display_name(&scope))]);
        let (here, there) = (scope.region(), theirs.scope().region());
        if here != there {
            connection = connection.peer_region(there);
        }
        if let (Val::Known(us), Val::Known(them)) = (scope.account(), theirs.scope().account())
            && us != them
        {
            let role = text!["arn:", scope.partition(), format!(":iam::{them}:role/{}", props.accepter_role)];
            connection = connection.peer_owner_id(them).peer_role_arn(role_arn(role));
        }
        let connection = connection.define(&scope, "resource");
        let peering = Self { ours: ours.clone(), theirs: theirs.clone(), tiers: props.tiers, connection, scope };
        peering.routes(&peering.scope, &peering.ours, peering.theirs.cidr());
        peering
    }

    /// Defines the routes of the other VPC, in a stack of its region.
    #[track_caller]
    pub fn accept(&self, scope: &impl Construct, id: &str) -> &Self {
        let scope = scope.scope().construct(id);
        self.routes(&scope, &self.theirs, self.ours.cidr());
        self
    }

    /// Lets one VPC connect to an endpoint in the other VPC. The rule belongs to `scope`, a stack in the endpoint's
    /// region.
    #[track_caller]
    pub fn allow(&self, scope: &impl Construct, endpoint: &Endpoint, from: &Vpc) -> &Self {
        endpoint.allow_from_network(scope, from);
        self
    }

    /// Returns the ID of the connection.
    pub fn peering_id(&self) -> Val<String> {
        self.connection.id()
    }

    fn routes(&self, scope: &Scope, from: &Vpc, to: Cidr) {
        if from.is_imported() {
            let vpc = from.scope().path();
            let message = format!("the existing VPC `{vpc}` needs a route to `{to}`, but its route tables are unknown");
            let help = "the owner of the VPC must add the route to the peering in every route table, as listed in `owners.json`";
            scope.report(Diagnostic::warning("MS0616", message).help(help));
            let what = format!("route {to} to the peering connection in the route tables of the subnets");
            let connection = Bag::default().with("DestinationCidrBlock", to.to_string());
            let document = connection.with("VpcPeeringConnectionId", self.peering_id());
            scope.owner_task(OwnerTask { owner: from.id().into(), what, document: Some(Data::Map(document)) });
        }
        for (id, table) in from.tables(&self.tiers) {
            ec2::Route::new(table)
                .destination_cidr_block(to)
                .vpc_peering_connection_id(self.peering_id())
                .define(scope, &format!("{id}-to-{}", to.to_string().replace('/', "-")));
        }
    }
}

impl Construct for Peering {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}

/// Converts a text to a role ARN.
fn role_arn(text: Val<String>) -> Val<RoleArn> {
    match text {
        Val::Known(arn) => Val::Known(RoleArn::new(arn)),
        Val::Deferred(deferred) => Val::Deferred(deferred),
    }
}

impl Vpc {
    /// Returns the route tables of some tiers, each with a name for construct ids.
    pub(super) fn tables(&self, tiers: &[Tier]) -> Vec<(String, Val<String>)> {
        let of = |tier: &Tier| {
            let tables = self.route_tables(*tier).iter().enumerate();
            let word = tier.word();
            tables.map(|(idx, table)| (format!("{word}-{}", super::subnets::LETTERS[idx]), table.clone())).collect()
        };
        tiers.iter().flat_map(|tier| -> Vec<_> { of(tier) }).collect()
    }
}

impl Endpoint {
    /// Lets the addresses of another VPC connect, by its CIDR block. A rule cannot refer to a security group of another
    /// region.
    #[track_caller]
    pub fn allow_from_network(&self, scope: &impl Construct, network: &Vpc) {
        let scope = scope.scope();
        let key = format!("rule {} {} {}", network.scope().path(), self.owner.path(), self.port);
        scope.root_scope().singleton(key, || {
            let id = format!("{}-to-{}", network.scope().path(), self.owner.path()).replace('/', "-");
            let id = name::fit(&id, MOST_OF_ID);
            let scope = scope.construct(&id);
            let why = format!("{} to {}", network.scope().path(), self.owner.path());
            let cidr = network.cidr();
            define_rule(&scope, self.security_group.clone(), "network", &self.port.into(), &why, |it| it.cidr_ip(cidr));
            scope
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::VpcProps;
    use crate::rds::{Database, DatabaseProps};
    use crate::testing::{Platform, stack};
    use crate::{Env, Stack};

    fn linked(account: &'static str) -> Platform {
        Platform::synth("shop", |app| {
            let of = |id: &str, account, region| Stack::new(app, id, Env::new(account, region));
            let tokyo = |id| of(id, "111122223333", "ap-northeast-1");
            let osaka = |id| of(id, account, "ap-northeast-3");
            let ours = Vpc::new(&tokyo("network-a"), "vpc", VpcProps::default());
            let props = VpcProps { cidr: Cidr::new("10.1.0.0/16"), ..VpcProps::default() };
            let theirs = Vpc::new(&osaka("network-b"), "vpc", props);
            let db = Database::new(&osaka("data"), "db", &theirs, DatabaseProps::default());
            let link = osaka("link-b");
            Peering::new(&tokyo("link-a"), "peering", &ours, &theirs, PeeringProps::default())
                .accept(&link, "peering")
                .allow(&link, &db.endpoint(), &ours);
        })
    }

    #[test]
    fn defines_peering_routes_in_region_of_each_side() {
        let platform = linked("111122223333");
        let connection = platform.resource("AWS::EC2::VPCPeeringConnection").props;
        assert_eq!(connection["PeerRegion"], "ap-northeast-3");
        assert_eq!(connection["PeerVpcId"]["Fn::GetStackOutput"]["Region"], "ap-northeast-3");
        assert!(connection["PeerRoleArn"].is_null());
        let routes = platform.resources("AWS::EC2::Route");
        let to = |template: &str, cidr: &str| {
            let ours =
                |it: &&crate::testing::Found<'_>| it.template == template && it.props["DestinationCidrBlock"] == cidr;
            routes.iter().filter(ours).count()
        };
        // Each VPC has three private route tables and one isolated route table.
        assert_eq!((to("link-a.template.json", "10.1.0.0/16"), to("link-b.template.json", "10.0.0.0/16")), (4, 4));
        let rules = platform.resources("AWS::EC2::SecurityGroupIngress");
        assert!(rules.iter().any(|it| it.props["CidrIp"] == "10.0.0.0/16" && it.props["FromPort"] == 5432));
    }

    #[test]
    fn reports_missing_routes_of_imported_vpc() {
        let found = crate::testing::codes(|app| {
            let ours = Vpc::new(&stack(app, "network"), "vpc", VpcProps::default());
            let link = stack(app, "link");
            let cidr = Cidr::new("10.1.0.0/16");
            let theirs = crate::aws::vpc::ExistingVpc::new("vpc-0a1b2c3d4e5f60718", cidr, []);
            let theirs = Vpc::import(&link, "theirs", theirs);
            Peering::new(&link, "peering", &ours, &theirs, PeeringProps::default()).accept(&link, "accepted");
        });
        assert_eq!(found, ["MS0616"]);
    }

    #[test]
    fn uses_accepter_role_of_other_account() {
        let platform = linked("444455556666");
        let connection = platform.resource("AWS::EC2::VPCPeeringConnection").props;
        assert_eq!(connection["PeerOwnerId"], "444455556666");
        assert!(connection["PeerRoleArn"].to_string().contains("444455556666:role/meshsynth-peering-accepter"));
    }
}
