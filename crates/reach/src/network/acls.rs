//! Network access control lists. They are stateless, so responses need a separate rule.
//!
//! Source: <https://docs.aws.amazon.com/vpc/latest/userguide/vpc-network-acls.html>.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::address::{Cover, INTERNET_V4, INTERNET_V6, cover, say_spans, spans};
use super::end::End;
use super::ports::number;
use crate::connections::Protocol;
use crate::edit::Edit;
use crate::ends::Port;
use crate::link::{Layer, Link, Verdict};
use crate::world::{At, ResourceId, World, is_unknown};

/// The source ports of clients.
///
/// Source: <https://docs.aws.amazon.com/vpc/latest/userguide/custom-network-acl.html#nacl-ephemeral-ports>.
const EPHEMERAL: (u16, u16) = (32768, 60999);

/// The network access control lists of a platform.
#[derive(Debug)]
pub(super) struct Acls {
    /// The list of each subnet with an explicit association.
    of_subnet: HashMap<ResourceId, ResourceId>,
    /// The entries of each list, by number.
    entries: HashMap<ResourceId, Vec<Entry>>,
}

#[derive(Clone, Debug)]
struct Entry {
    number: i64,
    is_egress: bool,
    allows: bool,
    protocol: Option<Protocol>,
    /// Whether it applies to a protocol without ports.
    is_other: bool,
    ports: (u16, u16),
    block: Option<Vec<(u128, u128)>>,
    /// The properties that only the deployment determines.
    open: Vec<&'static str>,
    title: String,
    at: At,
}

impl Acls {
    pub(super) fn new(world: &World) -> Self {
        let mut of_subnet = HashMap::new();
        for id in world.of_type("AWS::EC2::SubnetNetworkAclAssociation") {
            let properties = &world.resource(*id).properties;
            if let (Some(subnet), Some(list)) =
                (world.named_by(&properties["SubnetId"]), world.named_by(&properties["NetworkAclId"]))
            {
                of_subnet.insert(subnet, list);
            }
        }
        let mut entries: HashMap<ResourceId, Vec<Entry>> = HashMap::new();
        for id in world.of_type("AWS::EC2::NetworkAcl") {
            entries.entry(*id).or_default();
        }
        for id in world.of_type("AWS::EC2::NetworkAclEntry") {
            let resource = world.resource(*id);
            if let Some(list) = world.named_by(&resource.properties["NetworkAclId"]) {
                let entry = Entry::read(&resource.properties, resource.title(), &resource.at);
                entries.entry(list).or_default().push(entry);
            }
        }
        entries.values_mut().for_each(|list| list.sort_by_key(|entry| entry.number));
        Self { of_subnet, entries }
    }

    /// Returns the decision of the lists at both ends about a connection and its responses. One subnet of each end is
    /// sufficient.
    pub(super) fn between(&self, world: &World, from: &End, to: &End, port: Port) -> Link {
        let asked = (port.number, port.number);
        let (sources, targets) = (subnets(from), subnets(to));
        let mut best: Option<Link> = None;
        for source in &sources {
            for target in &targets {
                if source == target && source.is_some() {
                    return Link::new(Layer::NetworkAcl, Verdict::Allowed, "both are in one subnet");
                }
                let (here, there) = (address(world, from, *source), address(world, to, *target));
                let steps = [
                    self.step(*source, true, &there, port.protocol, asked),
                    self.step(*target, false, &here, port.protocol, asked),
                    self.step(*target, true, &here, port.protocol, EPHEMERAL),
                    self.step(*source, false, &there, port.protocol, EPHEMERAL),
                ];
                let steps: Vec<Link> = steps.into_iter().flatten().collect();
                let worst = steps.iter().reduce(|a, b| if b.verdict > a.verdict { b } else { a });
                // To open the connection, all denying steps must be changed; to close it, one is sufficient.
                let worst = worst.map(|worst| match worst.verdict {
                    Verdict::Denied => {
                        let stops = steps.iter().filter(|it| it.verdict == Verdict::Denied);
                        worst.clone().edited(stops.flat_map(|it| it.edits.clone()).collect())
                    }
                    _ => worst.clone(),
                });
                let link = worst.unwrap_or_else(|| {
                    Link::new(
                        Layer::NetworkAcl,
                        Verdict::Allowed,
                        "the subnets use the default network ACL of the VPC, which allows all traffic",
                    )
                });
                if best.as_ref().is_none_or(|it| link.verdict < it.verdict) {
                    best = Some(link);
                }
            }
        }
        best.unwrap_or_else(|| Link::new(Layer::NetworkAcl, Verdict::Allowed, "no network ACL applies"))
    }

