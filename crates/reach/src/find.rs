//! Resolves the names of a query to its ends.

use std::net::SocketAddr;

use meshsynth_access::kubernetes::Labels;

use crate::connections::Protocol;
use crate::ends::{Port, Source, Target};
use crate::world::{ResourceId, WorkloadId, World};

/// The reason why a name does not identify an end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unfound {
    /// The name is unknown. Contains the known names.
    Unknown(Vec<String>),
    /// The name is ambiguous. Contains the candidates.
    Several(Vec<String>),
    /// A part of the name is invalid. Contains the reason.
    Malformed(String),
}

/// Resolves a source. It can be `internet`, a block of addresses, `account:111122223333`, an ARN,
/// `pods:shop/app=orders` or a workload. It can also be a resource, by its path in the program or its logical ID. A
/// workload in several clusters resolves to several sources.
pub fn sources(world: &World, name: &str) -> Result<Vec<Source>, Unfound> {
    if name == "internet" {
        return Ok(vec![Source::Internet]);
    }
    if let Some(account) = name.strip_prefix("account:") {
        return Ok(vec![Source::Account(account.to_owned())]);
    }
    if name.starts_with("arn:") {
        return Ok(vec![Source::Principal(name.to_owned())]);
    }
    if let Some(pods) = name.strip_prefix("pods:") {
        return pods_of(world, pods);
    }
    if name.parse::<meshsynth_access::sets::Cidr>().is_ok() {
        return Ok(vec![Source::Addresses(name.to_owned())]);
    }
    match called(world, name)? {
        Called::Workloads(ids) => Ok(ids.into_iter().map(Source::Workload).collect()),
        Called::Resource(id) => Ok(vec![source_of(world, id)]),
    }
}

/// Resolves a target: a workload or a resource, optionally with a port such as `:8080` or `:http`, or an address with a
/// port.
pub fn targets(world: &World, name: &str, action: Option<&str>) -> Result<Vec<Target>, Unfound> {
    let (bare, protocol) = name.split_once("/udp").map_or((name, Protocol::Tcp), |(bare, _)| (bare, Protocol::Udp));
    if let Ok(address) = bare.parse::<SocketAddr>() {
        return Ok(vec![Target::Address(address.ip(), Port { protocol, number: address.port() })]);
    }
    // `dns:53/udp` has a protocol; `stack:a/b` has a path.
    let is_port = |text: &str| !text.contains('/') || number(text).is_some();
    let split = || name.rsplit_once(':').filter(|(_, port)| is_port(port));
    let (found, port) = match (called(world, name), split()) {
        (Ok(found), _) => (found, None),
        (Err(_), Some((bare, port))) => (called(world, bare)?, Some(port)),
        (Err(error), None) => return Err(error),
    };
    match (found, action) {
        (Called::Resource(id), Some(action)) => Ok(vec![Target::Action(action.to_owned(), id)]),
        (Called::Workloads(_), Some(_)) => Err(Unfound::Malformed(format!("AWS has no API for `{name}`"))),
        (Called::Resource(id), None) => {
            let port = port.map(|it| number(it).ok_or_else(|| not_a_port(it))).transpose()?;
            Ok(vec![Target::Resource(id, port)])
        }
        (Called::Workloads(ids), None) => {
            let of = |id: WorkloadId| {
                let Some(port) = port else { return Ok(Target::Workload(id, None)) };
                let named = world.workload(id).ports.iter().find(|it| it.name == port);
                let named = named.map(|it| Port { protocol: it.protocol, number: it.number });
                Ok(Target::Workload(id, Some(number(port).or(named).ok_or_else(|| not_a_port(port))?)))
            };
            ids.into_iter().map(of).collect()
        }
    }
}

/// Returns every name that a query can use, sorted.
pub fn names(world: &World) -> Vec<String> {
    let workloads = world.workload_ids().map(|id| world.workload(id).title());
    let resources = world.resources.iter().map(|it| it.name());
    let mut names: Vec<String> = workloads.chain(resources).collect();
    names.sort();
    names.dedup();
    names
}

/// Returns a resource as a source: a role by its credentials, any other resource by its location.
pub fn source_of(world: &World, id: ResourceId) -> Source {
    let is_person = matches!(world.resource(id).type_name.as_str(), "AWS::IAM::Role" | "AWS::IAM::User");
    if is_person { Source::Role(id) } else { Source::Resource(id) }
}

enum Called {
    Workloads(Vec<WorkloadId>),
    Resource(ResourceId),
}

fn called(world: &World, name: &str) -> Result<Called, Unfound> {
    let workloads = world.workloads_called(name);
    let exact: Vec<WorkloadId> = workloads.iter().copied().filter(|id| world.workload(*id).name == name).collect();
    let workloads = if exact.is_empty() { workloads } else { exact };
    let spaces: std::collections::BTreeSet<String> = workloads.iter().map(|id| world.workload(*id).title()).collect();
    match spaces.len() {
        0 => {}
        1 => return Ok(Called::Workloads(workloads)),
        _ => return Err(Unfound::Several(spaces.into_iter().collect())),
    }
    let resources = world.resources_called(name);
    let exact: Vec<ResourceId> = resources.iter().copied().filter(|id| world.resource(*id).name() == name).collect();
    match (exact.as_slice(), resources.as_slice()) {
        ([one], _) | (_, [one]) => Ok(Called::Resource(*one)),
        (_, []) => Err(Unfound::Unknown(names(world))),
        _ => Err(Unfound::Several(resources.iter().map(|id| world.resource(*id).title()).collect())),
    }
}

fn number(text: &str) -> Option<Port> {
    let (number, protocol) = text.split_once('/').unwrap_or((text, "tcp"));
    Some(Port { protocol: Protocol::parse(protocol)?, number: number.parse().ok()? })
}

fn not_a_port(text: &str) -> Unfound {
    Unfound::Malformed(format!("`{text}` is not a port"))
}

/// `shop/app=orders,tier=web`, in each cluster that has the namespace.
fn pods_of(world: &World, text: &str) -> Result<Vec<Source>, Unfound> {
    let malformed = || Unfound::Malformed("specify pods as `pods:namespace/label=value`".to_owned());
    let (namespace, labels) = text.split_once('/').ok_or_else(malformed)?;
    let pairs = labels.split(',').map(|it| it.split_once('=').map(|(key, value)| (key.to_owned(), value.to_owned())));
    let labels: Labels = pairs.collect::<Option<Labels>>().ok_or_else(malformed)?;
    let clusters = world.clusters.iter().filter(|it| it.namespaces.contains_key(namespace));
    let pods = |id: &String| Source::Pods {
        cluster: id.clone(),
        namespace: namespace.to_owned(),
        labels: labels.clone(),
        account: "default".to_owned(),
    };
    let found: Vec<Source> = clusters.map(|it| pods(&it.id)).collect();
    let namespaces = || world.clusters.iter().flat_map(|it| it.namespaces.keys().cloned()).collect();
    if found.is_empty() { Err(Unfound::Unknown(namespaces())) } else { Ok(found) }
}
