//! Imports of existing VPCs and their validation.

use crate::aws::existing::IdForm;
use crate::cfn::ids::{SubnetId, VpcId};
use crate::diag::Diagnostic;
use crate::diagram::DiagramNode;
use crate::tree::{Construct, Scope};
use crate::units::Cidr;
use crate::val::Val;

use super::{Origin, Service, Subnet, Tier, TierSubnets, Vpc};

/// An existing VPC.
#[derive(Clone, Debug)]
pub struct ExistingVpc {
    /// Its ID.
    pub id: Val<VpcId>,
    /// Its CIDR block.
    pub cidr: Cidr,
    /// Its subnets that this program uses.
    pub subnets: Vec<ExistingSubnet>,
    /// The AWS services with endpoints in it. A grant for another service causes a warning.
    pub endpoints: Vec<Service>,
    /// Whether its private subnets have a route to the internet, through a NAT gateway or another network.
    pub has_nat: bool,
}

impl ExistingVpc {
    /// Refers to a VPC by its ID, its CIDR block and its subnets, without endpoints or a NAT gateway.
    pub fn new(id: impl Into<String>, cidr: Cidr, subnets: impl IntoIterator<Item = ExistingSubnet>) -> Self {
        let subnets = subnets.into_iter().collect();
        Self { id: VpcId::new(id).into(), cidr, subnets, endpoints: Vec::new(), has_nat: false }
    }
}

/// An existing subnet.
#[derive(Clone, Debug)]
pub struct ExistingSubnet {
    /// The tier of the subnet.
    pub tier: Tier,
    /// Its ID.
    pub id: Val<SubnetId>,
    /// Its CIDR block.
    pub cidr: Cidr,
    /// The name of its availability zone, such as `ap-northeast-1a`.
    pub zone: String,
}

impl Vpc {
    /// Refers to an existing VPC, without changing it.
    ///
    /// # Diagnostics
    ///
    /// - `MS0611`: a grant requires a service that has no endpoint in the VPC.
    /// - `MS0130`: an ID is not a VPC ID or a subnet ID.
    /// - `MS0614`: all subnets of a tier are in one zone.
    /// - `MS0615`: a subnet is in another region than the stack.
    ///
    /// # Example
    ///
    /// ```
    /// # use meshsynth::{testing, App, Cidr};
    /// # let app = App::new("shop");
    /// # let network = testing::stack(&app, "network");
    /// use meshsynth::aws::vpc::{ExistingSubnet, ExistingVpc, Service, Tier, Vpc};
    ///
    /// let subnet = |id, cidr, zone| ExistingSubnet::new(Tier::Private, id, cidr, zone);
    /// let vpc = Vpc::import(&network, "vpc", ExistingVpc {
    ///     endpoints: vec![Service::S3, Service::Sts, Service::Sqs],
    ///     has_nat: true,
    ///     ..ExistingVpc::new("vpc-0a1b2c3d4e5f60718", Cidr::new("10.20.0.0/16"), [
    ///         subnet("subnet-0a1b2c3d4e5f60711", Cidr::new("10.20.0.0/19"), "ap-northeast-1a"),
    ///         subnet("subnet-0a1b2c3d4e5f60712", Cidr::new("10.20.32.0/19"), "ap-northeast-1c"),
    ///     ])
    /// });
    /// ```
    #[track_caller]
    pub fn import(scope: &impl Construct, id: &str, existing: ExistingVpc) -> Self {
        let scope = scope.scope().construct(id);
        check(&scope, &existing);
        // The name of a zone is its region and a letter.
        if let Some(subnet) = existing.subnets.first() {
            scope.set_import_region(subnet.zone.trim_end_matches(|it: char| it.is_ascii_lowercase()));
        }
        let mut tiers: Vec<TierSubnets> = Vec::new();
        let mut zones: Vec<String> = Vec::new();
        for ExistingSubnet { tier, id, cidr, zone } in existing.subnets {
            if !zones.contains(&zone) {
                zones.push(zone.clone());
            }
            let subnet = Subnet { id: scope.read_here(id), cidr, zone: zone.into() };
            match tiers.iter_mut().find(|known| known.tier == tier) {
                Some(known) => known.subnets.push(subnet),
                None => tiers.push(TierSubnets { tier, subnets: vec![subnet], route_tables: Vec::new() }),
            }
        }
        scope.diagram(DiagramNode::group("vpc").detail(format!("{}, exists already", existing.cidr)));
        let origin = Origin::Existing { endpoints: existing.endpoints, has_nat: existing.has_nat };
        Self { id: scope.read_here(existing.id), scope, cidr: existing.cidr, n_zones: zones.len(), tiers, origin }
    }

    /// Creates a placeholder for the unknown VPC of a bare construct. The construct reports the missing VPC when a
    /// relation requires it.
    pub(crate) fn unknown(scope: &Scope) -> Self {
        let origin = Origin::Existing { endpoints: Vec::new(), has_nat: true };
        let (id, cidr) = (VpcId::new("vpc-00000000"), Cidr::new("10.0.0.0/8"));
        Self { id: id.into(), scope: scope.clone(), cidr, n_zones: 0, tiers: Vec::new(), origin }
    }
}