    /// Returns the decision of a subnet's list about a range of ports, or `None` if the subnet has no explicit list.
    fn step(
        &self,
        subnet: Option<ResourceId>,
        is_egress: bool,
        other: &[(u128, u128)],
        protocol: Protocol,
        ports: (u16, u16),
    ) -> Option<Link> {
        let list = self.of_subnet.get(&subnet?)?;
        let way = if is_egress { "out" } else { "in" };
        let range = if ports.0 == ports.1 { ports.0.to_string() } else { format!("{}-{}", ports.0, ports.1) };
        let say = |verdict, verb: &str| {
            Link::new(Layer::NetworkAcl, verdict, format!("{verb} {} {range} {way}", protocol.name()))
        };
        let Some(entries) = self.entries.get(list) else {
            return Some(Link::new(
                Layer::NetworkAcl,
                Verdict::Unknown,
                "the network ACL of the subnet is not in the files",
            ));
        };
        let by = |link: Link, entry: &Entry| {
            let link = link.by(entry.title.clone(), "RuleAction", &entry.at);
            let asked = Asked { other, protocol, ports, is_egress };
            let edit = before(entries, entry, &asked, link.verdict == Verdict::Denied);
            link.edited(edit.into_iter().collect())
        };
        let verb = |entry: &Entry| if entry.allows { "allows" } else { "denies" };
        // An entry for a part of the connection is irrelevant if the following entries have the same effect on the
        // rest.
        let mut part: Option<&Entry> = None;
        for entry in entries.iter().filter(|it| it.is_egress == is_egress || it.open.contains(&"Egress")) {
            let cover = entry.covers(other, protocol, ports);
            if let (Some(field), Cover::All | Cover::Part) = (entry.open.first(), cover) {
                let why = format!("the value of `{field}` is known at deployment");
                let link = Link::new(Layer::NetworkAcl, Verdict::Unknown, why);
                return Some(link.by(entry.title.clone(), *field, &entry.at));
            }
            match (cover, part) {
                (Cover::None, _) => {}
                (Cover::All | Cover::Part, Some(before)) if before.allows != entry.allows => {
                    return Some(by(say(Verdict::Unknown, &format!("{} a part of", verb(before))), before));
                }
                (Cover::All, _) => {
                    let verdict = if entry.allows { Verdict::Allowed } else { Verdict::Denied };
                    return Some(by(say(verdict, verb(entry)), entry));
                }
                (Cover::Part, _) => part = Some(entry),
            }
        }
        if let Some(before) = part.filter(|it| it.allows) {
            return Some(by(say(Verdict::Unknown, "allows a part of"), before));
        }
        let last = entries.iter().rfind(|it| it.is_egress == is_egress);
        let link = say(Verdict::Denied, "has no entry that allows");
        Some(match last {
            Some(entry) => by(link, entry),
            None => link,
        })
    }
}

/// The requirements for a new entry.
struct Asked<'a> {
    other: &'a [(u128, u128)],
    protocol: Protocol,
    ports: (u16, u16),
    is_egress: bool,
}

