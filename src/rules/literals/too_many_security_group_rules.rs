//! A security group has more rules than the default quota allows.
//!
//! # What it reports
//!
//! A security group has more than 60 inbound or outbound rules. IPv4 and IPv6 rules count separately. The finding is a
//! warning, because the quota can be increased to 1,000 divided by the number of groups of a network interface.
//!
//! # Why it matters
//!
//! EC2 rejects rule 61, in the middle of a deployment.
//!
//! # Fix
//!
//! Allow a CIDR block or a prefix list instead of single addresses, or share one group between clients. Alternatively,
//! increase the quota (`L-0EA8095F`) before the deployment.
//!
//! Source: <https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html#vpc-limits-security-groups>

use std::collections::BTreeMap;

use crate::diag::Diagnostic;
use crate::rules::index::references::source_of;
use crate::synth::{Link, Model};
use crate::tree::NodeId;
use crate::val::{Bag, Data};

/// The default quota of rules in each direction.
const MOST: usize = 60;

pub(super) fn check(model: &Model, _: &Link, out: &mut Vec<Diagnostic>) {
    // Existing groups are identified by their ID. Their other rules are unknown.
    let mut by_group: BTreeMap<(NodeId, &str, bool), usize> = BTreeMap::new();
    for (property, direction, type_name) in [
        ("SecurityGroupIngress", "inbound", "AWS::EC2::SecurityGroupIngress"),
        ("SecurityGroupEgress", "outbound", "AWS::EC2::SecurityGroupEgress"),
    ] {
        for (id, group) in model.of_type("AWS::EC2::SecurityGroup") {
            for rule in group.props.get(property).map(Data::items).unwrap_or_default() {
                *by_group.entry((id, direction, rule.as_map().is_some_and(is_ipv6))).or_default() += 1;
            }
        }
        for (_, rule) in model.of_type(type_name) {
            if let Some((group, _)) = source_of(model, &rule.props, "GroupId") {
                *by_group.entry((group, direction, is_ipv6(&rule.props))).or_default() += 1;
            }
        }
    }
    for ((id, direction, _), n) in by_group.into_iter().filter(|(_, n)| *n > MOST) {
        let message = format!("the security group has {n} {direction} rules; the default quota is {MOST}");
        out.push(
            model.warning(id, "MS0139", message).help("combine rules with a CIDR block or a prefix list, or raise the quota `L-0EA8095F`"),
        );
    }
}

fn is_ipv6(rule: &Bag) -> bool {
    rule.get("CidrIpv6").is_some()
}

#[cfg(test)]
mod tests {
    use crate::Cidr;
    use crate::aws::{SecurityGroup, Vpc, VpcProps};
    use crate::testing::{codes, stack};

    fn with_rules(n: u16) -> Vec<&'static str> {
        codes(|app| {
            let run = stack(app, "run");
            let vpc = Vpc::new(&run, "vpc", VpcProps::default());
            let group = SecurityGroup::answering(&run, "store", &vpc, "a store");
            for port in 0..n {
                group.allow_from_cidr(Cidr::new("10.0.0.0/16"), 8000 + port, "a port");
            }
        })
    }

    #[test]
    fn warns_about_more_rules_than_the_quota() {
        assert_eq!(with_rules(61), ["MS0139"]);
    }

    #[test]
    fn accepts_as_many_rules_as_the_quota() {
        assert_eq!(with_rules(60), [""; 0]);
    }
}
