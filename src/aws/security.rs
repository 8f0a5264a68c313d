//! Security groups.
//!
//! Edges between constructs allow connections ([`Endpoint::allow_from`](super::Endpoint::allow_from)). The methods of a
//! security group are for other connections.

mod bare;

use std::ops::RangeInclusive;

use crate::Resource;
use crate::cfn::ec2;
use crate::cfn::ec2::security_group::{Egress, Tag};
use crate::cfn::ids::SecurityGroupId;
use crate::tree::{Construct, Scope};
use crate::units::Cidr;
use crate::val::{Bag, Val};

use super::existing::IdForm;
use super::{Vpc, display_name, ingress_rule};

/// The ports of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ports {
    /// All ports of all protocols.
    All,
    /// A range of TCP ports, including both ends.
    Tcp(RangeInclusive<u16>),
}

impl From<u16> for Ports {
    fn from(port: u16) -> Self {
        Ports::Tcp(port..=port)
    }
}

impl From<RangeInclusive<u16>> for Ports {
    fn from(ports: RangeInclusive<u16>) -> Self {
        Ports::Tcp(ports)
    }
}

/// A security group. It accepts no connections until a rule allows them.
///
/// The egress rules are explicit and do not depend on the EC2 default, so that a diff shows their changes.
/// [`SecurityGroup::new`] allows all outgoing connections, for members that call AWS APIs and pull images.
/// [`SecurityGroup::answering`] allows only responses, for databases, brokers and endpoints.
///
/// A rule for an imported group is a separate resource, which is deleted with its stack.
///
/// # Diagnostics
///
/// - `MS0130`: the imported value is not the ID of a security group.
///
/// # Example
///
/// ```
/// # use meshsynth::aws::security::ExistingSecurityGroup;
/// # use meshsynth::{App, Cidr, Env, Stack, aws};
/// # let app = App::new("shop");
/// # let network = Stack::new(&app, "network", Env::region("eu-west-1"));
/// # let vpc = aws::Vpc::new(&network, "vpc", aws::VpcProps::default());
/// let bastion = aws::SecurityGroup::new(&network, "bastion", &vpc, "Hosts that people log in to");
/// bastion.allow_from_cidr(Cidr::new("192.0.2.0/24"), 22, "SSH from the office");
/// let store = aws::SecurityGroup::import(&network, "store", ExistingSecurityGroup::id("sg-0123456789abcdef0"));
/// store.allow_from_group("bastion", bastion.id(), 5432, "reports");
/// ```
///
/// Source: <https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html>
#[derive(Clone)]
pub struct SecurityGroup {
    scope: Scope,
    id: Val<SecurityGroupId>,
    /// The resource of the group, or `None` if the group is imported.
    group: Option<Resource<ec2::SecurityGroup>>,
}

/// An existing security group.
///
/// # Example
///
/// ```
/// use meshsynth::aws::security::ExistingSecurityGroup;
///
/// let of_this_account = ExistingSecurityGroup::id("sg-0123456789abcdef0");
/// let of_a_shared_network = ExistingSecurityGroup { owner_writes_rules: true, ..of_this_account };
/// ```
#[derive(Clone, Debug)]
pub struct ExistingSecurityGroup {
    /// Its ID.
    pub id: Val<SecurityGroupId>,
    /// Whether only its owner writes its rules, for example because a tool removes rules that it did not create. The
    /// rules then become owner tasks. `ExistingSecurityGroup::id` sets no.
    pub owner_writes_rules: bool,
}

impl ExistingSecurityGroup {
    /// Refers to a group by its ID. Rules can be added to it.
    pub fn id(id: impl Into<String>) -> Self {
        Self { id: SecurityGroupId::new(id).into(), owner_writes_rules: false }
    }
}

/// The format of a security group ID.
pub(crate) const GROUP: IdForm = IdForm { what: "security group", start: "sg-" };

impl SecurityGroup {
    /// Defines a security group that allows all outgoing connections.
    #[track_caller]
    pub fn new(scope: &impl Construct, id: &str, vpc: &Vpc, description: &str) -> Self {
        let egress = Egress::new("-1").cidr_ip("0.0.0.0/0").description("to everywhere");
        Self::with_egress(scope, id, vpc, description, egress)
    }