impl ExistingSubnet {
    /// Refers to a subnet by its tier, its ID, its CIDR block and its zone.
    pub fn new(tier: Tier, id: impl Into<String>, cidr: Cidr, zone: impl Into<String>) -> Self {
        Self { tier, id: SubnetId::new(id).into(), cidr, zone: zone.into() }
    }
}

/// Reports invalid IDs, duplicate subnets, subnets in other regions, and tiers in only one zone.
fn check(scope: &Scope, existing: &ExistingVpc) {
    VPC.check(scope, &existing.id);
    // Outside of stacks, the first subnet determines the region.
    let of_subnets =
        || Some(existing.subnets.first()?.zone.trim_end_matches(|it: char| it.is_ascii_lowercase()).to_owned());
    let region = scope.region_of_stack().or_else(of_subnets);
    for (idx, subnet) in existing.subnets.iter().enumerate() {
        SUBNET.check(scope, &subnet.id);
        let id = || subnet.id.clone().into_text().known().cloned().unwrap_or_default();
        let is_known = subnet.id.known().is_some();
        if is_known && existing.subnets[..idx].iter().any(|other| other.id == subnet.id) {
            let help = "list each subnet once, in its tier";
            scope.report(Diagnostic::error("MS0222", format!("subnet `{}` is listed twice", id())).help(help));
        }
        if let Some(region) = &region
            && !subnet.zone.starts_with(region)
        {
            scope.report(
                Diagnostic::error(
                    "MS0615",
                    format!("subnet `{}` is in `{}`, but its stack is in `{region}`", subnet.cidr, subnet.zone),
                )
                .help("use a zone of the region, such as `eu-west-1a`, or import the network in a stack in its region"),
            );
        }
    }
    for tier in [Tier::Public, Tier::Private, Tier::Isolated] {
        let mut zones: Vec<&str> =
            existing.subnets.iter().filter(|it| it.tier == tier).map(|it| it.zone.as_str()).collect();
        zones.sort_unstable();
        zones.dedup();
        if let [zone] = zones[..] {
            let tier = tier.word();
            scope.report(
                Diagnostic::warning(
                    "MS0614",
                    format!("all {tier} subnets of the VPC are in one availability zone, `{zone}`"),
                )
                .help(
                    "add a subnet in a second zone, because clusters, databases and load balancers require two zones",
                ),
            );
        }
    }
}

/// The formats of VPC and subnet IDs.
const VPC: IdForm = IdForm { what: "VPC", start: "vpc-" };
const SUBNET: IdForm = IdForm { what: "subnet", start: "subnet-" };

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{codes, stack};

    fn with(id: &str, subnets: &[(&str, &str)]) -> Vec<&'static str> {
        codes(|app| {
            let network = stack(app, "network");
            let cidr = Cidr::new("10.0.0.0/20");
            let subnet = |(id, zone): &(&str, &str)| ExistingSubnet::new(Tier::Private, *id, cidr, *zone);
            let vpc = Vpc::import(&network, "vpc", ExistingVpc::new(id, cidr, subnets.iter().map(subnet)));
            crate::aws::SecurityGroup::new(&network, "group", &vpc, "a group");
        })
    }

    const VPC: &str = "vpc-0a1b2c3d4e5f60718";
    const A: (&str, &str) = ("subnet-0a1b2c3d4e5f60711", "ap-northeast-1a");
    const C: (&str, &str) = ("subnet-0a1b2c3d", "ap-northeast-1c");

    #[test]
    fn import_outside_of_stacks_can_be_in_any_region() {
        let import = |zones: [&str; 2]| {
            codes(|app| {
                let subnet = |(id, zone)| ExistingSubnet::new(Tier::Private, id, Cidr::new("10.0.0.0/20"), zone);
                let subnets = [(A.0, zones[0]), (C.0, zones[1])].map(subnet);
                let vpc = Vpc::import(app, "vpc", ExistingVpc::new(VPC, Cidr::new("10.0.0.0/16"), subnets));
                assert_eq!(vpc.scope().region(), "eu-central-1");
            })
        };
        assert_eq!(import(["eu-central-1a", "eu-central-1b"]), [""; 0]);
        assert_eq!(import(["eu-central-1a", "eu-west-1b"]), ["MS0615"]);
    }

    #[test]
    fn reports_invalid_ids() {
        assert_eq!(with(VPC, &[A, C]), [""; 0]);
        assert_eq!(with("subnet-0a1b2c3d4e5f60718", &[A, C]), ["MS0130"]);
        assert_eq!(with(VPC, &[A, ("subnet-0a1b2c3d4e5f6071z", "ap-northeast-1c")]), ["MS0130"]);
    }

    #[test]
    fn reports_subnets_in_one_zone_or_other_region() {
        assert_eq!(with(VPC, &[A]), ["MS0614"]);
        assert_eq!(with(VPC, &[A, (C.0, "eu-west-1c")]), ["MS0615"]);
    }
}
