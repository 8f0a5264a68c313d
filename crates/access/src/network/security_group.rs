//! Security groups.
//!
//! Source: <https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html>.

use serde_json::{Value, json};

use super::rule;
use crate::json::items;
use crate::kubernetes::Traffic;
use crate::sets::{Cube, Dimension, Region, Set};

/// The rules of a security group, both inline and separate ones.
#[derive(Clone, Debug, Default)]
pub struct SecurityGroup {
    ingress: Vec<Value>,
    egress: Vec<Value>,
}

/// Returns the traffic direction if a resource is a separate security group rule.
pub fn is_security_group_rule(type_name: &str) -> Option<Traffic> {
    match type_name {
        "AWS::EC2::SecurityGroupIngress" => Some(Traffic::Ingress),
        "AWS::EC2::SecurityGroupEgress" => Some(Traffic::Egress),
        _ => None,
    }
}

impl SecurityGroup {
    /// Collects the rules in the properties of a group.
    pub fn of(properties: &Value) -> Self {
        let rules = |key: &str| items(&properties[key]).to_vec();
        Self { ingress: rules("SecurityGroupIngress"), egress: rules("SecurityGroupEgress") }
    }

    /// Adds a rule.
    pub fn add(&mut self, traffic: Traffic, rule: Value) {
        match traffic {
            Traffic::Ingress => self.ingress.push(rule),
            Traffic::Egress => self.egress.push(rule),
        }
    }

    /// Returns the admitted connections. If a group has no egress rule, AWS allows all destinations.
    ///
    /// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-securitygroup.html>.
    pub fn admits(&self, traffic: Traffic) -> Region {
        let (rules, open) = match traffic {
            Traffic::Ingress => (&self.ingress, false),
            Traffic::Egress => (&self.egress, self.egress.is_empty()),
        };
        if open {
            let all = [
                json!({ "IpProtocol": "-1", "CidrIp": "0.0.0.0/0" }),
                json!({ "IpProtocol": "-1", "CidrIpv6": "::/0" }),
            ];
            return all.iter().flat_map(cubes).collect();
        }
        rules.iter().filter(|it| !is_nowhere(it)).flat_map(cubes).collect()
    }
}

/// Whether a rule blocks all egress. Programs use such a rule, because AWS treats an empty list as all destinations.
fn is_nowhere(rule: &Value) -> bool {
    ["127.0.0.1/32", "255.255.255.255/32"].iter().any(|it| rule["CidrIp"] == *it)
}

const PEERS: [&str; 8] = [
    "CidrIp",
    "CidrIpv6",
    "SourceSecurityGroupId",
    "SourceSecurityGroupName",
    "DestinationSecurityGroupId",
    "SourcePrefixListId",
    "DestinationPrefixListId",
    "ReferencedSecurityGroupId",
];

fn cubes(rule: &Value) -> Vec<Cube> {
    let sets: Vec<Set> = PEERS.iter().filter_map(|key| rule.get(key)).map(rule::peer).collect();
    let cube = |set: Set| {
        let cube = Cube::new().with(Dimension::Peer, set);
        rule::protocol(cube, &rule["IpProtocol"], &rule["FromPort"], &rule["ToPort"])
    };
    sets.into_iter().map(cube).collect()
}
