//! Amazon Route 53 hosted zones.

use crate::Resource;
use crate::aws::Vpc;
use crate::aws::existing::{NameForm, check_host};
use crate::cfn::ids::HostedZoneId;
use crate::cfn::route53;
use crate::cfn::route53::hosted_zone::{HostedZoneConfig, HostedZoneTag};
use crate::tree::{Construct, Scope};
use crate::val::{Bag, List, Val};

use super::super::display_name;

/// Properties of a [`HostedZone`].
#[derive(Clone, Debug, Default)]
pub struct ZoneProps {
    /// The comment of the zone. Default: the path of the construct.
    pub comment: String,
}

/// A hosted zone: the DNS records of one domain.
///
/// A public zone answers queries from the internet after the domain's registrar has its [name
/// servers](HostedZone::name_servers). A private zone answers queries only from its associated VPCs, which can be in
/// any region.
///
/// If the zone is removed from its stack, CloudFormation keeps it. A new zone would have other name servers. DNS
/// clients could not resolve the domain until the registrar is updated.
///
/// # Example
///
/// ```
/// # use meshsynth::{testing, App, aws, route53};
/// # let app = App::new("shop");
/// # let edge = testing::stack(&app, "edge");
/// # let vpc = aws::Vpc::new(&edge, "vpc", aws::VpcProps::default());
/// let zone = route53::HostedZone::public(&edge, "zone", "shop.example.com", Default::default());
/// let inside = route53::HostedZone::private(&edge, "inside", "shop.internal", &[&vpc], Default::default());
/// ```
///
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-route53-hostedzone.html>
#[derive(Clone)]
pub struct HostedZone {
    scope: Scope,
    domain: String,
    id: Val<HostedZoneId>,
    zone: Option<Resource<route53::HostedZone>>,
    name_servers: Val<List<String>>,
    is_left_to_owner: bool,
}

/// An existing hosted zone.
///
/// # Example
///
/// ```
/// use meshsynth::route53::ExistingZone;
///
/// let own = ExistingZone::new("shop.example.com", "Z0123456789ABCDEFGHIJ");
/// let of_the_company = ExistingZone { owner_writes_records: true, ..ExistingZone::new("example.com", "Z0ABCDEFGHIJ12345678") };
/// ```
#[derive(Clone, Debug)]
pub struct ExistingZone {
    /// Its domain.
    pub domain: String,
    /// Its ID.
    pub id: Val<HostedZoneId>,
    /// Its name servers, for delegation from a parent zone. Default: unknown.
    pub name_servers: Vec<String>,
    /// Whether only the owner in another account writes the records. The records then become owner tasks.
    /// Default: no.
    pub owner_writes_records: bool,
}

impl ExistingZone {
    /// Refers to a zone by its domain and its ID, such as `Z0123456789ABCDEFGHIJ`.
    pub fn new(domain: &str, id: &str) -> Self {
        Self {
            domain: domain.to_owned(),
            id: HostedZoneId::new(id).into(),
            name_servers: Vec::new(),
            owner_writes_records: false,
        }
    }
}

/// The format of a zone ID.
const ZONE: NameForm = NameForm { what: "hosted zone", marks: "", longest: 32, example: "Z0123456789ABCDEFGHIJ" };

impl HostedZone {
    /// Defines a public zone, which answers queries from the internet.
    #[track_caller]
    pub fn public(scope: &impl Construct, id: &str, domain: &str, props: ZoneProps) -> Self {
        Self::define(scope, id, domain, props)
    }

    /// Defines a private zone, which answers queries only from these VPCs.
    #[track_caller]
    pub fn private(scope: &impl Construct, id: &str, domain: &str, vpcs: &[&Vpc], props: ZoneProps) -> Self {
        let zone = Self::define(scope, id, domain, props);
        vpcs.iter().for_each(|vpc| zone.share_with(vpc));
        zone
    }

    /// Refers to an existing zone.
    ///
    /// # Example
    ///
    /// ```
    /// # use meshsynth::{testing, App, route53};
    /// # let app = App::new("shop");
    /// # let edge = testing::stack(&app, "edge");
    /// let existing = route53::ExistingZone::new("example.com", "Z0123456789ABCDEFGHIJ");
    /// let company = route53::HostedZone::import(&edge, "company", existing);
    /// let shop = route53::HostedZone::public(&edge, "shop", "shop.example.com", Default::default());
    /// company.delegate(&shop);
    /// ```
    #[track_caller]
    pub fn import(scope: &impl Construct, id: &str, existing: ExistingZone) -> Self {
        let scope = scope.scope().construct(id);
        let ExistingZone { domain, id, name_servers, owner_writes_records } = existing;
        check_host(&scope, &Val::<String>::from(domain.as_str()));
        ZONE.check(&scope, &id);
        let id = scope.read_here(id);
        let name_servers = Val::Known(name_servers.into_iter().collect());
        Self { scope, domain, id, zone: None, name_servers, is_left_to_owner: owner_writes_records }
    }

