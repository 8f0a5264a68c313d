//! Security groups and the connections that their rules admit.
//!
//! Source: <https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html>.

use std::collections::BTreeMap;

use meshsynth_access::kubernetes::Traffic;
use meshsynth_access::network::CLOUDFRONT_LISTS;
use serde_json::{Value, json};

use super::address::{Cover, INTERNET_V4, cover, is_internet, of_family, spans};
use super::blocks::{are_v6, has_v6};
use super::end::End;
use super::group_key::group_key;
use super::interface::Interface;
use super::prefix_lists;
use super::receivers::{Receiver, receivers};
use super::rule_ports::{admits_port, opened};
use crate::edit::Edit;
use crate::ends::Port;
use crate::link::{Layer, Link, Verdict};
use crate::world::{At, Reference, World, is_unknown, unknown_names};

/// The security groups of a platform, by their keys.
#[derive(Debug)]
pub struct Groups {
    by_key: BTreeMap<String, Group>,
    /// Rules whose group only the deployment determines.
    loose: Vec<LooseRule>,
    /// The resources outside of the files that receive a group, by the key of the group.
    receivers: BTreeMap<String, Receiver>,
}

/// A rule for a group that only the deployment determines, such as the value of a parameter.
#[derive(Clone, Debug)]
struct LooseRule {
    rule: Rule,
    stack: usize,
    is_ingress: bool,
}

#[derive(Clone, Debug, Default)]
struct Group {
    title: String,
    at: At,
    /// Whether the files define it. The rules of other groups are unknown.
    is_known: bool,
    ingress: Vec<Rule>,
    egress: Vec<Rule>,
}

#[derive(Clone, Debug)]
struct Rule {
    value: Value,
    title: String,
    field: String,
    at: At,
}

impl Groups {
    pub(super) fn new(world: &World) -> Self {
        let mut groups: BTreeMap<String, Group> = BTreeMap::new();
        for id in world.of_type("AWS::EC2::SecurityGroup") {
            let resource = world.resource(*id);
            let rules = |key: &str| -> Vec<Rule> {
                let listed = match &resource.properties[key] {
                    Value::Null => &[],
                    Value::Array(rules) => rules.as_slice(),
                    // A value that only the deployment determines.
                    other => std::slice::from_ref(other),
                };
                let rules = listed.iter().enumerate();
                let rule = |(at, value): (usize, &Value)| Rule {
                    value: value.clone(),
                    title: resource.title(),
                    field: format!("{key}[{at}]"),
                    at: resource.at.clone(),
                };
                rules.map(rule).collect()
            };
            let key = format!("${{{}/{}}}", resource.stack_id, resource.logical);
            let (ingress, egress) = (rules("SecurityGroupIngress"), rules("SecurityGroupEgress"));
            let (title, at) = (resource.title(), resource.at.clone());
            groups.insert(key, Group { title, at, is_known: true, ingress, egress });
        }
        // The cluster security group allows all traffic between its members and all egress.
        //
        // Source: <https://docs.aws.amazon.com/eks/latest/userguide/sec-group-reqs.html>.
        for id in world.of_type("AWS::EKS::Cluster") {
            let resource = world.resource(*id);
            let key = format!("${{{}/{}.ClusterSecurityGroupId}}", resource.stack_id, resource.logical);
            let rule = |value: Value| Rule {
                value,
                title: format!("the cluster security group that EKS creates for {}", resource.name()),
                field: String::new(),
                at: resource.at.clone(),
            };
            let own = rule(json!({ "IpProtocol": "-1", "SourceSecurityGroupId": key }));
            let group = Group {
                title: format!("the cluster security group that EKS creates for {}", resource.name()),
                at: resource.at.clone(),
                is_known: true,
                ingress: vec![own],
                egress: Vec::new(),
            };
            groups.insert(key, group);
        }
        let mut loose = Vec::new();
        let outside = [("AWS::EC2::SecurityGroupIngress", true), ("AWS::EC2::SecurityGroupEgress", false)];
        for (type_name, is_in) in outside {
            for id in world.of_type(type_name) {
                let resource = world.resource(*id);
                let rule = Rule {
                    value: resource.properties.clone(),
                    title: resource.title(),
                    field: String::new(),
                    at: resource.at.clone(),
                };
                if is_unknown(&resource.properties["GroupId"]) {
                    loose.push(LooseRule { rule, stack: resource.stack, is_ingress: is_in });
                    continue;
                }
                let Some(key) = group_key(&resource.properties["GroupId"]) else { continue };
                let group = groups.entry(key).or_default();
                if is_in { group.ingress.push(rule) } else { group.egress.push(rule) }
            }
        }
        Self { by_key: groups, loose, receivers: receivers(world) }
    }