    /// Defines a security group that allows no outgoing connections, only responses.
    #[track_caller]
    pub fn answering(scope: &impl Construct, id: &str, vpc: &Vpc, description: &str) -> Self {
        // EC2 adds an egress rule for all destinations to a group without egress rules. A rule that matches no traffic
        // prevents this.
        let nowhere = Egress::new("icmp").cidr_ip("127.0.0.1/32").from_port(252).to_port(86).description("to nowhere");
        Self::with_egress(scope, id, vpc, description, nowhere)
    }

    /// Refers to an existing security group.
    #[track_caller]
    pub fn import(scope: &impl Construct, id: &str, existing: ExistingSecurityGroup) -> Self {
        let scope = scope.scope().construct(id);
        GROUP.check(&scope, &existing.id);
        let group = scope.read_here(existing.id);
        if existing.owner_writes_rules {
            ingress_rule::leave_to_owner(&scope, &group);
        }
        Self { scope, id: group, group: None }
    }

    #[track_caller]
    fn with_egress(scope: &impl Construct, id: &str, vpc: &Vpc, description: &str, egress: Egress) -> Self {
        let scope = scope.scope().construct(id);
        let group = ec2::SecurityGroup::new(description)
            .vpc_id(vpc.id())
            .security_group_egress([egress])
            .tags([Tag::new("Name", display_name(&scope))])
            .define(&scope, "resource");
        Self { scope, id: group.group_id(), group: Some(group) }
    }

    /// Returns the ID of the group.
    pub fn id(&self) -> Val<SecurityGroupId> {
        self.id.clone()
    }

    /// Adds a tag. The tags of an imported group are not changed.
    pub fn tag(&self, key: &str, value: &str) -> &Self {
        let tag = Bag::default().with("Key", key.to_owned()).with("Value", value.to_owned());
        if let Some(group) = &self.group {
            group.scope().add("Tags", tag);
        }
        self
    }

    /// Lets members connect to each other.
    #[track_caller]
    pub fn allow_self(&self, ports: impl Into<Ports>, why: &str) -> &Self {
        self.allow_from_group("self", self.id(), ports, why)
    }

    /// Lets the members of another group connect. `name` identifies that group in construct ids.
    #[track_caller]
    pub fn allow_from_group(
        &self,
        name: &str,
        source: Val<SecurityGroupId>,
        ports: impl Into<Ports>,
        why: &str,
    ) -> &Self {
        let rule = |rule: ec2::SecurityGroupIngress| rule.source_security_group_id(source);
        define_rule(&self.scope, self.id(), name, &ports.into(), why, rule);
        self
    }

    /// Lets the addresses of a CIDR block connect.
    #[track_caller]
    pub fn allow_from_cidr(&self, cidr: Cidr, ports: impl Into<Ports>, why: &str) -> &Self {
        let name = cidr.to_string().replace('/', "-");
        define_rule(&self.scope, self.id(), &name, &ports.into(), why, |rule| rule.cidr_ip(cidr));
        self
    }

    /// Lets the addresses of a prefix list connect, by its ID, such as `pl-0123abcd`.
    #[track_caller]
    pub fn allow_from_prefix_list(&self, list: &str, ports: impl Into<Ports>, why: &str) -> &Self {
        define_rule(&self.scope, self.id(), list, &ports.into(), why, |rule| rule.source_prefix_list_id(list));
        self
    }
}

impl Construct for SecurityGroup {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}