/// Returns a new entry before the deciding one, or `None` if no number is free.
fn before(entries: &[Entry], decides: &Entry, asked: &Asked, allows: bool) -> Option<Edit> {
    let is_free = |number: &i64| !entries.iter().any(|it| it.is_egress == asked.is_egress && it.number == *number);
    // The last entry is created by AWS, and its number is reserved.
    let number = (1..decides.number.min(32767)).rev().find(is_free)?;
    let protocol = match asked.protocol {
        Protocol::Tcp => 6,
        Protocol::Udp => 17,
        Protocol::Sctp => 132,
    };
    let [span] = asked.other else { return None };
    let value = json!({ "Type": "AWS::EC2::NetworkAclEntry", "Properties": {
        "RuleNumber": number,
        "Egress": asked.is_egress,
        "Protocol": protocol,
        "RuleAction": if allows { "allow" } else { "deny" },
        "CidrBlock": say_spans(&[*span]),
        "PortRange": { "From": asked.ports.0, "To": asked.ports.1 },
    } });
    Some(Edit::define(decides.title.clone(), &decides.at, value))
}

impl Entry {
    fn read(value: &Value, title: String, at: &At) -> Self {
        let text = value["Protocol"].as_str().map_or_else(|| value["Protocol"].to_string(), str::to_owned);
        let protocol = match text.as_str() {
            "6" => Some(Protocol::Tcp),
            "17" => Some(Protocol::Udp),
            "132" => Some(Protocol::Sctp),
            _ => None,
        };
        let port = |key: &str| number(&value["PortRange"][key]);
        let block = value["CidrBlock"].as_str().or_else(|| value["Ipv6CidrBlock"].as_str());
        Self {
            number: value["RuleNumber"]
                .as_i64()
                .or_else(|| value["RuleNumber"].as_str()?.parse().ok())
                .unwrap_or_default(),
            is_egress: value["Egress"] == true || value["Egress"] == "true",
            allows: value["RuleAction"] == "allow",
            is_other: protocol.is_none() && text != "-1",
            protocol,
            ports: (port("From").unwrap_or(0), port("To").unwrap_or(u16::MAX)),
            block: block.and_then(spans),
            open: open(value),
            title,
            at: at.clone(),
        }
    }

    /// Returns how much of a connection the entry covers.
    fn covers(&self, other: &[(u128, u128)], protocol: Protocol, ports: (u16, u16)) -> Cover {
        let is_open = self.open.contains(&"Protocol");
        if !is_open && (self.is_other || self.protocol.is_some_and(|it| it != protocol)) {
            return Cover::None;
        }
        let of_ports = match self.protocol {
            None if is_open => Cover::Part,
            None => Cover::All,
            Some(_) if self.ports.0 <= ports.0 && ports.1 <= self.ports.1 => Cover::All,
            Some(_) if self.ports.0 <= ports.1 && ports.0 <= self.ports.1 => Cover::Part,
            Some(_) => Cover::None,
        };
        let of_block = self.block.as_ref().map_or(Cover::Part, |block| cover(block, other));
        match (of_ports, of_block) {
            (Cover::None, _) | (_, Cover::None) => Cover::None,
            (Cover::All, Cover::All) => Cover::All,
            _ => Cover::Part,
        }
    }
}

/// Returns the properties of an entry that only the deployment determines.
fn open(value: &Value) -> Vec<&'static str> {
    let fields = ["Egress", "RuleNumber", "RuleAction", "Protocol"];
    let ports =
        ["From", "To"].iter().any(|key| is_unknown(&value["PortRange"][*key])) || is_unknown(&value["PortRange"]);
    let found = fields.into_iter().filter(|key| is_unknown(&value[*key]));
    found.chain(ports.then_some("PortRange")).collect()
}

fn subnets(end: &End) -> Vec<Option<ResourceId>> {
    match end {
        End::Interface(it) if !it.subnets.is_empty() => it.subnets.iter().map(|id| Some(*id)).collect(),
        _ => vec![None],
    }
}

fn address(world: &World, end: &End, subnet: Option<ResourceId>) -> Vec<(u128, u128)> {
    match (end, subnet) {
        (End::Interface(it), _) if !it.addresses.is_empty() => it.addresses.clone(),
        (End::Interface(_), Some(id)) => {
            world.resource(id).property("CidrBlock").as_str().and_then(spans).unwrap_or_else(|| vec![INTERNET_V4])
        }
        (End::Addresses(spans, _), _) => spans.clone(),
        (End::Internet6, _) => INTERNET_V6.to_vec(),
        _ => vec![INTERNET_V4],
    }
}