    /// Returns a rule that may apply to a group of another stack, and may admit a connection.
    fn loose_rule(&self, world: &World, key: &str, traffic: Traffic, other: &End, port: Port) -> Option<Link> {
        let own = Reference::parse(key)?.stack;
        let is_possible = |it: &&LooseRule| {
            let place = &world.stacks[it.stack];
            let own = world.stacks.iter().find(|stack| stack.id == own);
            let is_same = |a: &str, b: &str| a.is_empty() || b.is_empty() || a == b;
            it.is_ingress == (traffic == Traffic::Ingress)
                && own.is_some_and(|own| {
                    own.id != place.id && is_same(&own.account, &place.account) && is_same(&own.region, &place.region)
                })
                && admits(world, &it.rule, other, port) != Verdict::Denied
        };
        let LooseRule { rule, .. } = self.loose.iter().find(is_possible)?;
        let names = unknown_names(rule.value["GroupId"].as_str().unwrap_or_default()).join("`, `");
        let why = format!("{} applies to a group that only the deployment determines: `{names}`", rule.title);
        Some(Link::new(Layer::SecurityGroup, Verdict::Unknown, why).by(rule.title.clone(), "GroupId", &rule.at))
    }

    /// Returns the ingress ports of an interface's groups: one for each rule, and well-known ports within a range.
    pub fn opened(&self, interface: &Interface) -> Vec<Port> {
        let groups = interface.groups.iter().filter_map(|key| self.by_key.get(key));
        let mut ports: Vec<Port> = groups.flat_map(|it| &it.ingress).flat_map(|it| opened(&it.value)).collect();
        ports.sort_unstable();
        ports.dedup();
        ports
    }

    /// Returns the decision of an interface's groups about an inbound connection.
    pub fn in_to(&self, world: &World, interface: &Interface, from: &End, port: Port) -> Link {
        self.decide(world, interface, Traffic::Ingress, from, port)
    }

    /// Returns the decision of an interface's groups about an outbound connection.
    pub fn out_of(&self, world: &World, interface: &Interface, to: &End, port: Port) -> Link {
        self.decide(world, interface, Traffic::Egress, to, port)
    }

