//! Parses a row.

use std::borrow::Cow;

use super::columns::{
    Access, AccessTarget, Arn, Backup, Holds, Identity, Interfaces, Ipv6, KeyUse, Login, Policy, Ports, Public,
    Retained, Retention, Source, Version, Zones,
};
use super::limits::{Growth, Guard, InstanceClasses, Quota, Stop, Window};
use super::row::ResourceFacts;
use crate::json::Json;

type Cell = Json<'static>;

/// Parses a row.
///
/// # Panics
///
/// Panics if the row is malformed. A test reads all rows.
pub(super) fn read(line: &'static str) -> ResourceFacts {
    let mut row = ResourceFacts::default();
    let Json::Map(cells) = Json::parse(line) else { unreachable!("a row is a JSON object; a test parses every row") };
    for (column, cell) in cells {
        match column.as_ref() {
            "type" => row.type_name = text(&cell),
            "holds" => row.holds = Some(holds(text(&cell))),
            "member" => row.member = Some(text(&cell)),
            "replica" => row.replica = texts(&cell),
            "follows" => row.follows = texts(&cell),
            "serving" => row.is_serving = cell.is_true(),
            "client" => row.is_client = cell.is_true(),
            "computes" => row.is_compute = cell.is_true(),
            "network" => row.is_network = cell.is_true(),
            "exposed" => row.is_exposable = cell.is_true(),
            "ports" => row.ports = ports(&cell),
            "login" => row.login = Some(login(text(&cell))),
            "relation" => row.relation = Some(text(&cell)),
            "construct" => row.construct = Some(text(&cell)),
            "interfaces" => row.interfaces = Some(interfaces(&cell)),
            "ipv6" => row.ipv6 = if text(&cell) == "account" { Ipv6::Account } else { Ipv6::Assigned },
            "vpc" => row.fixed_vpc = Some(text(&cell)),
            "zones" => row.zones = if text(&cell) == "distinct" { Zones::Distinct } else { Zones::Spread },
            "public" => row.public = Some(public(&cell)),
            "arn" => row.arn = Some(arn(&cell)),
            "uses" => row.uses = cell.items().iter().map(access).collect(),
            "key" => row.key = Some(KeyUse { property: at(&cell, "property"), service: at(&cell, "service") }),
            "policy" => row.policy = Some(Policy { of: at(&cell, "of"), document: at(&cell, "document") }),
            "identity" => {
                row.identity = Some(if text(&cell) == "principal" { Identity::Principal } else { Identity::Policy });
            }
            "retention" => row.retention = cell.items().iter().map(retention).collect(),
            "backup" => {
                row.backup = Some(Backup { property: at(&cell, "property"), on: cell.get("on").and_then(some) })
            }
            "protected" => row.is_protected = cell.is_true(),
            "snapshot" => row.has_snapshot = cell.is_true(),
            "version" => {
                let needs_permission = cell.at("permission").is_true();
                let (property, engine, page) = (at(&cell, "property"), at(&cell, "engine"), at(&cell, "page"));
                let major = counts(cell.at("major"));
                row.version = Some(Version { property, engine, major, needs_permission, page });
            }
            "revision" => row.revision = texts(&cell),
            "guard" => row.guard = Some(Guard { property: at(&cell, "property"), on: cell.get("on").and_then(some) }),
            "stops" => row.stops = cell.items().iter().map(stop).collect(),
            "grows" => row.growth = cell.items().iter().map(growth).collect(),
            "classes" => row.classes = cell.items().iter().map(classes).collect(),
            "window" => {
                row.window = Some(Window { property: at(&cell, "property"), minutes: number(cell.at("minutes")) })
            }
            "capability" => row.needs_capability = cell.is_true(),
            "schedule" => row.schedule = Some(text(&cell)),
            "timeZone" => row.time_zone = Some(text(&cell)),
            "quota" => row.quota = Some(Quota { count: number(cell.at("count")), page: at(&cell, "page") }),
            "billed" => row.billed = Some(text(&cell)),
            "none" => row.reviewed = texts(&cell),
            other => unreachable!("`{other}` is not a known column; a test parses every row"),
        }
    }
    row
}

/// Returns the text of a cell. If the cell contains another type, the text is empty.
fn text(cell: &Cell) -> &'static str {
    some(cell).unwrap_or_default()
}

fn some(cell: &Cell) -> Option<&'static str> {
    match cell {
        Json::Text(Cow::Borrowed(text)) => Some(text),
        // A text with an escape sequence is allocated and is never freed.
        Json::Text(Cow::Owned(text)) => Some(text.clone().leak()),
        _ => None,
    }
}

fn at(cell: &Cell, key: &str) -> &'static str {
    text(cell.at(key))
}

fn texts(cell: &Cell) -> Vec<&'static str> {
    cell.items().iter().map(text).collect()
}

fn number<T: std::str::FromStr + Default>(cell: &Cell) -> T {
    match cell {
        Json::Number(text) => text.parse().unwrap_or_default(),
        _ => T::default(),
    }
}

