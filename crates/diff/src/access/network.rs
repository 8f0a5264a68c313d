//! Security groups, network ACLs and public exposure in templates.

use meshsynth_access::kubernetes::Traffic;
use meshsynth_access::network::{Exposure, exposures, is_security_group_rule};
use meshsynth_access::redis;
use meshsynth_access::sets::Region;
use serde_json::Value;

use super::names::{Names, thing};
use super::subjects::{Collected, Topic};

/// Adds the network rules and exposures of a resource.
pub(super) fn collect(names: &Names, id: &str, resource: &Value, is_new: bool, found: &mut Collected) {
    let at = names.construct(id);
    let type_name = resource["Type"].as_str().unwrap_or_default();
    let properties = &resource["Properties"];
    match type_name {
        "AWS::EC2::SecurityGroup" => {
            let mut group = names.resolve(properties);
            for key in ["SecurityGroupIngress", "SecurityGroupEgress"] {
                if let Some(Value::Array(rules)) = group.get_mut(key) {
                    rules.iter_mut().for_each(name_peers);
                }
            }
            for traffic in [Traffic::Ingress, Traffic::Egress] {
                found.pieces(Topic::Group(traffic), group_name(&at), &at).group = Some(group.clone());
            }
        }
        "AWS::EC2::NetworkAcl" => {
            for traffic in [Traffic::Ingress, Traffic::Egress] {
                found.pieces(Topic::Acl(traffic), &at, &at);
            }
        }
        "AWS::EC2::NetworkAclEntry" => {
            let subject = names.thing(&properties["NetworkAclId"]);
            for traffic in [Traffic::Ingress, Traffic::Egress] {
                found.pieces(Topic::Acl(traffic), &subject, &at).rules.push(names.resolve(properties));
            }
        }
        "AWS::WAFv2::WebACLAssociation" | "AWS::WAFRegional::WebACLAssociation" => {
            let subject = names.thing(&properties["ResourceArn"]);
            found.pieces(Topic::Exposure(Exposure::NotFiltered), &subject, &at).regions.push(Region::none());
        }
        "AWS::S3::Bucket" | "AWS::S3::AccessPoint" => {
            let block = names.resolve(&properties["PublicAccessBlockConfiguration"]);
            if block["RestrictPublicBuckets"] == true || block["RestrictPublicBuckets"] == "true" {
                found.blocked.insert(at.clone());
            }
        }
        "AWS::ElastiCache::User" | "AWS::MemoryDB::User" => {
            let region = redis::access(&names.text(&properties["AccessString"]));
            found.pieces(Topic::CacheUser, &at, &at).regions.push(region);
        }
        _ => {}
    }
    if let Some(traffic) = is_security_group_rule(type_name) {
        let group = names.thing(&properties["GroupId"]);
        let mut rule = names.resolve(properties);
        name_peers(&mut rule);
        found.pieces(Topic::Group(traffic), group_name(&group), &at).rules.push(rule);
    }
    for (exposure, region) in exposures(type_name, &names.resolve(properties), is_new) {
        found.pieces(Topic::Exposure(exposure), &at, &at).regions.push(region);
    }
}

/// Replaces groups and prefix lists by the names of the resources that they protect.
fn name_peers(rule: &mut Value) {
    for key in [
        "SourceSecurityGroupId",
        "DestinationSecurityGroupId",
        "SourcePrefixListId",
        "DestinationPrefixListId",
        "CidrIp",
        "CidrIpv6",
    ] {
        if let Some(text) = rule[key].as_str().map(|text| group_name(&thing(text)).to_owned()) {
            rule[key] = Value::String(text);
        }
    }
}

/// Returns the resource that a group protects: `data/orders-db` for `data/orders-db/security-group`.
pub fn group_name(construct: &str) -> &str {
    construct.strip_suffix("/security-group").or_else(|| construct.strip_suffix("/group")).unwrap_or(construct)
}