    fn decide(&self, world: &World, interface: &Interface, traffic: Traffic, other: &End, port: Port) -> Link {
        let way = if traffic == Traffic::Ingress { "in" } else { "out" };
        let say = |verdict, why: String| Link::new(Layer::SecurityGroup, verdict, why);
        let at = |link: Link| link.by(interface.title.clone(), interface.field.clone(), &interface.at);
        if interface.groups.is_empty() {
            if interface.has_no_groups {
                return at(say(Verdict::Allowed, "it has no security group, so it accepts all connections".to_owned()));
            }
            let why = "it has the default security group of the VPC, whose rules are not in the files";
            return at(say(Verdict::Unknown, why.to_owned()));
        }
        let mut found: Option<Link> = None;
        let mut passed: Option<Link> = None;
        let mut edits: Vec<Edit> = Vec::new();
        for key in &interface.groups {
            let group = self.by_key.get(key);
            let rules = group.map_or(&[][..], |it| if traffic == Traffic::Ingress { &it.ingress } else { &it.egress });
            // If a group has no egress rule, AWS allows all destinations.
            if let (Traffic::Egress, Some(group), true) = (traffic, group, rules.is_empty())
                && group.is_known
            {
                let why = format!("{} has no egress rules, so all outgoing traffic is allowed", group.title);
                let link = say(Verdict::Allowed, why).by(group.title.clone(), "SecurityGroupEgress", &group.at);
                passed.get_or_insert(link);
                edits.extend(nothing_out(group));
            }
            let mut admitting = 0;
            for rule in rules {
                let verdict = admits(world, rule, other, port);
                if verdict != Verdict::Denied {
                    let known = if verdict == Verdict::Unknown { open_values(&rule.value) } else { String::new() };
                    let link = say(verdict, format!("allows {} {way}: {}{known}", say_port(port), words(&rule.value)));
                    let link = link.by(rule.title.clone(), rule.field.clone(), &rule.at);
                    if verdict == Verdict::Allowed {
                        passed.get_or_insert(link);
                        edits.push(Edit::remove(rule.title.clone(), rule.field.clone(), &rule.at));
                        admitting += 1;
                    } else {
                        found.get_or_insert(link);
                    }
                }
            }
            // A group without its last egress rule would allow all destinations.
            if let (Traffic::Egress, Some(group)) = (traffic, group)
                && admitting > 0
                && admitting == rules.len()
            {
                edits.truncate(edits.len() - admitting);
                edits.extend(nothing_out(group));
            }
            if let Some(link) = self.loose_rule(world, key, traffic, other, port) {
                found.get_or_insert(link);
            }
            if let Some(receiver) = self.receivers.get(key) {
                let why = format!("{} receives the group, and its rules are not in the files", receiver.title);
                found.get_or_insert_with(|| say(Verdict::Unknown, why).by(receiver.title.clone(), "", &receiver.at));
            }
            if !group.is_some_and(|it| it.is_known) {
                let why = format!("the rules of group `{key}` are not in the files");
                found.get_or_insert_with(|| at(say(Verdict::Unknown, why)));
            }
        }
        if let Some(link) = passed {
            return link.edited(edits);
        }
        found.unwrap_or_else(|| {
            let titles = interface.groups.iter().filter_map(|key| self.by_key.get(key));
            let first = titles.clone().next();
            let names: Vec<&str> = titles.map(|it| it.title.as_str()).collect();
            let why = format!("no rule of {} allows {} {way}", names.join(" or "), say_port(port));
            let field = if traffic == Traffic::Ingress { "SecurityGroupIngress" } else { "SecurityGroupEgress" };
            match first {
                Some(group) => {
                    let rule = admitting_rule(traffic, other, port);
                    let edit = rule.map(|rule| Edit::add(group.title.clone(), field, &group.at, rule));
                    let link = say(Verdict::Denied, why).by(group.title.clone(), field, &group.at);
                    link.edited(edit.into_iter().collect())
                }
                None => at(say(Verdict::Denied, why)),
            }
        })
    }
}

/// Returns an edit that blocks all egress of a group.
fn nothing_out(group: &Group) -> Option<Edit> {
    let nobody = json!([{ "IpProtocol": "-1", "CidrIp": "127.0.0.1/32" }]);
    group.is_known.then(|| Edit::set(group.title.clone(), "SecurityGroupEgress", &group.at, nobody))
}

/// Returns a rule that admits a port from, or to, the other end.
fn admitting_rule(traffic: Traffic, other: &End, port: Port) -> Option<Value> {
    let protocol = port.protocol.name().to_lowercase();
    let mut rule = json!({ "IpProtocol": protocol, "FromPort": port.number, "ToPort": port.number });
    let (key, value) = match other {
        End::Interface(it) => {
            let key = match traffic {
                Traffic::Ingress => "SourceSecurityGroupId",
                Traffic::Egress => "DestinationSecurityGroupId",
            };
            (key, it.groups.first()?.clone())
        }
        End::Internet => ("CidrIp", "0.0.0.0/0".to_owned()),
        End::Internet6 => ("CidrIpv6", "::/0".to_owned()),
        End::Addresses(_, text) => (if text.contains(':') { "CidrIpv6" } else { "CidrIp" }, block(text)),
        End::CloudFront => return None,
    };
    rule[key] = value.into();
    Some(rule)
}

fn block(text: &str) -> String {
    match (text.contains('/'), text.contains(':')) {
        (true, _) => text.to_owned(),
        (false, true) => format!("{text}/128"),
        (false, false) => format!("{text}/32"),
    }
}

fn say_port(port: Port) -> String {
    format!("{} {}", port.protocol.name(), port.number)
}

/// Returns the properties of a rule that only the deployment determines, with the names of their parameters.
fn open_values(rule: &Value) -> String {
    let each = rule.as_object().into_iter().flatten().filter_map(|(property, value)| {
        let names = unknown_names(value.as_str()?);
        let names: Vec<String> = names.iter().map(|it| format!("`{it}`")).collect();
        (!names.is_empty()).then(|| format!("`{property}` ({})", names.join(", ")))
    });
    let each: Vec<String> = each.collect();
    if each.is_empty() { String::new() } else { format!("; the deployment determines {}", each.join(" and ")) }
}