/// Defines a rule as a separate resource, so that groups can refer to each other.
#[track_caller]
pub(crate) fn define_rule(
    scope: &Scope,
    group: Val<SecurityGroupId>,
    from: &str,
    ports: &Ports,
    why: &str,
    source: impl FnOnce(ec2::SecurityGroupIngress) -> ec2::SecurityGroupIngress,
) {
    let (rule, id) = match ports {
        Ports::All => (ec2::SecurityGroupIngress::new("-1"), format!("from-{from}")),
        Ports::Tcp(ports) => {
            let (first, last) = (*ports.start(), *ports.end());
            let rule = ec2::SecurityGroupIngress::new("tcp").from_port(first).to_port(last);
            let name = if first == last { first.to_string() } else { format!("{first}-{last}") };
            (rule, format!("from-{from}-{name}"))
        }
    };
    ingress_rule::define(scope, &id, group, source(rule.description(why)));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Platform, stack};

    #[test]
    fn groups_have_no_implicit_rules() {
        let platform = Platform::synth("shop", |app| {
            let run = stack(app, "run");
            let vpc = Vpc::new(&run, "vpc", crate::aws::VpcProps { endpoints: Vec::new(), ..Default::default() });
            let open = SecurityGroup::new(&run, "workers", &vpc, "workers");
            SecurityGroup::answering(&run, "store", &vpc, "a store").allow_from_group(
                "workers",
                open.id(),
                5432,
                "reads",
            );
        });
        let groups = platform.resources("AWS::EC2::SecurityGroup");
        assert!(groups.iter().all(|it| it.props["SecurityGroupIngress"].is_null()));
        let store = groups.iter().find(|it| it.logical_id.starts_with("Store")).expect("it is there");
        assert_eq!(store.props["SecurityGroupEgress"][0]["CidrIp"], "127.0.0.1/32");
        let rule = platform.resource("AWS::EC2::SecurityGroupIngress").props;
        assert_eq!((rule["FromPort"].as_i64(), rule["ToPort"].as_i64()), (Some(5432), Some(5432)));
        assert!(rule["SourceSecurityGroupId"]["Fn::GetAtt"].is_array());
    }

    #[test]
    fn two_imports_of_a_group_share_one_rule() {
        let platform = Platform::synth("shop", |app| {
            let run = stack(app, "run");
            let import = |id: &str, group: &str| SecurityGroup::import(&run, id, ExistingSecurityGroup::id(group));
            let store = import("store", "sg-0123456789abcdef0");
            for (id, group) in
                [("desk", "sg-0d44f1b58ecf6a036"), ("floor", "sg-0d44f1b58ecf6a036"), ("yard", "sg-0d44f1b58ecf6a037")]
            {
                store.allow_from_group(id, import(id, group).id(), 8080, id);
            }
        });
        assert_eq!(platform.resources("AWS::EC2::SecurityGroupIngress").len(), 2);
    }

    fn reports(owner_writes_rules: bool) -> Platform {
        Platform::synth("shop", |app| {
            let run = stack(app, "run");
            let existing = ExistingSecurityGroup::id("sg-0123456789abcdef0");
            let store = SecurityGroup::import(&run, "store", ExistingSecurityGroup { owner_writes_rules, ..existing });
            let vpc = Vpc::new(&run, "vpc", crate::aws::VpcProps { endpoints: Vec::new(), ..Default::default() });
            let office = SecurityGroup::answering(&run, "office", &vpc, "the office");
            store.allow_from_group("office", office.id(), 5432, "reports");
        })
    }

    #[test]
    fn adds_rule_to_imported_group() {
        let platform = reports(false);
        let rule = platform.resource("AWS::EC2::SecurityGroupIngress").props;
        assert_eq!((&rule["GroupId"], &rule["FromPort"]), (&"sg-0123456789abcdef0".into(), &5432.into()));
        assert!(!platform.assembly.files.contains_key("owners.json"));
    }

    #[test]
    fn rule_for_group_of_another_owner_is_owner_task() {
        let platform = reports(true);
        assert!(platform.resources("AWS::EC2::SecurityGroupIngress").is_empty());
        let owners: serde_json::Value =
            serde_json::from_str(&platform.assembly.files["owners.json"]).expect("it is JSON");
        let task = &owners["tasks"][0];
        assert_eq!((&task["owner"], &task["document"]["FromPort"]), (&"sg-0123456789abcdef0".into(), &5432.into()));
        assert_eq!(task["needed_by"][0]["construct"], "run/store");
    }

    #[test]
    fn reports_subnet_id_instead_of_group() {
        let found = crate::testing::codes(|app| {
            let run = stack(app, "run");
            crate::ssm::Parameter::new(&run, "name", "name", "value", Default::default());
            SecurityGroup::import(&run, "store", ExistingSecurityGroup::id("subnet-0123456789abcdef0"));
        });
        assert_eq!(found, ["MS0130"]);
    }
}
