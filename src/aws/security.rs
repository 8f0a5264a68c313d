//! Security groups.
//!
//! Who may connect is said by edges ([`Endpoint::allow_from`](super::Endpoint::allow_from));
//! the methods here are for what is no edge between two constructs.

use std::ops::RangeInclusive;

use crate::Resource;
use crate::cfn::ec2;
use crate::cfn::ec2::security_group::{Egress, Tag};
use crate::cfn::ids::SecurityGroupId;
use crate::tree::{Construct, Scope};
use crate::units::Cidr;
use crate::val::{Bag, Val};

use super::{Vpc, display_name};

/// The ports that a rule opens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ports {
    /// Every port of every protocol.
    All,
    /// TCP ports from one to another, both of them too.
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

/// A security group that nobody may connect to until a rule says so.
///
/// What its members may reach is written down, never left to the default of
/// EC2, so that a change of it shows in a diff: [`SecurityGroup::new`] lets
/// them reach everything, as what calls AWS and pulls images must;
/// [`SecurityGroup::answering`] lets them only answer, which is all that a
/// database, a broker or an endpoint does.
///
/// Source: <https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html>
#[derive(Clone)]
pub struct SecurityGroup {
    scope: Scope,
    group: Resource<ec2::SecurityGroup>,
}

impl SecurityGroup {
    /// Defines a security group whose members may open connections to everywhere.
    #[track_caller]
    pub fn new(scope: &impl Construct, id: &str, vpc: &Vpc, description: &str) -> Self {
        let egress = Egress::new("-1").cidr_ip("0.0.0.0/0").description("to everywhere");
        Self::with_egress(scope, id, vpc, description, egress)
    }

    /// Defines a security group whose members open no connection: they answer those that come in.
    #[track_caller]
    pub fn answering(scope: &impl Construct, id: &str, vpc: &Vpc, description: &str) -> Self {
        // A group without egress rules gets one for everywhere; a rule that matches nothing prevents that.
        let nowhere = Egress::new("icmp").cidr_ip("127.0.0.1/32").from_port(252).to_port(86).description("to nowhere");
        Self::with_egress(scope, id, vpc, description, nowhere)
    }

    #[track_caller]
    fn with_egress(scope: &impl Construct, id: &str, vpc: &Vpc, description: &str, egress: Egress) -> Self {
        let scope = scope.scope().construct(id);
        let group = ec2::SecurityGroup::new(description)
            .vpc_id(vpc.id())
            .security_group_egress([egress])
            .tags([Tag::new("Name", display_name(&scope))])
            .define(&scope, "resource");
        Self { scope, group }
    }

    /// The id of the group.
    pub fn id(&self) -> Val<SecurityGroupId> {
        self.group.group_id()
    }

    /// Adds a tag.
    pub fn tag(&self, key: &str, value: &str) -> &Self {
        let tag = Bag::default().with("Key", key.to_owned()).with("Value", value.to_owned());
        self.group.scope().add("Tags", tag);
        self
    }

    /// Lets members connect to each other.
    #[track_caller]
    pub fn allow_self(&self, ports: impl Into<Ports>, why: &str) -> &Self {
        self.allow_from_group("self", self.id(), ports, why)
    }

    /// Lets the members of another group connect; `name` stands for it in construct ids.
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

    /// Lets the addresses of a block connect.
    #[track_caller]
    pub fn allow_from_cidr(&self, cidr: Cidr, ports: impl Into<Ports>, why: &str) -> &Self {
        let name = cidr.to_string().replace('/', "-");
        define_rule(&self.scope, self.id(), &name, &ports.into(), why, |rule| rule.cidr_ip(cidr));
        self
    }

    /// Lets the addresses of a prefix list connect, by its id such as `pl-0123abcd`.
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

/// Defines a rule that stands by itself, so that groups may refer to each other.
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
    source(rule.group_id(group).description(why)).define(scope, &id);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Platform, stack};

    #[test]
    fn nobody_connects_until_a_rule_says_so_and_what_only_answers_opens_nothing() {
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
}