/// Describes the peer of a rule.
fn words(rule: &Value) -> String {
    let text = |key: &str| rule[key].as_str();
    let cidr = text("CidrIp").or_else(|| text("CidrIpv6"));
    let group = text("SourceSecurityGroupId").or_else(|| text("DestinationSecurityGroupId"));
    let list = text("SourcePrefixListId").or_else(|| text("DestinationPrefixListId"));
    let name =
        |it: &str| Reference::parse(it).map_or_else(|| it.to_owned(), |it| format!("{}/{}", it.stack, it.resource));
    match (cidr, group, list) {
        (Some(cidr), ..) => cidr.to_owned(),
        (_, Some(group), _) => format!("group {}", name(group)),
        (.., Some(list)) => format!("prefix list {}", name(list)),
        _ => "a peer that is not in the files".to_owned(),
    }
}

/// Returns whether a rule admits a port from, or to, the other end.
fn admits(world: &World, rule: &Rule, other: &End, port: Port) -> Verdict {
    let value = &rule.value;
    match admits_port(value, port) {
        Verdict::Denied => Verdict::Denied,
        ports => ports.and(admits_peer(world, value, other)),
    }
}

fn admits_peer(world: &World, value: &Value, other: &End) -> Verdict {
    let text = |key: &str| value[key].as_str();
    if let Some(block) = text("CidrIp").or_else(|| text("CidrIpv6")) {
        return match spans(block) {
            Some(block) => admits_block(world, &block, other),
            None => Verdict::Unknown,
        };
    }
    let group = group_key(&value["SourceSecurityGroupId"]).or_else(|| group_key(&value["DestinationSecurityGroupId"]));
    if let Some(key) = group {
        return match other {
            End::Interface(interface) if interface.groups.contains(&key) => Verdict::Allowed,
            // A literal id, or an import, may refer to any of the groups.
            End::Interface(interface) if key.contains("${?") && interface.groups.is_empty() => Verdict::Unknown,
            End::Interface(_) if key.contains("${?") => Verdict::Unknown,
            _ => Verdict::Denied,
        };
    }
    let list = ["SourcePrefixListId", "DestinationPrefixListId"].iter().find_map(|key| value.get(*key));
    if let Some(list) = list {
        return match (prefix_lists::blocks(world, list), other) {
            (Some(blocks), _) => admits_block(world, &blocks, other),
            (None, End::CloudFront) => match CLOUDFRONT_LISTS.iter().any(|(_, id)| list == id) {
                true => Verdict::Allowed,
                false => Verdict::Unknown,
            },
            // No prefix list of AWS contains all addresses.
            (None, End::Internet | End::Internet6) => Verdict::Denied,
            (None, _) => Verdict::Unknown,
        };
    }
    Verdict::Unknown
}

fn admits_block(world: &World, block: &[(u128, u128)], other: &End) -> Verdict {
    let of_cover = |cover| match cover {
        Cover::All => Verdict::Allowed,
        Cover::Part => Verdict::Unknown,
        Cover::None => Verdict::Denied,
    };
    match other {
        End::Internet | End::CloudFront if is_internet(&of_family(block, false)) => Verdict::Allowed,
        End::Internet6 if is_internet(&of_family(block, true)) => Verdict::Allowed,
        End::Internet | End::Internet6 => Verdict::Denied,
        // A narrow block may belong to CloudFront.
        End::CloudFront => Verdict::Unknown,
        End::Addresses(spans, _) => of_cover(cover(block, spans)),
        End::Interface(interface) => {
            // The block contains every private address.
            if block.contains(&INTERNET_V4) {
                return Verdict::Allowed;
            }
            if !interface.addresses.is_empty() {
                return of_cover(cover(block, &interface.addresses));
            }
            let is_v6 = are_v6(block);
            let each = interface.subnets.iter().map(|id| {
                let key = if is_v6 { "Ipv6CidrBlock" } else { "CidrBlock" };
                let subnet = world.resource(*id).property(key);
                match subnet.as_str().and_then(spans) {
                    Some(subnet) => of_cover(cover(block, &subnet)),
                    // An IPv4 subnet has no address in an IPv6 block, and the reverse.
                    None if is_v6 && subnet.is_null() && !has_v6(world, *id) => Verdict::Denied,
                    None => Verdict::Unknown,
                }
            });
            let all = each.fold(Verdict::Denied, Verdict::or);
            if interface.subnets.is_empty() { Verdict::Unknown } else { all }
        }
    }
}
