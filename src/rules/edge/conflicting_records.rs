//! Records with the same name and type conflict with each other.
//!
//! # What it reports
//!
//! The rule compares the records of one zone that have the same name and type. It reports:
//!
//! - a second record without a routing policy
//! - records with different routing policies (weighted, latency, failover, …)
//! - a record with a routing policy and without a set identifier, or with the set identifier of another record
//! - a second primary or a second secondary record of a failover
//!
//! # Why it matters
//!
//! Route 53 accepts several records with one name and type only if all have the same routing policy and a unique set
//! identifier. It rejects the second record in the middle of a deployment.
//!
//! # Fix
//!
//! Use the same `route53::Routing` for all records of the name, each with its own set identifier.
//!
//! Source: <https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/routing-policy.html>

use std::collections::BTreeMap;

use crate::diag::Diagnostic;
use crate::node::Resource;
use crate::synth::{Link, Model};
use crate::tree::NodeId;
use crate::val::Data;

/// The zone, name and type of a record.
type Name = (String, String, String);

/// The properties of the routing policies, and their names.
const ROUTINGS: [(&str, &str); 7] = [
    ("Weight", "weighted"),
    ("Region", "latency"),
    ("Failover", "failover"),
    ("GeoLocation", "geolocation"),
    ("GeoProximityLocation", "geoproximity"),
    ("CidrRoutingConfig", "IP-based"),
    ("MultiValueAnswer", "multivalue"),
];

pub(super) fn check(model: &Model, _: &Link, out: &mut Vec<Diagnostic>) {
    let mut names: BTreeMap<Name, Vec<(NodeId, &Resource)>> = BTreeMap::new();
    for (id, record) in model.of_type("AWS::Route53::RecordSet") {
        let text = |key: &str| record.props.get(key).and_then(Data::as_str);
        let (Some(name), Some(kind)) = (text("Name"), text("Type")) else { continue };
        let zone = record.props.get("HostedZoneId").or(record.props.get("HostedZoneName"));
        let zone = zone.map_or_else(String::new, |zone| format!("{zone:?}"));
        let key = (zone, name.trim_end_matches('.').to_ascii_lowercase(), kind.to_owned());
        names.entry(key).or_default().push((id, record));
    }
    for ((_, name, kind), records) in &names {
        for (idx, (id, record)) in records.iter().enumerate() {
            if let Some(problem) = problem(record, records[..idx].first().map(|(_, it)| *it), &records[..idx]) {
                let diagnostic = model.error(*id, "MS0602", format!("the {kind} record of `{name}` {problem}"));
                let diagnostic = match records.first() {
                    Some((first, _)) if first != id => {
                        diagnostic.note_at(format!("`{}` has the same name", model.path(*first)), model.node(*first).at)
                    }
                    _ => diagnostic,
                };
                out.push(diagnostic.help("use the same routing policy for all records of a name, and a different set identifier for each"));
            }
        }
    }
}

/// Returns the conflict of a record with previous records, or its missing set identifier.
fn problem(record: &Resource, first: Option<&Resource>, before: &[(NodeId, &Resource)]) -> Option<String> {
    let ours = routing(record);
    let set = record.props.get("SetIdentifier");
    if ours != "simple" && set.is_none() {
        return Some(format!("uses {ours} routing without a set identifier"));
    }
    let first = first?;
    let theirs = routing(first);
    if ours != theirs {
        return Some(format!("uses {ours} routing, and another record of this name uses {theirs} routing"));
    }
    if ours == "simple" {
        return Some("is defined twice".to_owned());
    }
    let same = |key: &str| before.iter().any(|(_, other)| other.props.get(key) == record.props.get(key));
    if same("SetIdentifier") {
        return Some("has the same set identifier as another record".to_owned());
    }
    if ours == "failover" && same("Failover") {
        let role = record.props.get("Failover").map(Data::to_text).unwrap_or_default();
        return Some(format!("is a second {role} record"));
    }
    None
}

fn routing(record: &Resource) -> &'static str {
    let said = ROUTINGS.iter().find(|(key, _)| record.props.get(key).is_some());
    said.map_or("simple", |(_, word)| word)
}

#[cfg(test)]
mod tests {
    use crate::cfn::route53::RecordSet;
    use crate::route53::{Failover, HostedZone, Record, RecordProps, Routing, Target};
    use crate::testing::{codes, stack};
    use crate::val::Val;

    fn pair(a: Routing, b: Routing) -> Vec<&'static str> {
        codes(|app| {
            let edge = stack(app, "edge");
            let zone = HostedZone::public(&edge, "zone", "shop.example.com", Default::default());
            for (id, routing) in [("a", a.clone()), ("b", b.clone())] {
                let target = Target::Cname(Val::from(format!("{id}.example.net")));
                let props = RecordProps { routing, ..Default::default() };
                Record::new(&edge, id, &zone, "api.shop.example.com", target, props);
            }
        })
    }

    #[test]
    fn reports_mixed_routings() {
        assert_eq!(pair(Routing::Simple, Routing::Weighted(10)), ["MS0602"]);
        assert_eq!(pair(Routing::Latency("eu-west-1".to_owned()), Routing::Weighted(10)), ["MS0602"]);
        assert_eq!(pair(Routing::Simple, Routing::Simple), ["MS0602"]);
        let primary = Routing::Failover(Failover::Primary);
        assert_eq!(pair(primary.clone(), primary), ["MS0602"]);
    }

    #[test]
    fn reports_a_weighted_record_without_a_set_identifier() {
        assert_eq!(
            codes(|app| {
                let edge = stack(app, "edge");
                let record = RecordSet::new("a.example.com", "A").hosted_zone_name("example.com.").weight(1);
                record.resource_records(["192.0.2.1"]).ttl("60").define(&edge, "record");
            }),
            ["MS0602"]
        );
    }

    #[test]
    fn accepts_records_with_the_same_routing_policy() {
        assert_eq!(pair(Routing::Weighted(90), Routing::Weighted(10)), [""; 0]);
        assert_eq!(pair(Routing::Failover(Failover::Primary), Routing::Failover(Failover::Secondary)), [""; 0]);
    }
}