fn holds(word: &str) -> Holds {
    match word {
        "database" => Holds::Database,
        "cache" => Holds::Cache,
        "queue" => Holds::Queue,
        "topic" => Holds::Topic,
        "stream" => Holds::Stream,
        "bucket" => Holds::Bucket,
        "files" => Holds::Files,
        "search" => Holds::Search,
        "secret" => Holds::Secret,
        "parameter" => Holds::Parameter,
        "key" => Holds::Key,
        "certificate" => Holds::Certificate,
        "registry" => Holds::Registry,
        "users" => Holds::Users,
        "plan" => Holds::Plan,
        "backups" => Holds::Backups,
        "logs" => Holds::Logs,
        "volume" => Holds::Volume,
        "zone" => Holds::Zone,
        "container" => Holds::Container,
        "records" => Holds::Records,
        "endpoint" => Holds::Endpoint,
        other => unreachable!("`{other}` is not a known kind of content; a test parses every row"),
    }
}

fn login(word: &str) -> Login {
    match word {
        "database" => Login::Database,
        "brokers" => Login::Brokers,
        "cache" => Login::Cache,
        "files" => Login::Files,
        "search" => Login::Search,
        "password" => Login::Password,
        other => unreachable!("`{other}` is not a known kind of login; a test parses every row"),
    }
}

/// Reads `any`, `listeners`, a list of ports, or a map with the ports of each engine.
fn ports(cell: &Cell) -> Ports {
    let list = |cell: &Cell| cell.items().iter().map(number).collect();
    match cell {
        Json::Text(word) if word == "any" => Ports::Any,
        Json::Text(_) => Ports::Listeners,
        Json::Map(rows) => {
            let property = cell.get("property").map_or("Engine", text);
            let rows = rows.iter().filter(|(name, _)| name != "property");
            let rows = rows.map(|(name, ports)| (some(&Json::Text(name.clone())).unwrap_or_default(), list(ports)));
            Ports::ByEngine { property, rows: rows.collect() }
        }
        cell => Ports::ByEngine { property: "Engine", rows: vec![("", list(cell))] },
    }
}

/// Reads a number for each engine.
fn counts(cell: &Cell) -> Vec<(&'static str, usize)> {
    let Json::Map(rows) = cell else { return Vec::new() };
    rows.iter().map(|(name, n)| (some(&Json::Text(name.clone())).unwrap_or_default(), number(n))).collect()
}

fn stop(cell: &Cell) -> Stop {
    let words = texts(cell);
    Stop { property: words[0], value: words[1] }
}

fn interfaces(cell: &Cell) -> Interfaces {
    if let Some(why) = cell.get("unmodelled") {
        return Interfaces::Unmodelled { why: text(why), when: texts(cell.at("when")).leak() };
    }
    match (cell.get("through").map(text), cell.get("subnetGroup").map(text)) {
        (Some("member"), _) => Interfaces::OfMember,
        (Some(type_name), _) => Interfaces::Through { type_name, by: at(cell, "by") },
        (None, group) => Interfaces::Own {
            subnets: group.map_or(Source::Path(at(cell, "subnets")), Source::Group),
            groups: at(cell, "groups"),
            mappings: at(cell, "mappings"),
            is_optional: cell.at("optional").is_true(),
        },
    }
}

fn public(cell: &Cell) -> Public {
    Public {
        property: at(cell, "property"),
        open: some(cell.at("open")),
        closed: some(cell.at("closed")),
        is_default: at(cell, "default") == "open",
    }
}

fn arn(cell: &Cell) -> Arn {
    Arn {
        service: at(cell, "service"),
        before: at(cell, "before"),
        name: at(cell, "name"),
        after: at(cell, "after"),
        is_ref: cell.at("ref").is_true(),
    }
}

fn access(cell: &Cell) -> Access {
    let words = texts(cell);
    let on = if words.get(2) == Some(&"below") { AccessTarget::Below } else { AccessTarget::Itself };
    Access { word: words[0], action: words[1], on }
}

fn retention(cell: &Cell) -> Retention {
    let of = match at(cell, "of") {
        "backups" => Retained::Backups,
        "snapshots" => Retained::Snapshots,
        "manual snapshots" => Retained::ManualSnapshots,
        "records" => Retained::Records,
        "log events" => Retained::LogEvents,
        "messages" => Retained::Messages,
        "events" => Retained::Events,
        "samples" => Retained::Samples,
        "points in time" => Retained::PointsInTime,
        other => unreachable!("`{other}` is not a known kind of data that expires; a test parses every row"),
    };
    Retention { property: at(cell, "property"), unset: cell.get("unset").map(number), of }
}

fn growth(cell: &Cell) -> Growth {
    Growth {
        property: at(cell, "property"),
        percent: number(cell.at("percent")),
        unit: at(cell, "unit"),
        help: at(cell, "help"),
        page: at(cell, "page"),
    }
}

fn classes(cell: &Cell) -> InstanceClasses {
    let words = texts(cell);
    InstanceClasses { property: words[0], family: words[1] }
}