    /// Defines a bare zone: public, or private to the VPCs of the typed resource.
    ///
    /// `domain` is the name of the zone. If a stack parameter sets the name in the typed resource, pass the parameter's
    /// value.
    ///
    /// # Example
    ///
    /// ```
    /// # use meshsynth::{testing, App, cfn, route53};
    /// # let app = App::new("shop");
    /// # let edge = testing::stack(&app, "edge");
    /// let zone = cfn::route53::HostedZone::new().name("shop.example.com.");
    /// let zone = route53::HostedZone::bare(&edge, "zone", "shop.example.com", zone);
    /// zone.resource().logical_id("Zone").retain();
    /// let www = cfn::route53::RecordSet::new("www.shop.example.com.", "CNAME").hosted_zone_id(zone.zone_id());
    /// zone.add_record_with("www", www.ttl("300").resource_records(["pages.example.com"])).logical_id("Www");
    /// # app.synth().expect("it synthesizes");
    /// ```
    #[track_caller]
    pub fn bare(scope: &impl Construct, id: &str, domain: &str, zone: route53::HostedZone) -> Self {
        let scope = scope.scope().construct(id);
        check_host(&scope, &Val::<String>::from(domain.trim_end_matches('.')));
        let zone = zone.define(&scope, "resource");
        let (id, name_servers) = (zone.reference(), zone.attr("NameServers"));
        Self { domain: domain.to_owned(), id, zone: Some(zone), name_servers, is_left_to_owner: false, scope }
    }

    /// Returns the resource of the zone, for example to keep its logical ID, or to set a property for which the
    /// construct has no method.
    #[track_caller]
    pub fn resource(&self) -> Resource<route53::HostedZone> {
        Resource::of(self, "resource")
    }

    /// Adds a bare record to the zone.
    #[track_caller]
    pub fn add_record_with(&self, id: &str, record: route53::RecordSet) -> Resource<route53::RecordSet> {
        record.define(self, id)
    }

    /// Adds a bare record group to the zone.
    #[track_caller]
    pub fn add_record_group(&self, id: &str, group: route53::RecordSetGroup) -> Resource<route53::RecordSetGroup> {
        group.define(self, id)
    }

    /// Returns whether only the zone's owner writes its records.
    pub(super) fn is_left_to_owner(&self) -> bool {
        self.is_left_to_owner
    }

    #[track_caller]
    fn define(scope: &impl Construct, id: &str, domain: &str, props: ZoneProps) -> Self {
        let scope = scope.scope().construct(id);
        let comment = if props.comment.is_empty() { scope.path() } else { props.comment };
        let zone = route53::HostedZone::new()
            .name(domain)
            .hosted_zone_config(HostedZoneConfig::new().comment(comment))
            .hosted_zone_tags([HostedZoneTag::new("Name", display_name(&scope))])
            .define(&scope, "resource");
        zone.retain();
        let name_servers = zone.attr("NameServers");
        let id = zone.id();
        Self { domain: domain.to_owned(), id, zone: Some(zone), name_servers, is_left_to_owner: false, scope }
    }

    /// Shares a private zone with another VPC of this account, in any region.
    pub fn share_with(&self, vpc: &Vpc) {
        if let Some(zone) = &self.zone {
            let network = Bag::default().with("VPCId", vpc.id()).with("VPCRegion", vpc.scope().region());
            zone.scope().add("VPCs", network);
        }
    }

    /// Returns the ID of the zone.
    pub fn zone_id(&self) -> Val<HostedZoneId> {
        self.id.clone()
    }

    /// Returns the domain without a trailing dot.
    pub fn domain(&self) -> &str {
        self.domain.trim_end_matches('.')
    }

    /// Returns the ARN of the zone, for policies.
    pub fn arn(&self) -> Val<String> {
        crate::text!["arn:", self.scope.partition(), ":route53:::hostedzone/", Val::<String>::from(self.zone_id())]
    }

    /// Returns the name servers for the domain's registrar or for the parent zone. The list is empty for a zone that
    /// was imported without them.
    pub fn name_servers(&self) -> Val<List<String>> {
        self.name_servers.clone()
    }
}

impl Construct for HostedZone {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::VpcProps;
    use crate::testing::{Platform, stack};
    use crate::{Env, Stack};

    #[test]
    fn stack_outputs_contain_name_servers() {
        let platform = Platform::synth("shop", |app| {
            let edge = stack(app, "edge");
            let zone = HostedZone::public(&edge, "zone", "shop.example.com", ZoneProps::default());
            edge.output("NameServers", zone.name_servers());
        });
        let output = platform.template("edge")["Outputs"]["NameServers"]["Value"].to_string();
        assert!(output.contains("Fn::Join") && output.contains("\"NameServers\""), "{output}");
    }

    #[test]
    fn shares_private_zone_across_regions() {
        let platform = Platform::synth("shop", |app| {
            let here = Vpc::new(&stack(app, "tokyo"), "vpc", VpcProps::default());
            let osaka = Stack::new(app, "osaka", Env::new("111122223333", "ap-northeast-3"));
            let there = Vpc::new(&osaka, "vpc", VpcProps::default());
            let zone = HostedZone::private(&stack(app, "names"), "zone", "in.shop", &[&here], ZoneProps::default());
            zone.share_with(&there);
        });
        let zone = platform.resource("AWS::Route53::HostedZone");
        let text = zone.props["VPCs"].to_string();
        assert!(text.contains("ap-northeast-1") && text.contains("ap-northeast-3"), "{text}");
        assert!(text.contains("Fn::ImportValue") && text.contains("Fn::GetStackOutput"), "{text}");
        assert_eq!(zone.entry["UpdateReplacePolicy"], "Retain");
    }
}
